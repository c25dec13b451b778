"""Lineproof's own operations of hosting, which Twilio has for its staff or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import AfterValidator

from verification import accounts, hosting, phone_numbers, sids
from verification.api import parameters
from verification.api.addresses import Flag
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.incoming_phone_numbers import IncomingPhoneNumber, shape
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import IsoDate, Shape
from verification.hosting import Registration
from verification.orders import Order
from verification.phone_numbers import PhoneNumber

ORDERS = "/lineproof/v1/Orders/{Sid}/Registration"
PORTS = "/lineproof/v1/PortRequests"


class RegistrationShape(Shape):
    """How far an order's registration is."""

    order_sid: str
    stage: str
    date_begun: IsoDate
    date_due: IsoDate | None
    date_accepted: IsoDate | None
    reference: str | None


class AcceptRegistration(Form):
    """POST .../Registration: the RespOrg accepts the request."""


class RequestPort(Form):
    """POST /lineproof/v1/PortRequests."""

    phone_number_sid: Annotated[
        str,
        parameters.sid(sids.PHONE_NUMBER, 20423, "PhoneNumberSid"),
        AfterValidator(parameters.required("PhoneNumberSid")),
    ]
    take_settings: Flag = False


class Orders(hosting.Orders, Protocol):
    """The orders of one transaction."""

    def seen(self, account_sid: str, sid: str) -> Order | None: ...


class Transaction(hosting.Transaction, accounts.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def orders(self) -> Orders: ...


@dataclass(frozen=True, slots=True)
class HostingOperations:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """A registration's state, its acceptance by the RespOrg, and a port request."""
        accept, form, port = self.accept, AcceptRegistration, RequestPort
        return [
            Operation("registration", "GET", ORDERS, self.fetch, answer=RegistrationShape),
            Operation("accept", "POST", ORDERS, accept, form, RegistrationShape),
            Operation("port", "POST", PORTS, self.port, port, IncomingPhoneNumber, 201),
        ]

    def fetch(self, asked: Asked) -> RegistrationShape:
        """How far the registration of an order is."""
        with self.context.store.read() as tx:
            order = _own(tx, asked)
            registration = tx.registrations.get(order.sid)
            if registration is None:
                raise _not_found(asked)
            return _shape(registration)

    def accept(self, asked: Asked) -> RegistrationShape:
        """The RespOrg of a toll-free number accepts the request; it is speeded."""
        with self.context.store.write() as tx:
            return _shape(hosting.accept(tx, _own(tx, asked), self.context.now()))

    def port(self, asked: Asked) -> IncomingPhoneNumber:
        """Ask for a hosted number to be ported: gives the second number, with its own SID."""
        form, now = asked.form, self.context.now()
        with self.context.store.write() as tx:
            number: PhoneNumber | None = tx.phone_numbers.get(form.phone_number_sid)
            owner = accounts.acting_for(tx, asked.account, number.account_sid) if number else None
            if number is None or owner is None:
                raise ApiError(20404, 404, f"The account has no number {form.phone_number_sid}")
            accounts.check_active(tx, owner)
            return shape(phone_numbers.port(tx, number, form.take_settings, now))


def _own(tx: Transaction, asked: Asked) -> Order:
    order = tx.orders.seen(asked.account.sid, asked.sid)
    if order is None:
        raise _not_found(asked)
    return order


def _not_found(asked: Asked) -> ApiError:
    path = ORDERS.replace("{Sid}", asked.sid[:64])
    return ApiError(20404, 404, f"The requested resource {path} was not found")


def _shape(registration: Registration) -> RegistrationShape:
    return RegistrationShape(
        order_sid=registration.order_sid,
        stage=registration.stage,
        date_begun=registration.begun_at,
        date_due=registration.due_at,
        date_accepted=registration.accepted_at,
        reference=registration.reference,
    )
