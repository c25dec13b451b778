"""Errors of our own paths, ``/lineproof/v1/``: problem details for HTTP (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify

PREFIX = "/lineproof/"
MEDIA_TYPE = "application/problem+json"


def are_answered_on(path: str) -> bool:
    """Whether errors of this path are problems, and not in Twilio's shape."""
    return path.startswith(PREFIX)


def shaped(code: int, status: int, detail: str, more: dict[str, Any] | None = None) -> Response:
    """The answer of an error. ``type`` is none of a page: ``title`` and ``code`` say what it is.

    ``code``: the number that Twilio's paths answer for the same; ``more``: further members.
    """
    response = jsonify(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        **(more or {}),
    )
    response.mimetype = MEDIA_TYPE
    return response
