"""The worker of the storm of callbacks: the program's own, with its waits shortened.

A program that is killed all the time would spend its life importing: one process loads it once, and
every start is a fork of that one.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from verification import callbacks, delivery
from verification.adapters.http import Http
from verification.callbacks import Message, State
from verification.codes import Keyring
from verification.delivery import CallbacksDue, Keys
from verification.outgoing import networks
from verification.store.sqlite import SqliteStore
from verification.worker import Worker

KEYRING = Keyring([b"s" * 32])
TOTAL_SECONDS = 0.4
SHORTER = (
    (callbacks, "RETRY_SECONDS", (0.05, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4)),
    (callbacks, "GIVE_UP_SECONDS", 2.0),
    (callbacks, "FIRST_REST_SECONDS", 0.05),
    (callbacks, "LONGEST_REST_SECONDS", 0.2),
    (delivery, "IDLE_SECONDS", 0.02),
    (delivery, "LEASE_SECONDS", 1.0),
)

# Loaded before the first fork: all that the workers import, also for the module they start from.
forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    [__name__, "tests.end_to_end.crash_customer", "twilio.request_validator"]
)


class Watched(CallbacksDue):
    """The program's duty, which tells for how many rounds it passed a healthy receiver over."""

    def __init__(self, *args: Any, folder: Path) -> None:
        super().__init__(*args)
        self._log = folder / f"rounds-{os.getpid()}"
        self._streaks: Counter[str] = Counter()

    def do(self) -> bool:
        """One round, and a look at what it left."""
        busy = super().do()
        now = time.time()
        with self._store.read() as tx:
            left = {
                one.name
                for one in tx.outbox.endpoints()  # type: ignore[attr-defined]
                if one.healthy and one.due_at and one.due_at <= now and one.free_at <= now
            }
        self._streaks = Counter({name: self._streaks[name] + 1 for name in left})
        with self._log.open("a") as log:
            log.write(f"{max(self._streaks.values(), default=0)}\n")
        return busy


class Forgetful(Watched):
    """The mistake that the judge must see: it writes down first, and sends then."""

    def _begin(self, turn: int, message: Message, keys: Keys | None, now: float) -> None:
        with self._store.write() as tx:
            tx.outbox.save(replace(message, state=State.SENT, due_at=None))
        super()._begin(turn, message, keys, now)


def work(folder: Path, forgetful: bool) -> None:
    """One worker, until it is killed."""
    for module, name, seconds in SHORTER:
        if not hasattr(module, name):  # renamed: the run would silently test something else
            raise AttributeError(f"{module.__name__} has no {name} to replace")
        setattr(module, name, seconds)
    log = (folder / "worker.log").open("a")
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    sender = Http(networks("127.0.0.1/32"), total_seconds=TOTAL_SECONDS)
    store = SqliteStore(folder / "storm.db")
    kind = Forgetful if forgetful else Watched
    duty = kind(store, sender, KEYRING, time.time, folder=folder)
    Worker([duty]).run(threading.Event())
