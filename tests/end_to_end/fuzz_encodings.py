"""How a mutated webhook is sent: with other methods, other encodings and lengths, out of size."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from random import Random
from urllib.parse import urlencode

from tests.end_to_end.fuzz_mutations import (
    Case,
    Fields,
    Mutation,
    Request,
    anew,
    edited,
    encoded,
    on_field,
    signed,
)
from verification.forms import MEDIA_TYPE


def as_query(r: Request, g: Random, c: Case) -> Request:
    """As Twilio sends it where a GET was asked for."""
    target = f"{r.target}?{urlencode(r.fields)}"
    return signed(r._replace(method="GET", target=target, fields=()))._replace(length=None)


def with_method(method: str) -> Mutation:
    return lambda r, g, c: r._replace(method=method)


METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
METHOD = {method: with_method(method) for method in (*METHODS, "post", "Post", "POST ", "")}
METHOD["GET with the fields as query, signed anew"] = as_query
METHOD["GET that claims to be a POST"] = lambda r, g, c: r._replace(
    method="GET", headers=(*r.headers, ("HTTP_X_HTTP_METHOD_OVERRIDE", "POST"))
)


def on_body(change: Callable[[bytes, Random], bytes]) -> Mutation:
    return lambda r, g, c: r._replace(raw=change(r.body, g))


def inserted(*pieces: bytes) -> Mutation:
    def mutate(body: bytes, g: Random) -> bytes:
        at = g.randrange(len(body) + 1)
        return body[:at] + g.choice(pieces) + body[at:]

    return on_body(mutate)


def as_if_replaced(r: Request, g: Random, c: Case) -> Request:
    """No UTF-8, but signed as it looks to who puts U+FFFD in its place."""
    fields = (*r.fields, ("x", "\ufffd"))
    raw = encoded(fields).replace(b"%EF%BF%BD", g.choice(NO_UTF8))
    return signed(r._replace(fields=fields))._replace(raw=raw)


def of_type(media_type: str, change: Callable[[Request], bytes] | None = None) -> Mutation:
    return lambda r, g, c: r._replace(media_type=media_type, raw=change(r) if change else r.raw)


def in_charset(r: Request, g: Random, c: Case) -> Request:
    charset = g.choice(["utf-16", "utf-16-le", "utf-32", "cp037", "latin-1"])
    escaped = urlencode(r.fields, encoding="latin-1", errors="replace").encode()
    raw = escaped if charset == "latin-1" else escaped.decode().encode(charset)
    return r._replace(raw=raw, media_type=f"{MEDIA_TYPE}; charset={charset}")


def with_its_hash(r: Request, g: Random, c: Case) -> Request:
    """As Twilio signs JSON: the hash of the body in the URL, and the URL alone."""
    raw, media_type = g.choice([(json_of(r), "application/json"), (r.body, r.media_type)])
    target = f"{r.target}?bodySHA256={hashlib.sha256(raw).hexdigest()}"
    alone = signed(r._replace(target=target, fields=()))
    return alone._replace(raw=raw, media_type=media_type)


def json_of(r: Request) -> bytes:
    return json.dumps(dict(r.fields)).encode()


def multipart_of(r: Request) -> bytes:
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return ("".join(part.format(*pair) for pair in r.fields) + "--x--\r\n").encode()


def chunked(r: Request, g: Random, c: Case) -> Request:
    header = ("HTTP_TRANSFER_ENCODING", g.choice(["chunked", "Chunked", "gzip, chunked"]))
    return r._replace(headers=(*r.headers, header), length=g.choice([None, r.length]))


def zipped(r: Request, g: Random, c: Case) -> Request:
    header = ("HTTP_CONTENT_ENCODING", "gzip")
    return r._replace(raw=gzip.compress(r.body, 1, mtime=0), headers=(*r.headers, header))


NO_UTF8 = (b"%FF", b"%C3", b"%C0%AF", b"%ED%A0%80", b"%F5%80%80%80", b"%80")
NO_LENGTHS = ("", "abc", "-1", "1e3", "0x200", "9" * 5000, "10,000")
OTHER_TYPES = (
    *("", "text/plain", "application/octet-stream", "application/xml", "multipart/form-data"),
    *("*/*", f"{MEDIA_TYPE}x", f"{MEDIA_TYPE}, application/json"),
)
ENCODING: dict[str, Mutation] = {
    "no UTF-8": inserted(*NO_UTF8),
    "no UTF-8, signed as if replaced": as_if_replaced,
    "broken escape": inserted(b"%", b"%4", b"%G1", b"%u0031"),
    "NUL": inserted(b"%00", b"\x00"),
    "NUL, signed anew": anew(on_field(lambda n, v, g: ((n, v + "\x00"),))),
    "raw letters": on_body(lambda b, g: b.replace(b"%C3%A9", g.choice(["é".encode(), b"\xe9"]))),
    "raw byte": inserted(*(bytes([byte]) for byte in range(128, 256))),
    "another charset": in_charset,
    "JSON": of_type("application/json", json_of),
    "a hash in the URL, signed anew": with_its_hash,
    "multipart": of_type("multipart/form-data; boundary=x", multipart_of),
    "another type": lambda r, g, c: r._replace(media_type=g.choice([None, *OTHER_TYPES])),
    "zipped": zipped,
    "chunked": chunked,
    "no length": lambda r, g, c: r._replace(length=None),
    "wrong length": lambda r, g, c: r._replace(
        length=str(max(0, len(r.body) + g.choice([-9, -1, 1, 9, g.randrange(-500, 500)])))
    ),
    "no number as length": lambda r, g, c: r._replace(length=g.choice(NO_LENGTHS)),
    "other separators": on_body(lambda b, g: b.replace(b"&", g.choice([b";", b"&amp;", b"\n"]))),
    "empty field": on_body(lambda b, g: g.choice([b"&" + b, b + b"&", b.replace(b"&", b"&&", 1)])),
    "no equals sign": on_body(lambda b, g: g.choice([b + b"&x", b"x&" + b, b.replace(b"=", b"")])),
    "white space around": on_body(
        lambda b, g: g.choice([b" " + b, b + b"\r\n", b"\xef\xbb\xbf" + b])
    ),
    "byte changed": on_body(lambda b, g: edited(b.decode("latin-1"), g).encode("latin-1")),
    "cut": on_body(lambda b, g: b[: g.randrange(len(b) or 1)]),
    "twice": on_body(lambda b, g: b + b"&" + b),
}


def padded(count: int, value: str = "") -> Mutation:
    more = tuple((f"x{number}", value) for number in range(count))
    return lambda r, g, c: r._replace(fields=(*r.fields, *more))


SIZE: dict[str, Mutation] = {
    "more than 64 kB": padded(1, "x" * 65_536),
    "more than 64 kB, signed anew": anew(padded(1, "x" * 65_536)),
    "10,000 fields": padded(10_000),
    "10,000 fields, signed anew": anew(padded(10_000)),
    "101 fields, signed anew": anew(padded(101)),
    "claims of 10 MB": lambda r, g, c: r._replace(length="10485760"),
}

# Headers that must change nothing: what a client or a proxy says, and what Twilio does not sign.
SPOOFS: Fields = (
    ("HTTP_HOST", "other.example"),
    ("HTTP_HOST", "[::1"),
    ("HTTP_HOST", "h:port\xff"),
    ("HTTP_X_FORWARDED_HOST", "other.example"),
    ("HTTP_X_FORWARDED_PROTO", "http"),
    ("HTTP_X_FORWARDED_PORT", "8443"),
    ("HTTP_X_FORWARDED_PREFIX", "/prefix"),
    ("HTTP_X_FORWARDED_FOR", "127.0.0.1"),
    ("HTTP_FORWARDED", "for=127.0.0.1;host=other.example;proto=http"),
    ("HTTP_X_ORIGINAL_URL", "/tw/v1/status/x"),
    ("HTTP_X_REWRITE_URL", "/HostedNumbers/HostedNumberOrders"),
    ("HTTP_X_HTTP_METHOD_OVERRIDE", "GET"),
    ("HTTP_I_TWILIO_IDEMPOTENCY_TOKEN", "0"),
    ("HTTP_EXPECT", "100-continue"),
)
