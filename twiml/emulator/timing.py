"""What Twilio leaves undocumented about time, each under a name of its own.

A run that hides such a number proves nothing: every report prints :meth:`Timing.describe`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import NamedTuple

from verification.extension import Tones


@dataclass(frozen=True, slots=True)
class Timing:
    """Lengths in milliseconds where nothing else is said. The defaults are assumptions.

    ``tone``, ``gap`` and ``waits_add`` are those of :class:`verification.extension.Tones`;
    ``latency`` is both the time from answer to the first request and, where it is not measured,
    the time that a request takes.
    """

    tone: int = 250
    gap: int = 70
    waits_add: bool = True
    shortest_tone: int = 40
    carry_keys: bool = False
    latency: int = 75
    setup: int = 500
    words_per_minute: int = 165
    spoken_digit: int = 400
    comma: int = 200
    full_stop: int = 350
    media: int = 3000
    record_beep: int = 500
    error_message: int = 5000
    amd_human: int = 3000
    amd_machine: int = 4000
    request_total: int = 15_000
    callback_shuffle: int = 5000

    @property
    def tones(self) -> Tones:
        """How a string of digits is played."""
        return Tones(self.tone, self.gap, self.waits_add)

    def describe(self) -> str:
        """Return all parameters as lines of ``name = value``, with units."""
        return "\n".join(
            _described(field.name, getattr(self, field.name)) for field in fields(self)
        )


class Sentence(NamedTuple):
    """One spoken sentence and how long it takes (ms)."""

    text: str
    ms: int


_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_AVERAGE_LETTERS = 5


@lru_cache(maxsize=2048)
def sentences(text: str, timing: Timing) -> tuple[Sentence, ...]:
    """Split a text where a speaker would breathe, and say how long each sentence takes.

    A letter takes its share of an average word of five letters at ``words_per_minute``; digits
    are read singly (Twilio: Say page, for digits that are written apart).
    """
    parts = (part.strip() for part in _END_OF_SENTENCE.split(text.strip()))
    return tuple(Sentence(part, _spoken(part, timing)) for part in parts if part)


def speech_ms(text: str, timing: Timing) -> int:
    """Return how long the whole text takes to say (ms)."""
    return sum(sentence.ms for sentence in sentences(text, timing))


def _spoken(text: str, timing: Timing) -> int:
    letters = sum(len(word) for word in _WORD.findall(text))
    digits = sum(character.isdigit() for character in text)
    pauses = timing.comma * sum(text.count(mark) for mark in ",;:")
    words = letters * 60_000 // (timing.words_per_minute * _AVERAGE_LETTERS)
    return words + digits * timing.spoken_digit + pauses + timing.full_stop


_NO_UNIT = {"waits_add", "carry_keys"}


def _described(name: str, value: int) -> str:
    if name in _NO_UNIT:
        return f"{name} = {'yes' if value else 'no'}"
    return f"{name} = {value}" if name == "words_per_minute" else f"{name} = {value} ms"
