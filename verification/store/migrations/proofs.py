"""Keys that sign certificates."""

from __future__ import annotations

STATEMENTS = (
    """
    CREATE TABLE proof_keys (
        kid TEXT PRIMARY KEY,
        public TEXT NOT NULL,
        private {bytes} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        retired_at DOUBLE PRECISION
    )
    """,
)
