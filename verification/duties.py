"""What is due of orders and of calls: check new orders, dial, look after calls, let codes die."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import structlog

from verification import attempts, caller_ids, calling, dialling, ordering, validating
from verification.attempts import Attempt, State
from verification.caller_ids import CallerId
from verification.calling import Answer, Carrier, Postponed
from verification.dialling import NO_LIMITS, Limits
from verification.ordering import Directory, Policy
from verification.orders import Order
from verification.statuses import Status

IDLE_SECONDS = 0.2  # how long a duty with nothing to do waits before it looks again
SLICE = 20  # rows taken at once
LEASE_SECONDS = 15.0  # how long a row that was taken is left to its taker

log = structlog.get_logger()


class Orders(ordering.Orders, Protocol):
    """The orders as they fall due."""

    def any_due(self, now: float) -> bool: ...
    def take_due(self, now: float, lease: float, limit: int) -> list[Order]: ...


class CallerIds(caller_ids.CallerIds, Protocol):
    """The requests for caller IDs as they fall due."""

    def any_due(self, now: float) -> bool: ...
    def due(self, now: float, limit: int) -> list[CallerId]: ...


class Transaction(calling.Transaction, Protocol):
    """What these duties need of a transaction."""

    @property
    def orders(self) -> Orders: ...
    @property
    def caller_ids(self) -> CallerIds: ...


class Store(Protocol):
    """Where the rows are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class OrdersDue:
    """Checks new orders and lets codes die. ``now`` gives Unix seconds."""

    store: Store
    directory: Directory
    policy: Policy
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        with self.store.read() as tx:  # a look takes no lock: who is idle is in nobody's way
            if not tx.orders.any_due(self.now()):
                return False
        with self.store.write() as tx:
            due = tx.orders.take_due(self.now(), LEASE_SECONDS, SLICE)
        for order in due:
            if order.status is Status.TWILIO_PROCESSING:
                self._check_eligibility(order)
            else:
                self._let_code_die(order.sid)
        return bool(due)

    def _check_eligibility(self, order: Order) -> None:
        line = self.directory.look_up(order.phone_number)
        again = ordering.DIRECTORY_RETRY_SECONDS
        with self.store.write() as tx:
            ordering.settle_eligibility(tx, order.sid, line, self.policy, self.now(), again)

    def _let_code_die(self, sid: str) -> None:
        with self.store.write() as tx:
            order = tx.orders.get(sid)
            if order:
                attempts.let_code_die(tx, order, self.now())


@dataclass(frozen=True, slots=True)
class ValidationsDue:
    """Reports how requests for caller IDs ended."""

    store: Store
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        with self.store.read() as tx:
            if not tx.caller_ids.any_due(self.now()):
                return False
        with self.store.write() as tx:
            due = tx.caller_ids.due(self.now(), SLICE)
            for asked in due:
                validating.report(tx, asked, self.now())
        return bool(due)


@dataclass(frozen=True, slots=True)
class CallsDue:
    """Dials, and looks after calls. ``interval``: seconds between two calls.

    ``limits``: which of them stop dialling.
    """

    store: Store
    carrier: Carrier
    now: Callable[[], float]
    interval: float = 1.0
    limits: Limits = NO_LIMITS

    @property
    def idle_seconds(self) -> float:
        """The pace may be what is waited for."""
        return min(IDLE_SECONDS, self.interval)

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        with self.store.read() as tx:
            if not tx.attempts.any_due(self.now()):
                return False
        looked_after = self._look_after_calls()
        return self._dial() or looked_after

    def _look_after_calls(self) -> bool:
        with self.store.write() as tx:
            due = tx.attempts.take_due(self.now(), LEASE_SECONDS, SLICE)
        for attempt in due:
            self._look_after(attempt)
        return bool(due)

    def _look_after(self, attempt: Attempt) -> None:
        if attempt.state in (State.DIALLING, State.UNKNOWN):
            since = (attempt.dialled_at or attempt.requested_at) - calling.LEASE_SECONDS
            found = self.carrier.calls_to(attempt.number, since)
            with self.store.write() as tx:
                calling.settle(tx, attempt.id, found, self.now())
        elif attempt.hang_up and attempt.call_sid:
            if self.carrier.end(attempt.call_sid, attempt.number):
                with self.store.write() as tx:
                    calling.hung_up(tx, attempt.id, self.now())
        elif attempt.call_sid:
            call = self.carrier.call(attempt.call_sid, attempt.number)
            with self.store.write() as tx:
                calling.watch(tx, attempt.id, call, self.now())

    def _dial(self) -> bool:
        with self.store.write() as tx:
            stopped = dialling.watch(tx, self.limits, self.now())
            attempt = calling.claim(tx, self.now(), self.interval)
        if stopped:
            log.error("dialling stopped", reason=stopped)
        if attempt is None:
            return False
        answer: Answer = Postponed(0.0)
        # A worker that was stopped in between wakes up when others look after its attempt, or have
        # given it up: what it has not asked for by now it does not ask for.
        if self.now() < (attempt.due_at or 0.0):
            limit = calling.limit_seconds(attempt)
            answer = self.carrier.place(attempt.id, attempt.number, limit)
        with self.store.write() as tx:
            calling.record_answer(tx, attempt.id, answer, self.now())
        log.info(
            "dialled", attempt=attempt.id, order=attempt.subject_sid, answer=type(answer).__name__
        )
        return True
