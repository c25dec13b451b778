"""The statements of the numbers of accounts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verification.ordering import Place
from verification.phone_numbers import PhoneNumber
from verification.store.rows import Execute, Params, Table, among, paged

TABLE = Table(PhoneNumber, "phone_numbers", "sid")
# The number of an order that has failed or was taken back is nobody's.
SHOWN = """
    status <> 'gone' AND NOT EXISTS (
        SELECT 1 FROM orders WHERE orders.sid = phone_numbers.order_sid
        AND (orders.status = 'failed' OR orders.deleted_at IS NOT NULL))
"""


class PhoneNumbers:
    """The numbers of accounts; ``get`` alone also knows those that are gone."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, number: PhoneNumber) -> None:
        """Add a number."""
        TABLE.insert(self._execute, number)

    def save(self, number: PhoneNumber) -> None:
        """Write a number that was read in this transaction."""
        TABLE.save(self._execute, number)

    def get(self, sid: str) -> PhoneNumber | None:
        """The number of this SID, whosever it is."""
        rows = self._execute(f"{TABLE.select} WHERE sid = :sid", {"sid": sid})
        return TABLE.one(rows.fetchone())

    def of_account(self, account_sid: str, sid: str) -> PhoneNumber | None:
        """The account's number of this SID."""
        sql = f"{TABLE.select} WHERE sid = :sid AND account_sid = :own AND {SHOWN}"
        return TABLE.one(self._execute(sql, {"sid": sid, "own": account_sid}).fetchone())

    def of_number(self, phone_number: str) -> list[PhoneNumber]:
        """Those of an E.164 number, whosever they are, the oldest first."""
        sql = f"{TABLE.select} WHERE phone_number = :n AND {SHOWN} ORDER BY created_at, sid"
        return TABLE.all(self._execute(sql, {"n": phone_number}).fetchall())

    def of_numbers(self, phone_numbers: Sequence[str]) -> list[PhoneNumber]:
        """Those of many, as ``of_number`` gives those of one."""
        found = []
        for where, params in among("phone_number", phone_numbers):
            sql = f"{TABLE.select} WHERE {where} AND {SHOWN} ORDER BY created_at, sid"
            found += TABLE.all(self._execute(sql, params).fetchall())
        return found

    def insert_all(self, numbers: Iterable[PhoneNumber]) -> None:
        """Add many numbers."""
        TABLE.insert_all(self._execute, numbers)

    def page(
        self,
        account_sid: str,
        filters: dict[str, str],
        like: str | None,
        place: Place | None,
        limit: int,
    ) -> list[PhoneNumber]:
        """An account's numbers, as ``paged`` gives them; ``like``: an SQL pattern."""
        where, params = f"account_sid = :own AND {SHOWN}", Params(own=account_sid)
        if like is not None:
            where += " AND phone_number LIKE :pattern"
            params["pattern"] = like
        return paged(self._execute, TABLE, where, params, filters, place, limit)

    def of_service(
        self, account_sid: str, service_sid: str, place: Place | None, limit: int
    ) -> list[PhoneNumber]:
        """The numbers that an account has in a messaging service, as ``paged`` gives them."""
        where = f"account_sid = :own AND messaging_service_sid = :service AND {SHOWN}"
        params = Params(own=account_sid, service=service_sid)
        return paged(self._execute, TABLE, where, params, {}, place, limit)

    def due(self, now: float, limit: int) -> list[PhoneNumber]:
        """Released ones whose days are over."""
        sql = f"{TABLE.select} WHERE due_at <= :now ORDER BY due_at LIMIT :limit"
        return TABLE.all(self._execute(sql, {"now": now, "limit": limit}).fetchall())
