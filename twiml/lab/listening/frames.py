"""Sound at the telephone's rate, and the short windows in which it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from twiml.lab.listening.wav import Samples

RATE = 8000
PER_MS = RATE // 1000
AT_ONCE = 1 << 12  # windows worked on together: enough for numpy's speed, little memory
SILENCE = 1e-10  # a power of -100 dB, below anything that a line carries
_ZEROS = 16  # crossings of the low-pass on either side: 60 dB of what would fold back are gone


def at_telephone_rate(samples: Samples, rate: int) -> Samples:
    """Return the sound with 8000 samples a second, without what those cannot carry.

    A low-pass (a sinc under a Kaiser window) at 90 % of the lower rate's half, evaluated only
    where an output sample lies.
    """
    if rate == RATE:
        return samples
    common = gcd(rate, RATE)
    up, down = RATE // common, rate // common
    cutoff = 0.9 * min(1.0, RATE / rate)  # of the input's half rate
    half = int(np.ceil(_ZEROS / cutoff))
    padded = np.pad(samples, (half, half + down + 1))
    total = len(samples) * up // down
    result = np.zeros(total, np.float32)
    reach = np.arange(-half, half + 1)
    for phase in range(min(up, total)):
        whole, part = divmod(phase * down, up)
        taps = _low_pass(reach - part / up, half + 1, cutoff)
        wanted = result[phase::up]
        rows = sliding_window_view(padded, 2 * half + 1)[whole::down][: len(wanted)]
        for start in range(0, len(wanted), AT_ONCE):
            wanted[start : start + AT_ONCE] = rows[start : start + AT_ONCE] @ taps
    return result


def _low_pass(at: NDArray[np.floating[Any]], half: int, cutoff: float) -> Samples:
    window = np.i0(6 * np.sqrt(np.clip(1 - (at / half) ** 2, 0, 1))) / np.i0(6)
    taps = cutoff * np.sinc(cutoff * at) * window
    return np.asarray(taps / taps.sum(), np.float32)


def windows(samples: Samples, size: int, hop: int) -> Iterator[Samples]:
    """Yield the windows of ``size`` samples, one every ``hop``, many rows at a time."""
    if len(samples) < size:
        samples = np.pad(samples, (0, size - len(samples)))
    rows = sliding_window_view(samples, size)[::hop]
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def decibels(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return powers as decibels below full scale."""
    return np.asarray(10 * np.log10(np.maximum(power, SILENCE)), np.float32)


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where a mask is set: the first index of each stretch, and the one behind it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def around(values: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Return the sum of the ``count`` values around each, with zeros beyond the ends."""
    half = count // 2
    return np.convolve(values, np.ones(count), "full")[half : half + len(values)]
