"""Where there is speech, music, noise, or nothing, in a recording of a telephone line.

No model: speech changes from moment to moment, music holds its notes, noise has no notes, and a
pause is what is left. Each threshold is measured against the line's own noise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twiml.lab.listening.frames import around, decibels, runs
from twiml.lab.listening.spectra import FINE_STEP, STEP, Spectra
from twiml.lab.listening.wav import Samples

Mask = NDArray[np.bool_]

NOTHING = -60.0  # dBFS: below it a line is quiet, whatever is on it
JOINED = 250  # ms: shorter silences belong to speech (a stop consonant, a breath)
STANDS_OUT = 8.0  # dB by which a voice must be above the noise to be found at all
_BURST = 100  # ms: shorter sounds are clicks
_RANGE = 38.0  # dB below the loudest voice: what is weaker is its echo or another line's
_ABOVE, _EDGE_ABOVE = 4.5, 3.5  # dB above the noise, where it does not waver at all
_LOUDEST = 100  # the level that all the loudest moments together hold for a second
_AROUND = 10  # s on either side, in which a line's noise is taken as constant
_HELD = 0.85  # two spectra as alike as this hold the same notes
_MUSIC_SHARE, _MUSIC_SPAN = 0.4, 2000
_SHORTEST_MUSIC = 1500
_EVEN, _TONAL = 8.0, 0.04  # dB, flatness: fast notes are not held, but even and without hiss
_HISS = 0.33
_MOST_WAVERING = 4.0  # dB: what a babble of voices wavers by
_SURE = 300  # steps of 10 ms that are needed to tell a new noise from a long consonant


class Background(NamedTuple):
    """The line's noise: its usual level, and that of the voices above it (dBFS)."""

    noise: float
    voice: float

    @property
    def stands_out(self) -> float:
        """By how much voices are louder than the noise (dB)."""
        return self.voice - self.noise


