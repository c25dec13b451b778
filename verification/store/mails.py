"""The outgoing mails of one transaction."""

from __future__ import annotations

from verification.mails import Mail
from verification.store.rows import Execute, Table

_MAILS = Table(Mail, "mails", "id")


class Mails:
    """What is to be sent, and what has been."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, mail: Mail) -> None:
        """Add a mail."""
        _MAILS.insert(self._execute, mail)

    def save(self, mail: Mail) -> None:
        """Write a mail that was read before; whoever took it is the only one who does."""
        _MAILS.save(self._execute, mail)

    def of_object(self, object_sid: str) -> list[Mail]:
        """The mails about one object, the oldest first."""
        sql = f"{_MAILS.select} WHERE object_sid = :sid ORDER BY created_at, kind, recipient"
        return _MAILS.all(self._execute(sql, {"sid": object_sid}).fetchall())

    def any_due(self, now: float) -> bool:
        """Whether any mail waits."""
        sql = "SELECT 1 FROM mails WHERE due_at <= :now LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def take_due(self, now: float, lease: float, limit: int) -> list[Mail]:
        """Mails to send; others leave them alone for ``lease`` seconds."""
        sql = f"""
            UPDATE mails SET due_at = :until WHERE id IN (
                SELECT id FROM mails WHERE due_at <= :now ORDER BY due_at LIMIT :limit)
            {_MAILS.returning}
        """
        params = {"now": now, "until": now + lease, "limit": limit}
        return _MAILS.all(self._execute(sql, params).fetchall())
