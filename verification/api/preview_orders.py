"""Twilio's Preview ``/HostedNumbers/HostedNumberOrders``: create, fetch, list, update, delete."""

from __future__ import annotations

from dataclasses import dataclass

from verification import spoken_code
from verification.api import orders, parameters
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.orders import Transaction
from verification.api.paging import Page
from verification.api.shapes import Capabilities, IsoDate, Shape, Url, VerificationType
from verification.orders import Order
from verification.statuses import Status

PATH = "/HostedNumbers/HostedNumberOrders"


class DependentOrder(Shape):
    """An order in the list of a document, as Preview shows it.

    ``language`` and ``code_entry`` are Lineproof's own.
    """

    sid: str
    account_sid: str
    incoming_phone_number_sid: str
    address_sid: str | None
    signing_document_sid: str | None
    phone_number: str
    capabilities: Capabilities
    friendly_name: str | None
    unique_name: str | None
    status: Status
    failure_reason: str | None
    date_created: IsoDate
    date_updated: IsoDate
    verification_attempts: int
    email: str | None
    cc_emails: tuple[str, ...]
    verification_type: VerificationType
    verification_document_sid: str | None
    extension: str | None
    call_delay: int
    verification_code: str | None
    verification_call_sids: tuple[str, ...]
    code_entry: str
    language: str


class PreviewOrder(DependentOrder):
    """A HostedNumberOrder as Preview shows it."""

    url: Url


@dataclass(frozen=True, slots=True)
class PreviewOrders:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The five of Twilio's Preview."""
        one = PATH + "/{Sid}"
        create, update = parameters.CreateOrder, parameters.UpdateOrder
        filters, page = parameters.ListOrders, Page[PreviewOrder]
        return [
            Operation("create", "POST", PATH, self.create, create, PreviewOrder, 201),
            Operation("list", "GET", PATH, self.list_page, filters, page),
            Operation("fetch", "GET", one, self.fetch, answer=PreviewOrder),
            Operation("update", "POST", one, self.update, update, PreviewOrder),
            Operation("delete", "DELETE", one, self.delete),
        ]

    def create(self, asked: Asked) -> PreviewOrder:
        """Order a number."""
        form = asked.form
        wishes = form.wishes("sms_capability", "account_sid")
        order = orders.create(self.context, asked, form.account_sid, wishes)
        with self.context.store.read() as tx:
            return self._shape(tx, order)

    def fetch(self, asked: Asked) -> PreviewOrder:
        """One order of the account."""
        with self.context.store.read() as tx:
            return self._shape(tx, orders.own(tx, asked, PATH))

    def list_page(self, asked: Asked) -> Page[PreviewOrder]:
        """The orders that the account sees, the newest first."""
        filters = {name: str(value) for name, value in asked.form.wishes().items() if value}
        return orders.page(self.context, asked, PATH, filters, self._shape)

    def update(self, asked: Asked) -> PreviewOrder:
        """Edit an order, and ask for its ownership call with Status=pending-verification."""
        form = asked.form
        wishes = form.wishes("status", "verification_code")
        if form.verification_code:
            self._enter_code(asked)
        with self.context.store.write() as tx:
            order = orders.own(tx, asked, PATH)
            order = orders.update(self.context, tx, order, wishes, form.status)
            return self._shape(tx, order)

    def delete(self, asked: Asked) -> None:
        """Take an order back and end its call."""
        orders.delete(self.context, asked, PATH)

    def _enter_code(self, asked: Asked) -> None:
        """Verify by the code that was heard; a wrong one is counted. Raises WrongCode."""
        if asked.form.status is not None:
            raise ApiError(20001, 400, "Either Status or VerificationCode may be sent, not both")
        with self.context.store.write() as tx:
            order = orders.own(tx, asked, PATH)
            code, now = asked.form.verification_code, self.context.now()
            refused = spoken_code.enter(tx, self.context.keyring, order, code, now)
        if refused:
            raise refused

    def _shape(self, tx: Transaction, order: Order) -> PreviewOrder:
        return PreviewOrder(
            **orders.common(self.context, tx, order, PATH),
            unique_name=order.unique_name,
            verification_document_sid=order.verification_document_sid,
            extension=order.extension,
            call_delay=order.call_delay,
            code_entry=order.code_entry,
        )
