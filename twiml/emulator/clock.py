"""Clocks: simulated time is handed in, never taken from the machine by the code that needs it."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the emulator needs of time. Times are Unix seconds."""

    def now(self) -> float:
        """Return the present moment."""

    def wait_until(self, when: float, wake: threading.Event) -> None:
        """Return when ``when`` has come or ``wake`` is set, whichever is first."""


class Virtual:
    """Stands still until it is told to move: for tests, and for simulating without waiting."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._moved = threading.Lock()
        self._waiting: set[threading.Event] = set()

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by ``seconds``."""
        self.advance_to(self._now + seconds)

    def advance_to(self, when: float) -> None:
        """Move forward to ``when``; a moment that has passed changes nothing."""
        with self._moved:
            if when > self._now:
                self._now = when
                for wake in self._waiting:
                    wake.set()

    def wait_until(self, when: float, wake: threading.Event) -> None:
        with self._moved:
            if when <= self._now:
                return
            self._waiting.add(wake)
        try:
            wake.wait()
        finally:
            with self._moved:
                self._waiting.discard(wake)


class Scaled:
    """Starts at the real time and runs ``speed`` times as fast: 1 is the real clock."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"A clock's speed must be above 0, not {speed:g}")
        self.speed = speed
        self._start = time.time()
        self._real_start = time.monotonic()

    def now(self) -> float:
        return self._start + (time.monotonic() - self._real_start) * self.speed

    def wait_until(self, when: float, wake: threading.Event) -> None:
        wake.wait(max(0.0, (when - self.now()) / self.speed))


class Instant:
    """The real time plus an offset that jumps forward instead of waiting."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def wait_until(self, when: float, wake: threading.Event) -> None:
        self._ahead += max(0.0, when - self.now())


def clock_for(speed: float) -> Clock:
    """Return the clock for a LINEPROOF_SPEED: 1 real, 20 twenty times as fast, 0 instant.

    Raises ValueError for a negative speed.
    """
    return Instant() if speed == 0 else Scaled(speed)
