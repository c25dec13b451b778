"""Times that lie further ahead than any rule of the program puts them."""

from __future__ import annotations

from typing import NamedTuple

from verification import (
    attempts,
    callbacks,
    caller_ids,
    calling,
    codes,
    delivery,
    mails,
    operators,
    ordering,
)
from verification.store.rows import Execute

_ON_THE_LINE = f"state IN ({', '.join(repr(str(state)) for state in attempts.ON_THE_LINE)})"
_LONGEST_RETRY = callbacks.RETRY_SECONDS[-1] * (1 + delivery.SPREAD_PERCENT / 100)


class _Bound(NamedTuple):
    """Rows of a table whose ``column`` is never more than so many seconds ahead.

    ``lives``: it is the end of a life, and is put that far ahead of now; else it becomes now.
    """

    table: str
    column: str
    seconds: float
    where: str = "1 = 1"
    lives: bool = False


_BOUNDS = (
    # An order's code dies when the order is due; so this stands before the order's own line.
    _Bound("orders", "code_expires_at", codes.CODE_SECONDS, "due_at > :limit", lives=True),
    _Bound("orders", "due_at", codes.CODE_SECONDS),
    _Bound("attempts", "due_at", calling.LONGEST_WAIT_SECONDS),
    # Its age decides when a call is given up.
    _Bound("attempts", "dialled_at", 0.0, _ON_THE_LINE),
    _Bound("caller_ids", "due_at", caller_ids.LATE_SECONDS),
    _Bound("bulk_orders", "due_at", ordering.DIRECTORY_RETRY_SECONDS),
    _Bound("eligibility_requests", "due_at", ordering.DIRECTORY_RETRY_SECONDS),
    _Bound("mails", "due_at", mails.LEASE_SECONDS, "tries = 0"),
    _Bound("mails", "due_at", max(mails.DELAYS)),
    _Bound("outbox", "due_at", 0.0, "tries = 0"),
    _Bound("outbox", "due_at", _LONGEST_RETRY),
    _Bound("operator_links", "expires_at", operators.LINK_SECONDS, lives=True),
    _Bound("operator_sessions", "expires_at", operators.SESSION_SECONDS, lives=True),
)
# An endpoint is due with the first of its messages.
_ENDPOINTS = """
    UPDATE endpoints SET due_at = (SELECT MIN(due_at) FROM outbox WHERE endpoint = endpoints.name)
    WHERE due_at > :now
"""


class Ahead:
    """What lies further ahead than it may."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def any(self, now: float, slack: float) -> bool:
        """Whether there is anything; ``slack`` seconds more are let pass."""
        return any(self._has(bound, now, slack) for bound in _BOUNDS)

    def bring_back(self, now: float, slack: float) -> int:
        """Bring all of it back into its bounds; gives how many rows it was."""
        rows = sum(self._bring_back(bound, now, slack) for bound in _BOUNDS)
        self._execute(_ENDPOINTS, {"now": now})
        return rows

    def _has(self, bound: _Bound, now: float, slack: float) -> bool:
        sql = f"SELECT 1 FROM {bound.table} WHERE {bound.column} > :limit AND {bound.where} LIMIT 1"
        limit = now + bound.seconds + slack
        return self._execute(sql, {"limit": limit}).fetchone() is not None

    def _bring_back(self, bound: _Bound, now: float, slack: float) -> int:
        sql = (
            f"UPDATE {bound.table} SET {bound.column} = :to"
            f" WHERE {bound.column} > :limit AND {bound.where}"
        )
        to = now + bound.seconds if bound.lives else now
        limit = now + bound.seconds + slack
        return self._execute(sql, {"to": to, "limit": limit}).rowcount
