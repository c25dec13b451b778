"""Errors of Lineproof's own paths: problem details (RFC 9457), where Twilio has no say."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, jsonify

PREFIX = "/lineproof/"
MEDIA_TYPE = "application/problem+json"


def is_ours(path: str) -> bool:
    """Whether a path is one of Lineproof's own, and none of Twilio's."""
    return path.startswith(PREFIX)


def problem(status: int, detail: str) -> Response:
    """The answer of an error: its status in words, and what is wrong."""
    response = jsonify(
        type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail
    )
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    return response
