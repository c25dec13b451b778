"""Requests for many orders at once."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE bulk_orders (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        created_at DOUBLE PRECISION NOT NULL,
        total_count INTEGER NOT NULL,
        friendly_name TEXT,
        notification_email TEXT,
        completed_at DOUBLE PRECISION,
        due_at DOUBLE PRECISION
    )
    """,
    "CREATE INDEX bulk_orders_due ON bulk_orders (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE INDEX orders_of_a_bulk ON orders (bulk_hosting_request_sid, status, due_at)
    WHERE bulk_hosting_request_sid IS NOT NULL
    """,
    # An order that was made in bulk is first looked at in its turn, and not with the single ones.
    "DROP INDEX orders_due",
    """
    CREATE INDEX orders_due ON orders (due_at)
    WHERE due_at IS NOT NULL
    AND (bulk_hosting_request_sid IS NULL OR status <> 'twilio-processing')
    """,
)
