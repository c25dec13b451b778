"""Verified caller IDs, and ownership calls of other things than orders.

The tables of the calls are made anew: a call belongs to an order or to a caller ID, and a reference
cannot name two tables.
"""

from __future__ import annotations

_ATTEMPT = """
    ordinal, account_sid, number, state, requested_at, due_at, business, language, extension,
    outcome, call_sid, dialled_at, answered_at, finished_at, carrier_status, machine, error,
    hang_up, challenge, stage, step, prompts, wrong_keys, code_tries
"""

STATEMENTS = (
    """
    CREATE TABLE new_attempts (
        id TEXT PRIMARY KEY,
        subject_sid TEXT NOT NULL,
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
        code_tries INTEGER NOT NULL,
        caller TEXT
    )
    """,
    f"""
    INSERT INTO new_attempts (id, subject_sid, {_ATTEMPT})
    SELECT id, order_sid, {_ATTEMPT} FROM attempts
    """,
    """
    CREATE TABLE new_replies (
        attempt_id TEXT NOT NULL REFERENCES new_attempts (id),
        step INTEGER NOT NULL,
        say TEXT NOT NULL,
        note TEXT NOT NULL,
        next_step INTEGER NOT NULL,
        keys TEXT NOT NULL,
        PRIMARY KEY (attempt_id, step)
    )
    """,
    """
    INSERT INTO new_replies (attempt_id, step, say, note, next_step, keys)
    SELECT attempt_id, step, say, note, next_step, keys FROM replies
    """,
    "DROP TABLE replies",
    "DROP TABLE attempts",
    "ALTER TABLE new_attempts RENAME TO attempts",
    "ALTER TABLE new_replies RENAME TO replies",
    """
    CREATE UNIQUE INDEX one_call_on_a_line ON attempts (number)
    WHERE state IN ('dialling', 'unknown', 'dialled', 'live')
    """,
    """
    CREATE UNIQUE INDEX one_attempt_of_a_call ON attempts (call_sid)
    WHERE call_sid IS NOT NULL
    """,
    "CREATE UNIQUE INDEX attempts_of_a_subject ON attempts (subject_sid, ordinal)",
    "CREATE INDEX attempts_due ON attempts (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE caller_ids (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        phone_number TEXT NOT NULL,
        friendly_name TEXT NOT NULL,
        status TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        extension TEXT,
        call_delay INTEGER NOT NULL,
        language TEXT NOT NULL,
        status_callback_url TEXT,
        status_callback_method TEXT,
        code {bytes},
        code_expires_at DOUBLE PRECISION,
        code_tries INTEGER NOT NULL,
        due_at DOUBLE PRECISION,
        deleted_at DOUBLE PRECISION
    )
    """,
    """
    CREATE UNIQUE INDEX one_caller_id_of_a_number ON caller_ids (account_sid, phone_number)
    WHERE deleted_at IS NULL AND status <> 'failed'
    """,
    "CREATE INDEX caller_ids_of_an_account ON caller_ids (account_sid, created_at, sid)",
    "CREATE INDEX caller_ids_due ON caller_ids (due_at) WHERE due_at IS NOT NULL",
    "ALTER TABLE orders ADD COLUMN code_entry TEXT NOT NULL DEFAULT 'phone'",
    "ALTER TABLE orders ADD COLUMN verified_at DOUBLE PRECISION",
    """
    UPDATE orders SET verified_at = updated_at WHERE status IN
    ('verified', 'pending-loa', 'carrier-processing', 'testing', 'completed')
    """,
    "CREATE INDEX orders_of_a_status ON orders (status, updated_at) WHERE deleted_at IS NULL",
)
