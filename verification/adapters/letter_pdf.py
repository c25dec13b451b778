"""The signed letter as a PDF: the letter, every number, the signature page.

The fonts are embedded (Bitstream Vera, which reportlab brings), so that accents print everywhere. A
letter that they lack is printed without its accent, or as a question mark.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from functools import lru_cache

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from verification.letters import Letter, Signature, utc

PLAIN, BOLD = "LineproofVera", "LineproofVeraBold"
MARGIN = 60.0
WIDTH, HEIGHT = LETTER
COLUMNS = 5
SMALL, NORMAL, LARGE = 8.0, 10.0, 18.0

_REGISTERING = threading.Lock()  # reportlab's fonts are the process's


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    plain = TTFont(PLAIN, "Vera.ttf")
    pdfmetrics.registerFont(plain)
    pdfmetrics.registerFont(TTFont(BOLD, "VeraBd.ttf"))
    return frozenset(plain.face.charToGlyph)


def printed(text: str) -> str:
    """A text as the embedded fonts can print it."""
    return "".join(_printed(character) for character in text)


def _printed(character: str) -> str:
    if ord(character) in _glyphs():
        return character
    bases = "".join(c for c in unicodedata.normalize("NFKD", character) if ord(c) in _glyphs())
    return bases or ("" if unicodedata.combining(character) else "?")


def embedded() -> None:
    """Make PLAIN and BOLD known to reportlab."""
    with _REGISTERING:
        _glyphs()


def letter_pdf(letter: Letter, signature: Signature) -> bytes:
    """The letter, its numbers and its signature page, as a PDF of US Letter pages."""
    embedded()
    return _Pages(letter, signature).whole()


class _Pages:
    """One PDF while it is drawn, from the top of each page down."""

    def __init__(self, letter: Letter, signature: Signature) -> None:
        self._letter = letter
        self._signature = signature
        self._file = io.BytesIO()
        self._canvas = Canvas(
            self._file,
            pagesize=LETTER,
            pageCompression=1,
            lang=letter.language,
            initialFontName=PLAIN,
        )
        self._canvas.setTitle(f"{letter.words.title} {letter.document_sid}")
        self._canvas.setSubject(letter.digest)
        self._y = HEIGHT - MARGIN
        self._page = 1

    def whole(self) -> bytes:
        """Draw everything."""
        self._letter_page()
        self._numbers()
        self._new_page()
        self._signature_page()
        self._foot()
        self._canvas.save()
        return self._file.getvalue()

    def _letter_page(self) -> None:
        self._lines((self._letter.words.title,), BOLD, LARGE)
        self._y -= NORMAL
        for paragraph in self._letter.paragraphs:
            self._lines((paragraph,))
            self._y -= NORMAL / 2
        self._y -= NORMAL / 2
        for label, lines in self._letter.facts:
            self._fact(label, lines)

    def _numbers(self) -> None:
        """Columns of numbers, read from left to right."""
        count = len(self._letter.numbers)
        self._y -= NORMAL
        self._room(4 * NORMAL)
        self._lines((f"{self._letter.words.labels['numbers']} ({count})",), BOLD)
        step = (WIDTH - 2 * MARGIN) / COLUMNS
        self._canvas.setFont(PLAIN, NORMAL)
        for start in range(0, count, COLUMNS):
            if self._room(1.4 * NORMAL):
                self._canvas.setFont(PLAIN, NORMAL)
            self._y -= 1.4 * NORMAL
            for column, number in enumerate(self._letter.numbers[start : start + COLUMNS]):
                self._canvas.drawString(MARGIN + column * step, self._y, number)

    def _signature_page(self) -> None:
        words, signature = self._letter.words.signature, self._signature
        self._lines((words["title"],), BOLD, LARGE)
        self._y -= NORMAL
        self._lines((signature.name,), PLAIN, LARGE)
        self._canvas.line(MARGIN, self._y - 4, WIDTH - MARGIN, self._y - 4)
        self._y -= 2 * NORMAL
        for label, line in (
            (words["signed_by"], signature.name),
            (words["signed_at"], utc(signature.signed_at)),
            (words["remote_address"], signature.remote_address),
            (words["user_agent"], signature.user_agent),
            (words["consent"], self._letter.words.consent),
            (self._letter.words.labels["document"], self._letter.document_sid),
            (words["digest"], self._letter.digest),
        ):
            self._fact(label, (line,))

    def _fact(self, label: str, lines: tuple[str, ...]) -> None:
        self._room(3 * NORMAL)
        self._canvas.setFont(BOLD, NORMAL)
        self._canvas.drawString(MARGIN, self._y - 1.4 * NORMAL, printed(label))
        self._lines(lines, indent=150.0)

    def _lines(
        self,
        texts: tuple[str, ...],
        font: str = PLAIN,
        size: float = NORMAL,
        indent: float = 0.0,
    ) -> None:
        width = WIDTH - 2 * MARGIN - indent
        for text in texts:
            for line in simpleSplit(printed(text), font, size, width):
                for piece in _pieces(line, font, size, width):
                    self._room(1.4 * size)
                    self._y -= 1.4 * size
                    self._canvas.setFont(font, size)
                    self._canvas.drawString(MARGIN + indent, self._y, piece)

    def _room(self, height: float) -> bool:
        """Make sure that there is room; True if it took a new page."""
        if self._y - height >= MARGIN:
            return False
        self._new_page()
        return True

    def _new_page(self) -> None:
        self._foot()
        self._canvas.showPage()
        self._page += 1
        self._y = HEIGHT - MARGIN

    def _foot(self) -> None:
        self._canvas.setFont(PLAIN, SMALL)
        page = f"{self._letter.words.signature['page']} {self._page}"
        self._canvas.drawString(MARGIN, MARGIN / 2, self._letter.document_sid)
        self._canvas.drawRightString(WIDTH - MARGIN, MARGIN / 2, page)


def _pieces(line: str, font: str, size: float, width: float) -> list[str]:
    """A line without a space that is wider than the page, in pieces."""
    pieces = [""]
    for character in line:
        if pdfmetrics.stringWidth(pieces[-1] + character, font, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
