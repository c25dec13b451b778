"""Twilio's Preview ``/HostedNumbers/HostedNumberOrders``: create, fetch, list, update, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from verification import accounts, calling, ordering
from verification.api import paging, parameters
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.paging import Page
from verification.api.shapes import HOSTED, Capabilities, IsoDate, Shape
from verification.ordering import Place
from verification.orders import Order
from verification.statuses import Mover, Status, may_move

PATH = "/HostedNumbers/HostedNumberOrders"


class PreviewOrder(Shape):
    """A HostedNumberOrder as Preview shows it; ``language`` is Lineproof's own."""

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
    url: str
    verification_type: str
    verification_document_sid: str | None
    extension: str | None
    call_delay: int
    verification_code: str | None
    verification_call_sids: tuple[str, ...]
    language: str


class Orders(ordering.Orders, Protocol):
    """The orders as the API shows them."""

    def seen(self, account_sid: str, sid: str) -> Order | None: ...
    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Order]: ...


class Transaction(calling.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def accounts(self) -> Any: ...
    @property
    def orders(self) -> Orders: ...


@dataclass(frozen=True, slots=True)
class PreviewOrders:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The five of Twilio's Preview."""
        one = PATH + "/{Sid}"
        create, update = parameters.CreateOrder, parameters.UpdateOrder
        return [
            Operation("create", "POST", PATH, self.create, create, PreviewOrder, 201),
            Operation("list", "GET", PATH, self.list_page, parameters.ListOrders, Page),
            Operation("fetch", "GET", one, self.fetch, answer=PreviewOrder),
            Operation("update", "POST", one, self.update, update, PreviewOrder),
            Operation("delete", "DELETE", one, self.delete),
        ]

    def create(self, asked: Asked) -> PreviewOrder:
        """Order a number; its line is looked up at once, or by the worker if that fails."""
        context, form = self.context, asked.form
        if form.verification_type == "phone-bill" and not form.verification_document_sid:
            raise ApiError(22118, 400, "VerificationDocumentSid is needed for a phone-bill")
        wishes = form.wishes("phone_number", "sms_capability", "account_sid")
        with context.store.write() as tx:
            account = accounts.acting_for(tx, asked.account, form.account_sid or asked.account.sid)
            if account is None:
                raise ApiError(21471, 400, "Account not found")
            accounts.check_active(tx, account)
            order = ordering.create(tx, account.sid, form.phone_number, wishes, context.now())
        line = context.directory.look_up(order.phone_number)
        with context.store.write() as tx:
            ordering.settle_eligibility(tx, order.sid, line, context.policy, context.now())
            return self._shape(tx, tx.orders.get(order.sid) or order)

    def fetch(self, asked: Asked) -> PreviewOrder:
        """One order of the account."""
        with self.context.store.read() as tx:
            return self._shape(tx, _own(tx, asked))

    def list_page(self, asked: Asked) -> Page:
        """The account's orders, the newest first."""
        context = self.context
        wish = paging.wish(asked.pairs, context.keyring)
        filters = {name: str(value) for name, value in asked.form.wishes().items() if value}
        account_sid = asked.account.sid
        with context.store.read() as tx:
            return paging.page(
                wish,
                f"{context.base_url}{PATH}",
                context.keyring,
                lambda place, limit: tx.orders.page(account_sid, filters, place, limit),
                lambda order: self._shape(tx, order),
            )

    def update(self, asked: Asked) -> PreviewOrder:
        """Edit an order, and ask for its ownership call with Status=pending-verification."""
        context, form = self.context, asked.form
        wishes = form.wishes("status", "verification_code")
        with context.store.write() as tx:
            order = _own(tx, asked)
            calling.refuse_late_changes(tx, order, wishes)
            if form.verification_code:
                _refuse_code(order)
            order = ordering.edit(tx, order, wishes, context.now())
            if form.status is Status.PENDING_VERIFICATION:
                business = tx.accounts.get(order.account_sid)
                accounts.check_active(tx, business)
                now = context.now()
                order = calling.request_call(tx, context.keyring, order, business.name, now)
            elif form.status is not None:
                _refuse_status(order, form.status)
            return self._shape(tx, order)

    def delete(self, asked: Asked) -> None:
        """Take an order back and end its call."""
        with self.context.store.write() as tx:
            order = _own(tx, asked)
            ordering.delete(tx, order, self.context.now())
            calling.abandon(tx, order, self.context.now())

    def _shape(self, tx: Transaction, order: Order) -> PreviewOrder:
        context = self.context
        calls = [attempt.call_sid for attempt in tx.attempts.of_order(order.sid)]
        return PreviewOrder(
            sid=order.sid,
            account_sid=order.account_sid,
            incoming_phone_number_sid=order.incoming_phone_number_sid,
            address_sid=order.address_sid,
            signing_document_sid=order.signing_document_sid,
            phone_number=order.phone_number,
            capabilities=HOSTED,
            friendly_name=order.friendly_name,
            unique_name=order.unique_name,
            status=order.status,
            failure_reason=order.failure_reason,
            date_created=order.created_at,
            date_updated=order.updated_at,
            verification_attempts=order.verification_attempts,
            email=order.email,
            cc_emails=order.cc_emails,
            url=f"{context.base_url}{PATH}/{order.sid}",
            verification_type=order.verification_type,
            verification_document_sid=order.verification_document_sid,
            extension=order.extension,
            call_delay=order.call_delay,
            verification_code=calling.visible_code(order, context.keyring, context.now()),
            verification_call_sids=tuple(sid for sid in calls if sid),
            language=order.language,
        )


def _own(tx: Transaction, asked: Asked) -> Order:
    order = tx.orders.seen(asked.account.sid, asked.sid)
    if order is None:
        raise ApiError(20404, 404, f"The requested resource {PATH}/{asked.sid[:64]} was not found")
    return order


def _refuse_code(order: Order) -> None:
    if order.status is not Status.PENDING_VERIFICATION:
        raise ApiError(22114, 400, "VerificationCode is taken only while pending-verification")
    raise ApiError(
        22113, 400, "The code is typed on the phone that is called; the API does not take it"
    )


def _refuse_status(order: Order, wished: Status) -> None:
    allowed = [status for status in Status if may_move(order.status, status, Mover.CUSTOMER)]
    raise ApiError(
        22112,
        400,
        f"An order that is {order.status} cannot be moved to {wished} by this request: "
        + (f"allowed is {', '.join(allowed)}" if allowed else "its status cannot be changed"),
    )
