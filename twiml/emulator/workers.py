"""Threads that do one thing after another, and that nothing which hangs can keep from ending."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

Task = Callable[[], None]


class Workers:
    """At most ``most`` threads, begun when they are needed.

    They are daemons: a thread that waits for a name server, or for somebody's own application,
    cannot be woken, and must keep neither :meth:`stop` nor the process. (Those of
    concurrent.futures are joined at exit, come what may.) A task must not raise.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._tasks: deque[Task] = deque()
        self._ready = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._stopping = False

    def submit(self, task: Task) -> None:
        """Let a thread do something, as soon as one is free."""
        with self._ready:
            self._tasks.append(task)
            if self._idle >= len(self._tasks):
                self._ready.notify()
            elif len(self._threads) < self._most:
                name = f"{self._name}-{len(self._threads)}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self, deadline: float) -> None:
        """Drop what has not begun, and wait for the rest until a moment of time.monotonic()."""
        with self._ready:
            self._stopping = True
            self._tasks.clear()
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while True:
            with self._ready:
                self._idle += 1
                while not self._tasks and not self._stopping:
                    self._ready.wait()
                self._idle -= 1
                if self._stopping:
                    return
                task = self._tasks.popleft()
            task()
