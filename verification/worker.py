"""Does what is due: checks new orders, dials, looks after calls, lets codes die.

No queue: each row carries the time at which it must be looked at, committed with the change that
made it due. Any number of workers run side by side; a claim decides who acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from verification import calling, ordering
from verification.attempts import Attempt, State
from verification.calling import Carrier
from verification.ordering import Directory, Policy
from verification.orders import Order
from verification.statuses import Status

IDLE_SECONDS = 0.2  # how long a worker with nothing to do waits before it looks again
SLICE = 20  # rows taken at once
LEASE_SECONDS = 15.0  # how long a row that was taken is left to its taker

log = structlog.get_logger()


class Orders(ordering.Orders, Protocol):
    """The orders as the worker takes them."""

    def any_due(self, now: float) -> bool: ...
    def take_due(self, now: float, lease: float, limit: int) -> list[Order]: ...


class Transaction(calling.Transaction, Protocol):
    """What the worker needs of a transaction."""

    @property
    def orders(self) -> Orders: ...


class Store(Protocol):
    """Where the rows are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker. ``now`` gives Unix seconds; ``interval`` is the seconds between two calls."""

    store: Store
    carrier: Carrier
    directory: Directory
    policy: Policy
    now: Callable[[], float]
    interval: float = 1.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; what fails is logged and tried again when it is due."""
        while not stop.is_set():
            try:
                busy = self.run_once()
            except Exception:  # one row's trouble must not stop the others
                log.exception("worker failed")
                busy = False
            if not busy:  # the pace may be what it waits for
                stop.wait(min(IDLE_SECONDS, self.interval))

    def run_once(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        with self.store.read() as tx:  # a look takes no lock: an idle worker is in nobody's way
            orders, calls = tx.orders.any_due(self.now()), tx.attempts.any_due(self.now())
        done = [orders and self._look_at_orders()]
        done += [calls and self._look_after_calls(), calls and self._dial()]
        return any(done)

    def _look_at_orders(self) -> bool:
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
            if order and order.code_expires_at and order.code_expires_at <= self.now():
                order = replace(order, code=None, code_expires_at=None)
            if order:
                tx.orders.save(replace(order, due_at=order.code_expires_at))

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
            if self.carrier.end(attempt.call_sid):
                with self.store.write() as tx:
                    calling.hung_up(tx, attempt.id, self.now())
        elif attempt.call_sid:
            call = self.carrier.call(attempt.call_sid)
            with self.store.write() as tx:
                calling.watch(tx, attempt.id, call, self.now())

    def _dial(self) -> bool:
        with self.store.write() as tx:
            attempt = calling.claim(tx, self.now(), self.interval)
        if attempt is None:
            return False
        limit = calling.limit_seconds(attempt)
        answer = self.carrier.place(attempt.id, attempt.number, limit)
        with self.store.write() as tx:
            calling.record_answer(tx, attempt.id, answer, self.now())
        log.info(
            "dialled", attempt=attempt.id, order=attempt.order_sid, answer=type(answer).__name__
        )
        return True