def music(spectra: Spectra, besides: Mask) -> Mask:
    """Where music plays, every 10 ms; ``besides`` is what has a name already."""
    known = besides[:: FINE_STEP // STEP][: len(spectra.loud)]
    known = np.pad(known, (0, len(spectra.loud) - len(known)))
    loud = (spectra.changing > NOTHING + 10) & ~known
    span = _MUSIC_SPAN // FINE_STEP
    held = _share((spectra.steady > _HELD) & loud, span)
    even = _even(spectra, loud, span)
    found = ((held > _MUSIC_SHARE) | even) & (_share(loud, span) > 0.5)
    mask = np.repeat(found, FINE_STEP // STEP)[: len(spectra.level)]
    mask = np.pad(mask, (0, len(spectra.level) - len(mask)), mode="edge") & ~besides
    return _trimmed(spectra, mask)


def _even(spectra: Spectra, loud: Mask, span: int) -> Mask:
    """Where sound goes on evenly and without hiss for longer than a voice can."""
    result = np.zeros(len(loud), bool)
    for start in range(0, len(loud), span // 2):
        piece = slice(start, start + span)
        if not loud[piece].all():
            continue
        weak, strong = np.quantile(spectra.changing[piece], [0.1, 0.9])
        if strong - weak < _EVEN and np.median(spectra.hiss[piece]) < _TONAL:
            result[piece] = True
    return result


def _trimmed(spectra: Spectra, mask: Mask) -> Mask:
    """Music without the silence at its ends, and no shorter than music is."""
    result = np.zeros_like(mask)
    for first, behind in runs(mask):
        level = spectra.level[first:behind]
        sounding = np.flatnonzero(level > np.quantile(level, 0.9) - 20)
        begin, end = first + int(sounding[0]), first + int(sounding[-1]) + 1
        if (end - begin) * STEP >= _SHORTEST_MUSIC:
            result[begin:end] = True
    return result


def voices(spectra: Spectra, besides: Mask) -> tuple[Mask, Mask, Background]:
    """Where somebody speaks, where a noise breaks in (every 10 ms), and the line's background."""
    level = spectra.level
    fine, coarse = _smoothed(level, 3, besides), _smoothed(level, 11, besides)
    nothing = np.zeros(len(level), bool)
    rest = fine[~besides]
    if not len(rest):
        return nothing, nothing, Background(-100.0, -100.0)
    voice = float(np.partition(rest, -min(_LOUDEST, len(rest)))[-min(_LOUDEST, len(rest))])
    floor, wavering = _noise(coarse, spectra.hiss, besides)
    background = Background(round(float(np.median(floor)), 1), round(voice, 1))
    if background.stands_out < STANDS_OUT or voice < NOTHING + 10:
        return nothing, nothing, background
    lowest = voice - _RANGE
    core = (coarse > np.maximum(floor + np.maximum(_ABOVE, 2.2 * wavering), lowest)) & ~besides
    edge = (fine > np.maximum(floor + np.maximum(_EDGE_ABOVE, 2 * wavering), lowest)) & ~besides
    spoken, noise = nothing.copy(), nothing.copy()
    for first, behind in _phrases(core, edge, besides):
        hissing = float(np.median(spectra.hiss[_moments(first, behind)]))
        (noise if hissing > _HISS else spoken)[first:behind] = True
    return spoken, noise, background


def _moments(first: int, behind: int) -> slice:
    ratio = FINE_STEP // STEP
    return slice(first // ratio, max(behind // ratio, first // ratio + 1))


def _noise(level: Samples, hiss: Samples, besides: Mask) -> tuple[Samples, Samples]:
    """The noise around each moment (dBFS), and by how much it wavers (dB)."""
    second = 1000 // STEP
    count = -(-len(level) // second)
    floor, wavering = np.full(count, np.nan), np.zeros(count)
    for index in range(count):
        first, behind = max(0, index - _AROUND) * second, (index + _AROUND + 1) * second
        near = level[first:behind][~besides[first:behind]]
        if len(near) < second:
            continue
        least, usual = np.quantile(near, [0.02, 0.15])
        floor[index] = max(usual, NOTHING - 5)
        wavering[index] = min(usual - least, _MOST_WAVERING) if usual > NOTHING - 5 else 0
        # Where the noise of a line begins or ends, one side alone tells what it is.
        here = index * second
        for side in (slice(first, here + second), slice(here, behind)):
            beyond = _hiss_of(level, hiss, besides, side)
            if beyond > floor[index] + _ABOVE:
                floor[index], wavering[index] = beyond, 1
    known = np.flatnonzero(~np.isnan(floor))
    if not len(known):  # less than a second is left between the tones: take it as it is
        rest = level[~besides]
        floor[:] = max(float(np.quantile(rest, 0.15)) if len(rest) else NOTHING, NOTHING - 5)
    else:
        floor = np.interp(np.arange(count), known, floor[known])
    wide = [np.repeat(each, second)[: len(level)].astype(np.float32) for each in (floor, wavering)]
    return wide[0], wide[1]


def _hiss_of(level: Samples, hiss: Samples, besides: Mask, side: slice) -> float:
    """The level of what is weakest on one side, if that hisses; else nothing."""
    near = level[side][~besides[side]]
    if len(near) < _SURE:
        return NOTHING
    usual, weak = np.quantile(near, [0.15, 0.3])
    moments = np.arange(side.start, min(side.stop, len(level)))[~besides[side]]
    flat = hiss[np.minimum(moments[near <= weak] * STEP // FINE_STEP, len(hiss) - 1)]
    return float(usual) if float(np.median(flat)) > _HISS else NOTHING


def _phrases(core: Mask, edge: Mask, besides: Mask) -> list[tuple[int, int]]:
    """Stretches of speech: what stands out, to where it fades, with short silences inside."""
    reach = 150 // STEP
    phrases: list[tuple[int, int]] = []
    for first, behind in runs(core):
        near = slice(max(0, first - reach), behind + reach)
        sounding = np.flatnonzero(edge[near])
        if not len(sounding):
            continue
        # Smoothing reaches a step beyond the sound on either side.
        begin, end = near.start + int(sounding[0]) + 1, near.start + int(sounding[-1])
        before = phrases[-1][1] if phrases else -len(core)
        if (begin - before) * STEP < JOINED and not besides[before:begin].any():
            phrases[-1] = (phrases[-1][0], max(end, before))
        else:
            phrases.append((begin, end))
    return [(a, b) for a, b in phrases if (b - a) * STEP >= _BURST]


def _smoothed(level: Samples, count: int, besides: Mask) -> Samples:
    """The mean power around each moment, without what has a name already."""
    counted = ~besides
    power = np.where(counted, np.float32(10) ** (level / 10), 0)
    mean = around(power, count) / np.maximum(around(counted, count), 1)
    return decibels(np.asarray(mean, np.float32))


def _share(mask: Mask, span: int) -> NDArray[np.float64]:
    """The share of set places in the ``span`` around each, less at the ends."""
    return around(mask, span) / span
