"""Connections to PostgreSQL: opened when they are needed, kept for the next one, never shared.

A pool of our own, because what it must do when the server is gone is the opposite of waiting: say
so at once, and have a new connection the moment the server is back.
"""

from __future__ import annotations

import os
import shlex
import threading
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from verification.settings import BadSettings
from verification.store.trouble import StoreBusy

# A holder that has stopped is cut off before those who wait for it give up, and they give up before
# the server takes them for stuck; Twilio waits 15 seconds for the answer to a webhook.
IDLE_SECONDS = 3.0
LOCK_SECONDS = 4.0
STATEMENT_SECONDS = 5.0
CONNECT_SECONDS = 3
MOST_CONNECTIONS = 32  # of one process

_OPTIONS = {
    "statement_timeout": STATEMENT_SECONDS,
    "lock_timeout": LOCK_SECONDS,
    "idle_in_transaction_session_timeout": IDLE_SECONDS,
}
_DEFAULTS: dict[str, Any] = {
    "application_name": "lineproof",
    "connect_timeout": CONNECT_SECONDS,
    # A server whose machine is gone without a word is noticed.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "tcp_user_timeout": 10_000,
}
_INHERITED: list[Any] = []


class Connections:
    """The connections of one process to one database."""

    def __init__(self, url: str) -> None:
        """Take a ``postgresql://`` URL. Raises BadSettings, which repeats nothing of it."""
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:
            raise BadSettings("DATABASE_URL: PostgreSQL's driver cannot read it") from None
        options = [f"-c {name}={seconds * 1000:.0f}" for name, seconds in _OPTIONS.items()]
        given["options"] = " ".join([*options, str(given.get("options", ""))]).strip()
        self._conninfo = make_conninfo("", **(_DEFAULTS | given), client_encoding="utf8")
        self.name = _name(given)
        self.options = _options(given)  # as PostgreSQL's programs take them, without the password
        self._forget()

    def take(self) -> tuple[Connection[Any], bool]:
        """A connection, and whether it was opened just now. Raises StoreBusy, psycopg's errors."""
        if self._pid != os.getpid():
            # They are the parent's, who still talks through them: not even closed here.
            _INHERITED.extend(self._idle)
            self._forget()
        if not self._places.acquire(timeout=LOCK_SECONDS):
            raise StoreBusy(f"All {MOST_CONNECTIONS} connections of this process are in use")
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection, False
            return psycopg.connect(self._conninfo, autocommit=True), True
        except BaseException:
            self._places.release()
            raise

    def give(self, connection: Connection[Any]) -> None:
        """Take a connection back; one that is no longer fit is closed."""
        if connection.closed or connection.info.transaction_status != _NO_TRANSACTION:
            connection.close()
        else:
            self._idle.append(connection)
        self._places.release()

    def close(self) -> None:
        """Close those that nobody uses now."""
        while self._idle and self._pid == os.getpid():
            self._idle.pop().close()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._idle: list[Connection[Any]] = []
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)


_NO_TRANSACTION = psycopg.pq.TransactionStatus.IDLE


def _options(given: dict[str, Any]) -> str:
    names = {"host": "host", "port": "port", "username": "user", "dbname": "dbname"}
    found = {option: given.get(name) for option, name in names.items()}
    return " ".join(f"--{option}={shlex.quote(str(v))}" for option, v in found.items() if v)


def _name(given: dict[str, Any]) -> str:
    host = given.get("host") or given.get("hostaddr") or "localhost"
    port = f":{given['port']}" if given.get("port") else ""
    return f"PostgreSQL {given.get('dbname') or given.get('user') or ''} at {host}{port}"
