"""The bulk requests of one transaction, and their orders."""

from __future__ import annotations

from collections.abc import Sequence

from verification.bulk import Bulk, Result, Standing
from verification.orders import Order
from verification.statuses import Status
from verification.store.rows import SEEN, Execute, Params, Table, among

TABLE = Table(Bulk, "bulk_orders", "sid")
_ORDERS = Table(Order, "orders", "sid")
_RESULTS = Table(Result, "orders", "sid")
_STANDING = Table(Standing, "orders", "sid")
_OF_IT = "bulk_hosting_request_sid = :sid AND deleted_at IS NULL"
_WAITING = f"{_OF_IT} AND status = 'twilio-processing'"


class Bulks:
    """Requests for many orders."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, bulk: Bulk) -> None:
        """Add a request."""
        TABLE.insert(self._execute, bulk)

    def insert_orders(self, made: Sequence[Order]) -> None:
        """Add its orders."""
        _ORDERS.insert_all(self._execute, made)

    def save(self, bulk: Bulk) -> None:
        """Write a request that was read in this transaction."""
        TABLE.save(self._execute, bulk)

    def get(self, sid: str) -> Bulk | None:
        """The request of this SID, whosever it is."""
        return TABLE.one(self._execute(f"{TABLE.select} WHERE sid = :sid", {"sid": sid}).fetchone())

    def seen(self, account_sid: str, sid: str) -> Bulk | None:
        """The request of this SID if the account or a subaccount of it has made it."""
        sql = f"{TABLE.select} WHERE sid = :sid AND account_sid IN {SEEN}"
        return TABLE.one(self._execute(sql, {"sid": sid, "mine": account_sid}).fetchone())

    def standing(self, account_sid: str, phone_numbers: Sequence[str]) -> list[Standing]:
        """The account's orders that stand in the way of others for these numbers."""
        found: list[Standing] = []
        # By the numbers alone: a table that has just grown might be read by its accounts instead.
        for where, params in among("phone_number", phone_numbers):
            sql = f"{_STANDING.select} WHERE {where} AND deleted_at IS NULL AND status <> 'failed'"
            rows = self._execute(sql, params).fetchall()
            found += [one for one in _STANDING.all(rows) if one.account_sid == account_sid]
        return found

    def any_due(self, now: float) -> bool:
        """Whether the worker must go on with any request."""
        sql = "SELECT 1 FROM bulk_orders WHERE due_at <= :now LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def take_due(self, now: float, lease: float) -> Bulk | None:
        """The request that has waited longest; others leave it alone for ``lease`` seconds."""
        sql = f"""
            UPDATE bulk_orders SET due_at = :until WHERE sid = (
                SELECT sid FROM bulk_orders WHERE due_at <= :now ORDER BY due_at, sid LIMIT 1)
            {TABLE.returning}
        """
        return TABLE.one(self._execute(sql, {"now": now, "until": now + lease}).fetchone())

    def orders_due(self, sid: str, now: float, limit: int) -> list[Order]:
        """Orders of a request whose eligibility is to be looked up."""
        sql = f"{_ORDERS.select} WHERE {_WAITING} AND due_at <= :now ORDER BY due_at LIMIT :limit"
        return _ORDERS.all(self._execute(sql, {"sid": sid, "now": now, "limit": limit}).fetchall())

    def next_due(self, sid: str) -> float | None:
        """When the next order of a request is to be looked up; None if none waits any more."""
        sql = f"SELECT min(due_at) FROM orders WHERE {_WAITING}"
        due_at: float | None = self._execute(sql, {"sid": sid}).fetchone()[0]
        return due_at

    def settled(self, sid: str) -> int:
        """How many orders of a request wait for their eligibility no more."""
        sql = f"SELECT count(*) FROM orders WHERE {_OF_IT} AND status <> 'twilio-processing'"
        return int(self._execute(sql, {"sid": sid}).fetchone()[0])

    def results(self, sid: str, status: Status | None) -> list[Result]:
        """What became of the orders of a request, of all or of those in one status."""
        params: Params = {"sid": sid}
        sql = f"{_RESULTS.select} WHERE {_OF_IT}"
        if status:
            sql, params["status"] = f"{sql} AND status = :status", str(status)
        return _RESULTS.all(
            self._execute(f"{sql} ORDER BY status, phone_number", params).fetchall()
        )
