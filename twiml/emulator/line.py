"""One call as a discrete-event simulation: legs that do one thing after another, in time.

Legs stand in a row: the caller, whom it called, whom that one dialled. What they say and send
goes through :mod:`twiml.emulator.sounds`, who rings and answers through
:mod:`twiml.emulator.dialling`. Times are whole milliseconds since dialling. All that happens is
written into the trace.
"""

from __future__ import annotations

import sys
import threading
from bisect import insort
from collections.abc import Callable
from typing import Any

from twiml.emulator import dialling, sounds
from twiml.emulator.actions import (
    Answer,
    Bridge,
    Fetch,
    HungUp,
    Note,
    Rang,
    Refuse,
    Ring,
    Say,
    Send,
    Wait,
)
from twiml.emulator.leg import Leg, World
from twiml.emulator.timing import Timing
from twiml.emulator.trace import Event

# The constructor itself, without the function that NamedTuple lays around it: a line makes an
# event of everything that happens, and a tuning runs thousands of lines.
_new = tuple.__new__

Thrown = Exception | type[Exception]


class TraceFull(Exception):
    """More has happened than a trace may hold."""


class Line:
    """The line of one call. Only one thread at a time may be inside :meth:`step`.

    What happens is appended to ``trace``; who is ``told`` of it instead appends it himself. A trace
    of more events than ``most`` is of no call, but of a document that goes round in a circle.
    """

    def __init__(
        self,
        world: World,
        timing: Timing,
        trace: list[Event],
        told: Callable[[Event], None] | None = None,
        most: int = sys.maxsize,
    ) -> None:
        self.now = 0
        self.over = False
        self.timing = timing
        self.world = world
        self._trace = trace
        self._happened = told or trace.append
        self._most = most
        self._lock = threading.Lock()
        # In order of time. Each leg waits for one thing: so few are sorted sooner than heaped.
        self._queue: list[tuple[int, int, int, Leg | None, int, Callable[..., None]]] = []
        self._count = 0
        self._main: Leg | None = None

    def begin(self, leg: Leg) -> None:
        """Let the caller's leg begin; the line ends with it."""
        self._main = leg
        self.resume_at(0, leg)

    def at(self, when: int, do: Callable[[], None]) -> None:
        """Let something happen at a moment (ms)."""
        self._count += 1
        insort(self._queue, (when, 0, self._count, None, 0, do))

    def at_leg(self, when: int, leg: Leg, do: Callable[[Line, Leg], None]) -> None:
        """Let something happen to a leg at a moment (ms), unless it has gone on before."""
        self._count += 1
        insort(self._queue, (when, 0, self._count, leg, leg.turn, do))

    def step(self, until: int, go_on_at: Callable[[int], bool] | None = None) -> int | None:
        """Run all that is due up to a moment; return when the next thing is due, or None.

        ``go_on_at`` is asked whether what is due later may happen now as well, its moment come.
        Raises TraceFull.
        """
        queue, trace = self._queue, self._trace
        with self._lock:
            while queue:
                if len(trace) > self._most:
                    raise TraceFull
                due, _, _, leg, turn, do = queue[0]
                if due > until:
                    if go_on_at is None or not go_on_at(due):
                        return due
                    until = due
                del queue[0]
                if due > self.now:
                    self.now = due
                if leg is None:
                    do()
                elif leg.turn == turn:
                    do(self, leg)
            return None

    def command(self, now: int, do: Callable[[], None]) -> None:
        """Do something from outside at a moment; waits while another thread is at work here."""
        with self._lock:
            self.now = max(self.now, now)
            do()

    def hang_up(self) -> None:
        """End the whole call from the caller's side."""
        if self._main is not None:
            self.end(self._main)

    def break_off(self, status: str) -> None:
        """End the whole call with a status of its own, after an error."""
        if self._main is not None:
            try:
                self.world.progress(self._main, status)
            finally:
                self.end(self._main)

    def instead(self, reason: Exception) -> None:
        """Break off what the caller's leg does; ``reason`` says how it goes on."""
        main = self._main
        if main is None or main.over:
            return
        self._end_beyond(main)
        dialling.stop_ringing(self, main)
        sounds.never_sent(self, main, "another document took over")
        self.resume(main, thrown=reason)

    def limit(self, ms: int) -> None:
        """End the call so many milliseconds from now."""

        def time_over() -> None:
            if not self.over:
                self.world.time_limit()
                self.hang_up()

        self.at(self.now + ms, time_over)

    def note(self, who: str, kind: str, text: str = "", ms: int = 0) -> None:
        """Write into the trace."""
        self._happened(_new(Event, (self.now, who, kind, text, ms)))

    # A leg goes on, or ends

    def resume(self, leg: Leg, value: object = None, thrown: Thrown | None = None) -> None:
        """Let a leg go on with what came of its action, or with an exception.

        It takes a step, and what it does next begins; what it only tells takes no time.
        """
        action: Any  # one of actions.Action, told apart by its type
        while True:
            leg.turn += 1
            try:
                action = leg.run.send(value) if thrown is None else leg.run.throw(thrown)
            except (StopIteration, HungUp):
                self.end(leg)
                return
            kind, listens = type(action), False
            if kind is Wait or kind is Say:
                listens = action.keys
                break
            if kind is not Note:
                break
            self.note(leg.name, action.kind, action.text)
            value = thrown = None
        leg.doing = action
        if leg.cut and kind is not Fetch:
            self.end(leg)
            return
        if listens is not leg.listening:
            sounds.listen(self, leg, now=listens)
        try:
            begin = _BEGINNINGS[kind]
        except KeyError:
            raise TypeError(f"a line cannot do {action!r}") from None
        begin(self, leg, action)

    def resume_at(self, when: int, leg: Leg, do: Callable[[Line, Leg], None] = resume) -> None:
        """Let a leg go on at a moment (ms), unless something else comes before.

        The caller comes last of what happens in the same millisecond: a key that he sends as a
        timer ends is too late for it, and one that he sends as somebody begins to listen is heard.
        """
        self._count += 1
        rank = leg is self._main
        insort(self._queue, (when, rank, self._count, leg, leg.turn, do))

    def end(self, leg: Leg, *, told: bool = True) -> None:
        """A leg hangs up. ``told``: the one at the other end finds out by it."""
        if leg.over:
            return
        self.close(leg)
        if leg.answered and told and not leg.cut:
            self.note(leg.name, "hangs up")
        if leg.unsent:
            sounds.never_sent(self, leg, "the line had ended")
        if leg.missed:
            sounds.too_late(self, leg)
        self.world.progress(leg, "completed")
        if leg.ringing:
            dialling.stop_ringing(self, leg)
        self._end_beyond(leg)
        peer = leg.peer
        if told and peer is not None and not peer.over:
            self._left_alone(peer, leg)
        if leg is self._main:
            leg.peer = None  # no circle is left, so that the call is freed at once

    def close(self, leg: Leg) -> None:
        """A leg does nothing any more."""
        leg.over = True
        leg.turn += 1
        if leg is self._main:
            self.over = True
            self._queue.clear()
        if leg.listening:
            sounds.listen(self, leg, now=False)
        leg.run.close()

    def _end_beyond(self, leg: Leg) -> None:
        """Whom a leg dialled is hung up on."""
        if leg.beyond is not None:
            self.end(leg.beyond, told=False)
            leg.beyond = None

    def _left_alone(self, peer: Leg, leg: Leg) -> None:
        if peer.beyond is leg:
            peer.beyond = None
            if type(peer.doing) is Bridge:
                self.resume(peer, self.now - peer.since)
        elif leg in peer.ringing:
            peer.rings_no_more(leg)
            if not peer.ringing:
                self.resume(peer, Rang("failed", leg.sid))
        else:
            peer.cut = True
            self._end_beyond(peer)
            self.resume(peer, thrown=HungUp)

    def fetch(self, leg: Leg, action: Fetch) -> None:
        """Let a leg ask a TwiML application."""
        turn, request = leg.turn, action.request
        # Without the lock: the application may itself ask the REST API about this very call.
        self._lock.release()
        try:
            outcome = self.world.fetch(request, leg)
        finally:
            self._lock.acquire()
        self.note(leg.name, "fetches", f"{request.method} {request.url}", outcome.elapsed_ms)
        if leg.turn == turn:

            def fetched(line: Line, leg: Leg) -> None:
                line.resume(leg, outcome)

            self.resume_at(self.now + outcome.elapsed_ms, leg, fetched)


_BEGINNINGS: dict[type, Callable[..., None]] = {
    Wait: sounds.wait,
    Say: sounds.say,
    Send: sounds.send,
    Fetch: Line.fetch,
    Ring: dialling.ring,
    Answer: dialling.answer,
    Bridge: dialling.bridge,
    Refuse: dialling.refuse,
}
