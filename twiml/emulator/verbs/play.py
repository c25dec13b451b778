"""<Play>: a recording, or digits."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from twiml.emulator.actions import Action, Key, Say, Send
from twiml.emulator.document import Verb
from twiml.emulator.timing import Timing
from twiml.emulator.verbs.running import Running, Runs, loops
from verification.extension import InvalidExtension, check, schedule


def play(verb: Verb, session: Running) -> Runs:
    """Play and go on with the next verb. Invalid digits are warned of and skipped (13430)."""
    digits = verb.attributes.get("digits")
    if digits is None:
        yield from play_media(verb, session, keys=False)
        return None
    try:
        check(digits)
    except InvalidExtension as error:
        text = str(error).replace("the extension", "Play digits")
        session.warn(13430, f"Line {verb.line}: {text}")
        return None
    session.sounded()
    for _ in range(loops(verb, session, 13410)):
        yield from send(digits, session.timing)
    return None


def play_media(verb: Verb, session: Running, *, keys: bool) -> Generator[Action, Any, Key | None]:
    """Play a recording of ``Timing.media`` ms; with ``keys`` a key breaks it off.

    Digits are not allowed inside Gather (Twilio: Play page): 13420, skipped.
    """
    if "digits" in verb.attributes:
        session.warn(13420, f"Line {verb.line}: Play digits is not allowed inside Gather")
        return None
    if not verb.text:
        session.warn(13420, f"Line {verb.line}: Play has neither a URL nor digits")
        return None
    session.sounded()
    for _ in range(loops(verb, session, 13410)):
        key: Key | None = yield Say(verb.text, session.timing.media, keys, "plays")
        if key is not None:
            return key
    return None


def send(digits: str, timing: Timing, *, outward: bool = False) -> Generator[Action, Any, None]:
    """Send checked digits by the schedule of :mod:`verification.extension`."""
    plan = schedule(digits, timing.tones)
    keys = "".join([key.key for key in plan.keys])
    onsets = tuple([key.onset for key in plan.keys])
    yield Send(digits, keys, onsets, timing.tone, plan.length, outward=outward)
