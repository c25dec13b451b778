"""Requests for the eligibility of many numbers."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE eligibility_requests (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        created_at DOUBLE PRECISION NOT NULL,
        friendly_name TEXT NOT NULL,
        completed_at DOUBLE PRECISION,
        due_at DOUBLE PRECISION
    )
    """,
    """
    CREATE INDEX eligibility_requests_due ON eligibility_requests (due_at)
    WHERE due_at IS NOT NULL
    """,
    """
    CREATE TABLE eligibility_numbers (
        request_sid TEXT NOT NULL REFERENCES eligibility_requests (sid),
        ordinal INTEGER NOT NULL,
        phone_number TEXT NOT NULL,
        hosting_account_sid TEXT NOT NULL,
        sub_status TEXT,
        reason TEXT,
        next_step TEXT,
        line_type TEXT,
        carrier TEXT,
        order_sid TEXT,
        order_status TEXT,
        checked_at DOUBLE PRECISION,
        PRIMARY KEY (request_sid, ordinal)
    )
    """,
    "CREATE INDEX orders_completed ON orders (phone_number) WHERE status = 'completed'",
)
