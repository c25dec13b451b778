"""What is due of owner's links: the calls that their holders planned."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from verification import owner_links, owning
from verification.codes import Keyring
from verification.dialling import Limits

IDLE_SECONDS = 1.0
SLICE = 20


class OwnerLinks(owner_links.OwnerLinks, Protocol):
    """The links as they fall due."""

    def due(self, now: float, limit: int) -> list[str]: ...


class Transaction(owning.Transaction, Protocol):
    """What this duty needs of a transaction."""

    @property
    def owner_links(self) -> OwnerLinks: ...


class Store(Protocol):
    """Where the links are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class OwnerCallsDue:
    """Asks for the calls that were planned. ``now`` gives Unix seconds, ``limits`` are of calls."""

    store: Store
    keyring: Keyring
    limits: Limits
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything.

        No claim is needed: each call is asked for in a transaction that looks again.
        """
        with self.store.read() as tx:
            due = tx.owner_links.due(self.now(), SLICE)
        for order_sid in due:
            with self.store.write() as tx:
                owning.call_as_planned(tx, self.keyring, self.limits, order_sid, self.now())
        return bool(due)
