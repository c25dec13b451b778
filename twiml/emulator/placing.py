"""What may be asked of a call: the form of POST Calls, checked as Twilio checks it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from twiml.emulator.addresses import host_of, problem
from twiml.emulator.document import LARGEST_INLINE, BadDocument, read
from twiml.emulator.whole import shown, whole
from verification.extension import DIALLED_CHARACTERS, InvalidExtension, check

LONGEST_SEND_DIGITS = 32
LONGEST_TIMEOUT = 600
EVENTS = ("initiated", "ringing", "answered", "completed")
_CHANNELS = {"mono": 1, "dual": 2}
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_MAGIC_TO = {
    "+15005550001": (21217, "does not look like a valid phone number"),
    "+15005550002": (21214, "cannot be reached"),
    "+15005550003": (21215, "lies in a region for which the account has no permission"),
    "+15005550004": (21216, "is on the block list"),
}


class RestError(Exception):
    """The REST API refuses: HTTP status, Twilio's code, and a message for the developer."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Detection(NamedTuple):
    """Answering machine detection as asked for; times in milliseconds."""

    mode: str
    timeout: int = 30_000
    silence: int = 5000
    asynchronous: bool = False
    callback: str | None = None
    callback_method: str = "POST"


class Placement(NamedTuple):
    """A checked order for a call; times in milliseconds."""

    to: str
    from_: str
    url: str | None = None
    method: str = "POST"
    twiml: str | None = None
    fallback_url: str | None = None
    fallback_method: str = "POST"
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: frozenset[str] = frozenset({"completed"})
    send_digits: str = ""
    timeout: int = 60_000
    time_limit: int = 14_400_000
    detection: Detection | None = None
    record: bool = False
    recording_channels: int = 1
    recording_track: str = "both"


Form = Mapping[str, Sequence[str]]


def checked(form: Form, owned_numbers: Collection[str]) -> Placement:
    """Check the form of POST Calls.

    ``form`` maps each name to its values. Raises RestError with the code of Twilio's error
    pages: see voice facts 1.1, 1.6 and 1.7.
    """
    to, from_ = _numbers(form, owned_numbers)
    url, twiml = _what_to_run(form)
    send_digits = _send_digits(form)
    return Placement(
        to=to,
        from_=from_,
        url=url,
        method=_method(form, "Method"),
        twiml=twiml,
        fallback_url=_url(form, "FallbackUrl"),
        fallback_method=_method(form, "FallbackMethod"),
        status_callback=_status_callback(form),
        status_callback_method=_method(form, "StatusCallbackMethod"),
        status_callback_events=_events(form),
        send_digits=send_digits,
        timeout=_whole(form, "Timeout", 60, 1, LONGEST_TIMEOUT, 21208) * 1000,
        time_limit=_whole(form, "TimeLimit", 14_400, 1, 86_400, 20001) * 1000,
        detection=None if send_digits else _detection(form),
        record=_one(form, "Record").lower() == "true",
        recording_channels=_CHANNELS[_chosen(form, "RecordingChannels", tuple(_CHANNELS))],
        recording_track=_chosen(form, "RecordingTrack", ("both", "inbound", "outbound")),
    )


def changed(form: Form, old: Placement) -> Placement:
    """Check the form of POST Calls/{Sid} and return what the call does from now on."""
    changes: dict[str, object] = {}
    if _one(form, "Url") or _one(form, "Twiml"):
        changes["url"], changes["twiml"] = _what_to_run(form)
        changes["method"] = _method(form, "Method")
    for name, field in (("FallbackUrl", "fallback_url"), ("StatusCallback", "status_callback")):
        if _one(form, name):
            changes[field] = _url(form, name)
            method = name.removesuffix("Url") + "Method"
            changes[field.removesuffix("_url") + "_method"] = _method(form, method)
    return old._replace(**changes)  # type: ignore[arg-type]


def _one(form: Form, name: str) -> str:
    values = form.get(name)
    return values[0] if values else ""


