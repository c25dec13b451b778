"""What the figures for operators are counted by, at each look that is taken at them."""

from __future__ import annotations

STATEMENTS = (
    "CREATE INDEX attempts_by_outcome ON attempts (outcome) WHERE outcome IS NOT NULL",
    "CREATE INDEX outbox_by_state ON outbox (state)",
)
