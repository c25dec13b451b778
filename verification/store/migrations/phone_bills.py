"""Verification documents; what they hold stands apart, so that a list does not read it."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE phone_bills (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        created_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        media_type TEXT NOT NULL,
        size INTEGER NOT NULL,
        status TEXT NOT NULL,
        reason TEXT
    )
    """,
    "CREATE INDEX phone_bills_of_an_account ON phone_bills (account_sid, created_at, sid)",
    """
    CREATE TABLE document_contents (
        document_sid TEXT PRIMARY KEY REFERENCES phone_bills (sid),
        sealed {bytes} NOT NULL
    )
    """,
    """
    CREATE INDEX orders_of_a_phone_bill ON orders (verification_document_sid)
    WHERE verification_document_sid IS NOT NULL
    """,
)
