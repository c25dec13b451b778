"""The spine: accounts, orders, ownership calls, audit, outbox."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE accounts (
        sid TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        status TEXT NOT NULL,
        auth_token {bytes} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL
    )
    """,
    """
    CREATE TABLE orders (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        phone_number TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        incoming_phone_number_sid TEXT NOT NULL,
        failure_reason TEXT,
        friendly_name TEXT,
        unique_name TEXT,
        email TEXT,
        cc_emails TEXT NOT NULL,
        sms_url TEXT,
        sms_method TEXT,
        sms_fallback_url TEXT,
        sms_fallback_method TEXT,
        sms_application_sid TEXT,
        status_callback_url TEXT,
        status_callback_method TEXT,
        address_sid TEXT,
        signing_document_sid TEXT,
        verification_type TEXT NOT NULL,
        verification_document_sid TEXT,
        extension TEXT,
        call_delay INTEGER NOT NULL,
        language TEXT NOT NULL,
        verification_attempts INTEGER NOT NULL,
        code {bytes},
        code_expires_at DOUBLE PRECISION,
        code_tries INTEGER NOT NULL,
        due_at DOUBLE PRECISION,
        deleted_at DOUBLE PRECISION
    )
    """,
    """
    CREATE UNIQUE INDEX one_open_order ON orders (account_sid, phone_number)
    WHERE deleted_at IS NULL AND status <> 'failed'
    """,
    """
    CREATE UNIQUE INDEX one_order_of_a_name ON orders (account_sid, unique_name)
    WHERE deleted_at IS NULL AND unique_name IS NOT NULL
    """,
    "CREATE INDEX orders_of_an_account ON orders (account_sid, created_at, sid)",
    "CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE attempts (
        id TEXT PRIMARY KEY,
        order_sid TEXT NOT NULL REFERENCES orders (sid),
        ordinal INTEGER NOT NULL,
        account_sid TEXT NOT NULL,
        number TEXT NOT NULL,
        state TEXT NOT NULL,
        requested_at DOUBLE PRECISION NOT NULL,
        due_at DOUBLE PRECISION,
        business TEXT NOT NULL,
        language TEXT NOT NULL,
        extension TEXT,
        outcome TEXT,
        call_sid TEXT,
        dialled_at DOUBLE PRECISION,
        answered_at DOUBLE PRECISION,
        finished_at DOUBLE PRECISION,
        carrier_status TEXT,
        machine INTEGER NOT NULL,
        error TEXT,
        hang_up INTEGER NOT NULL,
        challenge TEXT NOT NULL,
        stage TEXT,
        step INTEGER NOT NULL,
        prompts INTEGER NOT NULL,
        wrong_keys INTEGER NOT NULL,
        code_tries INTEGER NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX one_call_on_a_line ON attempts (number)
    WHERE state IN ('dialling', 'unknown', 'dialled', 'live')
    """,
    """
    CREATE UNIQUE INDEX one_attempt_of_a_call ON attempts (call_sid)
    WHERE call_sid IS NOT NULL
    """,
    "CREATE UNIQUE INDEX attempts_of_an_order ON attempts (order_sid, ordinal)",
    "CREATE INDEX attempts_due ON attempts (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE replies (
        attempt_id TEXT NOT NULL REFERENCES attempts (id),
        step INTEGER NOT NULL,
        say TEXT NOT NULL,
        note TEXT NOT NULL,
        next_step INTEGER NOT NULL,
        keys TEXT NOT NULL,
        PRIMARY KEY (attempt_id, step)
    )
    """,
    """
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY,
        at DOUBLE PRECISION NOT NULL,
        actor TEXT NOT NULL,
        account_sid TEXT NOT NULL,
        object_sid TEXT NOT NULL,
        event TEXT NOT NULL,
        detail TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    )
    """,
    "CREATE INDEX audit_of_an_object ON audit (object_sid, seq)",
    """
    CREATE TABLE outbox (
        id TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL,
        order_sid TEXT NOT NULL,
        url TEXT NOT NULL,
        method TEXT NOT NULL,
        status TEXT NOT NULL,
        phone_number TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        due_at DOUBLE PRECISION
    )
    """,
    "CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE pace (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        next_at DOUBLE PRECISION NOT NULL
    )
    """,
    "INSERT INTO pace (one, next_at) VALUES (1, 0)",
    """
    CREATE TABLE suppressions (
        number TEXT PRIMARY KEY,
        until DOUBLE PRECISION NOT NULL
    )
    """,
)
