"""What each moment of a recording sounds like, in figures: strength, purity, steadiness, hiss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twiml.lab.listening.frames import RATE, SILENCE, decibels, windows
from twiml.lab.listening.wav import Samples

STEP = 10  # ms between two moments of `Spectra.level`
FINE_STEP = 20  # ms between two of all others
_SHORT, _SHORT_HOP = 160, 80
_LONG, _LONG_HOP = 1024, 160  # 128 ms: parts tones that are 20 Hz apart
_VOICE = slice(7, 69)  # 350 to 3400 Hz in the short window: above the mains' hum
_BIN = RATE / _LONG
_FIRST, _LAST = int(250 / _BIN), int(3400 / _BIN)
_LATER = 6  # steps of 20 ms: the next window that shares nearly nothing with this one


@dataclass(frozen=True, slots=True)
class Spectra:
    """One recording's figures. ``level`` (dBFS) is taken every 10 ms, all others every 20 ms.

    ``loud`` is the strength of everything from 250 Hz on, ``changing`` of what is not always there.
    ``tones`` holds the two strongest tones (Hz, the stronger first); ``weaker`` is how far the
    second is below the first (dB); ``pure`` the share of all power that lies in the first alone
    and in both. ``steady`` is how alike the spectrum is 120 ms later (0 to 1), with everything
    taken away that never changes. ``hiss`` is the spectrum's flatness: 0 a tone, 0.56 white noise.
    """

    level: Samples
    loud: Samples
    changing: Samples
    tones: Samples
    weaker: Samples
    pure: Samples
    steady: Samples
    hiss: Samples


def look(samples: Samples) -> Spectra:
    """Take the figures of sound at 8000 samples a second."""
    constant = _constant(samples)
    parts: list[tuple[NDArray[np.float32], ...]] = []
    tail = np.zeros((0, _LAST - _FIRST), np.float32)
    for rows in windows(np.pad(samples, _LONG // 2), _LONG, _LONG_HOP):
        power = _power(rows)
        voice = power[:, _FIRST:_LAST]
        changing = np.sqrt(np.maximum(voice - 3 * constant, 0))
        strength = decibels(np.einsum("ij,ij->i", changing, changing))
        joined = np.concatenate((tail, changing))
        tail = joined[-_LATER:]
        parts.append((strength, *_peaks(power), _flatness(voice), _alike(joined)))
    changed, loud, tones, weaker, pure, hiss, alike = (
        np.concatenate([part[index] for part in parts]) for index in range(7)
    )
    # Each moment is as steady as the steadier of its two neighbourhoods.
    ahead = np.concatenate((alike, np.zeros(len(loud) - len(alike), np.float32)))
    behind = np.concatenate((np.zeros(len(loud) - len(alike), np.float32), alike))
    steady = np.maximum(ahead, behind)
    return Spectra(_level(samples), loud, changed, tones, weaker, pure, steady, hiss)


def _level(samples: Samples) -> Samples:
    window = np.hanning(_SHORT).astype(np.float32)
    scale = 2 / float(np.sum(window**2)) / _SHORT
    padded = np.pad(samples, (_SHORT // 2, _SHORT // 2))
    powers = [
        np.sum(np.abs(np.fft.rfft(rows * window)[:, _VOICE]) ** 2, axis=1) * scale
        for rows in windows(padded, _SHORT, _SHORT_HOP)
    ]
    return decibels(np.concatenate(powers))


def _power(rows: Samples) -> NDArray[np.float32]:
    window = np.hanning(_LONG).astype(np.float32)
    scale = 2 / float(np.sum(window**2)) / _LONG
    spectrum = np.fft.rfft(rows * window)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) * scale, np.float32)


def _constant(samples: Samples) -> NDArray[np.float32]:
    """The power that every bin has nearly always: hum, hiss, a carrier."""
    hop = max(_LONG_HOP, len(samples) // 4000)
    power = np.concatenate([_power(rows) for rows in windows(samples, _LONG, hop)])
    return np.asarray(np.quantile(power[:, _FIRST:_LAST], 0.1, axis=0), np.float32)


def _peaks(power: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """The two strongest tones of each moment, and how much of all the power they are."""
    voice = power[:, _FIRST - 2 : _LAST + 2].copy()
    total = np.maximum(voice.sum(axis=1), SILENCE)
    here = np.arange(len(voice))
    found, shares = [], []
    for _ in range(2):
        top = np.clip(np.argmax(voice, axis=1), 2, voice.shape[1] - 3)
        near = top[:, None] + np.arange(-2, 3)
        around = voice[here[:, None], near]
        weight = np.maximum(around.sum(axis=1), SILENCE)
        found.append(((around * near).sum(axis=1) / weight + _FIRST - 2) * _BIN)
        shares.append(weight / total)
        voice[here[:, None], near] = 0
    tones = np.stack(found, axis=1).astype(np.float32)
    weaker = decibels(np.asarray(shares[0] / np.maximum(shares[1], SILENCE), np.float32))
    pure = np.stack((shares[0], shares[0] + shares[1]), axis=1).astype(np.float32)
    return decibels(total), tones, weaker, pure


def _flatness(voice: NDArray[np.float32]) -> NDArray[np.float32]:
    floor = np.maximum(voice, SILENCE * 1e-3)
    geometric = np.exp(np.mean(np.log(floor), axis=1))
    return np.asarray(geometric / np.mean(floor, axis=1), np.float32)


def _alike(sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    """How alike each moment is to the one 120 ms later, where any pair is."""
    now, later = sizes[:-_LATER] ** 2, sizes[_LATER:] ** 2
    product = np.einsum("ij,ij->i", now, later)
    norms = np.sqrt(np.einsum("ij,ij->i", now, now) * np.einsum("ij,ij->i", later, later))
    return np.asarray(product / np.maximum(norms, SILENCE**2), np.float32)
