"""What a person understands of a spoken sentence, in English, French and Spanish."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_PRESS = r"(?:press|appuyez\s+sur|tapez|oprima|pulse|marque|presione)"
_BETWEEN = r"(?:\s+(?:the|number|digit|key|sur|le|la|el|chiffre|touche|n[uú]mero|tecla|d[ií]gito))*"
_WORDS = {
    **dict.fromkeys(("zero", "zéro", "cero"), "0"),
    **dict.fromkeys(("one", "un", "une", "uno"), "1"),
    **dict.fromkeys(("two", "deux", "dos"), "2"),
    **dict.fromkeys(("three", "trois", "tres"), "3"),
    **dict.fromkeys(("four", "quatre", "cuatro"), "4"),
    **dict.fromkeys(("five", "cinq", "cinco"), "5"),
    **dict.fromkeys(("six", "seis"), "6"),
    **dict.fromkeys(("seven", "sept", "siete"), "7"),
    **dict.fromkeys(("eight", "huit", "ocho"), "8"),
    **dict.fromkeys(("nine", "neuf", "nueve"), "9"),
}
_DIGIT = re.compile(rf"\b{_PRESS}{_BETWEEN}\s+(\d(?:\s+\d)*|{'|'.join(_WORDS)})\b", re.I)
_STAR = re.compile(rf"\b{_PRESS}{_BETWEEN}\s+(?:\*|star|[ée]toile|asterisco|estrella)", re.I)
_CODE = re.compile(
    r"(?:\b(?:6|six)[\s-]+(?:digits?|chiffres)\b)|(?:\b(?:6|seis)\s+(?:d[ií]gitos|cifras)\b)", re.I
)


class Understood(NamedTuple):
    """The key (or keys) to press, whether star refuses, and whether the code is asked for."""

    press: str | None
    star: bool
    code: bool


@lru_cache(maxsize=1024)
def understand(sentence: str) -> Understood:
    """Return what a sentence asks for."""
    found = _DIGIT.search(sentence)
    press = None
    if found is not None:
        word = found[1].lower()
        press = _WORDS.get(word, word.replace(" ", ""))
    return Understood(press, _STAR.search(sentence) is not None, _CODE.search(sentence) is not None)
