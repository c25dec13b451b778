"""Owner's links: one for each order that has one."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE owner_links (
        order_sid TEXT PRIMARY KEY REFERENCES orders (sid),
        account_sid TEXT NOT NULL,
        number INTEGER NOT NULL,
        made_at DOUBLE PRECISION NOT NULL,
        expires_at DOUBLE PRECISION NOT NULL,
        closed TEXT,
        call_at DOUBLE PRECISION,
        zone TEXT,
        trouble TEXT
    )
    """,
    "CREATE INDEX owner_links_due ON owner_links (call_at) WHERE call_at IS NOT NULL",
)
