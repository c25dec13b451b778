"""The switch that stops dialling, and the counts of calls, of one transaction."""

from __future__ import annotations

from verification.dialling import Switch
from verification.store.rows import Execute

# Beside what was dialled, what is still to be dialled.
_COUNTED = "(dialled_at IS NOT NULL OR state <> 'done')"
# Calls to the numbers of the test mode go to the emulator, and cost nothing.
_REAL = "number NOT LIKE '+1___55501__'"


class Dialling:
    """One row for all workers; the calls are counted in the attempts themselves."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def switch(self) -> Switch:
        """How it stands."""
        row = self._execute("SELECT stopped, since, actor, reason FROM dialling").fetchone()
        return Switch(bool(row[0]), row[1], row[2], row[3])

    def set(self, switch: Switch) -> None:
        """Write how it stands from now on."""
        self._execute(
            "UPDATE dialling SET stopped = :stopped, since = :since, actor = :actor,"
            " reason = :reason",
            {
                "stopped": int(switch.stopped),
                "since": switch.since,
                "actor": switch.actor,
                "reason": switch.reason,
            },
        )

    def dialled(self, since: float, most: int) -> int:
        """How many calls were dialled after a time, counted up to ``most``."""
        sql = f"""
            SELECT COUNT(*) FROM (
                SELECT 1 FROM attempts WHERE dialled_at > :since AND {_REAL} LIMIT :most) AS counted
        """
        row = self._execute(sql, {"since": since, "most": most}).fetchone()
        return int(row[0])

    def talked(self, since: float, now: float) -> tuple[int, float]:
        """The calls dialled after a time and the seconds for which they were answered."""
        sql = f"""
            SELECT COUNT(*), COALESCE(SUM(COALESCE(finished_at, :now) - answered_at), 0)
            FROM attempts WHERE dialled_at > :since AND {_REAL}
        """
        row = self._execute(sql, {"since": since, "now": now}).fetchone()
        return int(row[0]), float(row[1])

    def nth_latest(self, column: str, value: str, since: float, nth: int) -> float | None:
        """When the ``nth`` latest call with a value in ``column`` was asked for.

        None: there are fewer that were asked for after ``since``. Calls that ended before they
        were dialled are not counted.
        """
        sql = f"""
            SELECT requested_at FROM attempts
            WHERE {column} = :value AND requested_at > :since AND {_COUNTED} AND {_REAL}
            ORDER BY requested_at DESC LIMIT 1 OFFSET :skipped
        """
        params = {"value": value, "since": since, "skipped": nth - 1}
        row = self._execute(sql, params).fetchone()
        return float(row[0]) if row else None
