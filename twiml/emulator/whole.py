"""Numbers and texts from strangers: read within bounds, and shown without flooding a log."""

from __future__ import annotations

_MOST_DIGITS = 9
_MOST_SHOWN = 60


def whole(text: str) -> int | None:
    """Return a whole number of at most nine digits (as seconds: 31 years); None for other text.

    The bound comes before int(), which raises ValueError from 4301 digits on.
    """
    return int(text) if len(text) <= _MOST_DIGITS and text.isdecimal() else None


def shown(text: str) -> str:
    """Return a text fit for one line of a message: control characters escaped, its end cut off."""
    line = "".join(
        character if character.isprintable() else repr(character)[1:-1]
        for character in text[:_MOST_SHOWN]
    )
    return f"{line}..." if len(text) > _MOST_SHOWN else line
