"""<Pause>: silence."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from twiml.emulator.actions import Action, Key, Note, Wait
from twiml.emulator.document import Verb
from twiml.emulator.verbs.running import Running, Runs


def pause(verb: Verb, session: Running) -> Runs:
    """Be silent for ``length`` seconds (default 1) and go on."""
    yield from be_silent(verb, session, keys=False)
    return None


def be_silent(verb: Verb, session: Running, *, keys: bool) -> Generator[Action, Any, Key | None]:
    """Be silent; with ``keys`` a key ends it.

    A length that is no whole number above 0 is 13910, and the pause is skipped (Twilio: error
    13910).
    """
    text = verb.attributes.get("length", "1")
    if not text.isdecimal() or int(text) == 0:
        session.warn(13910, f'Line {verb.line}: length="{text}" is not a whole number above 0')
        return None
    session.sounded()
    yield Note("waits", f"{text} s")
    key: Key | None = yield Wait(int(text) * 1000, keys)
    return key
