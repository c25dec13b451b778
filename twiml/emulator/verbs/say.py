"""<Say>: a text is spoken, sentence by sentence."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from twiml.emulator.actions import Action, Heard, Key
from twiml.emulator.document import Verb
from twiml.emulator.speech import sentences
from twiml.emulator.verbs.running import Running, Runs, loops

_LONGEST = 4096


def say(verb: Verb, session: Running) -> Runs:
    """Speak and go on with the next verb."""
    yield from speak(verb, session, keys=False)
    return None


def speak(
    verb: Verb, session: Running, *, keys: bool
) -> Generator[Action, Any, Key | Heard | None]:
    """Speak; with ``keys`` a key breaks it off and is returned (Twilio: Gather page).

    Empty text is 13520, text above 4096 characters 13521 (both: skipped).
    """
    if not verb.text:
        session.warn(13520, f"Line {verb.line}: Say has no text")
        return None
    if len(verb.text) > _LONGEST:
        session.warn(13521, f"Line {verb.line}: Say has more than {_LONGEST} characters")
        return None
    session.sounded()
    spoken = sentences(verb.text, session.timing, keys=keys)
    for _ in range(loops(verb, session, 13510)):
        for sentence in spoken:
            key: Key | None = yield sentence
            if key is not None:
                return key
    return None
