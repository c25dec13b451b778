"""<Record>: what the far end says is recorded."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from twiml.emulator.actions import Action, HungUp, Key, Note, Say, Wait
from twiml.emulator.document import Verb
from twiml.emulator.verbs.running import Running, Runs, Then, next_document, whole_number, yes


def record(verb: Verb, session: Running) -> Runs:
    """Beep, record until silence, a finish key, ``maxLength`` or hang-up, and ask the action.

    After a hang-up the action is still asked, with Digits=hangup (Twilio: Record page).
    """
    timeout = whole_number(verb, session, "timeout", 5, 13613) * 1000
    longest = whole_number(verb, session, "maxLength", 3600, 13612) * 1000
    finish = verb.attributes.get("finishOnKey", "1234567890*#")
    session.sounded()
    if yes(verb, "playBeep", default=True):
        yield Say("beep", session.timing.record_beep, kind="plays")
    yield Note("records", "the far end")
    try:
        digits, length = yield from _listen(finish, timeout, longest)
    except HungUp:
        digits, length = "hangup", 0
    return _recorded(verb, session, digits, length)


def _listen(finish: str, timeout: int, longest: int) -> Generator[Action, Any, tuple[str, int]]:
    """Return the key that ended it (or nothing) and the length so far (ms)."""
    left = longest
    while left > 0:
        what = yield Wait(min(timeout, left), keys=True, speech=True, silence=True)
        if what is None:
            break
        if isinstance(what, Key) and what.key in finish:
            return what.key, longest - left
        left -= timeout
    return "", longest - left


def _recorded(verb: Verb, session: Running, digits: str, length: int) -> Then:
    sid = "RE" + session.call.sid[2:]
    more = {
        "RecordingSid": sid,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{session.call.account_sid}"
        f"/Recordings/{sid}",
        "RecordingDuration": str(length // 1000),
        "Digits": digits,
    }
    return next_document(verb, session, more, 13611)
