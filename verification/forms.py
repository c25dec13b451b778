"""A form or query read strictly: what cannot be read whole is refused, nothing is dropped."""

from __future__ import annotations

from urllib.parse import unquote_plus

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST_BYTES = 64 * 1024
MOST_FIELDS = 100


class UnreadableForm(ValueError):
    """The bytes are no form of ours; the message says what is allowed."""


def read(
    body: bytes, most_fields: int = MOST_FIELDS, most_bytes: int = MOST_BYTES
) -> list[tuple[str, str]]:
    """The names and values in their order. Raises UnreadableForm."""
    if len(body) > most_bytes:
        raise UnreadableForm(f"A form has at most {most_bytes} bytes")
    if not body:
        return []
    try:
        fields = body.decode("ascii").split("&", most_fields)
        if len(fields) > most_fields:
            raise ValueError("too many fields")
        pairs = [_pair(one) for one in fields]
    except ValueError:
        raise UnreadableForm(
            f"The form must be name=value pairs joined by &, percent-encoded UTF-8, "
            f"at most {most_fields} of them"
        ) from None
    if any("\x00" in name or "\x00" in value for name, value in pairs):
        raise UnreadableForm("A form has no NUL characters")
    return pairs


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError("no value")
    return _decoded(name), _decoded(value)


def _decoded(text: str) -> str:
    # Most of what Twilio sends is sent as it is.
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text
