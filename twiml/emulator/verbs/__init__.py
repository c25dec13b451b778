"""The verbs of TwiML, one a file.

A verb is a generator function of the element and the session that runs it. It yields actions and
returns what comes next: None for the next verb, a Request for another document, or HANG_UP.
"""

from __future__ import annotations

from collections.abc import Callable

from twiml.emulator.verbs.dial import dial
from twiml.emulator.verbs.gather import gather
from twiml.emulator.verbs.hangup import hangup
from twiml.emulator.verbs.pause import pause
from twiml.emulator.verbs.play import play
from twiml.emulator.verbs.record import record
from twiml.emulator.verbs.redirect import redirect
from twiml.emulator.verbs.reject import reject
from twiml.emulator.verbs.running import HANG_UP, Running, Runs, Then
from twiml.emulator.verbs.say import say

VERBS: dict[str, Callable[..., Runs]] = {
    "Say": say,
    "Play": play,
    "Pause": pause,
    "Gather": gather,
    "Dial": dial,
    "Redirect": redirect,
    "Hangup": hangup,
    "Reject": reject,
    "Record": record,
}

__all__ = ["HANG_UP", "VERBS", "Running", "Runs", "Then"]
