"""Letters of authorization, and outgoing mail."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE documents (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        created_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        status TEXT NOT NULL,
        address_sid TEXT NOT NULL,
        email TEXT NOT NULL,
        contact_phone_number TEXT NOT NULL,
        language TEXT NOT NULL,
        cc_emails TEXT NOT NULL,
        contact_title TEXT,
        first_name TEXT,
        last_name TEXT,
        business_name TEXT,
        sendings INTEGER NOT NULL,
        signed_at DOUBLE PRECISION,
        failure_reason TEXT,
        due_at DOUBLE PRECISION
    )
    """,
    "CREATE INDEX documents_of_an_account ON documents (account_sid, created_at, sid)",
    "CREATE INDEX documents_due ON documents (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE letters (
        document_sid TEXT PRIMARY KEY REFERENCES documents (sid),
        created_at DOUBLE PRECISION NOT NULL,
        content {bytes} NOT NULL,
        pdf {bytes}
    )
    """,
    """
    CREATE INDEX orders_of_a_document ON orders (signing_document_sid, created_at, sid)
    WHERE signing_document_sid IS NOT NULL
    """,
    """
    CREATE TABLE mails (
        id TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL,
        object_sid TEXT NOT NULL,
        kind TEXT NOT NULL,
        occasion INTEGER NOT NULL,
        recipient TEXT NOT NULL,
        language TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        due_at DOUBLE PRECISION,
        tries INTEGER NOT NULL,
        sent_at DOUBLE PRECISION,
        failure TEXT
    )
    """,
    "CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX mails_of_an_object ON mails (object_sid, created_at)",
)
