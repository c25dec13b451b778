"""Twilio's OpenAPI files and ours, read side by side; every difference is named.

``docs/differences.md`` is the table of them, each with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from verification import api
from verification.api import openapi
from verification.api.context import Context

ROOT = Path(__file__).resolve().parents[1]
# The operations of Twilio's that Lineproof has to do with, by file. What stands below a call or an
# incoming number (recordings, payments, add-ons) and numbers for sale are other resources.
FAMILIES = {
    "preview": r"/HostedNumbers/(HostedNumberOrders|AuthorizationDocuments)\b.*",
    "numbers_v1": r"/v1/HostedNumber/Eligibility\b.*",
    "numbers_v2": r"/v2/HostedNumber/(Orders|AuthorizationDocuments)\b.*",
    "numbers_v3": r"/v3/HostedNumbers/HostedNumberOrders",
    "api_v2010": r"/2010-04-01/Accounts(\.json|/{Sid}\.json|/{AccountSid}/("
    r"OutgoingCallerIds(/{Sid})?|Addresses(/{Sid}|/{AddressSid}/DependentPhoneNumbers)?|"
    r"IncomingPhoneNumbers(/{Sid})?|Calls(/{Sid}|/{CallSid}/Notifications(/{Sid})?)?|"
    r"Notifications(/{Sid})?)\.json)",
    "lookups_v1": r"/v1/PhoneNumbers/{PhoneNumber}",
    "lookups_v2": r"/v2/PhoneNumbers/{PhoneNumber}",
}
METHODS = ("get", "post", "delete")
FORM = "application/x-www-form-urlencoded"
# What is compared of a value, and how the table calls it.
ASPECTS = {
    "type": "type",
    "format": "format",
    "enum": "words",
    "minimum": "least",
    "maximum": "most",
    "minLength": "shortest",
    "maxLength": "longest",
    "pattern": "pattern",
    "nullable": "null",
}
# Of formats only these say more than the type: how a date is written, and whether a URI is whole.
FORMATS = ("date-time", "date-time-rfc-2822", "date", "uri", "uri-reference")
NOTHING = "–"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """``where``: an operation, or one of our models; ``what``: the aspect that differs."""

    where: str
    what: str
    twilio: str
    ours: str
    name: str


@cache
def twilio_file(path: Path) -> dict[str, Any]:
    """One of Twilio's files, with the operations of our families alone."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    family = FAMILIES[path.stem.removeprefix("twilio_")]
    document["paths"] = {
        name: {
            key: value
            for key, value in item.items()
            if key in METHODS or key in ("parameters", "servers")
        }
        for name, item in document["paths"].items()
        if re.fullmatch(family, name) and set(item) & set(METHODS)
    }
    return document


def twilio_files(specs: Path) -> list[dict[str, Any]]:
    """Twilio's files, one for each family of hosts and versions."""
    return [twilio_file(specs / f"twilio_{name}.json") for name in FAMILIES]


def our_document() -> dict[str, Any]:
    """The OpenAPI file as the server makes it; no operation is run, and none needs its parts."""
    nothing: Any = None
    context = Context(nothing, nothing, nothing, nothing, "https://lineproof.example")
    families = api.families(context) | api.own(context, nothing)
    return openapi.document(families, context.base_url)


def differences(specs: Path, ours: dict[str, Any]) -> set[Difference]:
    """All differences between Twilio's files and our document."""
    found: set[Difference] = set()
    listed = set()
    for document in twilio_files(specs):
        for path, item in document["paths"].items():
            for method in set(METHODS) & set(item):
                listed.add((method, path))
                found |= set(_of_operation(document, ours, method, path))
    for path, item in ours["paths"].items():
        if path.startswith("/lineproof/"):
            continue
        found |= {
            Difference(f"{method.upper()} {path}", "operation", "no", "yes", "")
            for method in item
            if (method, path) not in listed
        }
    return found


