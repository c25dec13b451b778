"""<Pause>: silence."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from twiml.emulator.actions import Action, Key, Note, wait
from twiml.emulator.document import Verb
from twiml.emulator.verbs.running import Running, Runs
from twiml.emulator.whole import shown, whole


def pause(verb: Verb, session: Running) -> Runs:
    """Be silent for ``length`` seconds (default 1) and go on."""
    yield from be_silent(verb, session, keys=False)
    return None


def be_silent(verb: Verb, session: Running, *, keys: bool) -> Generator[Action, Any, Key | None]:
    """Be silent; with ``keys`` a key ends it.

    A length that is no whole number above 0 is 13910, and the pause is skipped (Twilio: error
    13910); nor is one of more than nine digits.
    """
    text = verb.attributes.get("length", "1")
    length = whole(text)
    if not length:
        said = f'Line {verb.line}: length="{shown(text)}" is not a whole number above 0'
        session.warn(13910, said)
        return None
    session.sounded()
    yield Note("waits", f"{length} s")
    key: Key | None = yield wait(length * 1000, keys)
    return key
