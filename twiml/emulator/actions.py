"""What a leg does and what happens to it: the words between a leg's generator and its line.

A leg is a generator. It yields one of the actions; the line resumes it with what came of it. All
lengths are milliseconds.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

from twiml.emulator.document import Document
from twiml.emulator.fetching import Request


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for ``ms`` (None: for ever), or until a key or a sentence comes, if it may.

    Resumed with Key, Heard, or None when the time is over. With ``silence`` the time runs only
    while the other side is silent.
    """

    ms: int | None
    keys: bool = False
    speech: bool = False
    silence: bool = False


# Every call waits for the same few times: an action that is found again
# takes a fifth of the time of one that is made.
wait = lru_cache(maxsize=8192)(Wait)
wait_for_key = lru_cache(maxsize=1024)(partial(Wait, keys=True))


@dataclass(frozen=True, slots=True)
class Say:
    """Make a sound of ``ms``. Resumed with None, or with the Key that broke it off."""

    text: str
    ms: int
    keys: bool = False
    kind: str = "says"


class Send(NamedTuple):
    """Send keys, each with a tone of ``tone`` ms that begins at its onset.

    Resumed after ``length``; this and the onsets are counted from now. ``text`` is what the trace
    says of them. ``outward``: to the leg that was dialled from here, before bridging.
    """

    text: str
    keys: str
    onsets: tuple[int, ...]
    tone: int
    length: int
    in_band: bool = False
    outward: bool = False


class Fetch(NamedTuple):
    """Ask a TwiML application. Resumed with a fetching.Outcome."""

    request: Request


class Ring(NamedTuple):
    """Let numbers ring, first to answer wins. Resumed with Rang."""

    numbers: tuple[str, ...]
    timeout: int
    caller: str
    main: bool = False


class Bridge(NamedTuple):
    """Connect the two sides of this leg. Resumed with the milliseconds that it lasted."""

    limit: int | None = None


class Answer(NamedTuple):
    """Pick up."""


ANSWER = Answer()


class Refuse(NamedTuple):
    """Do not pick up: ``busy``, ``no-answer`` or ``failed``. The leg ends."""

    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Write into the trace; takes no time."""

    kind: str
    text: str


note = lru_cache(maxsize=1024)(Note)


Action = Wait | Say | Send | Fetch | Ring | Bridge | Answer | Refuse | Note


class Key(NamedTuple):
    """A key was heard; ``at`` is the onset of its tone."""

    key: str
    at: int


class Heard(NamedTuple):
    """A sentence was heard from its beginning to its end."""

    text: str
    began: int
    ended: int


class Rang(NamedTuple):
    """How the ringing ended: ``answered``, ``busy``, ``no-answer``, ``failed``; and whose call."""

    status: str
    call_sid: str = ""
    kind: str = ""
    greeting: int = 0


class HungUp(Exception):
    """The other side is gone."""


class Instead(Exception):
    """The call was given another document through the REST API."""

    def __init__(self, then: Request | Document) -> None:
        super().__init__()
        self.then = then


Steps = Generator[Action, Any, None]
