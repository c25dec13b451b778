"""What is due of letters: those that nobody signed in their seven days."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from verification import documents, signing
from verification.codes import Keyring
from verification.documents import Document

IDLE_SECONDS = 1.0
SLICE = 10


class Documents(documents.Documents, Protocol):
    """The documents as they fall due."""

    def any_due(self, now: float) -> bool: ...
    def due(self, now: float, limit: int) -> list[Document]: ...


class Transaction(signing.Transaction, Protocol):
    """What this duty needs of a transaction."""

    @property
    def documents(self) -> Documents: ...


class Store(Protocol):
    """Where the letters are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class LettersDue:
    """Lets letters fail whose time is over. ``now`` gives Unix seconds."""

    store: Store
    keyring: Keyring
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything.

        No claim is needed: each letter fails in a transaction that looks again.
        """
        with self.store.read() as tx:
            if not tx.documents.any_due(self.now()):
                return False
            over = tx.documents.due(self.now(), SLICE)
        for document in over:
            with self.store.write() as tx:
                signing.expire(signing.Desk(tx, self.keyring, self.now()), document.sid)
        return bool(over)
