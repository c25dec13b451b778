"""What PostgreSQL does outside of transactions: dead rows are cleared away, backups are made."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from verification.retention import BACKUP_DAYS, TABLES
from verification.store.connections import Connections
from verification.store.trouble import StoreBusy, StoreUnusable


def sweep(connections: Connections) -> bool:
    """Clear dead rows away, and what the planner's statistics hold of them.

    False: the server could not do it now. It keeps nobody from reading and writing.
    """
    try:
        connection, _ = connections.take()
    except (psycopg.OperationalError, StoreBusy):
        return False
    try:
        connection.execute("SET statement_timeout = 0")
        connection.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}", prepare=False)
        _forget_statistics(connection)
    except psycopg.OperationalError:
        return False
    finally:
        connection.close()  # no other user of it shall have its time-outs
        connections.give(connection)
    return True


def _forget_statistics(connection: Connection[Any]) -> None:
    """Drop what the planner knows of tables that are empty: ANALYZE leaves it as it was.

    A column that is given the type it has loses its statistics, and nothing else happens.
    """
    known = connection.execute(
        """
        SELECT s.tablename, s.attname, format_type(a.atttypid, a.atttypmod)
        FROM pg_stats AS s
        JOIN pg_class AS c ON c.relname = s.tablename
            AND c.relnamespace = current_schema()::regnamespace
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = s.attname
        WHERE s.schemaname = current_schema() AND c.reltuples = 0
        """
    ).fetchall()
    for table, column, kind in known:
        if table in TABLES:
            command = sql.SQL("ALTER TABLE {} ALTER COLUMN {} TYPE {}").format(
                sql.Identifier(table),
                sql.Identifier(column),
                sql.SQL('TEXT COLLATE "C"' if kind == "text" else kind),
            )
            connection.execute(command)


def no_backup(connections: Connections, path: Path) -> StoreUnusable:
    """Why there is no backup by this program, with the command that makes one."""
    return StoreUnusable(
        "PostgreSQL is backed up by its own program: umask 077 && pg_dump "
        f"{connections.options} --format=custom --file={shlex.quote(str(path))} "
        f"(and delete the file after {BACKUP_DAYS} days)"
    )
