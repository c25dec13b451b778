"""Tables that a browser keeps as files, and that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from verification.console.pages import HEADERS

# A program that opens the table takes a cell that begins so for a formula; some read the wide
# forms of the same characters alike.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def download(name: str, rows: Iterable[str]) -> Response:
    """An answer that the browser keeps as a file."""
    response = Response(rows, mimetype="text/csv")
    response.headers.update(HEADERS)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def line_of(cells: Sequence[str]) -> str:
    """One line of a table."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def harmless(text: str) -> str:
    """A cell that is a text to every program."""
    return f"'{text}" if text.startswith(_FORMULA) else text
