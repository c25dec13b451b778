"""A certificate as a PDF to be printed: what it says, the evidence, and the signed text itself."""

from __future__ import annotations

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from verification.adapters.letter_pdf import BOLD, PLAIN, embedded, printed
from verification.certificate_sheet import Sheet

MARGIN = 60.0
_TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=18, leading=24, spaceAfter=10)
_HEAD = ParagraphStyle("head", fontName=BOLD, fontSize=11, leading=16, spaceBefore=14)
_TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=9, leading=13)
_SMALL = ParagraphStyle("small", fontName=PLAIN, fontSize=7, leading=10, wordWrap="CJK")
_GREY = HexColor("#d8dce3")


def certificate_pdf(sheet: Sheet) -> bytes:
    """Pages of US Letter."""
    embedded()
    file = io.BytesIO()
    texts = sheet.texts
    headings = (texts["when"], texts["who"], texts["what"])
    story: list[Flowable] = [
        Paragraph(escape(printed(texts["title"])), _TITLE),
        _table(sheet.facts, (95, 395)),
        _head(texts["proves"]),
        *map(_text, sheet.proves),
        _head(texts["evidence"]),
        _table([headings, *sheet.evidence], (105, 105, 280)),
        _text(sheet.chain),
        _head(texts["signed"]),
        _text(sheet.check),
        Spacer(1, 6),
        Paragraph(escape(sheet.signed), _SMALL),
    ]
    pages = SimpleDocTemplate(
        file,
        pagesize=LETTER,
        title=f"{texts['title']} {sheet.sid}",
        lang=sheet.language,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        initialFontName=PLAIN,
    )
    pages.build(story)
    return file.getvalue()


def _head(text: str) -> Paragraph:
    return Paragraph(escape(printed(text)), _HEAD)


def _text(text: str) -> Paragraph:
    return Paragraph(escape(printed(text)), _TEXT)


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    cells = [[_text(cell) for cell in row] for row in rows]
    style = [("LINEBELOW", (0, 0), (-1, -1), 0.5, _GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(cells, colWidths=list(widths), style=style, hAlign="LEFT")
