"""A form counts only if it comes from a page that we gave to the same browser.

The page sets a random cookie; its form carries a token that is signed over the cookie and over what
the form is for. Another site can read neither.
"""

from __future__ import annotations

import re
import secrets

from flask import Response, request

from verification.codes import Keyring, Unsealable, same

FIELD = "csrf_token"
_PURPOSE = "csrf.v1"
_COOKIE = "lineproof-csrf"
_VALUE = re.compile(r"[0-9a-f]{32}", re.ASCII)


def issue(keyring: Keyring, subject: str) -> tuple[str, str]:
    """The cookie's value (the browser's, or a new one) and the form's token for a subject."""
    value = _given() or secrets.token_hex(16)
    return value, keyring.link(_PURPOSE, [value, subject])


def remember(response: Response, value: str) -> Response:
    """Set the cookie on a page with a form."""
    response.set_cookie(
        _name(), value, secure=request.is_secure, httponly=True, samesite="Strict", path="/"
    )
    return response


def is_valid(keyring: Keyring, subject: str, token: str) -> bool:
    """Whether a form's token belongs to this browser's cookie and this subject."""
    value = _given()
    try:
        of_cookie, of_subject = keyring.read_link(_PURPOSE, token)
    except (Unsealable, ValueError):
        return False
    return value is not None and same(str(of_cookie), value) and str(of_subject) == subject


def _given() -> str | None:
    value = request.cookies.get(_name(), "")
    return value if _VALUE.fullmatch(value) else None


def _name() -> str:
    """A browser takes the prefix only over https, and then from no other host."""
    return f"__Host-{_COOKIE}" if request.is_secure else _COOKIE
