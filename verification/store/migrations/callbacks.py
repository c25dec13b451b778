"""Callbacks of every kind of object, and the endpoints they go to."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE messages (
        id TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        object_sid TEXT NOT NULL,
        event TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        url TEXT NOT NULL,
        method TEXT NOT NULL,
        fields TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        due_at DOUBLE PRECISION,
        sequence INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        state TEXT NOT NULL,
        answer TEXT,
        answered_at DOUBLE PRECISION
    )
    """,
    # What an earlier program left is sent once more than it has to be sooner than not at all.
    """
    INSERT INTO messages (id, account_sid, object_sid, event, endpoint, url, method, fields,
        created_at, due_at, sequence, tries, state)
    SELECT id, account_sid, order_sid, 'order.' || status, account_sid || ' ' || url, url, method,
        '{{"Status": "' || status || '", "HostedNumberOrderSid": "' || order_sid
        || '", "PhoneNumber": "' || phone_number || '"}}',
        created_at, due_at, 0, 0, 'pending'
    FROM outbox
    """,
    "DROP TABLE outbox",
    "ALTER TABLE messages RENAME TO outbox",
    """
    CREATE INDEX outbox_due ON outbox (endpoint, due_at) WHERE due_at IS NOT NULL
    """,
    "CREATE INDEX outbox_of_an_object ON outbox (object_sid, sequence)",
    "CREATE INDEX outbox_of_a_url ON outbox (url, answered_at)",
    "CREATE INDEX outbox_by_time ON outbox (created_at, id)",
    """
    CREATE TABLE endpoints (
        name TEXT PRIMARY KEY,
        due_at DOUBLE PRECISION,
        free_at DOUBLE PRECISION NOT NULL,
        served_at DOUBLE PRECISION NOT NULL,
        failures INTEGER NOT NULL,
        failing_since DOUBLE PRECISION,
        proven INTEGER NOT NULL
    )
    """,
    """
    INSERT INTO endpoints (name, due_at, free_at, served_at, failures, proven)
    SELECT endpoint, MIN(due_at), 0, 0, 0, 0 FROM outbox GROUP BY endpoint
    """,
    "CREATE INDEX endpoints_due ON endpoints (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE callback_secrets (
        account_sid TEXT PRIMARY KEY REFERENCES accounts (sid),
        secret {bytes} NOT NULL,
        previous {bytes},
        changed_at DOUBLE PRECISION NOT NULL
    )
    """,
)
