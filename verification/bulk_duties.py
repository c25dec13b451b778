"""What is due of requests for many numbers: one slice of one request a round, each in its turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from verification import bulk, duties, eligibility, ordering
from verification.bulk import Bulk
from verification.eligibility import Answer, Request
from verification.numbers import Line
from verification.ordering import Directory, Policy
from verification.orders import Order


class Bulks(bulk.Bulks, Protocol):
    """The bulk requests as they fall due."""

    def any_due(self, now: float) -> bool: ...
    def take_due(self, now: float, lease: float) -> Bulk | None: ...
    def orders_due(self, sid: str, now: float, limit: int) -> list[Order]: ...


class Requests(eligibility.Requests, Protocol):
    """The requests for eligibility as they fall due."""

    def any_due(self, now: float) -> bool: ...
    def take_due(self, now: float, lease: float) -> Request | None: ...
    def open(self, sid: str, limit: int) -> dict[int, Answer]: ...


class BulkTransaction(bulk.Transaction, Protocol):
    """What bulk orders need of a transaction."""

    @property
    def bulks(self) -> Bulks: ...


class EligibilityTransaction(eligibility.Transaction, Protocol):
    """What requests for eligibility need of a transaction."""

    @property
    def eligibility(self) -> Requests: ...


class BulkStore(Protocol):
    """Where bulk orders are."""

    def read(self) -> AbstractContextManager[BulkTransaction]: ...
    def write(self) -> AbstractContextManager[BulkTransaction]: ...


class EligibilityStore(Protocol):
    """Where requests for eligibility are."""

    def read(self) -> AbstractContextManager[EligibilityTransaction]: ...
    def write(self) -> AbstractContextManager[EligibilityTransaction]: ...


@dataclass(frozen=True, slots=True)
class BulkOrdersDue:
    """Checks the orders of bulk requests. ``now`` gives Unix seconds.

    A slice ends when half of the lease is over, so that no second worker takes it meanwhile.
    """

    store: BulkStore
    directory: Directory
    policy: Policy
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return duties.IDLE_SECONDS

    def do(self) -> bool:
        """Look up one slice of one request; True if there was anything."""
        with self.store.read() as tx:
            if not tx.bulks.any_due(self.now()):
                return False
        began = self.now()
        with self.store.write() as tx:
            taken = tx.bulks.take_due(began, duties.LEASE_SECONDS)
            due = tx.bulks.orders_due(taken.sid, began, duties.SLICE) if taken else []
        if taken is None:
            return False
        lines: dict[str, Line | None] = {}
        for order in due:
            lines[order.sid] = self.directory.look_up(order.phone_number)
            if self.now() > began + duties.LEASE_SECONDS / 2:
                break
        again = ordering.DIRECTORY_RETRY_SECONDS
        with self.store.write() as tx:
            bulk.settle(tx, taken.sid, lines, self.policy, self.now(), again)
        return True


@dataclass(frozen=True, slots=True)
class EligibilityDue:
    """Answers requests for the eligibility of many numbers. ``now`` gives Unix seconds."""

    store: EligibilityStore
    directory: Directory
    policy: Policy
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return duties.IDLE_SECONDS

    def do(self) -> bool:
        """Answer one slice of one request; True if there was anything."""
        with self.store.read() as tx:
            if not tx.eligibility.any_due(self.now()):
                return False
        began = self.now()
        with self.store.write() as tx:
            taken = tx.eligibility.take_due(began, duties.LEASE_SECONDS)
            asked = self._known(tx, taken) if taken else {}
        if taken is None:
            return False
        answers: dict[int, Answer] = {}
        for ordinal, one in asked.items():
            answers[ordinal] = one if one.verdict else self._looked_up(one)
            if self.now() > began + duties.LEASE_SECONDS / 2:
                break
        with self.store.write() as tx:
            eligibility.record(tx, taken.sid, answers, self.now())
        return True

    def _known(self, tx: EligibilityTransaction, taken: Request) -> dict[int, Answer]:
        """A slice of numbers, with what is known of them without the directory."""
        asker = tx.accounts.get(taken.account_sid)
        if asker is None:
            return {}
        return {
            ordinal: eligibility.before_look_up(tx, asker, one)
            for ordinal, one in tx.eligibility.open(taken.sid, duties.SLICE).items()
        }

    def _looked_up(self, asked: Answer) -> Answer:
        line = self.directory.look_up(asked.phone_number)
        return eligibility.after_look_up(asked, line, self.policy)
