"""The switch that stops dialling, and what calls are counted by."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE dialling (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        stopped INTEGER NOT NULL,
        since DOUBLE PRECISION NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL
    )
    """,
    "INSERT INTO dialling (one, stopped, since, actor, reason) VALUES (1, 0, 0, '', '')",
    "CREATE INDEX attempts_dialled ON attempts (dialled_at) WHERE dialled_at IS NOT NULL",
    "CREATE INDEX attempts_to_a_number ON attempts (number, requested_at)",
    "CREATE INDEX attempts_asked_by_an_account ON attempts (account_sid, requested_at)",
)
