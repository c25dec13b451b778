"""The statements of caller IDs."""

from __future__ import annotations

from verification.caller_ids import CallerId
from verification.ordering import Place
from verification.store.rows import Execute, Table, paged

TABLE = Table(CallerId, "caller_ids", "sid")


class CallerIds:
    """Verified caller IDs, and the requests for them."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, caller_id: CallerId) -> None:
        """Add a request."""
        TABLE.insert(self._execute, caller_id)

    def save(self, caller_id: CallerId) -> None:
        """Write a caller ID that was read in this transaction."""
        TABLE.save(self._execute, caller_id)

    def get(self, sid: str) -> CallerId | None:
        """The one of this SID, whatever its status."""
        rows = self._execute(f"{TABLE.select} WHERE sid = :sid", {"sid": sid})
        return TABLE.one(rows.fetchone())

    def open_for(self, account_sid: str, phone_number: str) -> CallerId | None:
        """The account's pending or verified one for a number."""
        sql = (
            f"{TABLE.select} WHERE account_sid = :account_sid AND phone_number = :number"
            " AND deleted_at IS NULL AND status <> 'failed'"
        )
        params = {"account_sid": account_sid, "number": phone_number}
        return TABLE.one(self._execute(sql, params).fetchone())

    def of_account(self, account_sid: str, sid: str) -> CallerId | None:
        """The account's verified one of this SID."""
        sql = (
            f"{TABLE.select} WHERE sid = :sid AND account_sid = :account_sid"
            " AND status = 'verified' AND deleted_at IS NULL"
        )
        params = {"sid": sid, "account_sid": account_sid}
        return TABLE.one(self._execute(sql, params).fetchone())

    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[CallerId]:
        """The account's verified ones, as ``paged`` gives them."""
        where = "account_sid = :mine AND status = 'verified' AND deleted_at IS NULL"
        params = {"mine": account_sid}
        return paged(self._execute, TABLE, where, params, filters, place, limit)

    def any_due(self, now: float) -> bool:
        """Whether any outcome has to be reported."""
        sql = "SELECT 1 FROM caller_ids WHERE due_at <= :now LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def due(self, now: float, limit: int) -> list[CallerId]:
        """Those whose outcome has to be reported now."""
        sql = f"{TABLE.select} WHERE due_at <= :now ORDER BY due_at LIMIT :limit"
        return TABLE.all(self._execute(sql, {"now": now, "limit": limit}).fetchall())
