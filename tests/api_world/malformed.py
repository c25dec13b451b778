"""Everything that can be wrong with a request, one thing at a time, for any operation.

Each is the request that fits (``fitting``) with one thing changed, so that nothing else can be why
it is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic.alias_generators import to_snake

from tests.api_world.fitting import JSON, Described, Parts, kind_of
from tests.api_world.serving import Request, authorization
from tests.twilio_files import FORM

MILLION = 1_000_000
HUGE = 20_000  # characters of one value: less than a whole form may have
NO_UTF8 = ("%FF%FE", "%C3", "%ED%A0%80", "%C0%AF", "%F8%88%80%80%80")
# What an OpenAPI type is not, as a form and as JSON has it.
NO_NUMBERS = ("x", "1.5", "1e3", "-1", "٣", "9" * 40, "0x10", " 1")
OF_JSON: Mapping[str, tuple[Any, ...]] = {
    "string": (7, 1.5, True, ["a"], {"a": "b"}),
    "array": ("a", 7, True, {"a": "b"}),
    "object": ("a", 7, True, ["a"]),
}
# Values that no URL, address, number or word is, by the format of a parameter's schema.
OF_FORMATS: Mapping[str, tuple[str, ...]] = {
    "uri": ("nowhere", "ftp://example.com/a", "http://[", "https://user:word@example.com/"),
    "email": ("nobody", "a@b@example.com", "anne@", "anne@exa mple.com"),
    "phone-number": ("nobody", "911", "+1", "+1212456٠٠٠٠"),
    "http-method": ("PUT",),
}
# Of these the schema says no more than that they are texts.
OF_NAMES: Mapping[str, tuple[str, ...]] = {
    "phone_number": ("nobody", "+1212456000", "+442079460000"),
    "page_token": ("none", "WyIxIl0.x"),
    "start_time": ("yesterday", "2026-02-30", "10000-01-01"),
    "end_time": ("yesterday",),
    "message_date": ("yesterday",),
}
_ANY_TEXT = ("phone_number",)  # as a filter; and what eligibility is asked for, which then has none


class Malformed(NamedTuple):
    """A request with one thing wrong. ``codes`` that fit; ``says``: what the message must name."""

    what: str
    request: Request
    statuses: tuple[int, ...]
    codes: tuple[int, ...] = ()
    says: str = ""


def malformed(parts: Parts) -> Iterator[Malformed]:
    """All of them."""
    if not parts.operation.public:
        yield from _of_authorization(parts)
    yield from _of_path(parts)
    yield from _of_query(parts)
    if parts.operation.method == "POST":
        yield from _of_body(parts)
    if parts.operation.media_type == JSON:
        yield from _of_json(parts)
    elif parts.operation.media_type == FORM:
        yield from _of_form(parts)
    elif parts.operation.media_type:
        yield from _of_file(parts)


def _of_authorization(parts: Parts) -> Iterator[Malformed]:
    right = base64.b64decode(parts.authorization.removeprefix("Basic ")).decode()
    user, _, token = right.partition(":")
    no_utf8, no_colon = (base64.b64encode(raw).decode() for raw in (b"\xff:x", user.encode()))
    headers = {
        "none": None,
        "empty": "",
        "another scheme": f"Bearer {token}",
        "no base64": "Basic !!!",
        "base64 without its end": parts.authorization.rstrip("=")[:-1],
        "base64 with bytes between": f"Basic \xff{parts.authorization[6:]}",
        "base64 of no UTF-8": f"Basic {no_utf8}",
        "base64 of no colon": f"Basic {no_colon}",
        "base64 of nothing": "Basic ",
        "a NUL in the name": authorization(f"{user[:-1]}\x00", token),
        "no SID for a name": authorization("anne", token),
        "an unknown account": authorization(f"AC{'0' * 32}", token),
        "an unknown key": authorization(f"SK{'0' * 32}", token),
        "another token": authorization(user, token[::-1]),
        "no token": authorization(user, ""),
        "a token with more behind it": authorization(user, f"{token} "),
        "a million characters for a name": authorization("AC" + "0" * MILLION, token),
        "a million characters for a token": authorization(user, token * (MILLION // 32)),
        "a parameter in place of base64": 'Basic realm="Lineproof"',
    }
    for what, header in headers.items():
        request = replace(parts, authorization=header).request()  # type: ignore[arg-type]
        yield Malformed(f"authorization: {what}", request, (401,), (20003,))


def _of_path(parts: Parts) -> Iterator[Malformed]:
    for name, value in parts.path.items():
        kind = kind_of(name, parts.operation.in_path[name])
        texts = {
            "a million characters": f"{kind}{'a' * MILLION}",
            "bad UTF-8": NO_UTF8[0],
            "a NUL": f"{value[:-1]}%00",
            "a surrogate": NO_UTF8[2],
        }
        if kind:
            texts |= {
                "no SID": "1",
                "another kind": f"XX{value[2:]}",
                "a SID that is cut": value[:-1],
                "a SID that is too long": f"{value}0",
                "digits of another script": f"{value[:-1]}%D9%A3",
                "a line's end": f"{value}%0A",
                "a quote": f"{value}%27",
                "a percent sign": "%25",
            }
        for what, text in texts.items():
            request = parts.with_path(**{name: text}).request()
            # A number that is none may also be answered as such (Lookups v2).
            statuses = (404,) if kind or len(text) > HUGE else (404, 200)
            yield Malformed(f"path: {name}: {what}", request, statuses, (20404,))


def _of_query(parts: Parts) -> Iterator[Malformed]:
    target = parts.request().target
    raw = {
        "no name=value": "PageSize",
        "a NUL": "PageSize=%00",
        "too many": "&".join(f"x{n}=1" for n in range(101)),
        "too long": f"x={'a' * 70_000}",
        **{f"bad UTF-8 {text}": f"FriendlyName={text}" for text in NO_UTF8},
    }
    for what, text in raw.items():
        request = parts.request()._replace(target=f"{target}?{text}")
        yield Malformed(f"query: {what}", request, (400,), (20001,))
    for name, schema in parts.operation.in_query.items():
        for what, values in _wrong_values(parts.operation, name, schema, _ANY_TEXT):
            request = replace(parts, query=tuple((name, value) for value in values)).request()
            yield Malformed(f"query: {name}: {what}", request, (400,), (), name.rstrip("<>"))


def _of_form(parts: Parts) -> Iterator[Malformed]:
    body = parts.operation.body or {}
    for name in body.get("required", ()):
        without = tuple(pair for pair in parts.form if pair[0] != name)
        request = replace(parts, form=without).request()
        yield Malformed(f"form: {name}: absent", request, (400,), (), name)
    for name, schema in body["properties"].items():
        kept = tuple(pair for pair in parts.form if pair[0] != name)
        for what, values in _wrong_values(parts.operation, name, schema):
            request = replace(parts, form=(*kept, *((name, value) for value in values))).request()
            yield Malformed(f"form: {name}: {what}", request, (400,), (), name)


def _wrong_values(
    operation: Described, name: str, schema: Mapping[str, Any], any_text: tuple[str, ...] = ()
) -> Iterator[tuple[str, list[str]]]:
    """What is wrong, and the values that are sent under the name."""
    schema = operation.schema(schema)
    single = schema.get("type") != "array"
    of_one = operation.schema(schema.get("items", schema))
    yield "huge", ["a" * HUGE]
    if single:
        yield "repeated", ["1", "2"]
    wrong: list[str] = []
    if "enum" in of_one:
        wrong += ["no-such-word"]
    if of_one.get("type") == "integer":
        wrong += NO_NUMBERS
    if of_one.get("type") == "boolean":
        wrong += ["maybe", "2"]
    if "pattern" in of_one:
        wrong += ["1", f"XX{'0' * 32}", f"{str(of_one['pattern'])[1:3]}{'0' * 31}٣"]
    wrong += OF_FORMATS.get(str(of_one.get("format")), ())
    key = to_snake(name.rstrip("<>"))
    if key not in any_text and single:
        wrong += OF_NAMES.get(key, ())
    for value in wrong:
        yield f"{value[:40]!r}", [value]


def _of_body(parts: Parts) -> Iterator[Malformed]:
    """What no body of a POST may be."""
    right = parts.request()
    body = right.body or b"a=1"
    for media_type in ("text/plain", "text/xml", "", None, "no type", "a/b; c" * 1000):
        if media_type is None and parts.operation.media_type not in (FORM, JSON, None):
            continue  # a file may come without a type
        if not media_type and parts.operation.media_type not in (FORM, JSON, None):
            continue
        request = right._replace(media_type=media_type, body=body)
        yield Malformed(f"body: of type {str(media_type)[:20]}", request, (415,), (20422,))
    if parts.operation.media_type == FORM or parts.operation.media_type is None:
        form = right._replace(media_type=FORM)
        yield Malformed(
            "body: of JSON", right._replace(media_type=JSON, body=b"{}"), (415,), (20422,)
        )
        raw = {
            "a NUL": b"FriendlyName=%00",
            "no name=value": b"FriendlyName",
            "raw bytes": b"FriendlyName=\xff\xfe",
            "another encoding": "FriendlyName=Café".encode("utf-16"),
            "too many fields": b"&".join(b"x%d=1" % n for n in range(20_000)),
            **{f"bad UTF-8 {text}": f"FriendlyName={text}".encode() for text in NO_UTF8},
        }
        for what, content in raw.items():
            yield Malformed(f"body: {what}", form._replace(body=content), (400, 413), (20001,))
    limit = b"x=" + b"a" * (9 * MILLION)
    media_type = parts.operation.media_type or FORM
    request = right._replace(body=limit, media_type=media_type)
    yield Malformed("body: nine megabytes", request, (400, 413), (20001,))


def _of_json(parts: Parts) -> Iterator[Malformed]:
    right = parts.request()
    text = right.body.decode()
    raw = {
        "nothing": b"",
        "no JSON": b"{",
        "a form": b"a=1",
        "text behind it": right.body + b"x",
        "a list": b"[]",
        "a number": b"7",
        "null": b"null",
        "bad UTF-8": b'{"friendly_name": "\xff"}',
        "another encoding": text.encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + right.body,
        "nested too deep": b'{"a":' * 10_000,
        "lists nested too deep": b"[" * 50_000,
        "a name twice": text.replace(
            "{", '{"friendly_name": "a", "friendly_name": "b", ', 1
        ).encode(),
        "a NUL": text.replace("{", '{"a": "\\u0000", ', 1).encode(),
        "a NUL behind a backslash": text.replace("{", '{"a": "\\\\\\u0000", ', 1).encode(),
        "no number of JSON": text.replace("{", '{"a": NaN, ', 1).encode(),
        "a number without end": text.replace("{", '{"a": ' + "9" * HUGE + ", ", 1).encode(),
    }
    for what, content in raw.items():
        yield Malformed(f"body: {what}", right._replace(body=content), (400,), (20001,))
    for where, schema, required in places(parts.operation, parts.operation.body or {}, ()):
        name = next(str(step) for step in reversed(where) if isinstance(step, str))
        any_text = _ANY_TEXT if "/Eligibility" in parts.operation.path else ()
        changes: list[tuple[str, Any]] = [
            (f"{value!r}", value) for value in OF_JSON[str(schema.get("type", "string"))]
        ]
        if required and isinstance(where[-1], str):
            changes += [("absent", _ABSENT), ("null", None)]
        if schema.get("type", "string") == "string":
            changes += [("huge", "a" * HUGE), ("a surrogate", "\ud800")]
            changes += [
                (one, values[0])
                for one, values in _wrong_values(parts.operation, name, schema, any_text)
                if one not in ("huge", "repeated")
            ]
        for what, value in changes:
            content = changed(parts.content, where, value)
            request = replace(parts, content=content).request()
            told = ".".join(map(str, where))
            yield Malformed(f"JSON: {told}: {what}", request, (400,), (), name)


_ABSENT = object()
Where = tuple[str | int, ...]


def places(
    operation: Described, schema: Mapping[str, Any], where: Where
) -> Iterator[tuple[Where, Mapping[str, Any], bool]]:
    """Each field of a JSON body, its schema, and whether it is required."""
    for name, field in schema.get("properties", {}).items():
        inner = operation.schema(field)
        here = (*where, name)
        yield here, inner, name in schema.get("required", ())
        if inner.get("type") == "array":
            item = operation.schema(inner["items"])
            if item.get("type") == "object":
                yield (*here, 0), item, False
                yield from places(operation, item, (*here, 0))
            else:
                yield (*here, 0), item, False


def changed(content: Any, where: Where, value: Any) -> Any:
    """A copy of the content with another value in one place."""
    content = json.loads(json.dumps(content))
    here = content
    for step in where[:-1]:
        if isinstance(here, dict) and step not in here:
            here[step] = [None]
        here = here[step]
    if value is _ABSENT:
        here.pop(where[-1], None)
    elif isinstance(here, list):
        here[:] = [value]
    else:
        here[where[-1]] = value
    return content


def _of_file(parts: Parts) -> Iterator[Malformed]:
    right = parts.request()
    boundary = "multipart/form-data; boundary=x"
    part = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n%PDF\r\n'
    bodies = {
        "nothing": (b"", "application/pdf"),
        "no PDF": (b"hello", "application/pdf"),
        "a PDF without its end": (b"%PDF-1.7", "application/pdf"),
        "a PDF that is called a PNG": (right.body, "image/png"),
        "multipart without boundary": (right.body, "multipart/form-data"),
        "multipart without file": (b"--x--\r\n", boundary),
        "multipart that is cut": (part, boundary),
        "multipart with two files": (part * 2 + b"--x--\r\n", boundary),
        "multipart with bad UTF-8": (part.replace(b'"a"', b'"\xff"') + b"--x--\r\n", boundary),
        "multipart with a long boundary": (
            right.body,
            f"multipart/form-data; boundary={'x' * 999}",
        ),
        "multipart with another boundary": (part, "multipart/form-data; boundary=\u00e9"),
    }
    for what, (body, media_type) in bodies.items():
        request = right._replace(body=body, media_type=media_type)
        yield Malformed(f"file: {what}", request, (400,), (20001,))
