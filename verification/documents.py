"""The AuthorizationDocument: the record of one letter, and which orders may stand on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from verification.orders import Order
from verification.statuses import Status

MOST_ORDERS = 15_000  # the FAQ: so many numbers can be included on one letter
SIGNING_SECONDS = 7 * 86_400.0  # the FAQ: not signed within seven days


class DocumentStatus(StrEnum):
    """Where a document stands (Twilio's five)."""

    OPENED = "opened"  # may be edited; nothing is out
    SIGNING = "signing"  # the letter is out
    SIGNED = "signed"
    CANCELED = "canceled"
    FAILED = "failed"


OPEN = (DocumentStatus.OPENED, DocumentStatus.SIGNING)


@dataclass(frozen=True, slots=True)
class Document:
    """One AuthorizationDocument. Times in Unix seconds.

    ``first_name``, ``last_name``, ``business_name``: None where the address says them.
    ``sendings``: how many times it was sent out; a link of an earlier sending is dead.
    ``due_at``: when the letter fails for want of a signature.
    """

    sid: str
    account_sid: str
    created_at: float
    updated_at: float
    status: DocumentStatus
    address_sid: str
    email: str
    contact_phone_number: str
    language: str
    cc_emails: tuple[str, ...] = ()
    contact_title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    business_name: str | None = None
    sendings: int = 0
    signed_at: float | None = None
    failure_reason: str | None = None
    due_at: float | None = None


class UnfitOrders(ValueError):
    """Orders cannot stand on this letter; the message names each (Twilio error 22101)."""


class Incomplete(ValueError):
    """What a letter must say is missing or wrong; each piece is named (Twilio error 22109)."""


class Immutable(ValueError):
    """The document's status forbids the change (Twilio error 22107)."""


class LetterGone(Exception):
    """The link leads to no letter that can be signed now.

    ``status``: where the document stands; OPENED also stands for a letter that was sent anew.
    """

    def __init__(self, status: DocumentStatus) -> None:
        super().__init__(f"the document is {status}")
        self.status = status


class Documents(Protocol):
    """The documents of one transaction, their letters, and the orders that stand on them."""

    def insert(self, document: Document) -> None: ...
    def save(self, document: Document) -> None: ...
    def get(self, sid: str) -> Document | None: ...
    def orders_seen(self, account_sid: str, order_sids: Sequence[str]) -> list[Order]: ...
    def orders_of(self, document_sid: str) -> list[Order]: ...
    def open_ones(self, order_sids: Sequence[str]) -> dict[str, str]: ...
    def assign(self, document_sid: str, order_sids: Sequence[str]) -> None: ...
    def letter(self, document_sid: str) -> bytes | None: ...
    def keep_letter(self, document_sid: str, sealed: bytes, now: float) -> None: ...
    def keep_pdf(self, document_sid: str, sealed: bytes) -> None: ...
    def pdf(self, document_sid: str) -> bytes | None: ...
    def erase_letter(self, document_sid: str) -> None: ...


def fit(
    documents: Documents, asker: str, order_sids: Sequence[str], document: Document | None
) -> list[Order]:
    """The orders of these SIDs, if all may stand on one letter.

    ``asker``: the account that asks; ``document``: the one whose orders are chosen anew. Raises
    UnfitOrders, which names each order that may not.
    """
    wanted = list(dict.fromkeys(order_sids))
    if not 1 <= len(wanted) <= MOST_ORDERS:
        raise UnfitOrders(
            f"HostedNumberOrderSids must be 1 to {MOST_ORDERS} orders, not {len(wanted)}"
        )
    found = {order.sid: order for order in documents.orders_seen(asker, wanted)}
    chosen = [found[sid] for sid in wanted if sid in found]
    wrong = _strangers(chosen, document)
    if len(chosen) < len(wanted):
        wrong["not an order of this account"] = [sid for sid in wanted if sid not in found]
    mine = document.sid if document else None
    for sid, other in documents.open_ones([order.sid for order in chosen]).items():
        if other != mine:
            wrong.setdefault(f"on the open document {other}", []).append(sid)
    named = {sid for listed in wrong.values() for sid in listed}
    check_verified([order for order in chosen if order.sid not in named], wrong)
    return chosen


def check_verified(
    chosen: Sequence[Order], wrong: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Raise UnfitOrders if an order is not verified or ``wrong`` names any, by reason."""
    faults = {reason: list(listed) for reason, listed in (wrong or {}).items()}
    for order in chosen:
        if not _is_verified(order):
            faults.setdefault(f"not verified but {order.status}", []).append(order.sid)
    if faults:
        told = "; ".join(f"{reason}: {', '.join(listed)}" for reason, listed in faults.items())
        raise UnfitOrders(f"These orders cannot stand on the letter. {told}")


def _is_verified(order: Order) -> bool:
    """Whether an order's number is proven and waits for a letter, the first or another."""
    again = order.status is Status.ACTION_REQUIRED and order.verified_at is not None
    return order.status is Status.VERIFIED or again


def _strangers(chosen: Sequence[Order], document: Document | None) -> dict[str, list[str]]:
    """A letter is of one owner: the document's account, or else that of the first order."""
    if not chosen:
        return {}
    owner = document.account_sid if document else chosen[0].account_sid
    others = [order.sid for order in chosen if order.account_sid != owner]
    return {f"of another account than {owner}": others} if others else {}
