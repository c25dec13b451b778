"""What stays of what was erased, how far erasing is, and what erasing looks rows up by."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE remains (
        sid TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        account_sid TEXT NOT NULL,
        pseudonym TEXT,
        created_at DOUBLE PRECISION NOT NULL,
        ended_at DOUBLE PRECISION NOT NULL,
        status TEXT NOT NULL,
        erased_at DOUBLE PRECISION NOT NULL
    )
    """,
    """
    CREATE TABLE retention (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        purged_at DOUBLE PRECISION NOT NULL,
        rewritten_at DOUBLE PRECISION NOT NULL,
        backup_until DOUBLE PRECISION
    )
    """,
    "INSERT INTO retention (one, purged_at, rewritten_at) VALUES (1, 0, 0)",
    "CREATE INDEX numbers_of_an_order ON phone_numbers (order_sid) WHERE order_sid IS NOT NULL",
    """
    CREATE INDEX numbers_of_an_address ON phone_numbers (address_sid)
    WHERE address_sid IS NOT NULL
    """,
    """
    CREATE INDEX numbers_of_an_emergency_address ON phone_numbers (emergency_address_sid)
    WHERE emergency_address_sid IS NOT NULL
    """,
    "CREATE INDEX documents_of_an_address ON documents (address_sid)",
    "CREATE INDEX mails_by_time ON mails (created_at)",
    "CREATE INDEX outbox_of_an_endpoint ON outbox (endpoint)",
)
