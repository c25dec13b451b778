"""The thin order API: Twilio's shapes over the core, a family a file."""

from __future__ import annotations

from verification.api.accounts import AccountOperations
from verification.api.addresses import AddressOperations
from verification.api.calls import CallOperations
from verification.api.certificates import Certificates, Render
from verification.api.context import Context
from verification.api.hosting import HostingOperations
from verification.api.incoming_phone_numbers import IncomingPhoneNumbers
from verification.api.letters import LetterFiles
from verification.api.lookups import Lookups
from verification.api.messaging_services import MessagingServices
from verification.api.notifications import NotificationOperations
from verification.api.numbers_v1_eligibility import EligibilityOperations
from verification.api.numbers_v2_bulk import NumbersV2Bulk
from verification.api.numbers_v2_documents import NumbersV2Documents
from verification.api.numbers_v2_orders import NumbersV2Orders
from verification.api.numbers_v3_orders import NumbersV3Orders
from verification.api.operation import Operation, routes
from verification.api.outgoing_caller_ids import OutgoingCallerIds
from verification.api.owner_links import OwnerLinks
from verification.api.preview_documents import PreviewDocuments
from verification.api.preview_orders import PreviewOrders
from verification.api.test_numbers import TestNumbers
from verification.api.trail import TrailOperations
from verification.api.verification_documents import VerificationDocuments

__all__ = ["families", "own", "routes"]


def families(context: Context) -> dict[str, list[Operation]]:
    """All operations, by the name of their family."""
    return {
        "preview_orders": PreviewOrders(context).operations(),
        "numbers_v2_orders": NumbersV2Orders(context).operations(),
        "numbers_v2_bulk": NumbersV2Bulk(context).operations(),
        "numbers_v1_eligibility": EligibilityOperations(context).operations(),
        "numbers_v3_orders": NumbersV3Orders(context).operations(),
        "preview_documents": PreviewDocuments(context).operations(),
        "numbers_v2_documents": NumbersV2Documents(context).operations(),
        "accounts": AccountOperations(context).operations(),
        "addresses": AddressOperations(context).operations(),
        "outgoing_caller_ids": OutgoingCallerIds(context).operations(),
        "incoming_phone_numbers": IncomingPhoneNumbers(context).operations(),
        "calls": CallOperations(context).operations(),
        "notifications": NotificationOperations(context).operations(),
        "messaging_services": MessagingServices(context).operations(),
        "lookups": Lookups(context).operations(),
        "verification_documents": VerificationDocuments(context).operations(),
    }


def own(context: Context, certificate_pdf: Render) -> dict[str, list[Operation]]:
    """Operations of Lineproof's own, whose errors are problems; Twilio has none of them."""
    return {
        "hosting": HostingOperations(context).operations(),
        "letters": LetterFiles(context).operations(),
        "owner_links": OwnerLinks(context).operations(),
        "certificates": Certificates(context, certificate_pdf).operations(),
        "audit_trail": TrailOperations(context).operations(),
        "test_numbers": TestNumbers().operations(),
    }
