"""Bodies that are no form: JSON and files. Read strictly, as forms are.

What a JSON model does not know is ignored, and a null is as if it were not sent (the official SDKs
send both).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import MultiPartParser

from verification.api.errors import ApiError
from verification.outgoing import Network

JSON = "application/json"
MULTIPART = "multipart/form-data"
FILES = ("application/pdf", "image/png", "image/jpeg")
_NUL = re.compile(
    r"(?<!\\)(?:\\\\)*\\u0000"
)  # an escape, and not an escaped backslash before u0000
NAMED = 5  # so many faults stand in the sentence; all of them in the details


class Json(BaseModel):
    """A JSON object of the API."""

    model_config = ConfigDict(extra="ignore")


class File(BaseModel):
    """A file that was sent: as the body itself, or as the one file of a multipart body.

    ``media_type``: what the sender says it is.
    """

    content: bytes = b""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a body: where, Twilio's number for it, and why."""

    where: str
    code: int
    message: str
    phone_number: str | None = None


JsonT = TypeVar("JsonT", bound=Json)


def read_json(
    model: type[JsonT], body: bytes, media_type: str, networks: Sequence[Network] = ()
) -> JsonT:
    """Check a JSON object against a model. Raises ApiError, which names every fault in it.

    ``networks``: as for ``parameters.read``.
    """
    if media_type != JSON:
        raise ApiError(20422, 415, f"The Content-Type must be {JSON}")
    try:
        text = body.decode("utf-8")
        values = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except RecursionError:
        raise ApiError(20001, 400, "The JSON is nested too deep") from None
    except ValueError as error:
        reason = f": {error}" if isinstance(error, json.JSONDecodeError | _Malformed) else ""
        raise ApiError(20001, 400, f"The body must be a JSON object in UTF-8{reason}") from None
    if not isinstance(values, dict):
        raise ApiError(20001, 400, "The body must be a JSON object")
    try:
        checked = model.model_validate(values, context=networks)
    except ValidationError as error:
        raise refused([_fault(one) for one in error.errors(include_url=False)]) from None
    if _NUL.search(text):  # a parameter that does not allow it has said so
        raise ApiError(20001, 400, "A text has no NUL characters")
    return checked


def refused(faults: Sequence[Fault]) -> ApiError:
    """The refusal of a body as a whole, in which each fault is named; the first gives the code."""
    listed = "; ".join(f"{_place(fault)}{fault.message}" for fault in faults[:NAMED])
    more = f"; and {len(faults) - NAMED} more (see details)" if len(faults) > NAMED else ""
    details = [
        {"where": fault.where, "code": fault.code, "message": fault.message}
        | ({} if fault.phone_number is None else {"phone_number": fault.phone_number})
        for fault in faults
    ]
    return ApiError(faults[0].code, 400, listed + more, {"faults": details})


def read_file(kind: type[File], body: bytes, media_type: str, options: Mapping[str, str]) -> File:
    """The file of a body. Raises ApiError for a multipart body without exactly one file."""
    if media_type != MULTIPART:
        return kind(content=body, media_type=media_type)
    # Parsed here and in memory: what is personal is not left in a temporary file.
    parser = MultiPartParser(stream_factory=_in_memory)
    boundary = options.get("boundary", "").encode("ascii", "replace")
    files: MultiDict[str, FileStorage]
    try:
        _, files = parser.parse(io.BytesIO(body), boundary, len(body))
    except ValueError:
        raise ApiError(20001, 400, "The multipart body cannot be read") from None
    sent = [file for _, file in files.items(multi=True)]
    if len(sent) != 1:
        raise ApiError(20001, 400, f"A multipart body has exactly one file, this one {len(sent)}")
    return kind(content=sent[0].read(), media_type=sent[0].mimetype)


class _Malformed(ValueError):
    """JSON that another reader might understand otherwise."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = {name for name, _ in pairs}
    if len(names) != len(pairs):
        raise _Malformed("a name may stand only once in an object")
    return {name: value for name, value in pairs if value is not None}


def _no_number(text: str) -> None:
    raise _Malformed(f"{text} is no number of JSON")


def _fault(error: Any) -> Fault:
    where = ""
    for part in error["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f"{'.' if where else ''}{part}"
    if error["type"] == "missing":
        return Fault(where, 20001, "is a required parameter and is missing")
    if str(error["type"]).isdigit():
        return Fault(where, int(error["type"]), str(error["ctx"]["message"]))
    return Fault(where, 20001, str(error["msg"]))


def _place(fault: Fault) -> str:
    where = f"{fault.where} ({fault.phone_number})" if fault.phone_number else fault.where
    return f"{where}: " if where else ""


def _in_memory(*_: object, **__: object) -> io.BytesIO:
    return io.BytesIO()
