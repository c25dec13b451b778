"""What is due when, for all calls: in one thread with a virtual clock, or in the background."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from twiml.emulator.clock import Clock, Instant, Virtual
from twiml.emulator.workers import Workers

_LINES, _CALLBACKS = 64, 8
_FOREVER = 3600.0
_STOP_SECONDS = 1.0  # what hangs for longer is left behind, in a daemon thread
_log = logging.getLogger(__name__)


class _Entry(NamedTuple):
    when: float
    turn: int
    do: Callable[[], None]
    aside: bool


class Schedule:
    """A heap of moments (Unix seconds) and what to do then.

    In the background one thread waits for the earliest moment and hands what is due to a pool;
    what is ``aside`` (status callbacks) goes to a pool of its own and delays nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[_Entry] = []
        self._count = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._at_work = 0
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._until: float | None = None

    def now(self) -> float:
        """The present moment."""
        return self._clock.now()

    def at(self, when: float, do: Callable[[], None], *, aside: bool = False) -> None:
        """Do something at a moment; a moment that has passed means now."""
        with self._lock:
            self._count += 1
            entry = _Entry(when, self._count, do, aside)
            heapq.heappush(self._heap, entry)
            first = self._heap[0] is entry
        if first and self._thread is not None:
            self._wake.set()

    def go_on_at(self, when: float) -> bool:
        """Whether a call may go on at once at a moment, for nothing else is due before.

        The clock is then at that moment. It saves a call that is alone the way over the heap.
        """
        clock, until = self._clock, self._until
        if until is None or when > until or not isinstance(clock, Virtual):
            return False
        if self._heap and self._heap[0].when <= when:
            return False
        clock.advance_to(when)
        return True

    def run(self, clock: Virtual, until: float | None) -> None:
        """Do all that is due up to a moment in this thread, moving the clock along."""
        heap = self._heap
        self._until = limit = float("inf") if until is None else until
        try:
            while heap and heap[0].when <= limit:
                with self._lock:
                    entry = heapq.heappop(heap)
                clock.advance_to(entry.when)
                entry.do()
        finally:
            self._until = None
        if until is not None:
            clock.advance_to(until)

    def start(self) -> None:
        """Begin to work in the background."""
        if self._thread is not None:
            return
        self._stopping = False
        self._at_work = 0
        self._thread = threading.Thread(target=self._work, name="emulator", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, and join all threads that end within a second; none of them keeps the process."""
        if self._thread is None:
            return
        self._stopping = True
        self._wake.set()
        self._thread.join(2 * _STOP_SECONDS)
        self._thread = None

    def _work(self) -> None:
        lines = Workers(_LINES, "emulator-line")
        callbacks = Workers(_CALLBACKS, "emulator-callback")
        try:
            while not self._stopping:
                self._wait()
                for entry in self._due():
                    pool = callbacks if entry.aside else lines
                    with self._lock:
                        self._at_work += not entry.aside
                    pool.submit(partial(self._do, entry))
        finally:
            deadline = time.monotonic() + _STOP_SECONDS
            lines.stop(deadline)
            callbacks.stop(deadline)

    def _wait(self) -> None:
        self._wake.clear()
        with self._lock:
            when = self._heap[0].when if self._heap else None
            jumps = isinstance(self._clock, Instant) and self._at_work > 0
        if self._stopping:
            return
        if when is None or (jumps and when > self._clock.now()):
            # A clock that jumps must not overtake a call that is still busy with its present.
            self._wake.wait(_FOREVER)
        elif when > self._clock.now():
            self._clock.wait_until(when, self._wake)

    def _due(self) -> list[_Entry]:
        due = []
        now = self._clock.now()
        with self._lock:
            while self._heap and self._heap[0].when <= now:
                due.append(heapq.heappop(self._heap))
        return due

    def _do(self, entry: _Entry) -> None:
        try:
            entry.do()
        except Exception:  # noqa: BLE001  one call's failure must not stop the others
            _log.exception("The emulator failed in the background")
        finally:
            if not entry.aside:
                with self._lock:
                    self._at_work -= 1
                self._wake.set()
