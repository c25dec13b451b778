"""What a verb is given and what it gives back; reading of the attributes all verbs share."""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from typing import Any, Protocol

from twiml.emulator.actions import Action
from twiml.emulator.calls import Call
from twiml.emulator.document import Verb
from twiml.emulator.fetching import Request
from twiml.emulator.timing import Timing
from twiml.emulator.whole import shown, whole


class _End(Enum):
    HANG_UP = "hang up"


HANG_UP = _End.HANG_UP
Then = Request | _End | None
Runs = Generator[Action, Any, Then]


class Running(Protocol):
    """The session, as far as a verb may see it."""

    @property
    def call(self) -> Call:
        """Whose call it is."""

    @property
    def timing(self) -> Timing:
        """The parameters of time."""

    def request(self, url: str, method: str, more: dict[str, str]) -> Request | None:
        """A request from this document, or None if it cannot be made."""

    def warn(self, code: int, message: str, *, error: bool = False) -> None:
        """Keep a notification."""

    def sounded(self) -> None:
        """Say that the verb took time."""


def next_document(verb: Verb, session: Running, more: dict[str, str], code: int) -> Then:
    """Return the request to the verb's ``action``: default the current document, and POST.

    ``code`` is the warning for a bad method. A request that cannot be made hangs up.
    """
    method = verb.attributes.get("method", "POST").upper()
    if method not in ("GET", "POST"):
        session.warn(code, f'Line {verb.line}: method "{method}" is not GET or POST')
        method = "POST"
    request = session.request(verb.attributes.get("action", ""), method, more)
    return request if request is not None else HANG_UP


def whole_number(
    verb: Verb, session: Running, name: str, default: int, code: int, low: int = 1
) -> int:
    """Return an attribute that must be a whole number; a bad one is warned of and ignored.

    More than nine digits are as bad as letters.
    """
    text = verb.attributes.get(name)
    if text is None:
        return default
    number = whole(text)
    if number is not None and number >= low:
        return number
    said = f'Line {verb.line}: {name}="{shown(text)}" is not a whole number from {low} on'
    session.warn(code, said)
    return default


def yes(verb: Verb, name: str, default: bool = False) -> bool:
    """Return an attribute that is true or false."""
    return verb.attributes.get(name, str(default)).lower() == "true"


MOST_LOOPS = 1000


def loops(verb: Verb, session: Running, code: int) -> int:
    """Return how often a sound is played: 0 means until hang-up, at most 1000 (Play page)."""
    return whole_number(verb, session, "loop", 1, code, low=0) or MOST_LOOPS
