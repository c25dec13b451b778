"""What the lab tells of one tried extension. Times are milliseconds since dialling."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from twiml.lab.unknowns import Unknowns


class Verdict(StrEnum):
    """What became of a key."""

    HEARD = "heard"
    STOPPED_PROMPT = "stopped the prompt"
    TOO_EARLY = "too early"
    TOO_LATE = "too late"
    TIMED_OUT = "timed out between keys"
    NOBODY = "lost: nobody listened"
    NOT_RECOGNISED = "lost: not recognised"
    NEVER_SENT = "never sent"

    @property
    def good(self) -> bool:
        """Whether the key was taken as it was meant."""
        return self in (Verdict.HEARD, Verdict.STOPPED_PROMPT)


@dataclass(frozen=True, slots=True)
class Margin:
    """How much earlier and later a key would still have been heard, by the same menu (ms).

    Both ends were run, and so was the millisecond beyond each. ``earlier_open``: the string has
    no wait left before the key; ``later_open``: it was not tried any later.
    """

    earlier: int
    later: int
    earlier_open: bool = False
    later_open: bool = False


@dataclass(frozen=True, slots=True)
class KeyReport:
    """One key of the extension.

    ``position``: its place in the string, from 1. ``at``: the onset of its tone; None if it was
    never sent. ``off``: by how many ms it missed the nearest time in which somebody listened.
    ``by``: who heard it, or should have; ``document``: what was running there.
    """

    key: str
    position: int
    at: int | None
    ms: int
    verdict: Verdict
    off: int | None
    by: str
    document: str
    why: str
    margin: Margin | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something said or played. ``whole`` is how long it would have been (ms)."""

    who: str
    kind: str
    text: str
    start: int
    end: int
    whole: int
    document: str


@dataclass(frozen=True, slots=True)
class Listening:
    """A time in which somebody listened for keys."""

    who: str
    start: int
    end: int
    document: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waits of the extension, as one stretch: ``wwww``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ringing:
    """A phone rings. ``answered``: somebody picked it up at the end."""

    who: str
    number: str
    start: int
    end: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the call ended: with which phone, of which kind, in which document, and how."""

    at: int
    phone: str
    kind: str
    document: str
    how: str


@dataclass(frozen=True, slots=True)
class Report:
    """One tried extension. ``answered`` is None if nobody picked up."""

    model: str
    number: str
    extension: str
    wanted: str | None
    unknowns: Unknowns
    reached: bool
    why: str
    answered: int | None
    length: int
    ending: Ending
    keys: tuple[KeyReport, ...]
    waits: tuple[Waiting, ...]
    spoken: tuple[Spoken, ...]
    listening: tuple[Listening, ...]
    ringing: tuple[Ringing, ...]
    trouble: tuple[str, ...]

    def to_json(self) -> str:
        """Return the report as JSON; the same call gives the same bytes."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)
