"""Phone bills: the other way to prove a number. A person looks at the bill and decides.

One document proves one order: whoever accepts it has read one number on it. It is personal data,
and sealed at rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import orders, sids
from verification.codes import Keyring
from verification.orders import Order
from verification.statuses import Mover, Status

PHONE_BILL = "phone-bill"
MOST_BYTES = 5 * 1024 * 1024
REASON_LENGTH = 200
_AWAIT_PROOF = frozenset({Status.RECEIVED, Status.PENDING_VERIFICATION})


class PhoneBillStatus(StrEnum):
    """What has been decided of a document."""

    PENDING_REVIEW = "pending-review"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PhoneBill:
    """One document of an account. Times in Unix seconds, ``size`` in bytes."""

    sid: str
    account_sid: str
    created_at: float
    updated_at: float
    media_type: str
    size: int
    status: PhoneBillStatus = PhoneBillStatus.PENDING_REVIEW
    reason: str | None = None


class PhoneBills(Protocol):
    """The documents of one transaction."""

    def insert(self, document: PhoneBill, sealed: bytes) -> None: ...
    def save(self, document: PhoneBill) -> None: ...
    def of_account(self, account_sid: str, sid: str) -> PhoneBill | None: ...
    def sealed(self, sid: str) -> bytes: ...
    def order_of(self, sid: str) -> Order | None: ...


class Transaction(orders.Transaction, Protocol):
    """What documents need of a transaction."""

    @property
    def phone_bills(self) -> PhoneBills: ...


class UnfitPhoneBill(ValueError):
    """The file is none that can be looked at (Twilio error 20001)."""


class UnknownPhoneBill(ValueError):
    """The order cannot have this document (Twilio error 22118)."""


class NotReviewable(ValueError):
    """The document has been decided on, or is not the one that the operator looked at."""


def media_type_of(content: bytes) -> str:
    """What a file is, by its first and last bytes and not by its name. Raises UnfitPhoneBill."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        return "application/pdf"
    is_png = content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    if is_png and content.endswith(b"IEND\xaeB`\x82"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9"):
        return "image/jpeg"
    raise UnfitPhoneBill("The document must be a whole PDF, PNG or JPEG file")


def upload(
    tx: Transaction, keyring: Keyring, account_sid: str, content: bytes, now: float
) -> PhoneBill:
    """Keep a document, sealed, until it is looked at. Raises UnfitPhoneBill."""
    if len(content) > MOST_BYTES:
        raise UnfitPhoneBill(f"A document has at most {MOST_BYTES} bytes")
    document = PhoneBill(
        sid=sids.new(sids.PHONE_BILL),
        account_sid=account_sid,
        created_at=now,
        updated_at=now,
        media_type=media_type_of(content),
        size=len(content),
    )
    tx.phone_bills.insert(document, keyring.seal_bytes(content, document.sid))
    tx.audit.append(now, Mover.CUSTOMER, account_sid, document.sid, "document uploaded")
    return document


def content(tx: Transaction, keyring: Keyring, document: PhoneBill) -> bytes:
    """The file itself. Raises Unsealable."""
    return keyring.open_bytes(tx.phone_bills.sealed(document.sid), document.sid)


def check(tx: Transaction, order: Order) -> None:
    """Raise UnknownPhoneBill unless the order has the document that its kind of proof needs."""
    sid = order.verification_document_sid
    if sid is None:
        if order.verification_type == PHONE_BILL:
            raise UnknownPhoneBill("VerificationDocumentSid is needed for a phone-bill")
        return
    document = tx.phone_bills.of_account(order.account_sid, sid)
    if document is None:
        raise UnknownPhoneBill(f"The account has no verification document {sid}")
    if document.status is not PhoneBillStatus.PENDING_REVIEW:
        raise UnknownPhoneBill(f"The document {sid} has been {document.status}: upload another")
    other = tx.phone_bills.order_of(sid)
    if other and other.sid != order.sid:
        raise UnknownPhoneBill(
            f"The document {sid} is that of the order {other.sid}: upload one for each order"
        )


def resume(tx: Transaction, before: Order, order: Order, now: float) -> Order:
    """Let an order whose document was refused wait for the review of the one it has now."""
    old = before.verification_document_sid
    if order.status is not Status.ACTION_REQUIRED or old in (None, order.verification_document_sid):
        return order
    refused = tx.phone_bills.of_account(order.account_sid, str(old))
    if order.verification_type != PHONE_BILL or refused is None:
        return order
    if refused.status is not PhoneBillStatus.REFUSED:
        return order
    return orders.move(tx, order, Status.RECEIVED, Mover.LINEPROOF, now)


def accept(tx: Transaction, document: PhoneBill, phone_number: str, now: float) -> Order:
    """The operator has read ``phone_number`` on the bill: its order is verified.

    Raises NotReviewable if the document is not that of an order for this number (an order may
    have got another document since the operator looked), MoveRefused.
    """
    order = _order_of(tx, document)
    if order is None or order.phone_number != phone_number:
        raise NotReviewable("The document is not that of an order for this number")
    _decide(tx, document, PhoneBillStatus.ACCEPTED, None, now)
    return orders.move(tx, order, Status.VERIFIED, Mover.OPERATOR, now)


def refuse(tx: Transaction, document: PhoneBill, reason: str, now: float) -> Order | None:
    """The bill proves nothing: its order needs another one. Raises NotReviewable.

    ``reason`` is told to the customer.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LENGTH or not reason.isprintable():
        raise NotReviewable(f"The reason must have 1 to {REASON_LENGTH} printable characters")
    order = _order_of(tx, document)
    _decide(tx, document, PhoneBillStatus.REFUSED, reason, now)
    if order is None or order.status not in _AWAIT_PROOF:
        return order
    told = f"The phone bill was refused: {reason}"
    return orders.move(tx, order, Status.ACTION_REQUIRED, Mover.OPERATOR, now, told)


def _order_of(tx: Transaction, document: PhoneBill) -> Order | None:
    if document.status is not PhoneBillStatus.PENDING_REVIEW:
        raise NotReviewable(f"The document has been {document.status} already")
    order = tx.phone_bills.order_of(document.sid)
    return order if order and order.verification_type == PHONE_BILL else None


def _decide(
    tx: Transaction, document: PhoneBill, status: PhoneBillStatus, reason: str | None, now: float
) -> None:
    tx.phone_bills.save(replace(document, status=status, reason=reason, updated_at=now))
    sid, event = document.sid, f"document {status}"
    tx.audit.append(now, Mover.OPERATOR, document.account_sid, sid, event, reason or "")
