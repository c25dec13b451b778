"""Operators of the console, and what its tables of orders, letters and callbacks are read by."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE operators (
        sid TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL
    )
    """,
    """
    CREATE TABLE operator_links (
        key TEXT PRIMARY KEY,
        operator_sid TEXT NOT NULL REFERENCES operators (sid),
        expires_at DOUBLE PRECISION NOT NULL
    )
    """,
    """
    CREATE TABLE operator_sessions (
        key TEXT PRIMARY KEY,
        operator_sid TEXT NOT NULL REFERENCES operators (sid),
        expires_at DOUBLE PRECISION NOT NULL
    )
    """,
    "CREATE INDEX orders_by_time ON orders (created_at, sid) WHERE deleted_at IS NULL",
    """
    CREATE INDEX orders_by_status ON orders (status, created_at, sid) WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX orders_by_number ON orders (phone_number, created_at, sid)
    WHERE deleted_at IS NULL
    """,
    """
    CREATE INDEX orders_by_reason ON orders (failure_reason, created_at, sid)
    WHERE deleted_at IS NULL AND failure_reason IS NOT NULL
    """,
    "CREATE INDEX documents_by_time ON documents (created_at, sid)",
)
