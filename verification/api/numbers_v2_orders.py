"""Twilio's Numbers v2 ``/v2/HostedNumber/Orders``: the same orders under other names.

What v2 lacks (UniqueName, phone-bill, VerificationCode, every edit but the call's) is ignored or
not there, as any unknown parameter is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from verification import ordering, sids
from verification.api import orders, parameters
from verification.api.context import Context
from verification.api.operation import Asked, Operation
from verification.api.orders import Transaction
from verification.api.paging import Page
from verification.api.parameters import Form
from verification.api.shapes import Capabilities, IsoDate, Shape, Url, VerificationType
from verification.orders import Order
from verification.statuses import Status

PATH = "/v2/HostedNumber/Orders"
# The SDKs and Twilio's errors name a resource without its version.
RESOURCE = "/HostedNumber/Orders"


class OrderV2(Shape):
    """An order as Numbers v2 shows it; ``language`` is Lineproof's own."""

    sid: str
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
    url: Url
    contact_title: str | None
    contact_phone_number: str | None
    bulk_hosting_request_sid: str | None
    next_step: str | None
    verification_attempts: int
    verification_call_sids: tuple[str, ...]
    verification_call_delay: int
    verification_call_extension: str | None
    verification_code: str | None
    verification_type: VerificationType
    language: str


class CreateOrderV2(Form):
    """POST /v2/HostedNumber/Orders. ``Language`` is Lineproof's own."""

    phone_number: parameters.PhoneNumber
    contact_phone_number: parameters.ContactPhoneNumber
    address_sid: Annotated[
        str,
        parameters.sid("AD", 22109, "AddressSid"),
        AfterValidator(parameters.required("AddressSid")),
    ]
    email: Annotated[parameters.Email, AfterValidator(parameters.required("Email"))]
    account_sid: Annotated[str, parameters.sid(sids.ACCOUNT, 21470, "AccountSid")] = ""
    friendly_name: parameters.FriendlyName = ""
    cc_emails: parameters.CcEmails = ()
    sms_url: Annotated[str, parameters.url("SmsUrl")] = ""
    sms_method: Annotated[str, parameters.method("SmsMethod")] = ""
    sms_fallback_url: Annotated[str, parameters.url("SmsFallbackUrl")] = ""
    sms_fallback_method: Annotated[str, parameters.method("SmsFallbackMethod")] = ""
    sms_capability: parameters.SmsCapability = "true"
    status_callback_url: Annotated[str, parameters.url("StatusCallbackUrl")] = ""
    status_callback_method: Annotated[str, parameters.method("StatusCallbackMethod")] = ""
    sms_application_sid: Annotated[str, parameters.sid("AP", 22108, "SmsApplicationSid")] = ""
    contact_title: parameters.ContactTitle = ""
    language: parameters.Language = "en"


class UpdateOrderV2(Form):
    """POST /v2/HostedNumber/Orders/{Sid}."""

    status: parameters.StatusWish
    verification_call_delay: parameters.CallDelay = 0
    verification_call_extension: parameters.Extension = ""


class ListOrdersV2(Form):
    """The filters of GET /v2/HostedNumber/Orders."""

    status: parameters.StatusWish | None = None
    sms_capability: parameters.Boolean = ""
    phone_number: str = ""
    incoming_phone_number_sid: str = ""
    friendly_name: str = ""


@dataclass(frozen=True, slots=True)
class NumbersV2Orders:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The five of Twilio's Numbers v2."""
        one = PATH + "/{Sid}"
        return [
            Operation("create", "POST", PATH, self.create, CreateOrderV2, OrderV2, 201),
            Operation("list", "GET", PATH, self.list_page, ListOrdersV2, Page[OrderV2]),
            Operation("fetch", "GET", one, self.fetch, answer=OrderV2),
            Operation("update", "POST", one, self.update, UpdateOrderV2, OrderV2),
            Operation("delete", "DELETE", one, self.delete),
        ]

    def create(self, asked: Asked) -> OrderV2:
        """Order a number."""
        wishes = asked.form.wishes("sms_capability", "account_sid")
        order = orders.create(self.context, asked, asked.form.account_sid, wishes)
        with self.context.store.read() as tx:
            return self._shape(tx, order)

    def fetch(self, asked: Asked) -> OrderV2:
        """One order of the account."""
        with self.context.store.read() as tx:
            return self._shape(tx, orders.own(tx, asked, RESOURCE))

    def list_page(self, asked: Asked) -> Page[OrderV2]:
        """The orders that the account sees, the newest first."""
        wishes = asked.form.wishes("sms_capability").items()
        filters = {name: str(value) for name, value in wishes if value}
        if asked.form.sms_capability == "false":
            filters["sid"] = ""  # every order here is for messages
        return orders.page(self.context, asked, PATH, filters, self._shape)

    def update(self, asked: Asked) -> OrderV2:
        """Ask for the ownership call, with its delay and extension."""
        names = {
            "verification_call_delay": "call_delay",
            "verification_call_extension": "extension",
        }
        wishes = {names[name]: value for name, value in asked.form.wishes("status").items()}
        with self.context.store.write() as tx:
            order = orders.own(tx, asked, RESOURCE)
            order = orders.update(self.context, tx, order, wishes, asked.form.status)
            return self._shape(tx, order)

    def delete(self, asked: Asked) -> None:
        """Take an order back and end its call."""
        orders.delete(self.context, asked, RESOURCE)

    def _shape(self, tx: Transaction, order: Order) -> OrderV2:
        return OrderV2(
            **orders.common(self.context, tx, order, PATH),
            contact_title=order.contact_title,
            contact_phone_number=order.contact_phone_number,
            bulk_hosting_request_sid=order.bulk_hosting_request_sid,
            next_step=ordering.next_step(order),
            verification_call_delay=order.call_delay,
            verification_call_extension=order.extension,
        )
