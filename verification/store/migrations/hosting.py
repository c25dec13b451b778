"""Numbers of accounts, and the registrations of orders."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE phone_numbers (
        sid TEXT PRIMARY KEY,
        account_sid TEXT NOT NULL REFERENCES accounts (sid),
        order_sid TEXT REFERENCES orders (sid),
        phone_number TEXT NOT NULL,
        origin TEXT NOT NULL,
        status TEXT NOT NULL,
        voice INTEGER NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL,
        friendly_name TEXT NOT NULL,
        sms_url TEXT,
        sms_method TEXT NOT NULL,
        sms_fallback_url TEXT,
        sms_fallback_method TEXT NOT NULL,
        sms_application_sid TEXT,
        status_callback TEXT,
        status_callback_method TEXT NOT NULL,
        voice_url TEXT,
        voice_method TEXT NOT NULL,
        voice_fallback_url TEXT,
        voice_fallback_method TEXT NOT NULL,
        voice_application_sid TEXT,
        voice_caller_id_lookup INTEGER NOT NULL,
        voice_receive_mode TEXT NOT NULL,
        trunk_sid TEXT,
        address_sid TEXT,
        identity_sid TEXT,
        bundle_sid TEXT,
        emergency_status TEXT NOT NULL,
        emergency_address_sid TEXT,
        messaging_service_sid TEXT,
        attached_at DOUBLE PRECISION,
        due_at DOUBLE PRECISION
    )
    """,
    # Orders of an earlier program have their number's SID already; the rest is as it begins.
    """
    INSERT INTO phone_numbers (sid, account_sid, order_sid, phone_number, origin, status, voice,
        created_at, updated_at, friendly_name, sms_url, sms_method, sms_fallback_url,
        sms_fallback_method, sms_application_sid, status_callback, status_callback_method,
        voice_method, voice_fallback_method, voice_caller_id_lookup, voice_receive_mode,
        address_sid, emergency_status)
    SELECT incoming_phone_number_sid, account_sid, sid, phone_number, 'hosted', 'pending', 0,
        created_at, updated_at, COALESCE(substr(friendly_name, 1, 64), phone_number), sms_url,
        COALESCE(sms_method, 'POST'), sms_fallback_url, COALESCE(sms_fallback_method, 'POST'),
        sms_application_sid, status_callback_url, COALESCE(status_callback_method, 'POST'),
        'POST', 'POST', 0, 'voice', address_sid, 'Inactive'
    FROM orders
    """,
    "CREATE INDEX numbers_of_an_account ON phone_numbers (account_sid, created_at, sid)",
    "CREATE INDEX numbers_by_their_digits ON phone_numbers (phone_number)",
    # Fictional numbers are in use by many test accounts; of the others the core lets one have it.
    """
    CREATE UNIQUE INDEX one_number_in_use ON phone_numbers (account_sid, phone_number, origin)
    WHERE status = 'in-use'
    """,
    """
    CREATE UNIQUE INDEX one_port_under_way ON phone_numbers (account_sid, phone_number)
    WHERE status = 'pending' AND origin = 'twilio'
    """,
    "CREATE INDEX numbers_due ON phone_numbers (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE TABLE registrations (
        order_sid TEXT PRIMARY KEY REFERENCES orders (sid),
        phone_number TEXT NOT NULL,
        stage TEXT NOT NULL,
        begun_at DOUBLE PRECISION NOT NULL,
        due_at DOUBLE PRECISION,
        accepted_at DOUBLE PRECISION,
        reference TEXT,
        message_sid TEXT
    )
    """,
    "CREATE INDEX registrations_due ON registrations (due_at) WHERE due_at IS NOT NULL",
    # An earlier program could not register: what waits there begins now.
    """
    INSERT INTO registrations (order_sid, phone_number, stage, begun_at, due_at)
    SELECT sid, phone_number, 'registering', updated_at, updated_at FROM orders
    WHERE status = 'carrier-processing' AND deleted_at IS NULL
    """,
    "ALTER TABLE attempts ADD COLUMN error_code INTEGER",
    "CREATE INDEX attempts_of_an_account ON attempts (account_sid, dialled_at)",
)
