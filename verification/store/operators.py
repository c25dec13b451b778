"""The operators of one transaction, their sign-in links and sessions."""

from __future__ import annotations

from verification.operators import Operator
from verification.store.rows import Execute, Table

_OPERATORS = Table(Operator, "operators", "sid")


class Operators:
    """Who may use the console. A key is the hash of a link's or a session's secret."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, operator: Operator) -> None:
        """Add an operator."""
        _OPERATORS.insert(self._execute, operator)

    def all(self) -> list[Operator]:
        """All operators by name."""
        return _OPERATORS.all(self._execute(f"{_OPERATORS.select} ORDER BY name").fetchall())

    def named(self, name: str) -> Operator | None:
        """The operator of this name."""
        rows = self._execute(f"{_OPERATORS.select} WHERE name = :name", {"name": name})
        return _OPERATORS.one(rows.fetchone())

    def delete(self, sid: str) -> None:
        """Remove an operator with his links and sessions."""
        for table in ("operator_links", "operator_sessions"):
            self._execute(f"DELETE FROM {table} WHERE operator_sid = :sid", {"sid": sid})
        self._execute("DELETE FROM operators WHERE sid = :sid", {"sid": sid})

    def add_link(self, key: str, operator_sid: str, expires_at: float) -> None:
        """Keep a link until it is used."""
        self._add("operator_links", key, operator_sid, expires_at)

    def take_link(self, key: str, now: float) -> Operator | None:
        """The operator whom a link lets in; of two who come with it at once one gets him."""
        operator = self._behind("operator_links", key, now)
        sql = "DELETE FROM operator_links WHERE key = :key"
        return operator if self._execute(sql, {"key": key}).rowcount == 1 else None

    def add_session(self, key: str, operator_sid: str, expires_at: float) -> None:
        """Begin a session."""
        self._add("operator_sessions", key, operator_sid, expires_at)

    def in_session(self, key: str, now: float) -> Operator | None:
        """Whose session this is."""
        return self._behind("operator_sessions", key, now)

    def end_session(self, key: str) -> None:
        """End a session."""
        self._execute("DELETE FROM operator_sessions WHERE key = :key", {"key": key})

    def forget_expired(self, now: float) -> None:
        """Remove links and sessions whose time is over."""
        for table in ("operator_links", "operator_sessions"):
            self._execute(f"DELETE FROM {table} WHERE expires_at <= :now", {"now": now})

    def _add(self, table: str, key: str, operator_sid: str, expires_at: float) -> None:
        self._execute(
            f"INSERT INTO {table} (key, operator_sid, expires_at) VALUES (:key, :sid, :until)",
            {"key": key, "sid": operator_sid, "until": expires_at},
        )

    def _behind(self, table: str, key: str, now: float) -> Operator | None:
        sql = f"""
            {_OPERATORS.select} WHERE sid =
            (SELECT operator_sid FROM {table} WHERE key = :key AND expires_at > :now)
        """
        return _OPERATORS.one(self._execute(sql, {"key": key, "now": now}).fetchone())
