"""What rates are counted by, and the answers of requests that carry a key."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE counts (
        name TEXT NOT NULL,
        subject TEXT NOT NULL,
        begins_at DOUBLE PRECISION NOT NULL,
        used INTEGER NOT NULL,
        earlier INTEGER NOT NULL,
        forget_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (name, subject)
    )
    """,
    "CREATE INDEX counts_over ON counts (forget_at)",
    """
    CREATE TABLE answers (
        id TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        request TEXT NOT NULL,
        claim TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        leased_until DOUBLE PRECISION NOT NULL,
        changed INTEGER NOT NULL,
        status INTEGER,
        media_type TEXT,
        body {bytes}
    )
    """,
    "CREATE INDEX answers_by_time ON answers (created_at)",
    # Deleted and failed ones too: how often a number was ordered is counted by them.
    "CREATE INDEX orders_for_a_number ON orders (phone_number, created_at)",
)
