"""Does what is due, each duty at its own pace.

No queue: each row carries the time at which it must be looked at, committed with the change that
made it due. Any number of workers run side by side; a claim decides who acts.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import structlog

# After trouble: a database that is away for an hour must not fill the disk with log lines.
TROUBLE_SECONDS = 1.0

log = structlog.get_logger()


class Duty(Protocol):
    """One kind of work that falls due."""

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing to do, before looking again."""
        ...

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        ...


@runtime_checkable
class Closing(Protocol):
    """A duty that has work under way between its rounds."""

    def close(self) -> None:
        """Bring what is under way to an end, in a few seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker. Each duty has a thread of its own, so that a slow one keeps no other waiting."""

    duties: Sequence[Duty]

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; what fails is logged and tried again when it is due."""
        threads = [
            threading.Thread(target=_keep, args=(duty, stop), name=type(duty).__name__)
            for duty in self.duties
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def run_once(self) -> bool:
        """Do one round of every duty; True if there was anything."""
        done = [duty.do() for duty in self.duties]
        return any(done)


def _keep(duty: Duty, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            wait = 0.0 if duty.do() else duty.idle_seconds
        except Exception:  # one row's trouble must not stop the others
            log.exception("worker failed", duty=type(duty).__name__)
            wait = TROUBLE_SECONDS
        if wait:
            stop.wait(wait)
    if isinstance(duty, Closing):
        try:
            duty.close()
        except Exception:  # it is done again when it is due
            log.exception("worker failed", duty=type(duty).__name__)
