"""Twilio's Numbers v2 ``/v2/HostedNumber/AuthorizationDocuments``: Preview's, without update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from verification import ordering
from verification.api import documents, orders, parameters
from verification.api.context import Context
from verification.api.documents import DEPENDENTS, DocumentShape
from verification.api.operation import Asked, Operation
from verification.api.orders import Transaction
from verification.api.paging import Page
from verification.api.parameters import Form
from verification.api.shapes import Capabilities, IsoDate, Shape
from verification.documents import Document
from verification.orders import Order
from verification.statuses import Status

PATH = "/v2/HostedNumber/AuthorizationDocuments"
# The SDKs and Twilio's errors name a resource without its version.
RESOURCE = "/HostedNumber/AuthorizationDocuments"

# The statuses that this list filters by (Twilio's OpenAPI file); the others have no letter.
STATUSES = (
    Status.RECEIVED,
    Status.VERIFIED,
    Status.PENDING_LOA,
    Status.CARRIER_PROCESSING,
    Status.COMPLETED,
    Status.FAILED,
    Status.ACTION_REQUIRED,
)


class CreateDocumentV2(Form):
    """POST. The authorized user's names and ``BusinessName`` are Lineproof's own."""

    hosted_number_order_sids: documents.OrderSids = ()
    address_sid: documents.AddressSid
    email: documents.Email
    contact_phone_number: parameters.ContactPhoneNumber
    contact_title: parameters.ContactTitle = ""
    cc_emails: parameters.CcEmails = ()
    authorized_user_first_name: documents.FirstName = ""
    authorized_user_last_name: documents.LastName = ""
    business_name: documents.BusinessName = ""


class ListDependents(Form):
    """The filters of GET DependentHostedNumberOrders."""

    status: Annotated[str, parameters.one_of(22111, "Status", STATUSES)] = ""
    phone_number: str = ""
    incoming_phone_number_sid: str = ""
    friendly_name: str = ""


class DependentOrderV2(Shape):
    """An order on a document, as Numbers v2 shows it there."""

    sid: str
    bulk_hosting_request_sid: str | None
    next_step: str | None
    account_sid: str
    incoming_phone_number_sid: str
    address_sid: str | None
    signing_document_sid: str | None
    phone_number: str
    capabilities: Capabilities
    friendly_name: str | None
    status: Status
    failure_reason: str | None
    date_created: IsoDate
    date_updated: IsoDate
    email: str | None
    cc_emails: tuple[str, ...]
    contact_title: str | None
    contact_phone_number: str | None


@dataclass(frozen=True, slots=True)
class NumbersV2Documents:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The four of Twilio's Numbers v2, and the list of orders."""
        one = PATH + "/{Sid}"
        many, orders_of = Page[DocumentShape], Page[DependentOrderV2]
        below = f"{PATH}/{{SigningDocumentSid}}/{DEPENDENTS}"
        return [
            Operation(
                "create",
                "POST",
                PATH,
                self.create,
                CreateDocumentV2,
                DocumentShape,
                201,
                most_fields=documents.MOST_FIELDS,
                most_bytes=documents.MOST_BYTES,
            ),
            Operation("list", "GET", PATH, self.list_page, documents.ListDocuments, many),
            Operation("fetch", "GET", one, self.fetch, answer=DocumentShape),
            Operation("delete", "DELETE", one, self.delete),
            Operation("dependents", "GET", below, self.dependents, ListDependents, orders_of),
        ]

    def create(self, asked: Asked) -> DocumentShape:
        """Send a letter of authorization out for verified orders."""
        return self._shape(documents.create(self.context, asked))

    def fetch(self, asked: Asked) -> DocumentShape:
        """One document of the account."""
        return self._shape(documents.fetch(self.context, asked, RESOURCE))

    def list_page(self, asked: Asked) -> Page[DocumentShape]:
        """The documents that the account sees, the newest first."""
        return documents.page(self.context, asked, PATH, self._shape)

    def delete(self, asked: Asked) -> None:
        """Cancel a document whose letter is not signed."""
        documents.delete(self.context, asked, RESOURCE)

    def dependents(self, asked: Asked) -> Page[DependentOrderV2]:
        """The orders on a document, the newest first."""
        return documents.dependents(self.context, asked, PATH, RESOURCE, self._order)

    def _shape(self, document: Document) -> DocumentShape:
        return documents.shape(self.context, document, PATH)

    def _order(self, tx: Transaction, order: Order) -> DependentOrderV2:
        return DependentOrderV2(
            **orders.common(self.context, tx, order, PATH),
            contact_title=order.contact_title,
            contact_phone_number=order.contact_phone_number,
            bulk_hosting_request_sid=order.bulk_hosting_request_sid,
            next_step=ordering.NEXT_STEPS[order.status],
        )
