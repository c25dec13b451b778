"""A certificate as a PDF to be printed: what it says, the evidence, and the signed text itself."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from verification import proofs
from verification.adapters.letter_pdf import BOLD, PLAIN, embedded, printed
from verification.audit import Entry

MARGIN = 60.0
_TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=18, leading=24, spaceAfter=10)
_HEAD = ParagraphStyle("head", fontName=BOLD, fontSize=11, leading=16, spaceBefore=14)
_TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=9, leading=13)
_SMALL = ParagraphStyle("small", fontName=PLAIN, fontSize=7, leading=10, wordWrap="CJK")
_KNOWERS = {
    1: "the account",
    2: "the account, and whoever held the owner's link",
}
_GREY = HexColor("#d8dce3")


def certificate_pdf(
    certificate: str, said: Mapping[str, Any], trail: Sequence[Entry], keys_url: str
) -> bytes:
    """Pages of US Letter. ``trail``: what was written down of the order, in order."""
    embedded()
    file = io.BytesIO()
    number = said.get("phone_number") or f"pseudonym {said['number_pseudonym']}"
    facts = [
        ("Number", number),
        ("Order", said["sub"]),
        ("Account", f"{said['account_name']} ({said['account_sid']})"),
        ("Verified", _utc(said["verified_at"])),
        ("Method", proofs.METHODS[said["method"]]),
        ("Consent", _consent(said["consent"])),
        *(
            [("Code known to", _KNOWERS[len(said["code_known_to"])])]
            if "code_known_to" in said
            else []
        ),
        ("Issued", f"{_utc(said['iat'])} by {said['iss']}"),
    ]
    evidence = [(_utc(entry.at), entry.actor, entry.text) for entry in trail]
    story: list[Flowable] = [
        Paragraph("Certificate of control of a telephone line", _TITLE),
        _table(facts, (90, 400)),
        Paragraph("What it proves", _HEAD),
        _text(said["proves"]),
        _text(said["proves_not"]),
        Paragraph("Evidence", _HEAD),
        _table(evidence, (135, 65, 290)),
        _text(
            f"Row {said['audit']['row']} of the audit trail has the hash {said['audit']['hash']}."
        ),
        Paragraph("The signed certificate", _HEAD),
        _text(f"Check it offline with: lineproof proof verify FILE, and the keys of {keys_url}"),
        Spacer(1, 6),
        Paragraph(escape(certificate), _SMALL),
    ]
    pages = SimpleDocTemplate(
        file,
        pagesize=LETTER,
        title=f"Certificate {said['sub']}",
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        initialFontName=PLAIN,
    )
    pages.build(story)
    return file.getvalue()


def _text(text: str) -> Paragraph:
    return Paragraph(escape(printed(text)), _TEXT)


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    cells = [[_text(cell) for cell in row] for row in rows]
    style = [("LINEBELOW", (0, 0), (-1, -1), 0.5, _GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(cells, colWidths=list(widths), style=style, hAlign="LEFT")


def _consent(consent: Mapping[str, Any]) -> str:
    if not consent.get("given"):
        return "The person was not asked by this method."
    count = consent["random_keys"]
    return f"Given on the phone by pressing {count} random key{'s' if count > 1 else ''}."


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
