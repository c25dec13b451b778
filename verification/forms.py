"""A form or query read strictly: what cannot be read whole is refused, nothing is dropped."""

from __future__ import annotations

from urllib.parse import parse_qsl

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
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=most_fields,
        )
    except ValueError:
        raise UnreadableForm(
            f"The form must be name=value pairs joined by &, percent-encoded UTF-8, "
            f"at most {most_fields} of them"
        ) from None
    if any("\x00" in name or "\x00" in value for name, value in pairs):
        raise UnreadableForm("A form has no NUL characters")
    return pairs
