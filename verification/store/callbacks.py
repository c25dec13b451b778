"""The callbacks of one transaction, and the endpoints they go to."""

from __future__ import annotations

from dataclasses import replace

from verification.callbacks import Message, State
from verification.store.rows import Execute, Table

_MESSAGES = Table(Message, "outbox", "id")


class Outbox:
    """What must be reported to customers."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def add(self, message: Message) -> None:
        """Report a change to its callback URL, unless its receiver has said that it is gone."""
        params = {"object_sid": message.object_sid, "name": message.endpoint}
        sql = "SELECT COALESCE(MAX(sequence) + 1, 0) FROM outbox WHERE object_sid = :object_sid"
        numbered = replace(message, sequence=self._execute(sql, params).fetchone()[0])
        if self._is_gone(message):
            _MESSAGES.insert(self._execute, replace(numbered, state=State.GONE, due_at=None))
            return
        _MESSAGES.insert(self._execute, numbered)
        sql = """
            INSERT INTO endpoints (name, due_at, failures, proven) VALUES (:name, :due_at, 0, 0)
            ON CONFLICT (name) DO UPDATE SET due_at = COALESCE(endpoints.due_at, :due_at)
        """
        self._execute(sql, params | {"due_at": message.due_at})

    def get(self, message_id: str) -> Message | None:
        """The message of this id."""
        rows = self._execute(f"{_MESSAGES.select} WHERE id = :id", {"id": message_id})
        return _MESSAGES.one(rows.fetchone())

    def of_object(self, object_sid: str) -> list[Message]:
        """What was reported of one object, in order."""
        sql = f"{_MESSAGES.select} WHERE object_sid = :sid ORDER BY sequence"
        return _MESSAGES.all(self._execute(sql, {"sid": object_sid}).fetchall())

    def _is_gone(self, message: Message) -> bool:
        """Whether the last clear word of this URL was that it is no more."""
        sql = """
            SELECT state FROM outbox WHERE url = :url AND account_sid = :account_sid
            AND answered_at IS NOT NULL AND state IN ('sent', 'gone')
            ORDER BY answered_at DESC LIMIT 1
        """
        params = {"url": message.url, "account_sid": message.account_sid}
        row = self._execute(sql, params).fetchone()
        return row is not None and row[0] == State.GONE
