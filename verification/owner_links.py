"""The owner's link: a sealed URL for the person at the phone, and how long it lives.

Whoever holds it can have the number called, sees the code while a call is on, and can stop the
order; only keys that are pressed in the call verify. It is sent or handed over by whoever ordered
or by an operator, and dies when the number is verified, when its holder says that the number is
not his, when it is taken back, and when its time is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import mails, orders
from verification.codes import Keyring, Unsealable
from verification.mails import About, Mail, MailKind
from verification.orders import Order
from verification.phone_bills import PHONE_BILL
from verification.statuses import Mover, Status

PATH = "/owner"
LINK = "owner.v1"  # the purpose of the sealed link
LINK_SECONDS = 3 * 86_400.0  # a weekend, and the working day after it
MOST_MAILS = 5  # for one order: no stranger's mailbox is filled through this server

# What the audit trail says of it.
_GIVEN, _MAILED = "owner link handed over", "owner link mailed"
HANDED_OVER = frozenset({_GIVEN, _MAILED})

# In these a call is still to come, or may be asked for.
WAITING = frozenset({Status.TWILIO_PROCESSING, Status.RECEIVED, Status.PENDING_VERIFICATION})


class End(StrEnum):
    """Why a link was closed before its time."""

    TAKEN_BACK = "taken-back"
    NOT_MINE = "not-mine"


class Trouble(StrEnum):
    """Why a call that was planned was not made."""

    LATE = "late"  # nobody was there to make it in time
    STOPPED = "stopped"  # no calls are placed at present
    BUDGET = "budget"  # calls to this number, or of this account, are used up for a day
    REFUSED = "refused"  # the order had moved on


@dataclass(frozen=True, slots=True)
class OwnerLink:
    """The link of an order. Times in Unix seconds.

    ``number``: which of the order's links it is; all before it are dead. ``call_at``: when its
    holder wants to be called, in the time of ``zone`` (a name of the IANA's). ``trouble``: what
    came between the last such wish and its call.
    """

    order_sid: str
    account_sid: str
    number: int
    made_at: float
    expires_at: float
    closed: End | None = None
    call_at: float | None = None
    zone: str | None = None
    trouble: Trouble | None = None

    def is_open(self, now: float) -> bool:
        """Whether it opens anything at a time."""
        return self.closed is None and now < self.expires_at


class Mails(mails.Mails, Protocol):
    """The mails of one transaction."""

    def of_object(self, object_sid: str) -> list[Mail]: ...


class OwnerLinks(Protocol):
    """The links of one transaction, one for each order."""

    def get(self, order_sid: str) -> OwnerLink | None: ...
    def put(self, link: OwnerLink) -> None: ...


class Transaction(Protocol):
    """What the owner's link needs of a transaction."""

    @property
    def mails(self) -> Mails: ...
    @property
    def owner_links(self) -> OwnerLinks: ...
    @property
    def audit(self) -> orders.Audit: ...


class NoOwnerLink(ValueError):
    """The order has no owner's link, or may have none as it stands (Twilio error 22112)."""


class TooManyMails(ValueError):
    """The order's link has been mailed often enough (Twilio error 20429)."""


@dataclass(frozen=True, slots=True)
class Giver:
    """Who hands a link over: ``mover`` and ``name`` for the audit trail. ``now``: Unix seconds."""

    mover: Mover
    name: str
    now: float


def may_have(order: Order) -> bool:
    """Whether a link to an order would be of any use."""
    called = order.verification_type != PHONE_BILL
    return order.deleted_at is None and called and order.status in WAITING


def hand_over(tx: Transaction, order: Order, by: Giver, recipient: str | None = None) -> OwnerLink:
    """The order's link, for LINK_SECONDS from now: the one that is open, or a new one.

    ``recipient``: whom it is mailed to. Raises NoOwnerLink, TooManyMails.
    """
    if not may_have(order):
        raise NoOwnerLink(
            f"An order that is {order.status} has no owner's link: only one that is verified by a "
            f"call and is {', '.join(sorted(WAITING))}"
        )
    if recipient and _mailed(tx, order) >= MOST_MAILS:
        raise TooManyMails(f"The link of an order is mailed at most {MOST_MAILS} times")
    old, until = tx.owner_links.get(order.sid), by.now + LINK_SECONDS
    if old and old.is_open(by.now):
        link = replace(old, expires_at=until)
    else:
        number = old.number + 1 if old else 1
        link = OwnerLink(order.sid, order.account_sid, number, by.now, until)
    tx.owner_links.put(link)
    what = _MAILED if recipient else _GIVEN
    tx.audit.append(by.now, by.mover, order.account_sid, order.sid, what, by.name)
    if recipient:
        about = About(order.account_sid, order.sid, link.number, order.language)
        mails.queue(tx, about, MailKind.OWNER_LINK, [recipient], by.now)
    return link


def take_back(tx: Transaction, order: Order, by: Giver) -> None:
    """Close the order's link. Raises NoOwnerLink if none is open."""
    link = standing(tx, order.sid, by.now)
    tx.owner_links.put(replace(link, closed=End.TAKEN_BACK, call_at=None))
    what = "owner link taken back"
    tx.audit.append(by.now, by.mover, order.account_sid, order.sid, what, by.name)


def standing(tx: Transaction, order_sid: str, now: float) -> OwnerLink:
    """The order's link that is open. Raises NoOwnerLink."""
    link = tx.owner_links.get(order_sid)
    if link is None or not link.is_open(now):
        raise NoOwnerLink("The order has no owner's link that is open")
    return link


def url(keyring: Keyring, base_url: str, link: OwnerLink) -> str:
    """The link as it is given to people; the same each time."""
    return f"{base_url}{PATH}/{keyring.link(LINK, [link.order_sid, link.number])}"


def read(keyring: Keyring, token: str) -> tuple[str, int]:
    """The order and the number of a link that this server made. Raises Unsealable."""
    payload = keyring.read_link(LINK, token)
    if len(payload) != 2 or not isinstance(payload[1], int):
        raise Unsealable("The link was not made by this server")
    return str(payload[0]), payload[1]


def _mailed(tx: Transaction, order: Order) -> int:
    return sum(mail.kind is MailKind.OWNER_LINK for mail in tx.mails.of_object(order.sid))
