"""A peer: a bare Flask route that answers every webhook with one constant document.

``BENCH_DOCUMENT`` is the file that holds it. Nothing is checked and nothing is kept: no application
on Flask and gunicorn can be quicker.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

DOCUMENT = Path(os.environ["BENCH_DOCUMENT"]).read_text()

app = Flask(__name__)


@app.post("/tw/v1/<door>/<token>")
def webhook(door: str, token: str) -> Response:
    """The same to everybody."""
    return Response(DOCUMENT, content_type="text/xml; charset=utf-8")


@app.get("/healthz")
def health() -> str:
    """Whether it runs."""
    return "ok"
