"""Which keys were pressed, when, and for how long: DTMF found in sound.

A key is two tones (ITU-T Q.23), held steady, at nearly equal strength (Q.24: the lower at most
8 dB above the higher one, or 4 dB below), for at least 40 ms. Speech and music have such pairs by
chance; what they do not have is a pair that is steady, exact in pitch, and alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twiml.lab.listening.frames import PER_MS, RATE, SILENCE, runs, windows
from twiml.lab.listening.wav import Samples

LOW = (697, 770, 852, 941)
HIGH = (1209, 1336, 1477, 1633)
PAD = ("123A", "456B", "789C", "*0#D")

SHORTEST = 35  # Q.24 demands 40 ms; an edge is found to within some milliseconds
BRIDGED = 30  # a lost packet of 20 ms does not make two keys of one; a gap of 40 ms does
WEAKEST = 10 ** (-45 / 20)  # of one tone; Q.24's receivers go down to about -30 dBFS
LOW_STRONGER, HIGH_STRONGER = 10 ** (9 / 20), 10 ** (5 / 20)  # Q.24, and 1 dB for measuring
OFF_PITCH = 0.016  # Q.24: 1.5 % must be accepted, 3.5 % refused
OFF_PITCH_HZ = 2.5  # what noise adds in a short tone
STEADY = 1.7  # between its strong and its weak parts (4.6 dB): notes fade, voices waver
REST = 0.45  # power of everything else, against the two tones (3.5 dB below)
LOUDEST_OTHER = 0.25  # the strongest single tone beside them, against the weaker (12 dB below)

_SIZE, _HOP = 160, 40  # 20 ms, long enough to part 697 from 770 Hz; every 5 ms
_SMOOTH = 64  # 8 ms: short enough for edges, long enough to keep the two groups apart
_ANGLES = 2j * np.pi / RATE


class Pressed(NamedTuple):
    """One key: which, when its tone begins, how long it lasts (ms), how strong it is (dBFS)."""

    key: str
    onset: int
    length: int
    level: float

    @property
    def end(self) -> int:
        """When its tone ends (ms)."""
        return self.onset + self.length


@dataclass(frozen=True, slots=True)
class _Burst:
    key: str
    onset: float  # in samples
    end: float
    power: float


def pressed(samples: Samples) -> list[Pressed]:
    """Return the keys in sound of 8000 samples a second, in order."""
    bursts: list[_Burst] = []
    for key, first, last in _candidates(samples):
        burst = _examined(samples, key, first, last)
        if burst is None or (bursts and burst.onset < bursts[-1].end):
            continue
        before = bursts[-1] if bursts else None
        if before and before.key == key and burst.onset - before.end < BRIDGED * PER_MS:
            bursts[-1] = _Burst(key, before.onset, burst.end, max(before.power, burst.power))
        else:
            bursts.append(burst)
    return [
        Pressed(
            burst.key,
            round(burst.onset / PER_MS),
            round((burst.end - burst.onset) / PER_MS),
            round(10 * float(np.log10(burst.power)), 1),
        )
        for burst in bursts
        if burst.end - burst.onset >= SHORTEST * PER_MS
    ]


def _candidates(samples: Samples) -> list[tuple[str, int, int]]:
    """Where two tones of a key stand out, as samples: cheap, and generous."""
    time = np.arange(_SIZE)[:, None]
    turning = np.exp(-_ANGLES * time * np.array([*LOW, *HIGH]))
    # The Goertzel sums of all windows at once: real and imaginary parts as two matrix products.
    basis = np.concatenate((turning.real, turning.imag), axis=1).astype(np.float32) * (2 / _SIZE)
    found = [_marked(rows, basis) for rows in windows(samples, _SIZE, _HOP)]
    marks = np.concatenate(found)
    candidates = []
    for key in range(16):
        for first, behind in runs(marks == key):
            if behind - first >= 2:
                name = PAD[key // 4][key % 4]
                candidates.append((name, first * _HOP, (behind - 1) * _HOP + _SIZE))
    return sorted(candidates, key=lambda candidate: candidate[1])


def _marked(rows: Samples, basis: Samples) -> NDArray[np.int8]:
    sums = rows @ basis
    size = np.sqrt(sums[:, :8] ** 2 + sums[:, 8:] ** 2)
    low, high = np.sort(size[:, :4], axis=1), np.sort(size[:, 4:], axis=1)
    strong_low, strong_high = low[:, 3], high[:, 3]
    power = np.maximum(np.einsum("ij,ij->i", rows, rows) / _SIZE, SILENCE)
    good = (strong_low > WEAKEST) & (strong_high > WEAKEST)
    good &= (strong_low < LOW_STRONGER * strong_high) & (strong_high < HIGH_STRONGER * strong_low)
    good &= (strong_low > 1.8 * low[:, 2]) & (strong_high > 1.8 * high[:, 2])
    good &= (strong_low**2 + strong_high**2) / 2 > 0.6 * power
    key = 4 * np.argmax(size[:, :4], axis=1) + np.argmax(size[:, 4:], axis=1)
    return np.where(good, key, -1).astype(np.int8)


def _examined(samples: Samples, key: str, first: int, last: int) -> _Burst | None:
    """Look closely at one candidate: its edges, pitch, steadiness, and what else is there."""
    row = next(index for index, keys in enumerate(PAD) if key in keys)
    tones = LOW[row], HIGH[PAD[row].index(key)]
    start = max(0, first - _SIZE)
    piece = samples[start : last + _SIZE]
    turned = [_demodulated(piece, tone) for tone in tones]
    middle = slice((first + _SIZE // 2) - start, max(last - _SIZE // 2, first + 120) - start)
    usual = [float(np.median(np.abs(wave[middle]))) for wave in turned]
    envelope = np.minimum(np.abs(turned[0]) / usual[0], np.abs(turned[1]) / usual[1])
    inside = envelope > 0.5
    centre = (first + last) // 2 - start
    stretch = [run for run in runs(inside) if run[0] <= centre < run[1]]
    if not stretch:
        return None
    onset, end = stretch[0]
    core = slice(onset + _SMOOTH // 2, end - _SMOOTH // 2)
    if end - onset < 2 * _SMOOTH or not all(_steady(wave[core]) for wave in turned):
        return None
    pitches = [tone + _drift(wave[core]) for tone, wave in zip(tones, turned, strict=True)]
    for tone, pitch in zip(tones, pitches, strict=True):
        if abs(pitch - tone) > tone * OFF_PITCH + OFF_PITCH_HZ:
            return None
    if not _alone(piece[core], pitches):
        return None
    return _Burst(key, start + onset, start + end, (usual[0] ** 2 + usual[1] ** 2) / 2)


def _demodulated(piece: Samples, tone: float) -> NDArray[np.complex128]:
    """The tone's size and phase at each sample: turned to zero, and smoothed."""
    turning = piece * np.exp(-_ANGLES * tone * np.arange(len(piece)))
    summed = np.concatenate(([0], np.cumsum(turning)))
    half = _SMOOTH // 2
    padded = np.pad(summed, (half, half), mode="edge")
    sums = padded[_SMOOTH : _SMOOTH + len(piece)] - padded[: len(piece)]
    return np.asarray(sums * (2 / _SMOOTH), np.complex128)


