"""What all workers keep to when they dial: the rate, and the numbers that are left alone."""

from __future__ import annotations

from verification.store.rows import Execute


class Pace:
    """The dialling rate of all workers: the time from which the next call may be placed."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def take(self, now: float, interval: float) -> bool:
        """Take the next slot; False if it is not free yet.

        A slot further off than one interval was written by a clock that has since been set back,
        and counts as free: dialling must not stop for as long as the clock was wrong.
        """
        sql = "UPDATE pace SET next_at = :next WHERE next_at <= :now OR next_at > :now + :interval"
        params = {"now": now, "next": now + interval, "interval": interval}
        return self._execute(sql, params).rowcount == 1


class Suppressions:
    """Numbers that nobody may call for a while."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def active(self, number: str, now: float) -> bool:
        """Whether the number may not be called now."""
        sql = "SELECT 1 FROM suppressions WHERE number = :number AND until > :now"
        return self._execute(sql, {"number": number, "now": now}).fetchone() is not None

    def add(self, number: str, until: float) -> None:
        """Let nobody call the number until a time."""
        self._execute(
            "INSERT INTO suppressions (number, until) VALUES (:number, :until)"
            " ON CONFLICT (number) DO UPDATE SET until = :until",
            {"number": number, "until": until},
        )
