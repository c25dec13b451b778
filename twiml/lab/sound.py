"""The report as sound: the whole call as the callee's line carries it, 8 kHz mono, 16 bit."""

from __future__ import annotations

import array
import io
import math
import random
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable, Sequence
from functools import lru_cache

from twiml.lab.dtmf import RATE, tone
from twiml.lab.report import Report, Spoken

LONGEST_MS = 15 * 60_000
_SPEECH_LEVEL = 0.22
_UNDER_A_KEY = 0.15
_RINGBACK = (440, 480)  # North America's: 2 s of both, 4 s of silence
_RING_ON, _RING_EVERY, _RING_LEVEL = 2000, 6000, 0.06
_BEEP, _BEEP_LEVEL = 1000, 0.2
_FAX = 2100
_MELODY = (262, 330, 392, 523, 392, 330)  # one sine at a time is no key of any telephone
_NOTE_MS, _MUSIC_LEVEL = 450, 0.08
_SYLLABLES = 4.0  # a second: the pace at which speech swells and fades
_USUAL_PACE, _SLOWEST, _FASTEST = 165, 80, 450

Speaker = Callable[[str, int], Sequence[float]]


def wav(report: Report, speaker: Speaker | None = None) -> bytes:
    """Return the call as a WAV file; its first sample is the moment of dialling.

    ``speaker`` makes a text last so many ms: by default espeak-ng where it is installed, else noise
    that is shaped like speech. Calls are cut off after LONGEST_MS.
    """
    speak = speaker or (espeak if shutil.which("espeak-ng") else murmur)
    samples = [0.0] * (min(report.length, LONGEST_MS) * RATE // 1000)
    for ring in report.ringing:
        for start in range(ring.start, ring.end, _RING_EVERY):
            length = min(_RING_ON, ring.end - start)
            _mix(samples, start, _sines(_RINGBACK, length, _RING_LEVEL), length)
    for one in report.spoken:
        _mix(samples, one.start, _sound(one, speak), one.end - one.start)
    for key in report.keys:
        if key.at is not None:
            _hold_down(samples, key.at, key.ms)
            _mix(samples, key.at, tone(key.key, key.ms), key.ms)
    return _file(samples)


def _sound(one: Spoken, speak: Speaker) -> Sequence[float]:
    if one.kind == "says":
        return speak(one.text, one.whole)
    if one.text == "beep":
        return _sines((_BEEP,), one.whole, _BEEP_LEVEL)
    if one.text == "fax tone":
        return _sines((_FAX,), one.whole, _BEEP_LEVEL)
    return _music(one.whole)


def _mix(samples: list[float], start: int, sound: Sequence[float], ms: int) -> None:
    first = start * RATE // 1000
    most = min(len(sound), ms * RATE // 1000, len(samples) - first)
    for n in range(most):
        samples[first + n] += sound[n]


def _hold_down(samples: list[float], start: int, ms: int) -> None:
    """Make what is said while a key sounds quieter, so that a decoder takes it for one key."""
    for n in range(start * RATE // 1000, min(len(samples), (start + ms) * RATE // 1000)):
        samples[n] *= _UNDER_A_KEY


def _sines(frequencies: Sequence[int], ms: int, level: float) -> list[float]:
    steps = [2 * math.pi * frequency / RATE for frequency in frequencies]
    return [level * sum(math.sin(step * n) for step in steps) for n in range(ms * RATE // 1000)]


def _music(ms: int) -> list[float]:
    found: list[float] = []
    place = 0
    while len(found) < ms * RATE // 1000:
        note = _sines((_MELODY[place % len(_MELODY)],), _NOTE_MS, _MUSIC_LEVEL)
        found += [sample * (1 - n / len(note)) for n, sample in enumerate(note)]
        place += 1
    return found


def murmur(text: str, ms: int) -> list[float]:
    """Return noise that swells and fades like speech, the same for the same text."""
    chance = random.Random(text)  # noqa: S311  a sound, repeatable
    step = 2 * math.pi * _SYLLABLES / 2 / RATE
    found, smooth = [], 0.0
    for n in range(ms * RATE // 1000):
        smooth += 0.25 * (chance.uniform(-1, 1) - smooth)
        found.append(_SPEECH_LEVEL * smooth * abs(math.sin(step * n)))
    return found


@lru_cache(maxsize=256)
def espeak(text: str, ms: int) -> Sequence[float]:
    """Return a text spoken by espeak-ng, as long as the model says it lasts.

    It is spoken twice: the second time at the pace that gives the length, and what is then still
    missing is stretched. A text that it cannot speak is murmured.
    """
    samples = _spoken(text, _USUAL_PACE)
    wanted = ms * RATE // 1000
    if not samples or not wanted:
        return murmur(text, ms)
    pace = round(_USUAL_PACE * len(samples) / wanted)
    if pace != _USUAL_PACE:
        samples = _spoken(text, min(_FASTEST, max(_SLOWEST, pace))) or samples
    return _stretched(samples, wanted)


def _spoken(text: str, pace: int) -> list[float]:
    command = ["espeak-ng", "--stdout", "-s", str(pace), "--stdin"]
    try:
        done = subprocess.run(  # noqa: S603  the text goes in by stdin, nothing of it is an option
            command, input=text.encode(), capture_output=True, timeout=20, check=True
        )
        with wave.open(io.BytesIO(done.stdout), "rb") as file:
            rate = file.getframerate()
            data = array.array("h", file.readframes(file.getnframes()))
    except (OSError, subprocess.SubprocessError, wave.Error, EOFError, ValueError):
        return []
    if sys.byteorder == "big":
        data.byteswap()
    peak = max(map(abs, data), default=0) or 1
    while data and abs(data[-1]) < peak // 100:
        data.pop()
    scale = _SPEECH_LEVEL / peak * 1.6
    return _stretched([sample * scale for sample in data], len(data) * RATE // rate)


def _stretched(samples: Sequence[float], length: int) -> list[float]:
    """The same sound in another number of samples, by straight lines between the old ones."""
    if length <= 1 or len(samples) <= 1:
        return list(samples[:length])
    step = (len(samples) - 1) / (length - 1)
    found = []
    for n in range(length):
        place = n * step
        whole = min(int(place), len(samples) - 2)
        part = place - whole
        found.append(samples[whole] * (1 - part) + samples[whole + 1] * part)
    return found


def _file(samples: Sequence[float]) -> bytes:
    data = array.array("h", (round(32_767 * max(-1.0, min(1.0, one))) for one in samples))
    if sys.byteorder == "big":
        data.byteswap()
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes(data.tobytes())
    return held.getvalue()
