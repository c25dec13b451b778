"""<Hangup>: the end."""

from __future__ import annotations

from twiml.emulator.document import Verb
from twiml.emulator.verbs.running import HANG_UP, Running, Runs


def hangup(_: Verb, __: Running) -> Runs:
    """End the call."""
    yield from ()
    return HANG_UP
