"""With which key or account each change was made, and what an account's changes are read by."""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE audit ADD COLUMN credential TEXT NOT NULL DEFAULT ''",
    """
    CREATE INDEX audit_of_customers ON audit (account_sid, seq) WHERE actor = 'customer'
    """,
)
