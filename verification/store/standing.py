"""What operators watch: rows that are due, and how calls and callbacks ended."""

from __future__ import annotations

from verification.standing import Queue, Standing
from verification.store.rows import Execute

# The tables that carry ``due_at``; each has an index of the rows that have one.
_QUEUES = (
    "orders",
    "attempts",
    "caller_ids",
    "outbox",
    "bulk_orders",
    "eligibility_requests",
    "documents",
    "mails",
)


class Work:
    """How the work of all workers stands."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def queues(self, now: float) -> tuple[Queue, ...]:
        """What is due by ``now``, in Unix seconds."""
        return tuple(self._queue(table, now) for table in _QUEUES)

    def standing(self, now: float) -> Standing:
        """All that is watched. It counts every call and callback that is kept, by an index."""
        calls = "SELECT outcome, COUNT(*) FROM attempts WHERE outcome IS NOT NULL GROUP BY outcome"
        callbacks = "SELECT state, COUNT(*) FROM outbox GROUP BY state"
        return Standing(
            self.queues(now),
            {str(name): int(count) for name, count in self._execute(calls).fetchall()},
            {str(name): int(count) for name, count in self._execute(callbacks).fetchall()},
        )

    def _queue(self, table: str, now: float) -> Queue:
        sql = f"SELECT COUNT(*), MIN(due_at) FROM {table} WHERE due_at <= :now"
        count, oldest = self._execute(sql, {"now": now}).fetchone()
        return Queue(table, int(count), now - oldest if count else 0.0)
