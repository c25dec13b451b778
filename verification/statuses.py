"""The one table of an order's statuses: which follows which, who may move it, and why.

Twilio's ten statuses (the Hosted Numbers FAQ; facts of the contract). An order's status changes in
``move`` and nowhere else, in one transaction with its audit row and its outbox row.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from verification.ordering import Order


class Status(StrEnum):
    """Where an order stands."""

    TWILIO_PROCESSING = "twilio-processing"
    RECEIVED = "received"
    PENDING_VERIFICATION = "pending-verification"
    VERIFIED = "verified"
    PENDING_LOA = "pending-loa"
    CARRIER_PROCESSING = "carrier-processing"
    TESTING = "testing"
    COMPLETED = "completed"
    FAILED = "failed"
    ACTION_REQUIRED = "action-required"


class Mover(StrEnum):
    """Who moves an order."""

    CUSTOMER = "customer"  # through the API
    PERSON = "person"  # with the keys of the phone
    LINEPROOF = "lineproof"  # eligibility, limits, the outcome of a call
    SIGNER = "signer"  # of the letter of authorization
    REGISTRAR = "registrar"
    OPERATOR = "operator"


_S, _M = Status, Mover

TRANSITIONS: dict[tuple[Status, Status], frozenset[Mover]] = {
    (_S.TWILIO_PROCESSING, _S.RECEIVED): frozenset({_M.LINEPROOF}),
    (_S.TWILIO_PROCESSING, _S.FAILED): frozenset({_M.LINEPROOF}),
    (_S.RECEIVED, _S.PENDING_VERIFICATION): frozenset({_M.CUSTOMER, _M.OPERATOR}),
    (_S.RECEIVED, _S.VERIFIED): frozenset({_M.LINEPROOF, _M.OPERATOR}),
    (_S.RECEIVED, _S.ACTION_REQUIRED): frozenset({_M.LINEPROOF}),
    (_S.PENDING_VERIFICATION, _S.VERIFIED): frozenset({_M.PERSON, _M.OPERATOR}),
    (_S.PENDING_VERIFICATION, _S.ACTION_REQUIRED): frozenset({_M.LINEPROOF, _M.PERSON}),
    (_S.VERIFIED, _S.PENDING_LOA): frozenset({_M.CUSTOMER, _M.OPERATOR}),
    (_S.PENDING_LOA, _S.VERIFIED): frozenset({_M.CUSTOMER, _M.SIGNER, _M.OPERATOR}),
    (_S.PENDING_LOA, _S.CARRIER_PROCESSING): frozenset({_M.SIGNER}),
    (_S.PENDING_LOA, _S.ACTION_REQUIRED): frozenset({_M.LINEPROOF}),
    (_S.CARRIER_PROCESSING, _S.TESTING): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    (_S.CARRIER_PROCESSING, _S.ACTION_REQUIRED): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    (_S.TESTING, _S.COMPLETED): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    (_S.TESTING, _S.ACTION_REQUIRED): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    # A person may still be typing when the carrier has already reported the end of the call.
    (_S.ACTION_REQUIRED, _S.VERIFIED): frozenset({_M.PERSON, _M.OPERATOR}),
    (_S.ACTION_REQUIRED, _S.RECEIVED): frozenset({_M.OPERATOR}),
    (_S.ACTION_REQUIRED, _S.FAILED): frozenset({_M.LINEPROOF, _M.OPERATOR}),
}

# An order that has ended never revives: a new order for the number is a new order.
ENDED = frozenset({Status.COMPLETED, Status.FAILED})

# In these the customer may take the order back (Twilio: DELETE of a HostedNumberOrder); an order
# that failed or waits for action holds nothing that he could not give up, so it may go as well.
DELETABLE = frozenset(
    {
        Status.TWILIO_PROCESSING,
        Status.RECEIVED,
        Status.PENDING_VERIFICATION,
        Status.VERIFIED,
        Status.PENDING_LOA,
        Status.ACTION_REQUIRED,
        Status.FAILED,
    }
)


class MoveRefused(ValueError):
    """This mover may not bring the order from its status to that one (Twilio error 22112)."""


class Orders(Protocol):
    """The orders of one transaction."""

    def save(self, order: Order) -> None: ...


class Audit(Protocol):
    """The hash-chained record of what happened."""

    def append(
        self, at: float, actor: str, account_sid: str, object_sid: str, event: str, detail: str = ""
    ) -> None: ...


class Outbox(Protocol):
    """What must be reported to the customer."""

    def add(self, order: Order, at: float) -> None: ...


class Transaction(Protocol):
    """What a change of status writes, all or nothing."""

    @property
    def orders(self) -> Orders: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def outbox(self) -> Outbox: ...


def may_move(order_status: Status, to: Status, by: Mover) -> bool:
    """Whether the table lets ``by`` bring an order from one status to another."""
    return by in TRANSITIONS.get((order_status, to), frozenset())


def move(
    tx: Transaction, order: Order, to: Status, by: Mover, now: float, reason: str | None = None
) -> Order:
    """Bring ``order`` to the status ``to`` and report it; gives the order as it then stands.

    ``reason`` becomes the order's failure_reason; None clears it. ``now`` in Unix seconds.
    Raises MoveRefused, which names the statuses that this mover may choose.
    """
    if not may_move(order.status, to, by):
        raise MoveRefused(_refusal(order.status, to, by))
    moved = replace(order, status=to, failure_reason=reason, updated_at=now)
    tx.orders.save(moved)
    detail = f"{order.status} -> {to}" + (f": {reason}" if reason else "")
    tx.audit.append(now, by, order.account_sid, order.sid, "status", detail)
    if order.status_callback_url:
        tx.outbox.add(moved, now)
    return moved


def _refusal(status: Status, to: Status, by: Mover) -> str:
    allowed = sorted(
        after
        for (before, after), movers in TRANSITIONS.items()
        if before == status and by in movers
    )
    choice = f"only to {', '.join(allowed)}" if allowed else "to no other status"
    return f"An order that is {status} cannot be moved to {to} by the {by}: {choice}"
