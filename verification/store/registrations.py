"""The statements of registrations."""

from __future__ import annotations

from collections.abc import Sequence

from verification.hosting import Registration
from verification.store.rows import UNTAKEN, Execute, Table, among

TABLE = Table(Registration, "registrations", "order_sid")


class Registrations:
    """How far the registration of each order is."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def put_all(self, registrations: Sequence[Registration]) -> None:
        """Put a registration for each of many orders."""
        for where, params in among("order_sid", [each.order_sid for each in registrations]):
            self._execute(f"DELETE FROM registrations WHERE {where}", params)
        TABLE.insert_all(self._execute, registrations)

    def put(self, registration: Registration) -> None:
        """Add a registration, or write over the one of the same order."""
        if self.get(registration.order_sid) is None:
            TABLE.insert(self._execute, registration)
        else:
            TABLE.save(self._execute, registration)

    def get(self, order_sid: str) -> Registration | None:
        """The registration of an order."""
        sql = f"{TABLE.select} WHERE order_sid = :sid"
        return TABLE.one(self._execute(sql, {"sid": order_sid}).fetchone())

    def any_due(self, now: float) -> bool:
        """Whether any must be looked at."""
        sql = "SELECT 1 FROM registrations WHERE due_at <= :now LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def take_due(self, now: float, lease: float, limit: int) -> list[Registration]:
        """Those that are due; others leave them alone for ``lease`` seconds."""
        sql = f"""
            UPDATE registrations SET due_at = :until WHERE order_sid IN (
                SELECT order_sid FROM registrations WHERE due_at <= :now
                ORDER BY due_at LIMIT :limit {UNTAKEN})
            {TABLE.returning}
        """
        params = {"now": now, "until": now + lease, "limit": limit}
        return TABLE.all(self._execute(sql, params).fetchall())
