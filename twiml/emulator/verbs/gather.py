"""<Gather>: keys, or speech, are collected and sent to the action."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

from twiml.emulator.actions import Action, Heard, Key, Note, wait, wait_for_key
from twiml.emulator.document import Verb
from twiml.emulator.verbs.pause import be_silent
from twiml.emulator.verbs.play import play_media
from twiml.emulator.verbs.running import Running, Runs, Then, next_document, whole_number, yes
from twiml.emulator.verbs.say import speak

_PROMPTS = {"Say": speak, "Play": play_media, "Pause": be_silent}


class _Rules(NamedTuple):
    timeout: int
    finish: str
    digits: int | None
    keys: bool
    speech: bool


def gather(verb: Verb, session: Running) -> Runs:
    """Collect keys while the nested verbs play and for ``timeout`` seconds after them.

    The first key stops the prompt; the timer runs again after each key; ``finishOnKey`` or
    ``numDigits`` end at once; nothing entered goes on with the next verb, unless
    ``actionOnEmptyResult`` (all: Twilio's Gather page).
    """
    rules = _rules(verb, session)
    first = yield from _prompts(verb, session, rules)
    if first is None:
        session.sounded()
        first = yield wait(
            rules.timeout, keys=rules.keys, speech=rules.speech, silence=rules.speech
        )
    if isinstance(first, Heard):
        more = {"SpeechResult": first.text, "Confidence": "0.9", "Language": "en-US"}
        return next_document(verb, session, more, 13312)
    digits, finished_on = yield from _collect(first, rules)
    return _entered(verb, session, digits, finished_on)


def _entered(verb: Verb, session: Running, digits: str, finished_on: str) -> Then:
    if not digits and not yes(verb, "actionOnEmptyResult"):
        return None
    more = {"Digits": digits, "FinishedOnKey": finished_on, "msg": "Gather End"}
    return next_document(verb, session, more, 13312)


def _collect(first: Key | None, rules: _Rules) -> Generator[Action, Any, tuple[str, str]]:
    digits, key = "", first
    while key is not None:
        if key.key == rules.finish:
            return digits, key.key
        digits += key.key
        if len(digits) == rules.digits:
            break
        key = yield wait_for_key(rules.timeout)
    if key is None and rules.digits:
        yield Note("times out", digits)
    return digits, ""


def _prompts(
    verb: Verb, session: Running, rules: _Rules
) -> Generator[Action, Any, Key | Heard | None]:
    for nested in verb.children:
        key = yield from _PROMPTS[nested.name](nested, session, keys=rules.keys)
        if key is not None:
            return key
    return None


def _rules(verb: Verb, session: Running) -> _Rules:
    kinds = verb.attributes.get("input", "dtmf").split()
    digits = whole_number(verb, session, "numDigits", 0, 13314)
    return _Rules(
        timeout=whole_number(verb, session, "timeout", 5, 13313) * 1000,
        finish=_finish(verb, session),
        digits=digits or None,
        keys="dtmf" in kinds,
        speech="speech" in kinds,
    )


def _finish(verb: Verb, session: Running) -> str:
    finish = verb.attributes.get("finishOnKey", "#")
    if finish == "" or (len(finish) == 1 and finish in "0123456789*#"):
        return finish
    session.warn(13310, f'Line {verb.line}: finishOnKey="{finish}" is not one of 0-9, * and #')
    return "#"
