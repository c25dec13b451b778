"""Speech: a text as the sentences that it is spoken in, and how long they take."""

from __future__ import annotations

import re
from functools import lru_cache

from twiml.emulator.actions import Say
from twiml.emulator.timing import Timing

_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_AVERAGE_LETTERS = 5


def sentences(text: str, timing: Timing, *, keys: bool = False) -> tuple[Say, ...]:
    """Split a text where a speaker would breathe; ``keys``: each may be broken off by a key.

    A letter takes its share of an average word of five letters at ``words_per_minute``; digits
    are read singly (Twilio: Say page, for digits that are written apart).
    """
    lengths = timing.spoken_digit, timing.comma, timing.full_stop
    return _sentences(text, keys, timing.words_per_minute, *lengths)


def speech_ms(text: str, timing: Timing) -> int:
    """Return how long the whole text takes to say (ms)."""
    lengths = timing.spoken_digit, timing.comma, timing.full_stop
    return _speech_ms(text, timing.words_per_minute, *lengths)


@lru_cache(maxsize=4096)
def _speech_ms(text: str, pace: int, digit: int, comma: int, stop: int) -> int:
    return sum(sentence.ms for sentence in _sentences(text, False, pace, digit, comma, stop))


@lru_cache(maxsize=4096)
def _sentences(
    text: str, keys: bool, pace: int, digit: int, comma: int, stop: int
) -> tuple[Say, ...]:
    parts = (part.strip() for part in _END_OF_SENTENCE.split(text.strip()))
    return tuple(Say(part, _spoken(part, pace, digit, comma, stop), keys) for part in parts if part)


def _spoken(text: str, pace: int, digit: int, comma: int, stop: int) -> int:
    letters = sum(len(word) for word in _WORD.findall(text))
    digits = sum(character.isdigit() for character in text)
    pauses = comma * sum(text.count(mark) for mark in ",;:")
    return letters * 60_000 // (pace * _AVERAGE_LETTERS) + digits * digit + pauses + stop
