"""The thin order API: Twilio's shapes over the core, a family a file."""

from __future__ import annotations

from verification.api.accounts import AccountOperations
from verification.api.context import Context
from verification.api.operation import Operation, routes
from verification.api.preview_orders import PreviewOrders

__all__ = ["families", "routes"]


def families(context: Context) -> dict[str, list[Operation]]:
    """All operations, by the name of their family."""
    return {
        "preview_orders": PreviewOrders(context).operations(),
        "accounts": AccountOperations(context).operations(),
    }
