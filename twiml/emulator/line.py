"""One call as a discrete-event simulation: legs that do one thing after another, in time.

Legs stand in a row: the caller, whom it called, whom that one dialled. What they say and send
goes through :mod:`twiml.emulator.sounds`, who rings and answers through
:mod:`twiml.emulator.dialling`. Times are whole milliseconds since dialling.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from twiml.emulator.actions import (
    Action,
    Answer,
    Bridge,
    Fetch,
    HungUp,
    Note,
    Rang,
    Refuse,
    Ring,
    Say,
    Tone,
    Type,
    Wait,
)
from twiml.emulator.dialling import Dialling
from twiml.emulator.leg import Leg, World
from twiml.emulator.sounds import Sounds
from twiml.emulator.timing import Timing
from twiml.emulator.trace import Event

# The constructor itself, without the function that NamedTuple lays around it: a line makes an
# event of everything that happens, and a tuning runs thousands of lines.
_new = tuple.__new__


class Line:
    """The line of one call. Only one thread at a time may be inside :meth:`step`."""

    def __init__(self, world: World, timing: Timing) -> None:
        self.now = 0
        self.over = False
        self.timing = timing
        self.world = world
        self._lock = threading.Lock()
        self._queue: list[tuple[int, int, int, Callable[[], None]]] = []
        self._count = 0
        self._main: Leg | None = None
        self._sounds = Sounds(self)
        self._dialling = Dialling(self)

    def begin(self, leg: Leg) -> None:
        """Let the caller's leg begin; the line ends with it."""
        self._main = leg
        self.at(0, partial(self.resume, leg))

    def at(self, when: int, do: Callable[[], None], rank: int = 0) -> None:
        """Let something happen at a moment (ms); a higher rank comes after a lower one."""
        self._count += 1
        heapq.heappush(self._queue, (when, rank, self._count, do))

    def step(self, until: int, go_on_at: Callable[[int], bool] | None = None) -> int | None:
        """Run all that is due up to a moment; return when the next thing is due, or None.

        ``go_on_at`` is asked whether what is due later may happen now as well, its moment come.
        """
        queue = self._queue
        with self._lock:
            while queue:
                due, _, _, do = queue[0]
                if due > until:
                    if go_on_at is None or not go_on_at(due):
                        return due
                    until = due
                heapq.heappop(queue)
                if due > self.now:
                    self.now = due
                do()
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
        if main.beyond is not None:
            self.end(main.beyond, told=False)
            main.beyond = None
        self._dialling.stop_ringing(main)
        self._sounds.never_sent(main, "another document took over")
        self._go(main, main.run.throw, reason)

    def limit(self, ms: int) -> None:
        """End the call so many milliseconds from now."""

        def time_over() -> None:
            if not self.over:
                self.world.time_limit()
                self.hang_up()

        self.at(self.now + ms, time_over)

    def note(self, leg: Leg, kind: str, text: str = "", ms: int = 0) -> None:
        """Write into the trace."""
        self.world.happened(_new(Event, (self.now, leg.name, kind, text, ms)))

    # A leg goes on, or ends

    def resume(self, leg: Leg, value: object = None) -> None:
        """Let a leg go on, with what came of its action."""
        self._go(leg, leg.run.send, value)

    def resume_at(self, when: int, leg: Leg, value: object = None) -> None:
        """Let a leg go on at a moment (ms), unless something else comes before.

        The caller comes last of what happens in the same millisecond: a key that he sends as a
        timer ends is too late for it, and one that he sends as somebody begins to listen is heard.
        """
        self.at(when, partial(self._go_on, leg, leg.turn, value), leg is self._main)

    def _go_on(self, leg: Leg, turn: int, value: object) -> None:
        if leg.turn == turn:
            self._go(leg, leg.run.send, value)

    def end(self, leg: Leg, *, told: bool = True) -> None:
        """A leg hangs up. ``told``: the one at the other end finds out by it."""
        if leg.over:
            return
        self.close(leg)
        if leg.answered and told and not leg.cut:
            self.note(leg, "hangs up")
        self._sounds.never_sent(leg, "the line had ended")
        self._sounds.too_late(leg)
        self.world.progress(leg, "completed")
        self._dialling.stop_ringing(leg)
        if leg.beyond is not None:
            self.end(leg.beyond, told=False)
        peer = leg.peer
        if told and peer is not None and not peer.over:
            self._left_alone(peer, leg)

    def close(self, leg: Leg) -> None:
        """A leg does nothing any more."""
        leg.over = True
        leg.turn += 1
        if leg is self._main:
            self.over = True
            self._queue.clear()
        if leg.listening:
            self._sounds.listen(leg, now=False)
        leg.run.close()

    def _left_alone(self, peer: Leg, leg: Leg) -> None:
        if peer.beyond is leg:
            peer.beyond = None
            if type(peer.doing) is Bridge:
                self.resume(peer, self.now - peer.bridged_at)
        elif leg in peer.ringing:
            peer.ringing.remove(leg)
            if not peer.ringing:
                self.resume(peer, Rang("failed", leg.sid))
        else:
            peer.cut = True
            if peer.beyond is not None:
                self.end(peer.beyond, told=False)
            self._go(peer, peer.run.throw, HungUp())

    def _go(self, leg: Leg, step: Callable[[Any], Any], value: object) -> None:
        """Let a leg take a step, and begin what it does next; what it only tells takes no time."""
        while True:
            leg.turn += 1
            try:
                action = step(value)
            except (StopIteration, HungUp):
                self.end(leg)
                return
            kind = type(action)
            if kind is Note:
                self.note(leg, action.kind, action.text)
            elif kind is Type:
                self._sounds.types(leg, action)
            else:
                break
            step, value = leg.run.send, None
        leg.doing = action
        if leg.cut and kind is not Fetch:
            self.end(leg)
            return
        listens = (kind is Wait or kind is Say) and action.keys
        if listens != leg.listening:
            self._sounds.listen(leg, now=listens)
        if kind is Wait:
            self._sounds.wait(leg, action)
        elif kind is Say:
            self._sounds.say(leg, action)
        elif kind is Tone:
            self._sounds.tone(leg, action)
        else:
            self._begin_rarer(leg, action)

    def _begin_rarer(self, leg: Leg, action: Action) -> None:
        match action:
            case Fetch():
                self._fetch(leg, action)
            case Ring():
                self._dialling.ring(leg, action)
            case Answer():
                self._dialling.answer(leg, action)
            case Bridge():
                self._dialling.bridge(leg, action)
            case Refuse():
                self._dialling.refuse(leg, action)
            case _:
                raise TypeError(f"a line cannot do {action!r}")

    def _fetch(self, leg: Leg, action: Fetch) -> None:
        turn, request = leg.turn, action.request
        # Without the lock: the application may itself ask the REST API about this very call.
        self._lock.release()
        try:
            outcome = self.world.fetch(request, leg)
        finally:
            self._lock.acquire()
        self.note(leg, "fetches", f"{request.method} {request.url}", outcome.elapsed_ms)
        if leg.turn == turn:
            self.resume_at(self.now + outcome.elapsed_ms, leg, outcome)
