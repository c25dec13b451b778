"""How long an order may stand idle, and what becomes of it then.

The FAQ's limits and reasons. An order is idle for as long as nothing has changed it. A letter that
nobody signs has its own seven days (``letter_duties``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from verification import orders
from verification.orders import Order
from verification.statuses import Mover, Status

IDLE_SECONDS = 60.0  # what takes a week may take a minute more
SLICE = 50  # orders of one transaction
WEEK = 7 * 86_400.0
MONTH = 30 * 86_400.0

IDLE_IN_VERIFICATION = (
    "The Hosted Number Order was idle in the verification process for seven days."
)
IDLE = "The Hosted Number Order was idle for more than thirty days."


@dataclass(frozen=True, slots=True)
class Limit:
    """Orders of a status may be idle for ``seconds``; then they go to another.

    ``reason`` None: they keep the reason that they have. ``proof``: only orders whose owner proves
    the number in this way.
    """

    status: Status
    seconds: float
    to: Status
    reason: str | None
    proof: str | None = None


# Who waits for the review of his phone bill is not the one who is idle, but he too has a month.
LIMITS = (
    Limit(Status.ACTION_REQUIRED, WEEK, Status.FAILED, None),
    *(
        Limit(status, WEEK, Status.ACTION_REQUIRED, IDLE_IN_VERIFICATION, "phone-call")
        for status in (Status.RECEIVED, Status.PENDING_VERIFICATION)
    ),
    *(
        Limit(status, MONTH, Status.FAILED, IDLE)
        for status in (
            Status.TWILIO_PROCESSING,
            Status.RECEIVED,
            Status.PENDING_VERIFICATION,
            Status.VERIFIED,
            Status.CARRIER_PROCESSING,
            Status.TESTING,
        )
    ),
)


class Orders(orders.Orders, Protocol):
    """The orders as they are left idle."""

    def idle(self, status: Status, since: float, proof: str | None, limit: int) -> list[Order]:
        """Orders of a status that nothing has changed after a time, the longest idle first."""
        ...


class Transaction(orders.Transaction, Protocol):
    """What limits need of a transaction."""

    @property
    def orders(self) -> Orders: ...


class Store(Protocol):
    """Where the orders are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


def end(tx: Transaction, order: Order, limit: Limit, now: float) -> Order:
    """Move an order whose time is over. Its code and what was due of it are forgotten."""
    over = replace(order, code=None, code_expires_at=None, due_at=None)
    reason = limit.reason or order.failure_reason
    return orders.move(tx, over, limit.to, Mover.LINEPROOF, now, reason)


def over(tx: Transaction, limit: Limit, now: float) -> list[Order]:
    """Some of the orders that are past a limit, in this transaction."""
    return tx.orders.idle(limit.status, now - limit.seconds, limit.proof, SLICE)


@dataclass(frozen=True, slots=True)
class IdleOrders:
    """Ends what is idle for too long. ``now`` gives Unix seconds."""

    store: Store
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        done = [self._enforce(limit) for limit in LIMITS]
        return any(done)

    def _enforce(self, limit: Limit) -> bool:
        with self.store.read() as tx:  # a look takes no lock
            if not over(tx, limit, self.now()):
                return False
        with self.store.write() as tx:
            now = self.now()
            ended = [end(tx, order, limit, now) for order in over(tx, limit, now)]
        return bool(ended)
