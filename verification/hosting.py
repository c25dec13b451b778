"""From the signed letter to the number in use: registration by a carrier, then a test.

The FAQ's last stages. An order that is ``carrier-processing`` has a registration; a registrar says
how far it is. What is registered is tested with an inbound message, and is in use when it passes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import availability, numbers, orders, phone_numbers
from verification.orders import Order
from verification.phone_numbers import NumberStatus
from verification.statuses import Mover, Status

PROBLEM = "There was a problem processing your Hosted Number Order."
REASON = "operator's reason"  # the event that keeps why an operator moved an order


class Stage(StrEnum):
    """What a registration waits for."""

    REGISTERING = "registering"
    TESTING = "testing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Registration:
    """The registration of one order. Times in Unix seconds.

    ``accepted_at``: when the RespOrg of a toll-free number accepted the request. ``reference``:
    what the registrar calls it. ``message_sid``: the test's message, the same each time it is
    sent. ``due_at``: when the worker looks at it next, None while somebody else must act.
    """

    order_sid: str
    phone_number: str
    stage: Stage
    begun_at: float
    due_at: float | None
    accepted_at: float | None = None
    reference: str | None = None
    message_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """The number is registered."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The number cannot be registered; ``reason`` is the order's failure_reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet; asked again at ``until`` in Unix seconds, None: only when something happens."""

    until: float | None
    reference: str | None = None


Verdict = Registered | Rejected | Waiting


class Registrar(Protocol):
    """Who registers numbers for messages."""

    def follow(self, registration: Registration, order: Order, now: float) -> Verdict:
        """How far a registration is; the first question also begins it.

        It may be asked the same again after a crash, and must then begin nothing twice.
        """
        ...


class Orders(orders.Orders, Protocol):
    """The orders of one transaction."""

    def get(self, sid: str) -> Order | None: ...


class Registrations(Protocol):
    """The registrations of one transaction."""

    def put(self, registration: Registration) -> None:
        """Add a registration, or write over the one of the same order."""
        ...

    def put_all(self, registrations: Sequence[Registration]) -> None: ...
    def get(self, order_sid: str) -> Registration | None: ...
    def any_due(self, now: float) -> bool: ...
    def take_due(self, now: float, lease: float, limit: int) -> list[Registration]: ...


class Transaction(orders.Transaction, phone_numbers.Transaction, Protocol):
    """What hosting needs of a transaction."""

    @property
    def orders(self) -> Orders: ...
    @property
    def registrations(self) -> Registrations: ...


class NotRegistering(ValueError):
    """The order waits for no registration, or for no RespOrg (Twilio error 22112)."""


def begin(tx: Transaction, order: Order, now: float) -> Registration:
    """Start the registration of an order that has just become ``carrier-processing``."""
    return begin_all(tx, [order], now)[0]


def begin_all(tx: Transaction, moved: Sequence[Order], now: float) -> list[Registration]:
    """Start those of many orders, as ``begin`` does one; quick for thousands."""
    begun = [
        Registration(order.sid, order.phone_number, Stage.REGISTERING, now, now) for order in moved
    ]
    tx.registrations.put_all(begun)
    rows = ((order.account_sid, order.sid, "") for order in moved)
    tx.audit.append_all(now, Mover.REGISTRAR, "registration begun", rows)
    return begun


def accept(tx: Transaction, order: Order, now: float) -> Registration:
    """The RespOrg of a toll-free number accepts the request, which speeds it (the FAQ).

    Raises NotRegistering.
    """
    registration = tx.registrations.get(order.sid)
    if registration is None or registration.stage is not Stage.REGISTERING:
        raise NotRegistering(f"The order is {order.status}: only one in carrier-processing waits")
    if not numbers.is_toll_free(order.phone_number):
        raise NotRegistering("Only a toll-free number has a RespOrg that can accept the request")
    if registration.accepted_at is None:
        registration = replace(registration, accepted_at=now, due_at=now)
        tx.registrations.put(registration)
        _note(tx, order, "resporg accepted", now, Mover.CUSTOMER)
    return registration


