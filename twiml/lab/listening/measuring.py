"""How long a carrier's ``w``, tone and gap really are, measured in a recording of its own keys.

Call a number that one owns with a known extension, record the far end, and compare: a carrier was
found in 2026 that had not kept its waits for years, and nobody had measured it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from twiml.lab.listening.keys import Pressed
from verification.extension import WAITS, Tones, check

SUGGESTED = "wwwwwwww12w3www4"
_ASSUMED = Tones()
_HALF_SECOND = WAITS["w"]
_NOT_KEPT = 50  # ms by which a w differs from half a second, so that three of them move a key
_EXACT = 5  # ms to which the edges of two tones are found


class NotMeasured(ValueError):
    """The recording does not have the extension's keys; the message says what it has."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one recording says of a carrier, in milliseconds; None where it says nothing.

    ``wait`` is what one ``w`` really waits. ``start`` is from the recording's begin to the begin
    of playing: without two different waits between keys it cannot be told from them, and is taken
    as 0. ``notes`` say what was taken for granted and what is wrong.
    """

    extension: str
    tone: int
    gap: int | None
    wait: float
    waits_add: bool | None
    start: int
    notes: tuple[str, ...]

    def tones(self, otherwise: Tones = _ASSUMED) -> Tones:
        """The reading for `verification.extension`, with ``otherwise`` for what is not known."""
        return Tones(
            self.tone,
            otherwise.gap if self.gap is None else self.gap,
            otherwise.waits_add if self.waits_add is None else self.waits_add,
            round(self.wait),
        )


@dataclass(frozen=True, slots=True)
class _Between:
    """The silence before a key, and how many half seconds the extension has there."""

    waits: int
    silence: int


def measure(extension: str, heard: Sequence[Pressed], answered: int = 0) -> Measured:
    """Compare an extension with the keys that were heard of it.

    ``answered`` is when the line was picked up in the recording (ms). Raises NotMeasured where
    other keys are heard, InvalidExtension for an extension that cannot be dialled.
    """
    waits, names = _parts(extension)
    sounded = "".join(key.key for key in heard)
    if sounded != names or not names:
        raise NotMeasured(
            f"the recording has the keys {sounded or 'none'}, the extension {names or 'none'}"
        )
    if not any(waits):
        raise NotMeasured(f"the extension {extension} has no w to be measured")
    between = [
        _Between(count, after.onset - before.end)
        for count, (before, after) in zip(waits[1:], pairwise(heard), strict=True)
    ]
    notes: list[str] = []
    tone = round(median(key.length for key in heard))
    gaps = [each.silence for each in between if not each.waits]
    gap = round(median(gaps)) if gaps else None
    if gap is None:
        notes.append(f"the gap is not in it: no two keys stand together (try {SUGGESTED})")
    wait, adds, start = _waits(waits[0], heard[0].onset - answered, between, gap, notes)
    if abs(wait - _HALF_SECOND) > _NOT_KEPT:
        notes.append(f"a w waits {wait:.0f} ms: this carrier does not keep its half second")
    return Measured(extension, tone, gap, round(wait, 1), adds, start, tuple(notes))


def _parts(extension: str) -> tuple[list[int], str]:
    """The half seconds before each key, and the keys."""
    waits, names, waited = [], "", 0
    for character in check(extension):
        if character in WAITS:
            waited += WAITS[character] // _HALF_SECOND
            continue
        waits.append(waited)
        names += character
        waited = 0
    return waits, names


def _waits(
    leading: int, first: int, between: Sequence[_Between], gap: int | None, notes: list[str]
) -> tuple[float, bool | None, int]:
    """What a w is, whether it adds to the gap, and when playing began."""
    waited = [each for each in between if each.waits]
    line = _line(waited)
    if line is None:
        if leading:
            notes.append("playing is taken to begin with the answer: nothing tells them apart")
            return first / leading, None, 0
        notes.append(
            f"whether a w is added to the gap or replaces it is not in it (try {SUGGESTED})"
        )
        return median(each.silence / each.waits for each in waited), None, first
    wait, rest = line
    adds = None
    if gap is None or gap <= 3 * _EXACT:
        notes.append("whether a w is added to the gap cannot be told without a gap")
    else:
        adds = abs(rest - gap) < abs(rest)
    return wait, adds, round(first - leading * wait)


def _line(waited: Sequence[_Between]) -> tuple[float, float] | None:
    """The straight line through silences over waits: what each wait adds, and what is there
    without any. None where all waits are equal."""
    if len({each.waits for each in waited}) < 2:
        return None
    count = len(waited)
    mean_x = sum(each.waits for each in waited) / count
    mean_y = sum(each.silence for each in waited) / count
    slope = sum((each.waits - mean_x) * (each.silence - mean_y) for each in waited) / sum(
        (each.waits - mean_x) ** 2 for each in waited
    )
    return slope, mean_y - slope * mean_x
