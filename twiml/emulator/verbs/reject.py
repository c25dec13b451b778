"""<Reject>: an incoming call is not answered."""

from __future__ import annotations

from twiml.emulator.actions import Refuse
from twiml.emulator.document import Verb
from twiml.emulator.verbs.running import HANG_UP, Running, Runs

_REASONS = {"rejected": "no-answer", "busy": "busy"}


def reject(verb: Verb, session: Running) -> Runs:
    """Refuse with ``reason`` rejected (default) or busy (Twilio: Reject page).

    Only as the first verb of an incoming call; anywhere else it hangs up, with 12200.
    """
    reason = verb.attributes.get("reason", "rejected")
    if reason not in _REASONS:
        session.warn(13810, f'Line {verb.line}: reason="{reason}" is not rejected or busy')
        reason = "rejected"
    if session.call.status == "ringing" and session.call.direction == "inbound":
        yield Refuse(_REASONS[reason])
    session.warn(12200, f"Line {verb.line}: Reject must be the first verb of an incoming call")
    return HANG_UP
