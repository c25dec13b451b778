"""The report as sound: the whole call as the callee's line carries it, 8 kHz mono, 16 bit."""

from __future__ import annotations

import array
import io
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable, Sequence
from functools import lru_cache

from twiml.emulator.audio import (
    SPEECH_LEVEL,
    file_of,
    hold_down,
    mix,
    murmur,
    played,
    ringback,
)
from twiml.emulator.dtmf import RATE, tone
from twiml.lab.report import Report, Spoken

LONGEST_MS = 15 * 60_000
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
        ringback(samples, ring.start, ring.end)
    for one in report.spoken:
        mix(samples, one.start, _sound(one, speak), one.end - one.start)
    for key in report.keys:
        if key.at is not None:
            hold_down(samples, key.at, key.ms)
            mix(samples, key.at, tone(key.key, key.ms), key.ms)
    return file_of([samples])


def _sound(one: Spoken, speak: Speaker) -> Sequence[float]:
    if one.kind == "says":
        return speak(one.text, one.whole)
    return played(one.text, one.whole)


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
    scale = SPEECH_LEVEL / peak * 1.6
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
