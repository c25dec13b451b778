"""Removes what was counted and answered, once nothing depends on it any more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from verification import idempotency, rates

IDLE_SECONDS = 60.0
SLICE = 500  # rows of one transaction


class Counts(rates.Counts, Protocol):
    """The counts as they grow old."""

    def any_over(self, now: float) -> bool: ...
    def forget(self, now: float, limit: int) -> int: ...


class Answers(idempotency.Answers, Protocol):
    """The keys as they grow old."""

    def any_before(self, before: float) -> bool: ...
    def forget(self, before: float, limit: int) -> int: ...


class Transaction(Protocol):
    """What forgetting needs of a transaction."""

    @property
    def counts(self) -> Counts: ...
    @property
    def answers(self) -> Answers: ...


class Store(Protocol):
    """Where they are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Forgets counts of rates that are over, and answers of a day ago. ``now``: Unix seconds."""

    store: Store
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Forget a slice of each; True if there was anything."""
        with self.store.read() as tx:  # a look takes no lock
            now = self.now()
            before = now - idempotency.LIFE_SECONDS
            if not tx.counts.any_over(now) and not tx.answers.any_before(before):
                return False
        with self.store.write() as tx:
            return tx.counts.forget(now, SLICE) + tx.answers.forget(before, SLICE) > 0
