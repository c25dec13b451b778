"""Status callbacks: which are sent when, and what is in them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from twiml.emulator.calls import FINAL, Call

_EVENT = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
SIP = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}


def event_of(status: str) -> str:
    """Return the name by which one subscribes to a status: every final one is ``completed``."""
    return _EVENT.get(status, "completed")


def parameters(call: Call, status: str, moment: float) -> dict[str, str]:
    """Return the form of a status callback, and count it: SequenceNumber starts at 0.

    The number counts callbacks that were fired for this call, so with only ``completed``
    subscribed it is 0. CallDuration (seconds), Duration (minutes, rounded up) and
    SipResponseCode are in final callbacks only (Twilio: Call resource, status callbacks).
    """
    found = call.parameters(status)
    found["CallbackSource"] = "call-progress-events"
    found["SequenceNumber"] = str(call.fired)
    found["Timestamp"] = format_datetime(datetime.fromtimestamp(int(moment), UTC))
    call.fired += 1
    if status in FINAL:
        found["CallDuration"] = str(call.duration)
        found["Duration"] = str(-(-call.duration // 60))
        found["SipResponseCode"] = str(SIP[status])
    return dict(sorted(found.items()))
