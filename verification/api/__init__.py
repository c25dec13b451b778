"""The thin order API: Twilio's shapes over the core, a family a file."""

from __future__ import annotations

from verification.api.accounts import AccountOperations
from verification.api.addresses import AddressOperations
from verification.api.calls import CallOperations
from verification.api.context import Context
from verification.api.hosting import HostingOperations
from verification.api.incoming_phone_numbers import IncomingPhoneNumbers
from verification.api.lookups import Lookups
from verification.api.messaging_services import MessagingServices
from verification.api.notifications import NotificationOperations
from verification.api.numbers_v2_orders import NumbersV2Orders
from verification.api.numbers_v3_orders import NumbersV3Orders
from verification.api.operation import Operation, routes
from verification.api.outgoing_caller_ids import OutgoingCallerIds
from verification.api.preview_orders import PreviewOrders

__all__ = ["families", "routes"]


def families(context: Context) -> dict[str, list[Operation]]:
    """All operations, by the name of their family."""
    return {
        "preview_orders": PreviewOrders(context).operations(),
        "numbers_v2_orders": NumbersV2Orders(context).operations(),
        "numbers_v3_orders": NumbersV3Orders(context).operations(),
        "accounts": AccountOperations(context).operations(),
        "addresses": AddressOperations(context).operations(),
        "outgoing_caller_ids": OutgoingCallerIds(context).operations(),
        "incoming_phone_numbers": IncomingPhoneNumbers(context).operations(),
        "calls": CallOperations(context).operations(),
        "notifications": NotificationOperations(context).operations(),
        "messaging_services": MessagingServices(context).operations(),
        "hosting": HostingOperations(context).operations(),
        "lookups": Lookups(context).operations(),
    }