def take(tx: Transaction, asked: Registration, verdict: Verdict, now: float) -> None:
    """Write down what the registrar said when it was asked about a registration.

    An order that has moved on meanwhile stays, and what was accepted meanwhile is asked again.
    """
    held, order = tx.registrations.get(asked.order_sid), tx.orders.get(asked.order_sid)
    if held is None or held.stage is not Stage.REGISTERING or order is None:
        return
    if order.deleted_at or order.status is not Status.CARRIER_PROCESSING:
        _finish(tx, held)
    elif isinstance(verdict, Waiting):
        until = verdict.until if held.accepted_at == asked.accepted_at else now
        reference = verdict.reference or held.reference
        tx.registrations.put(replace(held, due_at=until, reference=reference))
    elif isinstance(verdict, Rejected):
        _fail(tx, held, order, verdict.reason, now)
    elif availability.why_taken(tx, order.account_sid, order.phone_number):
        _fail(tx, held, order, availability.ELSEWHERE, now)
    else:
        orders.move(tx, order, Status.TESTING, Mover.REGISTRAR, now)
        _begin_test(tx, held, now)


def put_off(tx: Transaction, taken: Registration, until: float) -> None:
    """Look at a registration that was taken and not asked about at another time."""
    held = tx.registrations.get(taken.order_sid)
    if held == taken:
        tx.registrations.put(replace(taken, due_at=until))


def tested(tx: Transaction, order_sid: str, trouble: str | None, now: float) -> None:
    """Write down how the test with an inbound message went; ``trouble`` None: it passed."""
    held, order = tx.registrations.get(order_sid), tx.orders.get(order_sid)
    if held is None or held.stage is not Stage.TESTING or order is None:
        return
    if order.deleted_at or order.status is not Status.TESTING:
        _finish(tx, held)
    elif trouble:
        _fail(tx, held, order, f"{PROBLEM} The inbound messaging test failed: {trouble}.", now)
    else:
        _complete(tx, held, order, Mover.REGISTRAR, now)


def move_by_operator(tx: Transaction, order: Order, to: Status, reason: str, now: float) -> Order:
    """An operator moves an order and says why; what that begins or ends follows.

    ``reason`` is kept in the audit trail, and shown to the customer where the order has failed or
    waits for him. Raises MoveRefused.
    """
    held = tx.registrations.get(order.sid)
    _note(tx, order, REASON, now, Mover.OPERATOR, reason)
    if to is Status.COMPLETED and held and order.status is Status.TESTING:
        return _complete(tx, held, order, Mover.OPERATOR, now)
    shown = reason if to in (Status.ACTION_REQUIRED, Status.FAILED) else None
    moved = orders.move(tx, order, to, Mover.OPERATOR, now, shown)
    if to is Status.CARRIER_PROCESSING:
        begin(tx, moved, now)
    elif to is Status.TESTING:
        _begin_test(tx, held or begin(tx, moved, now), now)
    elif held:
        _finish(tx, held)
    return moved


def _complete(tx: Transaction, held: Registration, order: Order, by: Mover, now: float) -> Order:
    if availability.why_taken(tx, order.account_sid, order.phone_number):
        return _fail(tx, held, order, availability.ELSEWHERE, now)
    completed = orders.move(tx, order, Status.COMPLETED, by, now)
    number = tx.phone_numbers.get(order.incoming_phone_number_sid)
    if number and number.status is NumberStatus.PENDING:
        phone_numbers.put_in_use(tx, number, now)
    _finish(tx, held)
    return completed


def _fail(tx: Transaction, held: Registration, order: Order, reason: str, now: float) -> Order:
    failed = orders.move(tx, order, Status.ACTION_REQUIRED, Mover.REGISTRAR, now, reason)
    _finish(tx, held)
    return failed


def _begin_test(tx: Transaction, held: Registration, now: float) -> None:
    sid = "SM" + secrets.token_hex(16)
    tx.registrations.put(replace(held, stage=Stage.TESTING, due_at=now, message_sid=sid))


def _finish(tx: Transaction, held: Registration) -> None:
    tx.registrations.put(replace(held, stage=Stage.DONE, due_at=None))


def _note(
    tx: Transaction,
    order: Order,
    event: str,
    now: float,
    by: Mover = Mover.REGISTRAR,
    detail: str = "",
) -> None:
    tx.audit.append(now, by, order.account_sid, order.sid, event, detail)
