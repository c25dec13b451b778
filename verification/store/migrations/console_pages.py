"""What the console's pages of numbers and of bulk requests are read by, and the times of a call."""

from __future__ import annotations

STATEMENTS = (
    "CREATE INDEX numbers_by_time ON phone_numbers (created_at, sid)",
    "CREATE INDEX numbers_by_status ON phone_numbers (status, created_at, sid)",
    """
    CREATE INDEX numbers_of_an_account_by_status
    ON phone_numbers (account_sid, status, created_at, sid)
    """,
    "CREATE INDEX numbers_with_voice ON phone_numbers (created_at, sid) WHERE voice = 1",
    # With both filters neither index alone gives a page without reading most of the table. One text
    # of both leaves the planner no choice.
    """
    CREATE INDEX orders_by_status_and_reason
    ON orders ((status || ':' || failure_reason), created_at, sid)
    WHERE deleted_at IS NULL AND failure_reason IS NOT NULL
    """,
    "CREATE INDEX bulk_orders_by_time ON bulk_orders (created_at, sid)",
    "ALTER TABLE attempts ADD COLUMN rang_at DOUBLE PRECISION",
    "ALTER TABLE replies ADD COLUMN said_at DOUBLE PRECISION",
)
