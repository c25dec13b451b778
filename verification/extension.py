"""The extension: a DTMF string that finds its way through an IVR.

``wwww2wwwwww5`` waits two seconds, sends a 2, waits three seconds, sends a 5. A ``w`` waits half a
second, a ``W`` a second (Twilio: ``<Play digits>``, ``SendDigits``, the Hosted Numbers FAQ).

All times are whole milliseconds. Twilio does not document how long its tones and gaps are, nor
whether a ``w`` is added to the gap or replaces it: these are named in :class:`Tones`, never hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

PHONE_KEYS = "0123456789*#"
WAITS = {"w": 500, "W": 1000}
ORDER_CHARACTERS = PHONE_KEYS + "wW"
DIALLED_CHARACTERS = PHONE_KEYS + "ABCDwW"

ORDER_LENGTH = 128
ORDER_MILLISECONDS = 60_000


class InvalidExtension(ValueError):
    """The string cannot be dialled; the message says where it is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class Tones:
    """How the carrier plays a string: what Twilio leaves undocumented, in milliseconds.

    ``waits_add``: a wait is added to the gap between two tones (Amazon Chime); otherwise it
    replaces that gap (Bandwidth). ``half_second``: how long a ``w`` really waits; a ``W`` is two.
    """

    tone: int = 250
    gap: int = 70
    waits_add: bool = True
    half_second: int = 500


class Key(NamedTuple):
    """One key of the string: which, its place in the string, and when its tone begins (ms)."""

    key: str
    position: int
    onset: int


class Schedule(NamedTuple):
    """When each key of a string is sent, and how long the whole string takes (ms)."""

    keys: tuple[Key, ...]
    length: int


def check(text: str, allowed: str = DIALLED_CHARACTERS) -> str:
    """Return ``text`` if every character may be dialled.

    Raises InvalidExtension, which names the first bad character and its place (from 1).
    """
    for position, character in enumerate(text, 1):
        if character not in allowed:
            raise InvalidExtension(
                f"{character!r} at position {position} of the extension is not allowed: "
                f"use {_spoken(allowed)}"
            )
    return text


def check_order(text: str) -> str:
    """Return ``text`` if an order may carry it (Twilio error 22117: not empty; keys and waits).

    Raises InvalidExtension for a bad character, an empty string, more than ORDER_LENGTH
    characters, or more than ORDER_MILLISECONDS of playing.
    """
    if not text:
        raise InvalidExtension(f"The extension is empty: use {_spoken(ORDER_CHARACTERS)}")
    if len(text) > ORDER_LENGTH:
        raise InvalidExtension(
            f"The extension has {len(text)} characters: at most {ORDER_LENGTH} are allowed"
        )
    check(text, ORDER_CHARACTERS)
    length = schedule(text).length
    if length > ORDER_MILLISECONDS:
        raise InvalidExtension(
            f"The extension takes {length / 1000:g} s to play: "
            f"at most {ORDER_MILLISECONDS // 1000} s are allowed"
        )
    return text


def schedule(text: str, tones: Tones = Tones()) -> Schedule:
    """When each key of a checked string is sent, counted from the start of playing."""
    keys: list[Key] = []
    now = waited = 0
    for position, character in enumerate(text, 1):
        if character in WAITS:
            waited += WAITS[character] * tones.half_second // WAITS["w"]
            continue
        now += waited + _gap(tones, first=not keys, waited=waited)
        keys.append(Key(character, position, now))
        now += tones.tone
        waited = 0
    return Schedule(tuple(keys), now + waited)


def _gap(tones: Tones, *, first: bool, waited: int) -> int:
    if first or (waited and not tones.waits_add):
        return 0
    return tones.gap


def _spoken(allowed: str) -> str:
    letters = ", A-D" if "A" in allowed else ""
    return f"the keys 0-9, * and #{letters}, w (waits 0.5 s) and W (waits 1 s)"
