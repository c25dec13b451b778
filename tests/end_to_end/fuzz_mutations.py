"""What a hostile hand can do to a webhook of Twilio's: the mutations that ``fuzz.py`` draws from.

Some are *signed anew*: the signature is right for what is sent, as if Twilio's auth token had
leaked, so that what must refuse them is the other lock: the sealed token, or the form's rules.
"""

from __future__ import annotations

import base64
import functools
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

from twiml.emulator import signing
from verification.codes import Keyring
from verification.forms import MEDIA_TYPE

BASE_URL = "https://lineproof.example"
AUTH_TOKEN = "the-auth-token-of-our-twilio-account"
COUNTED = "as many as there are"

# What each door makes use of; every other field may be named and cut as it pleases.
READ = {
    "voice": ("AccountSid", "CallSid", "To"),
    "keys": ("AccountSid", "CallSid", "Digits"),
    "status": ("AccountSid", "CallSid", "CallStatus", "AnsweredBy"),
    "fallback": ("AccountSid", "CallSid"),
}

Fields = tuple[tuple[str, str], ...]


class Request(NamedTuple):
    """A webhook. ``raw``: a body that is no longer the fields'; ``length``: Content-Length;
    ``headers``: further ones by their CGI names. None: the request has no such header.
    """

    target: str
    fields: Fields
    signature: str | None = None
    method: str = "POST"
    media_type: str | None = MEDIA_TYPE + "; charset=UTF-8"
    raw: bytes | None = None
    length: str | None = COUNTED
    headers: Fields = ()

    @property
    def body(self) -> bytes:
        """The bytes after the headers."""
        return encoded(self.fields) if self.raw is None else self.raw


@dataclass(frozen=True, slots=True)
class Case:
    """A door, the next genuine request to it, the links of the same call by their doors, and the
    cases of other calls.
    """

    name: str
    door: str
    request: Request
    links: dict[str, str]
    others: list[Case] = field(default_factory=list, repr=False, compare=False)


# Takes the request (perhaps mutated already), the random numbers, and the case it came from.
Mutation = Callable[[Request, Random, Case], Request]


def encoded(fields: Fields) -> bytes:
    """The fields as a form."""
    return "&".join(map(_encoded, fields)).encode()


@functools.lru_cache(20_000)
def _encoded(pair: tuple[str, str]) -> str:
    return urlencode([pair])


def signed(request: Request, base_url: str = BASE_URL, token: str = AUTH_TOKEN) -> Request:
    """The request with Twilio's signature of its target and fields."""
    signature = signing.signature(base_url + request.target, dict(request.fields), token)
    return request._replace(signature=signature)


def anew(mutation: Mutation) -> Mutation:
    """The mutation, with a right signature of what comes out of it."""
    return lambda r, g, c: signed(mutation(r, g, c))


def edited(text: str, g: Random, alphabet: str = "0Az_-.%é ", spared: int = 0) -> str:
    """One character is changed, lost or added, but for the last ``spared``."""
    at = g.randrange(max(1, len(text) - spared))
    new: str = g.choice(["", *alphabet])
    kept = at + (g.randrange(2) if new else 1)
    return text[:at] + new + text[kept:]


def start(text: str, g: Random) -> str:
    return text[: g.randrange(len(text) or 1)]


def on_target(change: Callable[[str, Random], str]) -> Mutation:
    return lambda r, g, c: r._replace(target=change(r.target, g))


def on_character(change: Callable[[str], str]) -> Mutation:
    def mutate(target: str, g: Random) -> str:
        at = g.randrange(1, len(target))
        return target[:at] + change(target[at]) + target[at + 1 :]

    return on_target(mutate)


def on_slash(*instead: str) -> Mutation:
    def mutate(target: str, g: Random) -> str:
        parts = target.split("/")
        at = g.randrange(1, len(parts))
        return "/".join(parts[:at]) + g.choice(instead) + "/".join(parts[at:])

    return on_target(mutate)


def over_the_edge(r: Request, g: Random, c: Case) -> Request:
    """Characters go from the first field into the path, or back: the same text is signed."""
    (name, value), *rest = sorted(r.fields)
    text = r.target + name + value
    first = len(r.target) + g.randrange(-9, len(name + value))
    second = g.randrange(first, len(text))
    fields = ((text[first:second], text[second:]), *rest)
    return r._replace(target=text[:first], fields=fields)


