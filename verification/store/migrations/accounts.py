"""Subaccounts, test accounts, second tokens, API keys."""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN owner_sid TEXT REFERENCES accounts (sid)",
    "ALTER TABLE accounts ADD COLUMN test INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE accounts ADD COLUMN secondary_token {bytes}",
    "ALTER TABLE accounts ADD COLUMN updated_at DOUBLE PRECISION NOT NULL DEFAULT 0",
    "UPDATE accounts SET updated_at = created_at",
    "CREATE INDEX accounts_of_an_owner ON accounts (owner_sid, created_at, sid)",
    """
    CREATE TABLE api_keys (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        name TEXT NOT NULL,
        secret {bytes} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL
    )
    """,
    "CREATE INDEX keys_of_an_account ON api_keys (account_sid, created_at, sid)",
)
