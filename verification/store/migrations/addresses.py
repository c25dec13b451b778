"""Addresses."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE addresses (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        created_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        customer_name TEXT NOT NULL,
        street TEXT NOT NULL,
        city TEXT NOT NULL,
        region TEXT NOT NULL,
        postal_code TEXT NOT NULL,
        iso_country TEXT NOT NULL,
        street_secondary TEXT,
        friendly_name TEXT,
        emergency_enabled INTEGER NOT NULL
    )
    """,
    "CREATE INDEX addresses_of_an_account ON addresses (account_sid, created_at, sid)",
    """
    CREATE INDEX orders_of_an_address ON orders (address_sid, created_at, sid)
    WHERE address_sid IS NOT NULL
    """,
)
