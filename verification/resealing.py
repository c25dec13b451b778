"""Seal everything anew with the newest secret key, so that an older one can be dropped.

It goes through the rows in the order of their keys, a slice a transaction, and writes only what
another key has sealed: it may be stopped and begun again, and others may work meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from verification.codes import Keyring, Unsealable
from verification.orders import Audit
from verification.statuses import Mover

SLICE = 50  # values of one transaction; a letter of thousands of numbers is large
TRAIL = "secret keys"  # the object that the audit trail names


class Place(NamedTuple):
    """Where values are sealed: a table, its key, a column; ``context`` takes the row's key."""

    table: str
    key: str
    column: str
    context: str = "{}"

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.table}.{self.column}"


# Every column of bytes; tests/verification/test_resealing.py holds that none is left out.
PLACES = (
    Place("accounts", "sid", "auth_token"),
    Place("accounts", "sid", "secondary_token"),
    Place("api_keys", "sid", "secret"),
    Place("callback_secrets", "account_sid", "secret", "callbacks of {}"),
    Place("callback_secrets", "account_sid", "previous", "callbacks of {}"),
    Place("orders", "sid", "code"),
    Place("caller_ids", "sid", "code"),
    Place("letters", "document_sid", "content", "letter {}"),
    Place("letters", "document_sid", "pdf", "letter pdf {}"),
    Place("document_contents", "document_sid", "sealed"),
    Place("answers", "id", "body"),
    Place("proof_keys", "kid", "private"),
)


class Sealed(Protocol):
    """The sealed values of one transaction."""

    def after(self, place: Place, key: str, limit: int) -> list[tuple[str, bytes]]:
        """Values with their rows' keys, in the order of these, behind ``key``."""
        ...

    def put(self, place: Place, key: str, sealed: bytes) -> None: ...


class Transaction(Protocol):
    """What resealing needs of a transaction."""

    @property
    def sealed(self) -> Sealed: ...
    @property
    def audit(self) -> Audit: ...


class Store(Protocol):
    """Where the values are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


class Result(NamedTuple):
    """How many values were sealed anew; how many no key opens, by place."""

    resealed: Mapping[str, int]
    lost: Mapping[str, int]


def reseal(store: Store, keyring: Keyring, now: float) -> Result:
    """Seal anew whatever the newest key does not open. ``now`` in Unix seconds."""
    resealed: dict[str, int] = {}
    lost: dict[str, int] = {}
    for place in PLACES:
        key = ""
        while True:
            with store.read() as tx:  # most slices have nothing to write, and take no lock
                values = tx.sealed.after(place, key, SLICE)
            if not values:
                break
            if not all(keyring.is_newest(v, place.context.format(k)) for k, v in values):
                with store.write() as tx:
                    changed, failed = _slice(tx, keyring, place, key)
                resealed[place.name] = resealed.get(place.name, 0) + changed
                lost[place.name] = lost.get(place.name, 0) + failed
            key = values[-1][0]
    lost = {name: count for name, count in lost.items() if count}
    if any(resealed.values()):
        with store.write() as tx:
            detail = f"{sum(resealed.values())} values"
            tx.audit.append(now, Mover.OPERATOR, "", TRAIL, "sealed anew", detail)
    return Result({name: count for name, count in resealed.items() if count}, lost)


def _slice(tx: Transaction, keyring: Keyring, place: Place, key: str) -> tuple[int, int]:
    """Reseal the values behind a key, as they are now."""
    changed = failed = 0
    for row, sealed in tx.sealed.after(place, key, SLICE):
        context = place.context.format(row)
        if keyring.is_newest(sealed, context):
            continue
        try:
            value = keyring.open_bytes(sealed, context)
        except Unsealable:
            failed += 1
        else:
            tx.sealed.put(place, row, keyring.seal_bytes(value, context))
            changed += 1
    return changed, failed
