"""Twilio's Preview ``/HostedNumbers/AuthorizationDocuments``, and the orders on one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from verification.api import documents, orders, parameters
from verification.api.context import Context
from verification.api.documents import DEPENDENTS, DocumentShape
from verification.api.operation import Asked, Operation
from verification.api.orders import Transaction
from verification.api.paging import Page
from verification.api.parameters import Form
from verification.api.preview_orders import DependentOrder
from verification.documents import Document
from verification.orders import Order

PATH = "/HostedNumbers/AuthorizationDocuments"


class CreateDocument(Form):
    """POST. The authorized user's names and ``BusinessName`` are Lineproof's own."""

    hosted_number_order_sids: documents.OrderSids = ()
    address_sid: documents.AddressSid
    email: documents.Email
    contact_title: documents.ContactTitle
    contact_phone_number: parameters.ContactPhoneNumber
    cc_emails: parameters.CcEmails = ()
    authorized_user_first_name: documents.FirstName = ""
    authorized_user_last_name: documents.LastName = ""
    business_name: documents.BusinessName = ""


class UpdateDocument(Form):
    """POST of one document; what is not sent stays."""

    hosted_number_order_sids: documents.OrderSids = ()
    address_sid: documents.AddressSid = ""
    email: documents.Email = ""
    contact_title: documents.ContactTitle = ""
    contact_phone_number: parameters.ContactPhoneNumber = ""
    cc_emails: parameters.CcEmails = ()
    status: documents.StatusWish | None = None
    authorized_user_first_name: documents.FirstName = ""
    authorized_user_last_name: documents.LastName = ""
    business_name: documents.BusinessName = ""


@dataclass(frozen=True, slots=True)
class PreviewDocuments:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The five of Twilio's Preview (delete is the SDK's), and the list of orders."""
        one = PATH + "/{Sid}"
        many, orders_of = Page[DocumentShape], Page[DependentOrder]
        below = f"{PATH}/{{SigningDocumentSid}}/{DEPENDENTS}"
        sized = partial(
            Operation, most_fields=documents.MOST_FIELDS, most_bytes=documents.MOST_BYTES
        )
        return [
            sized("create", "POST", PATH, self.create, CreateDocument, DocumentShape, 201),
            Operation("list", "GET", PATH, self.list_page, documents.ListDocuments, many),
            Operation("fetch", "GET", one, self.fetch, answer=DocumentShape),
            sized("update", "POST", one, self.update, UpdateDocument, DocumentShape),
            Operation("delete", "DELETE", one, self.delete),
            Operation(
                "dependents",
                "GET",
                below,
                self.dependents,
                parameters.ListOrders,
                orders_of,
            ),
        ]

    def create(self, asked: Asked) -> DocumentShape:
        """Send a letter of authorization out for verified orders."""
        return self._shape(documents.create(self.context, asked))

    def fetch(self, asked: Asked) -> DocumentShape:
        """One document of the account."""
        return self._shape(documents.fetch(self.context, asked, PATH))

    def list_page(self, asked: Asked) -> Page[DocumentShape]:
        """The documents that the account sees, the newest first."""
        return documents.page(self.context, asked, PATH, self._shape)

    def update(self, asked: Asked) -> DocumentShape:
        """Edit an open document, take a letter back, send it out again."""
        return self._shape(documents.update(self.context, asked, PATH))

    def delete(self, asked: Asked) -> None:
        """Cancel a document whose letter is not signed."""
        documents.delete(self.context, asked, PATH)

    def dependents(self, asked: Asked) -> Page[DependentOrder]:
        """The orders on a document, the newest first."""
        return documents.dependents(self.context, asked, PATH, PATH, self._order)

    def _shape(self, document: Document) -> DocumentShape:
        return documents.shape(self.context, document, PATH)

    def _order(self, tx: Transaction, order: Order) -> DependentOrder:
        return DependentOrder(
            **orders.common(self.context, tx, order, PATH),
            unique_name=order.unique_name,
            verification_document_sid=order.verification_document_sid,
            extension=order.extension,
            call_delay=order.call_delay,
            code_entry=order.code_entry,
        )