def _steady(core: NDArray[np.complex128]) -> bool:
    if not len(core):
        return False
    weak, strong = np.quantile(np.abs(core), [0.1, 0.9])
    return bool(strong < STEADY * weak)


def _drift(core: NDArray[np.complex128]) -> float:
    """By how many hertz the tone differs from the one it was turned by."""
    # The phase between places as far apart as may be, without a full turn: half of the core.
    step = max(1, min(len(core) // 2, _SMOOTH))
    turn = np.angle(np.sum(core[step:] * np.conj(core[:-step])))
    return float(turn) * RATE / (2 * np.pi * step)


def _alone(core: Samples, pitches: list[float]) -> bool:
    """Whether little is left when the two tones are taken away."""
    time = np.arange(len(core))
    basis = np.stack(
        [f(2 * np.pi * pitch / RATE * time) for pitch in pitches for f in (np.cos, np.sin)], axis=1
    )
    weights, *_ = np.linalg.lstsq(basis, core.astype(np.float64), rcond=None)
    rest = core - basis @ weights
    tones = np.hypot(weights[::2], weights[1::2])
    window = np.hanning(len(core))
    spectrum = np.abs(np.fft.rfft(rest * window)) * 2 / max(window.sum(), 1)
    spectrum[: int(250 * len(core) / RATE) + 1] = 0  # the hum of the mains is not a voice
    power = float(np.mean(rest**2)) / max(float(np.sum(tones**2)) / 2, SILENCE)
    return power < REST and float(spectrum.max(initial=0)) < LOUDEST_OTHER * float(tones.min())
