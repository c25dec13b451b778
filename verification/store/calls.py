"""Ownership calls and their refusals, read from the attempts that they are."""

from __future__ import annotations

from verification.calls import Call, Notification
from verification.ordering import Place
from verification.store.rows import Execute, Params, Table, paged

# A caller ID's call is told by the attempt's own id, before the carrier gives one.
_SID = "CASE WHEN substr(subject_sid, 1, 2) = 'HR' THEN call_sid ELSE 'CA' || id END"
_CALLS = Table(
    Call,
    f"""(
        SELECT {_SID} AS sid, account_sid, number, caller,
            COALESCE(dialled_at, requested_at) AS created_at, answered_at, finished_at, machine,
            CASE WHEN carrier_status IS NULL AND state = 'done' THEN 'failed'
                WHEN carrier_status IS NULL OR carrier_status = 'initiated' THEN 'queued'
                ELSE carrier_status END AS status
        FROM attempts WHERE call_sid IS NOT NULL OR substr(subject_sid, 1, 2) <> 'HR'
    ) AS calls""",
    "sid",
)
_NOTIFICATIONS = Table(
    Notification,
    f"""(
        SELECT 'NO' || id AS sid, account_sid, {_SID} AS call_sid, error_code,
            finished_at AS created_at
        FROM attempts WHERE error_code IS NOT NULL AND finished_at IS NOT NULL
    ) AS notifications""",
    "sid",
)
# The names of the bounds that a list may have, and what they are compared with.
_BOUNDS = {
    "started_from": "created_at >= :started_from",
    "started_before": "created_at < :started_before",
    "ended_from": "finished_at >= :ended_from",
    "ended_before": "finished_at < :ended_before",
}


class Calls:
    """What an account may read of its own calls."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def of_account(self, account_sid: str, sid: str) -> Call | None:
        """The account's call of this SID."""
        sql = f"{_CALLS.select} WHERE sid = :sid AND account_sid = :own"
        return _CALLS.one(self._execute(sql, {"sid": sid, "own": account_sid}).fetchone())

    def page(
        self,
        account_sid: str,
        filters: dict[str, str],
        bounds: dict[str, float],
        place: Place | None,
        limit: int,
    ) -> list[Call]:
        """An account's calls, as ``paged`` gives them; ``bounds``: times in Unix seconds."""
        where, params = _within(account_sid, bounds)
        return paged(self._execute, _CALLS, where, params, filters, place, limit)

    def notification(self, account_sid: str, sid: str) -> Notification | None:
        """The account's notification of this SID."""
        sql = f"{_NOTIFICATIONS.select} WHERE sid = :sid AND account_sid = :own"
        return _NOTIFICATIONS.one(self._execute(sql, {"sid": sid, "own": account_sid}).fetchone())

    def notifications(
        self,
        account_sid: str,
        filters: dict[str, str],
        bounds: dict[str, float],
        place: Place | None,
        limit: int,
    ) -> list[Notification]:
        """An account's notifications, as ``paged`` gives them."""
        where, params = _within(account_sid, bounds)
        return paged(self._execute, _NOTIFICATIONS, where, params, filters, place, limit)


def _within(account_sid: str, bounds: dict[str, float]) -> tuple[str, Params]:
    where = "".join(f" AND {_BOUNDS[name]}" for name in sorted(bounds))
    return f"account_sid = :own{where}", {"own": account_sid, **bounds}
