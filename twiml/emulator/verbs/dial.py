"""<Dial>: another phone rings and is connected."""

from __future__ import annotations

import re

from twiml.emulator.actions import Bridge, Rang, Ring
from twiml.emulator.document import Verb
from twiml.emulator.verbs.play import send
from twiml.emulator.verbs.running import Running, Runs, next_document, whole_number
from verification.extension import InvalidExtension, check

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_MOST_NUMBERS = 10


def dial(verb: Verb, session: Running) -> Runs:
    """Let the numbers ring, connect the first that answers, and ask the action afterwards.

    Without an action the next verb follows. ``sendDigits`` of a Number is played to it before
    the two sides hear each other (Twilio: Dial and Number pages).
    """
    targets = _targets(verb, session)
    timeout = whole_number(verb, session, "timeout", 30, 13213) * 1000
    limit = whole_number(verb, session, "timeLimit", 14_400, 13214) * 1000
    rang, length = Rang("failed"), 0
    session.sounded()
    if targets:
        caller = verb.attributes.get("callerId") or session.call.from_
        rang = yield Ring(tuple(targets), timeout, caller)
    if rang.status == "answered":
        digits = next(iter(targets.values())) if len(targets) == 1 else ""
        if digits:
            yield from send(digits, session.timing, outward=True)
        length = yield Bridge(limit)
    if "action" not in verb.attributes:
        return None
    more = {"DialCallStatus": "completed" if rang.status == "answered" else rang.status}
    if rang.call_sid:
        more["DialCallSid"] = rang.call_sid
    if rang.status == "answered":
        more["DialCallDuration"] = str(length // 1000)
    return next_document(verb, session, more, 13212)


def _targets(verb: Verb, session: Running) -> dict[str, str]:
    """The numbers that may be dialled, each with the digits to send when it answers."""
    found: dict[str, str] = {}
    numbers = [(child.text, child.attributes.get("sendDigits", "")) for child in verb.children]
    for text, digits in [(verb.text, ""), *numbers][: _MOST_NUMBERS + 1]:
        number = re.sub(r"[\s().-]", "", text)
        if not number:
            continue
        if not _NUMBER.fullmatch(number):
            session.warn(13223, f"Line {verb.line}: {number} is not a phone number in E.164")
            continue
        found[number] = _digits(verb, session, digits)
    if not found:
        session.warn(13201, f"Line {verb.line}: Dial has no number that can be dialled")
    return found


def _digits(verb: Verb, session: Running, digits: str) -> str:
    try:
        return check(digits)
    except InvalidExtension as error:
        text = str(error).replace("the extension", "sendDigits")
        session.warn(13222, f"Line {verb.line}: {text}")
        return ""