def _numbers(form: Form, owned_numbers: Collection[str]) -> tuple[str, str]:
    to, from_ = _one(form, "To"), _one(form, "From")
    if not to:
        raise RestError(400, 21201, "No 'To' number is specified")
    if not from_:
        raise RestError(400, 21213, "No 'From' number is specified")
    if from_ == "+15005550001":
        raise RestError(400, 21212, f"The 'From' number {from_} is not a valid phone number")
    if from_ not in owned_numbers:
        owned = ", ".join(sorted(owned_numbers))
        text = f"The 'From' number {from_} is not owned by this account; it owns {owned}"
        raise RestError(400, 21210, text)
    if to in _MAGIC_TO:
        code, why = _MAGIC_TO[to]
        raise RestError(400, code, f"The 'To' number {to} {why}")
    if not _E164.fullmatch(to) or to == from_:
        text = f"The 'To' number {to} is not a valid phone number: use E.164, not your own 'From'"
        raise RestError(400, 21211, text)
    return to, from_


def _what_to_run(form: Form) -> tuple[str | None, str | None]:
    url, twiml = _url(form, "Url"), _one(form, "Twiml")
    if url:
        return url, None
    if not twiml:
        if _one(form, "ApplicationSid"):
            raise RestError(400, 21218, "ApplicationSid is not emulated: use Url or Twiml")
        raise RestError(400, 21205, "Url, Twiml or ApplicationSid must be given")
    if len(twiml) > LARGEST_INLINE:
        text = f"Twiml has {len(twiml)} characters: at most {LARGEST_INLINE} are allowed"
        raise RestError(400, 12100, text)
    try:
        read(twiml.encode())
    except BadDocument as error:
        raise RestError(400, error.code, f"Twiml: {error}") from error
    return None, twiml


def _send_digits(form: Form) -> str:
    text = _one(form, "SendDigits")
    if len(text) > LONGEST_SEND_DIGITS:
        message = (
            f"SendDigits has {len(text)} characters: at most {LONGEST_SEND_DIGITS} are allowed"
        )
        raise RestError(400, 21206, message)
    try:
        return check(text, DIALLED_CHARACTERS)
    except InvalidExtension as error:
        message = str(error).replace("the extension", "SendDigits")
        raise RestError(400, 21206, message) from error


def _url(form: Form, name: str) -> str | None:
    url = _one(form, name)
    if not url:
        return None
    wrong = problem(url)
    if not wrong and " " in url:
        wrong = f"{shown(url)} has a space: write %20"
    if wrong:
        raise RestError(400, 21205, f"{name}: {wrong}")
    return url


def _status_callback(form: Form) -> str | None:
    url = _url(form, "StatusCallback")
    if url and "_" in host_of(url):
        text = f"StatusCallback's host name must not have an underscore: {url}"
        raise RestError(400, 21609, text)
    return url


def _method(form: Form, name: str) -> str:
    method = (_one(form, name) or "POST").upper()
    if method not in ("GET", "POST"):
        raise RestError(400, 20001, f"{name} is {method}: GET or POST are allowed")
    return method


def _chosen(form: Form, name: str, allowed: Sequence[str]) -> str:
    """One of the words allowed; the first of them where none is given."""
    chosen = _one(form, name) or allowed[0]
    if chosen not in allowed:
        text = f"{name} is {shown(chosen)}: {', '.join(allowed)} are allowed"
        raise RestError(400, 20001, text)
    return chosen


def _events(form: Form) -> frozenset[str]:
    asked = form.get("StatusCallbackEvent") or ["completed"]
    for event in asked:
        if event not in EVENTS:
            known = ", ".join(EVENTS)
            text = f"StatusCallbackEvent {event!r} is unknown; give one of {known} each time"
            raise RestError(400, 21626, text)
    return frozenset(asked)


def _whole(form: Form, name: str, default: int, low: int, high: int, code: int) -> int:
    text = _one(form, name) or str(default)
    number = whole(text)
    if number is None or not low <= number <= high:
        message = f"{name} is {shown(text)}: a whole number from {low} to {high} is allowed"
        raise RestError(400, code, message)
    return number


def _detection(form: Form) -> Detection | None:
    mode = _one(form, "MachineDetection")
    if not mode:
        return None
    if mode not in ("Enable", "DetectMessageEnd"):
        text = f"MachineDetection is {mode}: Enable or DetectMessageEnd are allowed"
        raise RestError(400, 21263, text)
    name = "MachineDetectionSilenceTimeout"
    return Detection(
        mode=mode,
        timeout=_whole(form, "MachineDetectionTimeout", 30, 3, 59, 21263) * 1000,
        silence=_whole(form, name, 5000, 2000, 10_000, 21263),
        asynchronous=_one(form, "AsyncAmd").lower() == "true",
        callback=_url(form, "AsyncAmdStatusCallback"),
        callback_method=_method(form, "AsyncAmdStatusCallbackMethod"),
    )
