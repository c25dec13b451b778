"""The callbacks of one transaction, the endpoints they go to, and the secrets that sign them."""

from __future__ import annotations

from dataclasses import replace

from verification.callback_secrets import Secret
from verification.callbacks import LONGEST_REST_SECONDS, Endpoint, Message, State
from verification.store.rows import UNTAKEN, Execute, Params, Table

_MESSAGES = Table(Message, "outbox", "id")
_ENDPOINTS = Table(Endpoint, "endpoints", "name")
_SECRETS = Table(Secret, "callback_secrets", "account_sid")
TABLES = (_MESSAGES, _ENDPOINTS, _SECRETS)
# Nothing leases an endpoint, or lets it rest, for longer: that is left of a clock set back since.
_FREE = f"(free_at <= :now OR free_at > :now + {LONGEST_REST_SECONDS})"


class Outbox:
    """What must be reported to customers."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def add(self, message: Message) -> None:
        """Report a change to its callback URL, unless its receiver has said that it is gone."""
        sql = "SELECT COALESCE(MAX(sequence) + 1, 0) FROM outbox WHERE object_sid = :sid"
        place = self._execute(sql, {"sid": message.object_sid}).fetchone()[0]
        numbered = replace(message, sequence=place)
        if self._is_gone(message):
            _MESSAGES.insert(self._execute, replace(numbered, state=State.GONE, due_at=None))
            return
        _MESSAGES.insert(self._execute, numbered)
        sql = """
            INSERT INTO endpoints (name, due_at, free_at, served_at, failures, proven)
            VALUES (:name, :due, 0, 0, 0, 0)
            ON CONFLICT (name) DO UPDATE SET due_at =
                CASE WHEN endpoints.due_at <= :due THEN endpoints.due_at ELSE :due END
        """
        self._execute(sql, {"name": message.endpoint, "due": message.due_at})

    def get(self, message_id: str) -> Message | None:
        """The message of this id."""
        rows = self._execute(f"{_MESSAGES.select} WHERE id = :id", {"id": message_id})
        return _MESSAGES.one(rows.fetchone())

    def save(self, message: Message) -> None:
        """Write a message that was read in this transaction."""
        _MESSAGES.save(self._execute, message)

    def of_object(self, object_sid: str) -> list[Message]:
        """What was reported of one object, in order."""
        sql = f"{_MESSAGES.select} WHERE object_sid = :sid ORDER BY sequence"
        return _MESSAGES.all(self._execute(sql, {"sid": object_sid}).fetchall())

    def latest(self, filters: Params, limit: int | None) -> list[Message]:
        """Messages whose columns have these values, the newest first; None: all of them."""
        where = "".join(f" AND {column} = :{column}" for column in sorted(filters))
        most = "" if limit is None else " LIMIT :limit"
        sql = f"{_MESSAGES.select} WHERE 1 = 1{where} ORDER BY created_at DESC, id{most}"
        return _MESSAGES.all(self._execute(sql, {**filters, "limit": limit}).fetchall())

    def any_due(self, now: float) -> bool:
        """Whether any endpoint that is free has a message due."""
        sql = f"SELECT 1 FROM endpoints WHERE due_at <= :now AND {_FREE} LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def take(self, now: float, lease: float, healthy: bool, limit: int) -> list[Endpoint]:
        """Endpoints with messages due, the longest not served first; for ``lease`` seconds nobody
        else serves them. ``healthy``: those that took their last message, or all others.
        """
        health = "(proven = 1 AND failures = 0)"
        which = f"due_at <= :now AND {_FREE} AND {health if healthy else f'NOT {health}'}"
        sql = f"""
            UPDATE endpoints SET free_at = :until, served_at = :now WHERE name IN (
                SELECT name FROM endpoints WHERE {which} ORDER BY served_at, due_at LIMIT :limit
                {UNTAKEN})
            AND {which}
            {_ENDPOINTS.returning}
        """
        params = {"now": now, "until": now + lease, "limit": limit}
        return _ENDPOINTS.all(self._execute(sql, params).fetchall())

    def due_of(self, endpoint: str, now: float, limit: int) -> list[Message]:
        """What an endpoint must be sent now, the longest due first."""
        sql = f"""
            {_MESSAGES.select} WHERE endpoint = :endpoint AND due_at <= :now
            ORDER BY due_at, created_at, sequence LIMIT :limit
        """
        params = {"endpoint": endpoint, "now": now, "limit": limit}
        return _MESSAGES.all(self._execute(sql, params).fetchall())

    def release(self, endpoint: Endpoint) -> None:
        """Let others serve an endpoint from its ``free_at`` on, when its next message is due."""
        _ENDPOINTS.save(self._execute, endpoint)
        sql = """
            UPDATE endpoints SET due_at = (SELECT MIN(due_at) FROM outbox WHERE endpoint = :name)
            WHERE name = :name
        """
        self._execute(sql, {"name": endpoint.name})

    def give_up(self, endpoint: str, answer: str) -> int:
        """Let everything fail that still waits for an endpoint; gives how much that was."""
        sql = """
            UPDATE outbox SET state = 'failed', due_at = NULL, answer = :answer
            WHERE endpoint = :endpoint AND due_at IS NOT NULL
        """
        return self._execute(sql, {"endpoint": endpoint, "answer": answer}).rowcount

    def close_url(self, message: Message) -> None:
        """Ask the URL of a message with nothing else: it has said that it is gone."""
        sql = """
            UPDATE outbox SET state = 'gone', due_at = NULL, answer = :answer
            WHERE url = :url AND account_sid = :account_sid AND due_at IS NOT NULL
        """
        params = {"url": message.url, "account_sid": message.account_sid}
        self._execute(sql, params | {"answer": message.answer})

    def wake(self, endpoint: str, now: float) -> None:
        """Serve an endpoint at once, though it may be resting."""
        sql = "UPDATE endpoints SET due_at = :now, free_at = 0 WHERE name = :name"
        self._execute(sql, {"name": endpoint, "now": now})

    def endpoints(self) -> list[Endpoint]:
        """All endpoints, those that fail first."""
        sql = f"{_ENDPOINTS.select} ORDER BY failures DESC, name"
        return _ENDPOINTS.all(self._execute(sql).fetchall())

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


class Secrets:
    """What signs the callbacks of each account."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def get(self, account_sid: str) -> Secret | None:
        """An account's secret."""
        sql = f"{_SECRETS.select} WHERE account_sid = :sid"
        return _SECRETS.one(self._execute(sql, {"sid": account_sid}).fetchone())

    def put(self, secret: Secret) -> None:
        """Keep an account's secret in the place of what was there."""
        sid = {"sid": secret.account_sid}
        self._execute("DELETE FROM callback_secrets WHERE account_sid = :sid", sid)
        _SECRETS.insert(self._execute, secret)
