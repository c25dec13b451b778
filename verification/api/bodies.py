"""Bodies that are no form: JSON and files. Read strictly, as forms are.

What a JSON model does not know is ignored, and a null is as if it were not sent (the official SDKs
send both).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import MultiPartParser

from verification.api.errors import ApiError, Fault, refused
from verification.outgoing import Network

JSON = "application/json"
MULTIPART = "multipart/form-data"
FILES = ("application/pdf", "image/png", "image/jpeg")
_NUL = re.compile(
    r"(?<!\\)(?:\\\\)*\\u0000"
)  # an escape, and not an escaped backslash before u0000


class Json(BaseModel):
    """A JSON object of the API."""

    model_config = ConfigDict(extra="ignore")

    @classmethod
    def beside(cls, _: Mapping[str, Any]) -> Sequence[Fault]:
        """What is wrong with an object beside what its fields say of themselves."""
        return ()


class File(BaseModel):
    """A file that was sent: as the body itself, or as the one file of a multipart body.

    ``media_type``: what the sender says it is.
    """

    content: bytes = b""
    media_type: str = ""


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
        found = [_fault(one) for one in error.errors(include_url=False)]
        raise refused([*found, *model.beside(values)]) from None
    if _NUL.search(text):  # a parameter that does not allow it has said so
        raise ApiError(20001, 400, "A text has no NUL characters")
    return checked


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


def _in_memory(*_: object, **__: object) -> io.BytesIO:
    return io.BytesIO()