def _of_operation(
    document: dict[str, Any], ours: dict[str, Any], method: str, path: str
) -> Iterator[Difference]:
    where = f"{method.upper()} {path}"
    here = ours["paths"].get(path, {}).get(method)
    if here is None:
        yield Difference(where, "operation", "yes", "no", "")
        return
    item = document["paths"][path]
    there = item[method]
    shared = item.get("parameters", [])
    yield from _of_parameters(
        where,
        _parameters(document, there, shared),
        _parameters(ours, here, []),
        (document, ours),
    )
    for media_type in {*_bodies(there), *_bodies(here)}:
        sides = _said(media_type in _bodies(there), media_type in _bodies(here))
        if sides[0] != sides[1]:
            yield Difference(where, "body", *sides, media_type)
    statuses = [[s for s in one["responses"] if s.startswith("2")] for one in (there, here)]
    if statuses[0] != statuses[1]:
        yield Difference(where, "status", statuses[0][0], statuses[1][0], "")
    answers = [_answer(one, status) for one, status in zip((there, here), statuses, strict=True)]
    if answers[0] and answers[1]:
        yield from _of_schemas(where, "", answers[0], answers[1], (document, ours))
    elif answers[0] or answers[1]:
        yield Difference(where, "answer", *_said(bool(answers[0]), bool(answers[1])), "")


def _said(there: bool, here: bool) -> tuple[str, str]:
    return "yes" if there else "no", "yes" if here else "no"