def another_door(r: Request, g: Random, c: Case) -> Request:
    return r._replace(target=r.target.replace(f"/{c.door}/", f"/{g.choice([*READ, 'gather'])}/"))


PATH: dict[str, Mutation] = {
    "character escaped": on_character(lambda c: f"%{ord(c):02X}"),
    "character escaped in small letters": on_character(lambda c: f"%{ord(c):02x}"),
    "character escaped twice": on_character(lambda c: f"%25{ord(c):02X}"),
    "letter in the other case": on_character(str.swapcase),
    "all letters in the other case": on_target(lambda t, g: t.swapcase()),
    "character changed": on_target(edited),
    "raw byte": on_target(lambda t, g: t + chr(g.randrange(128, 256))),
    "slash doubled": on_slash("//", "///"),
    "dot segment": on_slash("/./", "/x/../", "/../", "/%2e/", "/x/%2E%2E/"),
    "slash escaped": on_slash("%2F", "%2f", "\\", "%5C"),
    "path parameter": on_slash(";v=1/", ";/"),
    "something behind": on_target(lambda t, g: t + g.choice(["/", "/.", "%00", "%20", "%0A", "~"])),
    "tilde escaped": on_target(lambda t, g: t + g.choice(["%7E", "%7e"])),
    "fragment": on_target(lambda t, g: t + g.choice(["#", "#rc=2", "#x?y"])),
    "query": on_target(lambda t, g: t + g.choice(["?", "?&", "?Digits=1", "?bodySHA256=00"])),
    "query, signed anew": anew(on_target(lambda t, g: t + g.choice(["?Digits=1", "?a", "?%FF"]))),
    "absolute": on_target(lambda t, g: g.choice([BASE_URL, "http://other", "http://[", "//x"]) + t),
    "another door": another_door,
    "another door, signed anew": anew(another_door),
    "long": on_target(lambda t, g: t + "A" * 8000),
    "edge to the first field moved": over_the_edge,
}

STRANGER = Keyring([b"the root key of some other server"])
LETTERS = "0Az_-"  # of a token: others would be passed over in its seal


def on_token(change: Callable[[str, Random], str]) -> Mutation:
    def mutate(target: str, g: Random) -> str:
        head, _, token = target.rpartition("/")
        return f"{head}/{change(token, g)}"

    return on_target(mutate)


def with_token(token_of: Callable[[Random, Case], str]) -> Mutation:
    def mutate(r: Request, g: Random, c: Case) -> Request:
        return r._replace(target=f"{r.target.rpartition('/')[0]}/{token_of(g, c)}")

    return mutate


def for_another_door(g: Random, c: Case) -> str:
    return c.links[g.choice([door for door in READ if door != c.door])].rpartition("/")[2]


def of_another_server(g: Random, c: Case) -> str:
    attempt_id = dict(c.request.fields)["CallSid"][2:]
    return STRANGER.link(f"call-{c.door}.v1", [attempt_id, 1] if c.door == "keys" else [attempt_id])


def with_another_payload(g: Random, c: Case) -> str:
    """The seal of the right token, behind something else."""
    payload = json.dumps([f"{g.getrandbits(128):032x}", g.randrange(9)][: g.randrange(1, 3)])
    text = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    return f"{text}.{c.links[c.door].rpartition('.')[2]}"


TOKEN: dict[str, Mutation] = {
    "cut": on_token(start),
    "cut, signed anew": anew(on_token(start)),
    "character changed": on_token(edited),
    "character changed, signed anew": anew(on_token(lambda t, g: edited(t, g, LETTERS, 1))),
    "padded": on_token(lambda t, g: t + "=" * g.randrange(1, 4)),
    "for another door": with_token(for_another_door),
    "for another door, signed anew": anew(with_token(for_another_door)),
    "of another call": lambda r, g, c: r._replace(target=g.choice(c.others).links[c.door]),
    "of another server, signed anew": anew(with_token(of_another_server)),
    "with another payload, signed anew": anew(with_token(with_another_payload)),
    "without its seal, signed anew": anew(
        on_token(lambda t, g: t.partition(".")[0] + g.choice(["", "."]))
    ),
    "halves exchanged, signed anew": anew(on_token(lambda t, g: ".".join(t.split(".")[::-1]))),
    "twice, signed anew": anew(on_token(lambda t, g: t + g.choice(["", ".", ","]) + t)),
}

WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
ADDED: Fields = (
    *(("Digits", "123456"), ("Digits", ""), ("CallStatus", "completed"), ("x", "y"), ("", "1")),
    *(("AnsweredBy", "machine_start"), ("To", "+19025550123"), ("digits", "1")),
)


def on_field(change: Callable[[str, str, Random], Fields]) -> Mutation:
    """Change one field, in half of the cases one that the door reads."""

    def mutate(r: Request, g: Random, c: Case) -> Request:
        if not r.fields:
            return r
        read = [i for i, (name, _) in enumerate(r.fields) if name in READ[c.door]]
        at = g.choice(read) if read and g.randrange(2) else g.randrange(len(r.fields))
        changed = change(*r.fields[at], g)
        return r._replace(fields=r.fields[:at] + changed + r.fields[at + 1 :])

    return mutate


def cut_elsewhere(name: str, value: str, g: Random) -> Fields:
    text = name + value
    at = g.choice([g.randrange(len(text) + 1), len(name) + g.choice([-1, 1])])
    return ((text[:at], text[at:]),)


def split(name: str, value: str, g: Random) -> Fields:
    first, second = sorted((g.randrange(len(value) + 1), g.randrange(len(value) + 1)))
    return ((name, value[:first]), (value[first:second], value[second:]))


def joined(r: Request, g: Random, c: Case) -> Request:
    """The fields behind one are drawn into its value: the same text is signed."""
    fields = sorted(r.fields)
    at = g.randrange(len(fields))
    end = g.choice([len(fields), at + 2, g.randrange(at, len(fields)) + 1])
    text = "".join(name + value for name, value in fields[at:end])
    name = fields[at][0]
    changed = (*fields[:at], (name, text[len(name) :]), *fields[end:])
    return r._replace(fields=changed)


def between(r: Request, g: Random, c: Case) -> Request:
    """The boundary of two fields is moved: the same text is signed while the order stays."""
    fields = sorted(r.fields)
    at = g.randrange(len(fields) - 1)
    (name, value), (after, rest) = fields[at : at + 2]
    text = value + after + rest
    first = g.randrange(len(text))
    second = g.randrange(first, len(text))
    cut = ((name, text[:first]), (text[first:second], text[second:]))
    return r._replace(fields=(*fields[:at], *cut, *fields[at + 2 :]))


def exchanged(r: Request, g: Random, c: Case) -> Request:
    one, other = g.sample(r.fields, 2)
    swap = {one: (one[0], other[1]), other: (other[0], one[1])}
    return r._replace(fields=tuple(swap.get(pair, pair) for pair in r.fields))


def with_value(name: str, *values: str) -> Mutation:
    def mutate(r: Request, g: Random, c: Case) -> Request:
        fields = {**dict(r.fields), name: g.choice(values)}
        return r._replace(fields=tuple(fields.items()))

    return mutate


def without(name: str) -> Mutation:
    return lambda r, g, c: r._replace(fields=tuple(pair for pair in r.fields if pair[0] != name))


NO_CALLS = (
    *("", "CA", "ca" + "1" * 32, "CA" + "1" * 31, "CA" + "1" * 33, " CA" + "1" * 32),
    *("CA" + "g" * 32, "CA" + "１" * 32, "CA" + "1" * 32 + "\n", "CA" + "1" * 31 + "\r"),
)
PARAMETERS: dict[str, Mutation] = {
    "value changed": on_field(lambda n, v, g: ((n, edited(v, g)),)),
    "name changed": on_field(lambda n, v, g: ((edited(n, g), v),)),
    "name in the other case": on_field(lambda n, v, g: ((n.swapcase(), v),)),
    "name as a list": on_field(lambda n, v, g: ((n + "[]", v),)),
    "field renamed": on_field(lambda n, v, g: (("X-" + n, v),)),
    "field lost": on_field(lambda n, v, g: ()),
    "value emptied": on_field(lambda n, v, g: ((n, ""),)),
    "value doubled": on_field(lambda n, v, g: ((n, v + v),)),
    "white space around": on_field(lambda n, v, g: ((n, g.choice([f" {v}", f"{v} ", f"{v}\n"])),)),
    "digits of another alphabet": on_field(lambda n, v, g: ((n, v.translate(WIDE_DIGITS)),)),
    "field repeated": on_field(lambda n, v, g: ((n, v), (n, v))),
    "field repeated, signed anew": anew(on_field(lambda n, v, g: ((n, v), (n, v)))),
    "field repeated with another value": on_field(lambda n, v, g: ((n, v), (n, edited(v, g)))),
    "field added": lambda r, g, c: r._replace(fields=(*r.fields, g.choice(ADDED))),
    "no fields": lambda r, g, c: r._replace(fields=()),
    "values exchanged": exchanged,
    "name and value cut elsewhere": on_field(cut_elsewhere),
    "boundary of two fields moved": between,
    "fields joined": joined,
    "field split": on_field(split),
    "another account, signed anew": anew(with_value("AccountSid", "AC" + "0" * 32, "", "AC")),
    "no account, signed anew": anew(without("AccountSid")),
    "no call, signed anew": anew(without("CallSid")),
    "malformed call, signed anew": anew(with_value("CallSid", *NO_CALLS)),
}


