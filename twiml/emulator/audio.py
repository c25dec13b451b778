"""What a line sounds like: a murmur for speech, tones, ringing, music; and WAV files of it.

Samples are numbers from -1 to 1, RATE of them a second.
"""

from __future__ import annotations

import array
import io
import math
import random
import sys
import wave
from collections.abc import Sequence
from functools import lru_cache

from twiml.emulator.dtmf import RATE

SPEECH_LEVEL = 0.22
_UNDER_A_KEY = 0.15
_RINGBACK = (440, 480)  # North America's: 2 s of both, 4 s of silence
_RING_ON, _RING_EVERY, _RING_LEVEL = 2000, 6000, 0.06
_BEEP, _BEEP_LEVEL = 1000, 0.2
_FAX = 2100
_MELODY = (262, 330, 392, 523, 392, 330)  # one sine at a time is no key of any telephone
_NOTE_MS, _MUSIC_LEVEL = 450, 0.08
_SYLLABLES = 4.0  # a second: the pace at which speech swells and fades


def mix(samples: list[float], start: int, sound: Sequence[float], ms: int) -> None:
    """Add ``ms`` of a sound to the samples, from ``start`` (ms) on."""
    first = start * RATE // 1000
    most = min(len(sound), ms * RATE // 1000, len(samples) - first)
    for n in range(most):
        samples[first + n] += sound[n]


def hold_down(samples: list[float], start: int, ms: int) -> None:
    """Make what is said while a key sounds quieter, so that a decoder takes it for one key."""
    for n in range(start * RATE // 1000, min(len(samples), (start + ms) * RATE // 1000)):
        samples[n] *= _UNDER_A_KEY


def sines(frequencies: Sequence[int], ms: int, level: float) -> list[float]:
    """Return ``ms`` of sines of one level each."""
    steps = [2 * math.pi * frequency / RATE for frequency in frequencies]
    return [level * sum(math.sin(step * n) for step in steps) for n in range(ms * RATE // 1000)]


def ringback(samples: list[float], start: int, end: int) -> None:
    """Mix in what is heard while a phone rings from ``start`` to ``end`` (ms)."""
    for moment in range(start, end, _RING_EVERY):
        length = min(_RING_ON, end - moment)
        mix(samples, moment, sines(_RINGBACK, length, _RING_LEVEL), length)


def played(text: str, ms: int) -> Sequence[float]:
    """Return the sound of what is played: a beep, a fax tone; everything else is music."""
    if text == "beep":
        return sines((_BEEP,), ms, _BEEP_LEVEL)
    if text == "fax tone":
        return sines((_FAX,), ms, _BEEP_LEVEL)
    return _music(ms)


def _music(ms: int) -> list[float]:
    found: list[float] = []
    place = 0
    while len(found) < ms * RATE // 1000:
        note = sines((_MELODY[place % len(_MELODY)],), _NOTE_MS, _MUSIC_LEVEL)
        found += [sample * (1 - n / len(note)) for n, sample in enumerate(note)]
        place += 1
    return found


@lru_cache(maxsize=64)
def murmur(text: str, ms: int) -> Sequence[float]:
    """Return a voice without words that swells and fades like speech, the same for the same text.

    It is a buzz whose pitch glides, with some breath: noise alone would be taken for noise.
    """
    chance = random.Random(text)  # noqa: S311  a sound, repeatable
    step = 2 * math.pi * _SYLLABLES / 2 / RATE
    glide = 2 * math.pi * (0.9 + 0.8 * chance.random()) / RATE
    pitch = 2 * math.pi * (100 + 40 * chance.random()) / RATE
    found, breath, phase = array.array("f"), 0.0, 0.0
    for n in range(ms * RATE // 1000):
        phase += pitch * (1 + 0.25 * math.sin(glide * n))
        breath += 0.25 * (chance.random() - 0.5 - breath)
        buzz = math.sin(phase) + 0.7 * math.sin(2 * phase) + 0.5 * math.sin(4 * phase)
        found.append(SPEECH_LEVEL * (0.35 * buzz + breath) * abs(math.sin(step * n)))
    return found


def file_of(channels: Sequence[Sequence[float]]) -> bytes:
    """Return a WAV file of one or two channels of the same length: 16 bit, RATE."""
    whole = zip(*channels, strict=True)
    data = array.array("h", (_whole(one) for frame in whole for one in frame))
    if sys.byteorder == "big":
        data.byteswap()
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setparams((len(channels), 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes(data.tobytes())
    return held.getvalue()


def _whole(sample: float) -> int:
    return round(32_767 * max(-1.0, min(1.0, sample)))