def _bodies(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return content


def _answer(operation: dict[str, Any], statuses: list[str]) -> dict[str, Any] | None:
    content = operation["responses"][statuses[0]].get("content")
    schema: dict[str, Any] | None = content["application/json"]["schema"] if content else None
    return schema


def _parameters(
    document: dict[str, Any], operation: dict[str, Any], shared: list[dict[str, Any]]
) -> dict[str, tuple[bool, dict[str, Any]]]:
    """Each parameter of path, query or form: whether it is required, and its schema."""
    given = {
        parameter["name"]: (parameter.get("required", False), parameter["schema"])
        for parameter in [*shared, *operation.get("parameters", [])]
        if parameter["in"] != "header"
    }
    form = resolved(document, _bodies(operation).get(FORM, {}).get("schema", {}))
    for name, schema in form.get("properties", {}).items():
        given[name] = (name in form.get("required", []), schema)
    return given


Pair = tuple[dict[str, Any], dict[str, Any]]


def _of_parameters(
    where: str,
    there: Mapping[str, tuple[bool, dict[str, Any]]],
    here: Mapping[str, tuple[bool, dict[str, Any]]],
    documents: Pair,
) -> Iterator[Difference]:
    for name in {*there, *here}:
        if name not in there or name not in here:
            yield Difference(where, "parameter", *_said(name in there, name in here), name)
            continue
        needed = _said(there[name][0], here[name][0])
        if needed[0] != needed[1]:
            yield Difference(where, "required", *needed, name)
        yield from _of_schemas(
            where, name, there[name][1], here[name][1], documents, parameter=True
        )


def _of_schemas(
    where: str,
    name: str,
    there: dict[str, Any],
    here: dict[str, Any],
    documents: Pair,
    *,
    parameter: bool = False,
) -> Iterator[Difference]:
    if "$ref" in here and not parameter and resolved(documents[1], here).get("properties"):
        where, name = here["$ref"].rpartition("/")[2], ""
    sides = [_flat(document, one) for document, one in zip(documents, (there, here), strict=True)]
    aspects = [_aspects(side) for side in sides]
    for key, what in ASPECTS.items():
        told = (aspects[0].get(key, NOTHING), aspects[1].get(key, NOTHING))
        if told[0] != told[1] and not (key == "nullable" and parameter):
            yield Difference(where, what, *told, name or "the whole")
    if "items" in sides[0] and "items" in sides[1]:
        yield from _of_schemas(
            where,
            f"{name}[]",
            sides[0]["items"],
            sides[1]["items"],
            documents,
            parameter=parameter,
        )
    fields = [side.get("properties", {}) for side in sides]
    if not fields[0] or not fields[1]:
        return
    for field in {*fields[0], *fields[1]}:
        full = f"{name}.{field}".lstrip(".")
        if field not in fields[0] or field not in fields[1]:
            yield Difference(where, "field", *_said(field in fields[0], field in fields[1]), full)
        else:
            yield from _of_schemas(where, full, fields[0][field], fields[1][field], documents)


def resolved(document: Mapping[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        _, _, name = schema["$ref"].rpartition("/")
        schema = document["components"]["schemas"][name]
    return schema


def _flat(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """One schema without references, with ``nullable`` for what may be null."""
    flat = dict(resolved(document, schema))
    choices = [resolved(document, one) for one in flat.pop("anyOf", ())]
    for choice in choices:
        if choice.get("type") == "null":
            flat["nullable"] = True
        else:
            flat = {**choice, **flat}
    if flat.get("type") == "null":
        flat = {"nullable": True}
    return flat


def _aspects(schema: dict[str, Any]) -> dict[str, str]:
    told = {}
    for key in ASPECTS:
        value = schema.get(key)
        if value is None or (key == "format" and value not in FORMATS):
            continue
        told[key] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if told.get("pattern", "").endswith("[0-9a-fA-F]{32}$"):  # a SID: its pattern says its length
        told.pop("minLength", None)
        told.pop("maxLength", None)
    told.setdefault("type", "object" if "properties" in schema else "any")
    told["nullable"] = "yes" if schema.get("nullable") else "no"
    return told


HEADER = """# Where this API is not as in Twilio's OpenAPI files

Every operation, parameter and field of Twilio's files (commit d50069b of twilio-oai) for orders,
authorization documents, bulk, eligibility, caller IDs, addresses, incoming numbers, accounts,
calls, notifications and lookups is compared with this server's `/openapi.json`; what is not in this
table is the same. A test fails on a difference that is not listed, and on a line that is none any
more. `python -m tests.twilio_files` writes the table anew and keeps the reasons.

Not in it: the paths under `/lineproof/v1/`, which are all our own, and the header
`Idempotency-Key`, which every POST takes here ([api.md](api.md)).

*Where* is an operation or one of the models of `/openapi.json`. *null*: whether a field can be
null; *words*: the allowed words; *longest*, *least*, *most*: bounds. `–` is nothing said.

"""
COLUMNS = ("Where", "What", "Names", "Twilio", "Here", "Why")
Key = tuple[str, str, str, str]
UNKNOWN = "?"


def grouped(found: set[Difference]) -> dict[Key, tuple[str, ...]]:
    """The names of each difference: those that differ in the same way stand in one line."""
    lines: dict[Key, list[str]] = {}
    for one in sorted(found):
        lines.setdefault((one.where, one.what, one.twilio, one.ours), []).append(one.name)
    return {key: tuple(name for name in names if name) for key, names in lines.items()}


def read_table(text: str) -> dict[Key, tuple[tuple[str, ...], str]]:
    """The lines of the table: the names, and the reason."""
    table = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("| `") or len(cells) != len(COLUMNS):
            continue
        where, what, names, twilio, ours, why = (cell.strip("`") for cell in cells)
        kept = tuple(name for name in names.split(", ") if name)
        table[where, what, twilio, ours] = (kept, why)
    return table


def written(lines: Mapping[Key, tuple[str, ...]], reasons: Mapping[Key, str]) -> str:
    """The page with the table."""
    rows = [" | ".join(COLUMNS), " | ".join("---" for _ in COLUMNS)]
    for (where, what, twilio, ours), names in lines.items():
        why = reasons.get((where, what, twilio, ours), UNKNOWN)
        rows.append(f"`{where}` | {what} | {', '.join(names)} | {twilio} | {ours} | {why}")
    return HEADER + "".join(f"| {row} |\n" for row in rows)


def main() -> None:
    """Write the table anew, with the reasons that it has."""
    page = ROOT / "docs" / "differences.md"
    text = page.read_text("utf-8") if page.exists() else ""
    reasons = {key: why for key, (_, why) in read_table(text).items()}
    lines = grouped(differences(ROOT.parent / "shared" / "specs", our_document()))
    page.write_text(written(lines, reasons), encoding="utf-8")


if __name__ == "__main__":
    main()
