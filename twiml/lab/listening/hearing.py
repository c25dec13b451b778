"""A whole recording, heard: its segments one after another, and its keys."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twiml.lab.listening import activity, keys, tones
from twiml.lab.listening.activity import Background, Mask
from twiml.lab.listening.frames import PER_MS, around, at_telephone_rate
from twiml.lab.listening.keys import Pressed
from twiml.lab.listening.spectra import STEP, look
from twiml.lab.listening.wav import Recording, Samples

SPEECH, PAUSE, MUSIC, NOISE, KEY = "speech", "pause", "music", "noise", "key"
KINDS = (PAUSE, NOISE, SPEECH, MUSIC, *tones.NAMES, KEY)
SIDES = ("left", "right")
_ECHO = 60  # ms: the same key in both channels is one key
_OUTWEIGHS = 1.25


class Segment(NamedTuple):
    """One stretch of a recording: its kind (of KINDS), from when to when (ms)."""

    kind: str
    begin: int
    end: int

    @property
    def ms(self) -> int:
        """How long it is."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Channel:
    """What one channel holds. The segments cover all of it; ``level`` is dBFS every 10 ms."""

    segments: tuple[Segment, ...]
    keys: tuple[Pressed, ...]
    background: Background
    level: Samples

    def total(self, kind: str) -> int:
        """How long this kind lasts in all (ms)."""
        return sum(segment.ms for segment in self.segments if segment.kind == kind)


@dataclass(frozen=True, slots=True)
class Heard:
    """The IVR's channel of a recording, and the keys of all channels.

    ``side`` is which channel that is; ``notes`` say what was decided on the way.
    """

    ivr: Channel
    keys: tuple[Pressed, ...]
    milliseconds: int
    side: str
    notes: tuple[str, ...]


def hear(recording: Recording, side: str | None = None) -> Heard:
    """Hear a recording. ``side`` is the IVR's channel; without it, the one that speaks more.

    Raises ValueError for the right channel of a recording that has one.
    """
    if side == "right" and len(recording.channels) == 1:
        raise ValueError("the recording has one channel: there is no right one")
    sounds = [at_telephone_rate(samples, recording.rate) for samples in recording.channels]
    channels = [channel(samples) for samples in sounds]
    notes: list[str] = []
    if len(channels) == 1:
        return Heard(channels[0], channels[0].keys, recording.milliseconds, "mono", ())
    chosen = SIDES.index(side) if side else _who_speaks(channels, notes)
    everything = sorted((key for each in channels for key in each.keys), key=lambda key: key.onset)
    return Heard(
        channels[chosen],
        tuple(_without_echo(everything)),
        recording.milliseconds,
        SIDES[chosen],
        tuple(notes),
    )


def channel(samples: Samples) -> Channel:
    """Hear one channel of 8000 samples a second."""
    spectra = look(samples)
    found = tuple(keys.pressed(samples))
    kinds = np.zeros(len(spectra.level), np.int8)
    for key in found:
        _paint(kinds, KEY, key.onset, key.end)
    # Around a key nothing is judged: its tones reach into the windows before and after it.
    taken = _near(kinds > 0)
    for tone in tones.call_progress(spectra):
        if not taken[tone.begin // STEP : tone.end // STEP].any():
            _paint(kinds, tone.name, tone.begin, tone.end)
    named = kinds > 0
    playing = activity.music(spectra, _near(named))
    spoken, noise, background = activity.voices(spectra, _near(named) | playing)
    for mask, kind in ((playing, MUSIC), (spoken, SPEECH), (noise, NOISE)):
        kinds[mask & ~named] = KINDS.index(kind)
    length = len(samples) // PER_MS
    return Channel(_segments(kinds, length), found, background, spectra.level)


def _near(mask: Mask) -> Mask:
    return np.asarray(around(mask, 5) > 0.5)


def _paint(kinds: NDArray[np.int8], kind: str, begin: int, end: int) -> None:
    kinds[begin // STEP : -(-end // STEP)] = KINDS.index(kind)


def _segments(kinds: NDArray[np.int8], length: int) -> tuple[Segment, ...]:
    changes = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    segments = []
    for first, behind in pairwise(changes):
        begin, end = first * STEP, min(behind * STEP, length)
        if begin < end:
            segments.append(Segment(KINDS[kinds[first]], begin, end))
    return tuple(segments)


def _who_speaks(channels: list[Channel], notes: list[str]) -> int:
    """Say which of two channels is the IVR's: it talks more, and presses no keys."""
    spoken = [each.total(SPEECH) for each in channels]
    more = int(spoken[1] > spoken[0])
    shares = " and ".join(f"{ms / 1000:.1f} s" for ms in spoken)
    if spoken[more] > _OUTWEIGHS * spoken[1 - more]:
        notes.append(f"the {SIDES[more]} channel is taken for the IVR: speech lasts {shares}")
        return more
    pressed = [len(each.keys) for each in channels]
    chosen = int(pressed[0] > pressed[1]) if pressed[0] != pressed[1] else more
    notes.append(
        f"both channels speak about as much ({shares}): the {SIDES[chosen]} one is taken for "
        "the IVR; --channel says otherwise"
    )
    return chosen


def _without_echo(everything: list[Pressed]) -> list[Pressed]:
    kept: list[Pressed] = []
    for key in everything:
        before = kept[-1] if kept else None
        if before and before.key == key.key and key.onset < before.end + _ECHO:
            if key.level > before.level:
                kept[-1] = key
            continue
        kept.append(key)
    return kept
