"""One side of a call: what it runs, whom it talks to, and what it missed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from twiml.emulator.actions import Action, Bridge, Fetch, Heard, Key, Ring, Say, Send, Steps, Wait
from twiml.emulator.calls import Call
from twiml.emulator.fetching import Outcome, Request
from twiml.emulator.timing import Timing


@dataclass(slots=True, eq=False)
class Leg:
    """A leg. ``peer`` is the other end of its call, ``beyond`` whom it dialled itself.

    ``turn`` counts its steps, so that a timer of an earlier step does nothing. ``inbox`` keeps
    what a person hears while busy; a TwiML document keeps nothing. ``unsent`` are the keys that it
    has still to send, ``since`` when it began to send them or was bridged (ms). ``kind`` is who it
    is for answering machine detection; ``greeting`` how long it speaks first (ms).
    """

    name: str
    kind: str
    run: Steps
    call: Call | None = None
    greeting: int = 0
    inbox: deque[Heard] | None = None
    peer: Leg | None = None
    beyond: Leg | None = None
    ringing: tuple[Leg, ...] = ()
    doing: Action | None = None
    turn: int = 0
    answered: bool = False
    listening: bool = False
    cut: bool = False
    over: bool = False
    sound_until: int = 0
    since: int = 0
    deaf_since: int | None = None
    missed: tuple[Key, ...] = ()
    carried: tuple[Key, ...] = ()
    unsent: str = ""

    def rings_no_more(self, called: Leg) -> None:
        """One of the phones that it lets ring has answered, refused, or gone."""
        self.ringing = tuple([one for one in self.ringing if one is not called])

    @property
    def sid(self) -> str:
        """The sid of its call, or an empty string."""
        return self.call.sid if self.call else ""

    def why_deaf(self) -> str:
        """Say why a key that comes now is not heard."""
        if self.over:
            return "it had hung up"
        if not self.answered:
            return "the phone was still ringing"
        return _DEAF.get(type(self.doing), "it did not listen")


class World(Protocol):
    """What a line needs of the call that it belongs to."""

    def connect(self, number: str, dialling: Leg, ring: Ring) -> Leg:
        """Return the leg that a number leads to; it has not begun."""

    def fetch(self, request: Request, leg: Leg) -> Outcome:
        """Ask a TwiML application; called without the line's lock."""

    def progress(self, leg: Leg, status: str) -> None:
        """The call of a leg has a new status, final ones included."""

    def time_limit(self) -> None:
        """The call has lasted as long as it may, and is ended."""


class Line(Protocol):
    """The line as sounds and dialling use it; :class:`twiml.emulator.line.Line` says more."""

    now: int
    timing: Timing
    world: World

    def at_leg(self, when: int, leg: Leg, do: Callable[[Line, Leg], None]) -> None: ...
    def note(self, who: str, kind: str, text: str = "", ms: int = 0) -> None: ...
    def resume(self, leg: Leg, value: object = None) -> None: ...
    def resume_at(self, when: int, leg: Leg, do: Callable[[Line, Leg], None] = ...) -> None: ...
    def end(self, leg: Leg, *, told: bool = True) -> None: ...
    def close(self, leg: Leg) -> None: ...


_DEAF: dict[type, str] = {
    Bridge: "it was connected to nobody yet",
    Fetch: "it was fetching its next document",
    Ring: "the next phone was still ringing",
    Say: "it was speaking and did not listen",
    Send: "it was sending keys itself",
    Wait: "it was pausing and did not listen",
}
