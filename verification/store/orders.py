"""The statements of orders."""

from __future__ import annotations

from collections.abc import Sequence

from verification.ordering import Place
from verification.orders import Order
from verification.statuses import Status
from verification.store.rows import SEEN, UNTAKEN, Execute, Table, among, paged

TABLE = Table(Order, "orders", "sid")
# In the words of the index ``orders_due``, which is used only if they are the same.
_IN_NO_BULK = "(bulk_hosting_request_sid IS NULL OR status <> 'twilio-processing')"


class Orders:
    """Orders; ``get`` and ``take_due`` also know deleted ones, the rest does not."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._known: dict[str, Order] = {}

    def forget(self) -> None:
        """Another transaction begins: what the rows hold is not known any more."""
        self._known.clear()

    def insert(self, order: Order) -> None:
        """Add an order."""
        TABLE.insert(self._execute, order)

    def save(self, order: Order) -> None:
        """Write an order that was read in this transaction."""
        TABLE.save(self._execute, order, self._known.get(order.sid))
        self._known[order.sid] = order

    def move_all(self, sids: Sequence[str], to: Status, reason: str | None, now: float) -> None:
        """Write the status of many orders that were read in this transaction."""
        self.forget()
        change = {"to": str(to), "reason": reason, "now": now}
        for where, params in among("sid", sids):
            self._execute(
                "UPDATE orders SET status = :to, failure_reason = :reason, updated_at = :now,"
                " verified_at = CASE WHEN :to = 'verified' THEN COALESCE(verified_at, :now)"
                " ELSE verified_at END"
                f" WHERE {where}",
                params | change,
            )

    def get(self, sid: str) -> Order | None:
        """The order of this SID, whosever it is."""
        order = TABLE.one(
            self._execute(f"{TABLE.select} WHERE sid = :sid", {"sid": sid}).fetchone()
        )
        if order:
            self._known[sid] = order
        return order

    def seen(self, account_sid: str, sid: str) -> Order | None:
        """The order of this SID if the account or a subaccount of it has it."""
        sql = f"{TABLE.select} WHERE sid = :sid AND account_sid IN {SEEN} AND deleted_at IS NULL"
        return TABLE.one(self._execute(sql, {"sid": sid, "mine": account_sid}).fetchone())

    def open_for(self, account_sid: str, phone_number: str) -> Order | None:
        """The account's order that stands in the way of another for the same number."""
        sql = (
            f"{TABLE.select} WHERE account_sid = :account_sid AND phone_number = :number"
            " AND deleted_at IS NULL AND status <> 'failed'"
        )
        params = {"account_sid": account_sid, "number": phone_number}
        return TABLE.one(self._execute(sql, params).fetchone())

    def named(self, account_sid: str, unique_name: str) -> Order | None:
        """The account's order of this unique name."""
        sql = (
            f"{TABLE.select} WHERE account_sid = :account_sid AND unique_name = :name"
            " AND deleted_at IS NULL"
        )
        params = {"account_sid": account_sid, "name": unique_name}
        return TABLE.one(self._execute(sql, params).fetchone())

    def nth_latest(self, phone_numbers: Sequence[str], since: float, nth: int) -> dict[str, float]:
        """When the ``nth`` latest order for each number was made, deleted ones too.

        Numbers with fewer orders after ``since`` are left out.
        """
        times: dict[str, list[float]] = {}
        for where, params in among("phone_number", phone_numbers):
            sql = f"""
                SELECT phone_number, created_at FROM orders
                WHERE {where} AND created_at > :since ORDER BY created_at DESC
            """
            for number, at in self._execute(sql, params | {"since": since}).fetchall():
                times.setdefault(number, []).append(at)
        return {number: found[nth - 1] for number, found in times.items() if len(found) >= nth}

    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Order]:
        """The orders that an account sees, as ``paged`` gives them."""
        mine = f"account_sid IN {SEEN} AND deleted_at IS NULL"
        return paged(self._execute, TABLE, mine, {"mine": account_sid}, filters, place, limit)

    def idle(self, status: Status, since: float, proof: str | None, limit: int) -> list[Order]:
        """Orders of a status that nothing has changed after a time, the longest idle first."""
        proven = "" if proof is None else " AND verification_type = :proof"
        sql = (
            f"{TABLE.select} WHERE status = :status AND updated_at <= :since"
            f" AND deleted_at IS NULL{proven} ORDER BY updated_at LIMIT :limit"
        )
        params = {"status": str(status), "since": since, "proof": proof, "limit": limit}
        return TABLE.all(self._execute(sql, params).fetchall())

    def any_due(self, now: float) -> bool:
        """Whether the worker must look at any order."""
        sql = f"SELECT 1 FROM orders WHERE due_at <= :now AND {_IN_NO_BULK} LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def take_due(self, now: float, lease: float, limit: int) -> list[Order]:
        """Orders that are due; others leave them alone for ``lease`` seconds.

        New ones that were made in bulk are taken by ``Bulks`` instead.
        """
        self.forget()
        sql = f"""
            UPDATE orders SET due_at = :until WHERE sid IN (
                SELECT sid FROM orders WHERE due_at <= :now AND {_IN_NO_BULK}
                ORDER BY due_at LIMIT :limit
                {UNTAKEN})
            {TABLE.returning}
        """
        params = {"now": now, "until": now + lease, "limit": limit}
        return TABLE.all(self._execute(sql, params).fetchall())
