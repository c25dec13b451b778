"""Lineproof's own: the link with which the person at the phone has his number called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from verification import owner_links
from verification.api import orders
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.parameters import Email, Form
from verification.api.shapes import IsoDate, Shape, Url
from verification.owner_links import Giver, NoOwnerLink, OwnerLink
from verification.statuses import Mover

RESOURCE = "/lineproof/v1/orders"
PATH = RESOURCE + "/{Sid}/owner-link"
_NAME = "api"  # who handed it over, for the audit trail


class OwnerLinkShape(Shape):
    """A link, until when it is good, and the call that its holder has planned."""

    order_sid: str
    url: Url
    date_created: IsoDate
    date_expires: IsoDate
    date_planned_call: IsoDate | None
    mailed_to: str | None


class HandOver(Form):
    """POST .../owner-link. ``Email``: mail it to this address as well."""

    email: Email = ""


class Transaction(orders.Transaction, owner_links.Transaction, Protocol):
    """What this API needs of a transaction."""


@dataclass(frozen=True, slots=True)
class OwnerLinks:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """Hand a link over, look at it, take it back."""
        form, answer = HandOver, OwnerLinkShape
        return [
            Operation("hand_over", "POST", PATH, self.hand_over, form, answer, 201),
            Operation("fetch", "GET", PATH, self.fetch, answer=answer),
            Operation("take_back", "DELETE", PATH, self.take_back),
        ]

    def hand_over(self, asked: Asked) -> OwnerLinkShape:
        """The order's link, good for three more days; mailed if an address is given."""
        recipient = asked.form.email or None
        with self.context.store.write() as tx:
            order = orders.own(tx, asked, RESOURCE)
            link = owner_links.hand_over(tx, order, self._giver(), recipient)
        return self._shape(link, recipient)

    def fetch(self, asked: Asked) -> OwnerLinkShape:
        """The link that is open."""
        with self.context.store.read() as tx:
            order = orders.own(tx, asked, RESOURCE)
            try:
                return self._shape(owner_links.standing(tx, order.sid, self.context.now()))
            except NoOwnerLink as none:
                raise ApiError(20404, 404, str(none)) from None

    def take_back(self, asked: Asked) -> None:
        """Let the link open nothing any more."""
        with self.context.store.write() as tx:
            order = orders.own(tx, asked, RESOURCE)
            try:
                owner_links.take_back(tx, order, self._giver())
            except NoOwnerLink as none:
                raise ApiError(20404, 404, str(none)) from None

    def _giver(self) -> Giver:
        return Giver(Mover.CUSTOMER, _NAME, self.context.now())

    def _shape(self, link: OwnerLink, mailed_to: str | None = None) -> OwnerLinkShape:
        return OwnerLinkShape(
            order_sid=link.order_sid,
            url=owner_links.url(self.context.keyring, self.context.base_url, link),
            date_created=link.made_at,
            date_expires=link.expires_at,
            date_planned_call=link.call_at,
            mailed_to=mailed_to,
        )
