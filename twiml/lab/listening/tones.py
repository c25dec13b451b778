"""The tones with which a network says how a call goes, by name: ringing, busy, no such number.

Pitches and rhythms: ITU-T E.180 and its list of national tones, E.180.1; T.30 for fax.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twiml.lab.listening.frames import runs
from twiml.lab.listening.spectra import FINE_STEP, STEP, Spectra

RING, BUSY, FAST_BUSY, DIAL = "ring-back", "busy", "fast busy", "dial tone"
NO_SERVICE, FAX, BEEP = "special information", "fax", "beep"
NAMES = (RING, BUSY, FAST_BUSY, DIAL, NO_SERVICE, FAX, BEEP)

_OFF_PITCH = 12  # Hz: E.180 allows 15 at most
_SHORTEST = 120
_QUIETEST = -50.0
_PURE = 0.8
_SINGLE = 12.0  # dB below which a second tone is none
_APART = 9.0  # dB by which a tone stands out of what is around it
_SPECIAL = ((900, 1000), (1350, 1450), (1740, 1800))  # E.180: 950, 1400, 1800 Hz; AT&T's variants
_PAIRS = {(440, 480): RING, (400, 450): RING, (480, 620): BUSY, (350, 440): DIAL}
_EUROPE = (400, 450)  # one tone for everything; only its rhythm tells
_REACH = 6  # steps of 10 ms: half the window in which pitch is measured
_LASTING = 4  # steps of 20 ms: between two tones the window holds both for less
_WAVERING = 5  # Hz: a hummed sound is pure too, but never holds its pitch
_SHORTEST_BEEP = 180
_CONTINUOUS = 4000
_SHORT_BURST, _BUSY_BURST = 320, 650


class Tone(NamedTuple):
    """One stretch of one or two steady tones: what it means, from when to when (ms)."""

    name: str
    begin: int
    end: int


class _Burst(NamedTuple):
    pitches: tuple[float, ...]
    begin: int
    end: int


def call_progress(spectra: Spectra) -> list[Tone]:
    """Return the network's tones in a recording, in order."""
    bursts = _bursts(spectra)
    named: list[Tone] = []
    index = 0
    while index < len(bursts):
        if _special(bursts[index : index + 3]):
            named.append(Tone(NO_SERVICE, bursts[index].begin, bursts[index + 2].end))
            index += 3
            continue
        burst = bursts[index]
        if _apart(spectra, burst):
            near = [other for other in bursts if _same(other.pitches, burst.pitches)]
            named.append(Tone(_name(burst, near), burst.begin, burst.end))
        index += 1
    return [tone for tone in named if tone.name]


def _bursts(spectra: Spectra) -> list[_Burst]:
    single = spectra.weaker > _SINGLE
    purity = np.where(single, spectra.pure[:, 0], spectra.pure[:, 1])
    good = (purity > _PURE) & (spectra.loud > _QUIETEST)
    bursts: list[_Burst] = []
    for first, behind in runs(good):
        start = first
        for index in range(first, behind):
            here, there = _pitches(spectra, index, single), _pitches(spectra, start, single)
            if not _same(here, there):
                _add(bursts, spectra, single, start, index)
                start = index
        _add(bursts, spectra, single, start, behind)
    return bursts


def _add(
    bursts: list[_Burst], spectra: Spectra, single: NDArray[np.bool_], first: int, behind: int
) -> None:
    held = spectra.tones[first + 1 : behind - 1, 0]
    if behind - first < _LASTING or (single[first] and float(np.ptp(held)) > _WAVERING):
        return
    middle = (first + behind) // 2
    begin, end = _edges(spectra, first, behind)
    if end - begin < _SHORTEST:
        return
    pitches = _pitches(spectra, middle, single)
    if bursts and _same(bursts[-1].pitches, pitches) and begin <= bursts[-1].end + 2 * STEP:
        bursts[-1] = bursts[-1]._replace(end=max(end, bursts[-1].end))
    else:
        bursts.append(_Burst(pitches, begin, end))


def _edges(spectra: Spectra, first: int, behind: int) -> tuple[int, int]:
    """Where the tone is at least half as strong as in its middle (ms)."""
    ratio = FINE_STEP // STEP
    level = spectra.level
    low, high = first * ratio, min(behind * ratio, len(level))
    lowest, highest = max(0, low - _REACH), min(len(level), high + _REACH)
    enough = float(np.median(level[low:high])) - 6
    while low > lowest and level[low - 1] >= enough:
        low -= 1
    while low < high and level[low] < enough:
        low += 1
    while high < highest and level[high] >= enough:
        high += 1
    while high > low and level[high - 1] < enough:
        high -= 1
    return low * STEP, high * STEP


def _pitches(spectra: Spectra, index: int, single: NDArray[np.bool_]) -> tuple[float, ...]:
    tones = spectra.tones[index]
    if single[index]:
        return (float(tones[0]),)
    return (float(tones.min()), float(tones.max()))


def _same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) <= _OFF_PITCH for a, b in zip(one, other, strict=True)
    )


def _apart(spectra: Spectra, burst: _Burst) -> bool:
    """Whether there is little beside the tone: in music there are other notes."""
    level = spectra.level
    first, behind = burst.begin // STEP, burst.end // STEP
    own = float(np.median(level[first:behind]))
    before, after = level[max(0, first - 8) : max(0, first - 3)], level[behind + 3 : behind + 8]
    return all(not len(side) or float(np.median(side)) < own - _APART for side in (before, after))


def _special(bursts: list[_Burst]) -> bool:
    """E.180: three tones, each higher than the one before, one right after the other."""
    if len(bursts) < 3 or any(len(burst.pitches) > 1 for burst in bursts):
        return False
    close = all(b.begin - a.end < 100 for a, b in pairwise(bursts))
    return close and all(
        low <= burst.pitches[0] <= high for burst, (low, high) in zip(bursts, _SPECIAL, strict=True)
    )


def _name(burst: _Burst, alike: list[_Burst]) -> str:
    lasts = burst.end - burst.begin
    for pitches, name in _PAIRS.items():
        if _same(burst.pitches, pitches):
            return FAST_BUSY if name == BUSY and lasts < _SHORT_BURST else name
    if len(burst.pitches) > 1:
        return ""
    pitch = burst.pitches[0]
    if abs(pitch - 1100) <= 38 or abs(pitch - 2100) <= 15:
        return FAX if lasts > 400 else BEEP
    if not _EUROPE[0] - _OFF_PITCH <= pitch <= _EUROPE[1] + _OFF_PITCH:
        return BEEP if lasts >= _SHORTEST_BEEP else ""
    if lasts >= _CONTINUOUS:
        return DIAL
    pauses = [b.begin - a.end for a, b in pairwise(alike)]
    if lasts < _BUSY_BURST and pauses and min(pauses) < _BUSY_BURST:
        return FAST_BUSY if lasts < _SHORT_BURST else BUSY
    return RING if lasts > _SHORT_BURST else BEEP
