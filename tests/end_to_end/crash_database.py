"""The database of a crash run: a file in its folder, or one of its own on a PostgreSQL server."""

from __future__ import annotations

import secrets
import sqlite3 as own_sqlite
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg

try:
    import pysqlite3 as sqlite3
except ImportError:
    sqlite3 = own_sqlite

SQLITE = "sqlite:///"


@contextmanager
def made(server_url: str) -> Iterator[str]:
    """The URL of a new database on the server of ``server_url``; it is dropped if nothing breaks.

    The connection to ``server_url`` may be to any database from which others may be created.
    """
    name = f"lineproof_crash_{secrets.token_hex(4)}"
    with closing(psycopg.connect(server_url, autocommit=True)) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def rows(url: str, statement: str) -> list[Any]:
    """What a statement finds in a database."""
    if not url.startswith(SQLITE):
        with closing(psycopg.connect(url)) as connection:
            return connection.execute(statement.encode()).fetchall()
    path = f"file:{url.removeprefix(SQLITE)}?mode=ro"
    with closing(sqlite3.connect(path, uri=True, timeout=10.0)) as connection:
        found: list[Any] = connection.execute(statement).fetchall()
        return found


def unsound(url: str) -> list[str]:
    """What is wrong with the pages of a file."""
    if not url.startswith(SQLITE):
        return []
    pages = [row[0] for row in rows(url, "PRAGMA integrity_check")]
    return [] if pages == ["ok"] else [f"integrity_check: {line}" for line in pages]
