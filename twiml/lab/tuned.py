"""What the lab tells of a tuned extension. Times are milliseconds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from twiml.lab.doubts import Doubts


@dataclass(frozen=True, slots=True)
class KeyOdds:
    """In how many of the runs a key was heard, with all the keys before it."""

    key: str
    heard: int
    runs: int


@dataclass(frozen=True, slots=True)
class Door:
    """A way to send an extension; ``problem`` says why it does not take this one, or nothing."""

    name: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Tuned:
    """One extension and what its runs showed.

    ``waits``: half seconds before each group. ``length``: how long it plays at most. ``margin``:
    every group came that much earlier, and that much later, against the one before it, in
    ``at_ends`` readings, and was heard in all of them; None if some reading was not reached even
    unmoved. ``reached``: in how many of the ``runs`` the wanted person was.
    """

    extension: str
    waits: tuple[int, ...]
    length: int
    margin: int | None
    at_ends: int
    reached: int
    runs: int
    keys: tuple[KeyOdds, ...]
    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning gave. ``shortest`` is None where nothing keeps the margin that was ``asked``.

    ``ways``: the greetings in which the keys lead to the wanted person. ``why``: what stands
    against an extension that always works; ``notes``: what else is to be known. ``apart``: each
    greeting tuned alone, where no extension works in all of them.
    """

    model: str
    number: str
    keys: tuple[str, ...]
    wanted: str | None
    asked: int
    doubts: Doubts
    seed: int
    runs: int
    ways: tuple[str, ...]
    why: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    widest: Tuned | None = None
    shortest: Tuned | None = None
    apart: tuple[Tuning, ...] = ()

    @property
    def works(self) -> bool:
        """Whether there is an extension that worked in everything that was run."""
        return not self.why and self.widest is not None and self.widest.margin is not None

    def to_json(self) -> str:
        """Return it as JSON; the same seed gives the same bytes."""
        return json.dumps({"works": self.works, **asdict(self)}, indent=2, ensure_ascii=False)
