"""Sentences in another language, also those in which something differs from case to case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_PLACE = re.compile(r"\{(\w+)\}")
_OWN_WORDS = "said"
LONGEST = 4000  # characters; nothing of ours is longer

Word = Callable[[str], "str | None"]


class Phrases:
    """Sentences and their translations.

    ``{name}`` in both stands for what differs. What fills it is translated too, unless its name
    begins with ``said``: that is somebody's own words. Of several sentences that fit, the first
    counts. The time is bounded by the length of the text, whatever stands in it.
    """

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._whole = {text: other for text, other in sentences.items() if "{" not in text}
        self._parted = [
            (_PLACE.split(text), other) for text, other in sentences.items() if "{" in text
        ]

    def find(self, text: str, word: Word) -> str | None:
        """Return the translation, None if no sentence fits.

        ``word`` translates what stands in a place and is no sentence, or gives None.
        """
        if text in self._whole:
            return self._whole[text]
        if len(text) > LONGEST:
            return None
        for parts, other in self._parted:
            found = _filling(parts, text)
            if found is not None:
                filled = {
                    name: part if name.startswith(_OWN_WORDS) else self._part(part, word)
                    for name, part in found.items()
                }
                return _PLACE.sub(lambda place: filled[place[1]], other)  # noqa: B023  used at once
        return None

    def _part(self, part: str, word: Word) -> str:
        return word(part) or self.find(part, word) or part


def _filling(parts: list[str], text: str) -> dict[str, str] | None:
    """What fills the places of a sentence: each as little as it can be. None if it does not fit.

    ``parts``: texts and names of places by turns, from a text to a text.
    """
    first, last = parts[0], parts[-1]
    end = len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last) or end < len(first):
        return None
    filled, at = {}, len(first)
    for name, literal in zip(parts[1:-2:2], parts[2:-1:2], strict=True):
        found = text.find(literal, at, end)
        if found < 0:
            return None
        filled[name] = text[at:found]
        at = found + len(literal)
    filled[parts[-2]] = text[at:end]
    return filled
