"""The requests for eligibility of one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from verification.eligibility import Answer, Request
from verification.store.rows import Execute, Table

TABLE = Table(Request, "eligibility_requests", "sid")
_NUMBERS = Table(Answer, "eligibility_numbers", "ordinal")


class Eligibility:
    """Requests for the eligibility of many numbers."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, request: Request, asked: Sequence[Answer]) -> None:
        """Add a request and its numbers."""
        TABLE.insert(self._execute, request)
        rows = [
            _NUMBERS.params(one) | {"request_sid": request.sid, "ordinal": ordinal}
            for ordinal, one in enumerate(asked)
        ]
        self._execute.many(_INSERT, rows)

    def save(self, request: Request) -> None:
        """Write a request that was read in this transaction."""
        TABLE.save(self._execute, request)

    def get(self, sid: str) -> Request | None:
        """The request of this SID, whosever it is."""
        return TABLE.one(self._execute(f"{TABLE.select} WHERE sid = :sid", {"sid": sid}).fetchone())

    def of_account(self, account_sid: str, sid: str) -> Request | None:
        """The request of this SID if the account has made it."""
        sql = f"{TABLE.select} WHERE sid = :sid AND account_sid = :account_sid"
        params = {"sid": sid, "account_sid": account_sid}
        return TABLE.one(self._execute(sql, params).fetchone())

    def answer(self, sid: str, ordinal: int, answer: Answer) -> None:
        """Write the answer to one number."""
        params = _NUMBERS.params(answer) | {"request_sid": sid, "ordinal": ordinal}
        self._execute(_UPDATE, params)

    def answers(self, sid: str) -> list[Answer]:
        """The numbers that have been looked at, in the order in which they were sent."""
        sql = f"{_NUMBERS.select} WHERE {_OF_IT} AND checked_at IS NOT NULL ORDER BY ordinal"
        return _NUMBERS.all(self._execute(sql, {"sid": sid}).fetchall())

    def open(self, sid: str, limit: int) -> dict[int, Answer]:
        """Numbers that are still to be looked at, by their ordinals."""
        sql = (
            f"SELECT ordinal, {', '.join(_NUMBERS.columns)} FROM eligibility_numbers"
            f" WHERE {_OF_IT} AND checked_at IS NULL ORDER BY ordinal LIMIT :limit"
        )
        rows = self._execute(sql, {"sid": sid, "limit": limit}).fetchall()
        numbers = _NUMBERS.all(row[1:] for row in rows)
        return dict(zip((row[0] for row in rows), numbers, strict=True))

    def any_open(self, sid: str) -> bool:
        """Whether any number is still to be looked at."""
        return bool(self.open(sid, 1))

    def hosted(self, phone_number: str) -> str | None:
        """The order under which a number is in use, whosever it is."""
        sql = (
            "SELECT sid FROM orders WHERE phone_number = :number AND status = 'completed'"
            " AND deleted_at IS NULL LIMIT 1"
        )
        row = self._execute(sql, {"number": phone_number}).fetchone()
        return row[0] if row else None

    def any_due(self, now: float) -> bool:
        """Whether the worker must go on with any request."""
        sql = "SELECT 1 FROM eligibility_requests WHERE due_at <= :now LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def take_due(self, now: float, lease: float) -> Request | None:
        """The request that has waited longest; others leave it alone for ``lease`` seconds."""
        sql = f"""
            UPDATE eligibility_requests SET due_at = :until WHERE sid = (
                SELECT sid FROM eligibility_requests WHERE due_at <= :now
                ORDER BY due_at, sid LIMIT 1)
            {TABLE.returning}
        """
        return TABLE.one(self._execute(sql, {"now": now, "until": now + lease}).fetchone())


_OF_IT = "request_sid = :sid"
_COLUMNS = ("request_sid", "ordinal", *_NUMBERS.columns)
_INSERT = (
    f"INSERT INTO eligibility_numbers ({', '.join(_COLUMNS)})"
    f" VALUES ({', '.join(f':{column}' for column in _COLUMNS)})"
)
_UPDATE = (
    f"UPDATE eligibility_numbers SET {', '.join(f'{c} = :{c}' for c in _NUMBERS.columns)}"
    " WHERE request_sid = :request_sid AND ordinal = :ordinal"
)
