"""Planted people, and a scan of files for them in every form that bytes of theirs may have.

Each has a number and a name that nobody else has, so that one look at a file tells whom it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PdfReadError

_FIRST = 234_0000
# An accent, so that a name is written differently in each encoding.
_NAMES = re.compile(
    rb"Zo(?:\xc3\xa9|\xe9|\\u00e9|=C3=A9|=E9|%C3%A9|%c3%a9|&eacute;|&#233;|&#xe9;|e)-(q[a-z]{5})"
)
_NUMBERS = re.compile(rb"902[\s().=A-F-]{0,4}(\d{3})[\s.-]{0,2}(\d{4})")


def code(person: int) -> str:
    """The part of a person's name that is his alone."""
    letters = []
    for _ in range(5):
        person, letter = divmod(person, 26)
        letters.append(chr(ord("a") + letter))
    return "q" + "".join(letters)


def name(person: int) -> str:
    return f"Zoé-{code(person)} Roy"


def number(person: int) -> str:
    return f"+1902{_FIRST + person}"


def named(files: Path) -> set[int]:
    """Whom a file names."""
    return within(files.read_bytes(), mail=files.suffix == ".eml")


def within(content: bytes, mail: bool = False) -> set[int]:
    """Whom bytes name, as UTF-8, Latin-1, UTF-16, JSON, a URL, and in the parts of a mail."""
    found = set(_plain(content))
    for half in (content[::2], content[1::2]):  # UTF-16 of letters that have a zero byte each
        if b"\x00" in content:
            found |= set(_plain(half))
    if mail:
        read = BytesParser(policy=policy.default).parsebytes(content)
        for part in read.walk():
            decoded = part.get_payload(decode=True)
            if not isinstance(decoded, bytes):  # what holds other parts
                continue
            found |= set(_plain(decoded))
            found |= set(_plain(_text(decoded))) if decoded.startswith(b"%PDF") else set()
        found |= set(_plain("\n".join(map(str, read.values())).encode()))
    return found


def _text(pdf: bytes) -> bytes:
    try:
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).encode()
    except PdfReadError:
        return b""


def _plain(content: bytes) -> Iterator[int]:
    for found in _NAMES.finditer(content):
        yield sum((letter - ord("a")) * 26**place for place, letter in enumerate(found[1][1:]))
    for found in _NUMBERS.finditer(content):
        yield int(found[1] + found[2]) - _FIRST
