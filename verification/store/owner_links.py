"""The statements of owner's links."""

from __future__ import annotations

from verification.owner_links import OwnerLink
from verification.store.rows import Execute, Table

TABLE = Table(OwnerLink, "owner_links", "order_sid")


class OwnerLinks:
    """The link of each order that has one."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def get(self, order_sid: str) -> OwnerLink | None:
        """The link of an order, open or not."""
        sql = f"{TABLE.select} WHERE order_sid = :sid"
        return TABLE.one(self._execute(sql, {"sid": order_sid}).fetchone())

    def put(self, link: OwnerLink) -> None:
        """Add a link, or write over the one of the same order."""
        if self.get(link.order_sid) is None:
            TABLE.insert(self._execute, link)
        else:
            TABLE.save(self._execute, link)

    def due(self, now: float, limit: int) -> list[str]:
        """The orders whose owners are to be called now, the longest waiting first."""
        sql = """
            SELECT order_sid FROM owner_links WHERE call_at <= :now ORDER BY call_at LIMIT :limit
        """
        return [row[0] for row in self._execute(sql, {"now": now, "limit": limit}).fetchall()]
