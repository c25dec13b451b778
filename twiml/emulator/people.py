"""Those who answer and are no TwiML application: a person, voicemail, a fax, nobody."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from twiml.emulator.actions import (
    ANSWER,
    Action,
    Heard,
    Note,
    Refuse,
    Say,
    Send,
    Steps,
    wait,
)
from twiml.emulator.phones import Phone
from twiml.emulator.speech import sentences, speech_ms
from twiml.emulator.timing import Timing
from twiml.emulator.understanding import Understood, understand
from verification.extension import WAITS

_HELLO = "Hello?"
_VOICEMAIL = (
    "Hello, you have reached our voicemail. Nobody can take your call right now. "
    "Please leave a message after the tone."
)
_BEEP = 400
_MESSAGE = 60_000
_FAX_TONE, _FAX_TIMES = 3000, 10
_GREETING_TIMES = 3


class Around(NamedTuple):
    """What somebody who answers knows: the time in the call (ms), and the order's code."""

    now: Callable[[], int]
    code: Callable[[], str | None]
    timing: Timing


def who(phone: Phone, around: Around) -> Steps:
    """Return the run of the one who answers a phone; KINDS of :mod:`twiml.emulator.phones`."""
    match phone.kind:
        case "busy":
            return _busy()
        case "no-answer":
            return _nobody()
        case "voicemail":
            return _voicemail(phone, around)
        case "fax":
            return _fax(phone)
        case _:
            return _person(phone, around)


def greeting_ms(phone: Phone, timing: Timing) -> int:
    """Return how long the one who answers speaks first (ms)."""
    if phone.kind == "voicemail":
        return speech_ms(_VOICEMAIL if phone.greeting is None else phone.greeting, timing) + _BEEP
    return speech_ms(_HELLO if phone.greeting is None else phone.greeting, timing)


def _busy() -> Steps:
    yield Refuse("busy")


def _nobody() -> Steps:
    yield wait(None)


def _fax(phone: Phone) -> Steps:
    yield wait(phone.answer_after)
    yield ANSWER
    for _ in range(_FAX_TIMES):
        yield Say("fax tone", _FAX_TONE, kind="plays")


def _voicemail(phone: Phone, around: Around) -> Steps:
    yield wait(phone.answer_after)
    yield ANSWER
    greeting = _VOICEMAIL if phone.greeting is None else phone.greeting
    plays = around.code() if phone.greeting_plays == "code" else phone.greeting_plays
    for _ in range(_GREETING_TIMES if plays else 1):
        yield from sentences(greeting, around.timing)
        if plays:
            yield _type(plays, phone)
    yield Say("beep", _BEEP, kind="plays")
    yield Note("records", "a message")
    yield wait(_MESSAGE if phone.hangs_up_after is None else phone.hangs_up_after)


def _type(text: str, phone: Phone) -> Send:
    """A person's keys, at the pace of the phone's table."""
    keys, onsets, now, rest = "", [], 0, 0
    for key in text:
        now += rest + WAITS.get(key, 0)
        rest = 0
        if key not in WAITS:
            keys += key
            onsets.append(now)
            now += phone.key_length
            rest = max(0, phone.key_every - phone.key_length)
    in_band = phone.tones == "in-band"
    return Send(text, keys, tuple(onsets), phone.key_length, now, in_band=in_band)


def _person(phone: Phone, around: Around) -> Steps:
    """Picks up, says hello, listens, and does what he is asked, as his phone's table says."""
    yield wait(phone.answer_after)
    yield ANSWER
    leaves = None
    if phone.hangs_up_after is not None:
        leaves = around.now() + phone.hangs_up_after
    yield from sentences(_HELLO if phone.greeting is None else phone.greeting, around.timing)
    person = _Person(phone, around)
    while True:
        left = None if leaves is None else leaves - around.now()
        if left is not None and left <= 0:
            return
        patient = left is None or left > phone.patience
        ms = phone.patience if patient else left
        heard = yield wait(ms, keys=True, speech=True, silence=patient)
        if heard is None:
            return
        if isinstance(heard, Heard):
            yield from person.hears(heard)


class _Person:
    """What a person remembers of a call: what he did when, and how often he was asked."""

    def __init__(self, phone: Phone, around: Around) -> None:
        self._phone = phone
        self._around = around
        self._asked = 0
        self._done: dict[str, int] = {}

    def hears(self, heard: Heard) -> Generator[Action, Any, None]:
        """React to a sentence; one that began before he did what it asks is no new request."""
        wanted = understand(heard.text)
        if self._phone.types[0] == "refuse":
            if wanted.star and self._new("*", heard):
                yield from self._presses("*")
            return
        if wanted.press is not None:
            yield from self._press(wanted, heard)
        if wanted.code and self._new("code", heard):
            yield from self._code()

    def _press(self, wanted: Understood, heard: Heard) -> Generator[Action, Any, None]:
        presses = self._phone.presses
        key = wanted.press if presses == "asked" else presses
        if key is not None and presses != "nothing" and self._new(f"press {wanted.press}", heard):
            yield from self._presses(key)

    def _new(self, what: str, heard: Heard) -> bool:
        if heard.began < self._done.get(what, 0):
            return False
        self._done[what] = self._around.now() + self._phone.reaction
        return True

    def _presses(self, key: str) -> Generator[Action, Any, None]:
        yield wait(self._phone.reaction)
        yield _type(key, self._phone)

    def _code(self) -> Generator[Action, Any, None]:
        kinds = self._phone.types
        kind = kinds[min(self._asked, len(kinds) - 1)]
        self._asked += 1
        keys = yield from self._keys(kind)
        if keys:
            yield wait(self._phone.reaction)
            yield _type(keys, self._phone)
            # What he hears from his last key's onset on may well be the next request.
            self._done["code"] = self._around.now() - self._phone.key_length

    def _keys(self, kind: str) -> Generator[Action, Any, str]:
        if kind == "nothing":
            return ""
        if kind not in ("code", "wrong"):
            return "*" if kind == "refuse" else kind
        code = self._around.code()
        if code is None:
            yield Note("does not know", "the code: nobody told it to this phone")
            return ""
        return code if kind == "code" else _mistyped(code)


def _mistyped(code: str) -> str:
    """A code that is surely another one: each digit moved on by one."""
    return "".join(str((int(digit) + 1) % 10) if digit.isdecimal() else digit for digit in code)
