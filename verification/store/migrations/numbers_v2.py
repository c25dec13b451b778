"""What the Numbers v2 family adds to an order."""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE orders ADD COLUMN contact_title TEXT",
    "ALTER TABLE orders ADD COLUMN contact_phone_number TEXT",
    "ALTER TABLE orders ADD COLUMN bulk_hosting_request_sid TEXT",
)