def on_signature(change: Callable[[str, Random], str | None]) -> Mutation:
    return lambda r, g, c: r._replace(signature=change(r.signature or "", g))


def hmac_of(text: str | bytes, algorithm: str) -> str:
    text = text.encode() if isinstance(text, str) else text
    return base64.b64encode(hmac.digest(AUTH_TOKEN.encode(), text, algorithm)).decode()


def by_sha256(r: Request, g: Random, c: Case) -> Request:
    text = BASE_URL + r.target + "".join(name + value for name, value in sorted(r.fields))
    says = ("HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS", "key=k,algorithm=HMAC_SHA256")
    headers = (*r.headers, says) if g.randrange(2) else r.headers
    return r._replace(signature=hmac_of(text, "sha256"), headers=headers)


def for_another_host(r: Request, g: Random, c: Case) -> Request:
    """Twilio's own request to another server of the same account, led to ours."""
    named = tuple((name, "other.example") for name in ("HTTP_HOST", "HTTP_X_FORWARDED_HOST"))
    return signed(r._replace(headers=named), "https://other.example")


OTHER_BASES = (
    *("", "//lineproof.example", "http://lineproof.example", "http://lineproof.example:443"),
    *("https://LINEPROOF.example", "https://lineproof.example.", "https://127.0.0.1"),
)
SIGNATURE: dict[str, Mutation] = {
    "missing": on_signature(lambda s, g: None),
    "empty": on_signature(lambda s, g: ""),
    "huge": on_signature(lambda s, g: s * 4000),
    "not ASCII": on_signature(lambda s, g: s[:9] + chr(g.randrange(128, 256)) + s[9:]),
    "two headers": on_signature(lambda s, g: f"{s},{g.choice([s, '', 'x'])}"),
    "character changed": on_signature(edited),
    "cut": on_signature(start),
    "white space": on_signature(lambda s, g: g.choice([f" {s}", f"{s} ", f"{s}\t", f"{s}\xa0"])),
    "in the other case": on_signature(lambda s, g: g.choice([s.lower(), s.upper(), s.swapcase()])),
    "other padding": on_signature(lambda s, g: g.choice([s.rstrip("="), s + "=", s + "===="])),
    "other alphabet": on_signature(lambda s, g: s.replace("+", "-").replace("/", "_")),
    "spare bits set": on_signature(lambda s, g: s[:-2] + chr(ord(s[-2:-1] or "A") + 1) + "="),
    "hexadecimal": on_signature(lambda s, g: base64.b64decode(s + "==").hex()),
    "quoted": on_signature(lambda s, g: f'"{s}"'),
    "of another request": lambda r, g, c: r._replace(
        signature=g.choice(c.others).request.signature
    ),
    "SHA-256": by_sha256,
    "of the URL alone": lambda r, g, c: r._replace(signature=hmac_of(BASE_URL + r.target, "sha1")),
    "of the fields alone": lambda r, g, c: signed(r._replace(target=""), "")._replace(
        target=r.target
    ),
    "of the body as sent": lambda r, g, c: r._replace(
        signature=hmac_of((BASE_URL + r.target).encode() + r.body, "sha1")
    ),
    "for another host": for_another_host,
    "for another scheme or host": lambda r, g, c: signed(r, g.choice(OTHER_BASES)),
    "with another token": lambda r, g, c: signed(r, BASE_URL, g.choice(["", "x", AUTH_TOKEN[:-1]])),
}
