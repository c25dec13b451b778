"""What an operator may do with an order by hand: what its status allows, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import attempts, calling, hosting, ordering, orders, owner_links, statuses
from verification.accounts import Accounts, check_active
from verification.attempts import ATTEMPTS
from verification.codes import Keyring
from verification.documents import Document, Documents, DocumentStatus
from verification.orders import Order
from verification.owner_links import Giver, OwnerLink
from verification.signing import Desk
from verification.signing import Transaction as SigningTransaction
from verification.signing import edit as edit_letter
from verification.statuses import TRANSITIONS, Mover, Status, may_move

REASON_LENGTH = 200
# These are reached by their own ways: a call, a letter.
_NOT_BY_HAND = frozenset({Status.PENDING_VERIFICATION, Status.PENDING_LOA, Status.RECEIVED})
# These are done again; what has no signed letter is not registered by hand either.
_ONLY_AGAIN = frozenset({Status.CARRIER_PROCESSING, Status.TESTING})


class Act(StrEnum):
    """What can be done with an order."""

    CALL = "call"
    RESUME = "resume"
    RESEND = "resend"
    CANCEL = "cancel"
    MOVE = "move"
    SHOW_CODE = "show-code"
    OWNER_LINK = "owner-link"
    MAIL_OWNER = "mail-owner"
    CLOSE_OWNER = "close-owner"


class Transaction(calling.Transaction, owner_links.Transaction, Protocol):
    """What operating needs of a transaction."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def registrations(self) -> hosting.Registrations: ...


class NotAllowed(ValueError):
    """The order's status does not allow this, or no longer."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts, and when (Unix seconds). ``operator_sid`` is what the audit trail says."""

    operator_sid: str
    now: float


def allowed(tx: Transaction, order: Order, now: float) -> list[Act]:
    """What may be done with an order as it stands."""
    if order.deleted_at:
        return []
    standing = calling.standing_call(tx, order)
    callable_now = (
        (order.status is Status.PENDING_VERIFICATION or _may_be_called(order))
        and order.verification_type == "phone-call"
        and order.verification_attempts < ATTEMPTS
        and not tx.suppressions.active(order.phone_number, now)
    )
    found = []
    if callable_now and standing is None:
        found.append(Act.CALL)
    if order.code is not None and calling_shows(order, now):
        found.append(Act.SHOW_CODE)
    found += _of_owner_link(tx, order, now)
    if order.status is Status.ACTION_REQUIRED:
        found.append(Act.RESUME)
    if _letter_out(tx, order):
        found.append(Act.RESEND)
    if order.status in statuses.DELETABLE:
        found.append(Act.CANCEL)
    if moves(tx, order):
        found.append(Act.MOVE)
    return found


def calling_shows(order: Order, now: float) -> bool:
    """Whether there is a code that may be seen: it lives, and is not one that is only spoken."""
    alive = order.code_expires_at is not None and order.code_expires_at > now
    return alive and order.code_entry == "phone"


def moves(tx: Transaction, order: Order) -> list[Status]:
    """The statuses that an operator may bring an order to by hand."""
    if order.status is Status.PENDING_LOA or order.deleted_at:  # its letter decides
        return []
    barred = _NOT_BY_HAND
    if tx.registrations.get(order.sid) is None:
        barred |= _ONLY_AGAIN
    return [
        to
        for (before, to), movers in TRANSITIONS.items()
        if before is order.status and Mover.OPERATOR in movers and to not in barred
    ]


def call(tx: Transaction, keyring: Keyring, order: Order, by: Hand) -> Order:
    """Ask for the ownership call. Raises NotAllowed, and what ``calling.request_call`` raises."""
    _check(tx, order, Act.CALL, by)
    account = tx.accounts.get(order.account_sid)
    if account is None:
        raise NotAllowed("The order's account is gone")
    check_active(tx, account)
    _note(tx, order, "call requested", by)
    return calling.request_call(tx, keyring, order, account.name, by.now)


def show_code(tx: Transaction, keyring: Keyring, order: Order, by: Hand) -> str | None:
    """The code, written down that it was seen. Raises NotAllowed."""
    _check(tx, order, Act.SHOW_CODE, by)
    _note(tx, order, "code shown", by)
    return calling.visible_code(order, keyring, by.now)


def owner_link(tx: Transaction, order: Order, by: Hand, mailed: bool = False) -> OwnerLink:
    """The link for the person at the phone, mailed to the order's address if that is wished.

    Raises NotAllowed, and what ``owner_links.hand_over`` raises.
    """
    _check(tx, order, Act.MAIL_OWNER if mailed else Act.OWNER_LINK, by)
    return owner_links.hand_over(tx, order, _giver(by), order.email if mailed else None)


def close_owner_link(tx: Transaction, order: Order, by: Hand) -> None:
    """Let the owner's link open nothing any more. Raises NotAllowed."""
    _check(tx, order, Act.CLOSE_OWNER, by)
    owner_links.take_back(tx, order, _giver(by))


def resume(tx: Transaction, order: Order, by: Hand) -> Order:
    """Let an order go on that waited for action, with all its calls anew.

    One that was verified before is verified again: what failed was its letter or its registration.
    """
    _check(tx, order, Act.RESUME, by)
    to = Status.VERIFIED if order.verified_at else Status.RECEIVED
    _note(tx, order, "resumed", by)
    return orders.move(tx, replace(order, verification_attempts=0), to, Mover.OPERATOR, by.now)


def cancel(tx: Transaction, order: Order, by: Hand) -> None:
    """Take an order back for its customer, and end its calls. Raises NotAllowed."""
    _check(tx, order, Act.CANCEL, by)
    _note(tx, order, "canceled", by)
    ordering.delete(tx, order, by.now)
    calling.abandon(tx, order, by.now)


def move(tx: Transaction, order: Order, to: Status, reason: str, by: Hand) -> Order:
    """Bring an order to another status by hand, for a reason that is written down.

    Its calls end, its code dies; its registration and its number follow. An order that cannot be
    completed because its number is in use elsewhere comes to ``action-required`` instead. Raises
    NotAllowed.
    """
    possible = moves(tx, order)
    if to not in possible:
        choice = ", ".join(possible) or "none"
        raise NotAllowed(f"An order that is {order.status} cannot be moved to {to}: only {choice}")
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_LENGTH or not reason.isprintable():
        raise NotAllowed(f"A reason has 1 to {REASON_LENGTH} characters")
    _note(tx, order, "moved by hand", by)
    for attempt in tx.attempts.of_subject(order.sid):
        if attempt.outcome is None:
            attempts.drop(tx, attempt, by.now)
    order = replace(tx.orders.get(order.sid) or order, code=None, code_expires_at=None, due_at=None)
    if order.status is to:  # the end of the call has brought it there
        tx.orders.save(replace(order, failure_reason=reason))
        _note(tx, order, hosting.REASON, by, reason)
        return order
    return hosting.move_by_operator(tx, order, to, reason, by.now)


def resend(tx: SigningTransaction, keyring: Keyring, document: Document, by: Hand) -> Document:
    """Send a letter that is out once more, under a new link. Raises NotAllowed.

    Also raises what ``signing.edit`` raises, should the letter no longer be complete.
    """
    if document.status is not DocumentStatus.SIGNING:
        raise NotAllowed(f"The letter is {document.status}: only one that is out is sent again")
    tx.audit.append(
        by.now, Mover.OPERATOR, document.account_sid, document.sid, "sent again", by.operator_sid
    )
    desk = Desk(tx, keyring, by.now)
    taken_back = edit_letter(desk, document, {}, None, DocumentStatus.OPENED)
    return edit_letter(desk, taken_back, {}, None, DocumentStatus.SIGNING)


def _of_owner_link(tx: Transaction, order: Order, now: float) -> list[Act]:
    link = tx.owner_links.get(order.sid)
    found = []
    if owner_links.may_have(order):
        found += [Act.OWNER_LINK] + ([Act.MAIL_OWNER] if order.email else [])
    if link and link.is_open(now):
        found.append(Act.CLOSE_OWNER)
    return found


def _giver(by: Hand) -> Giver:
    return Giver(Mover.OPERATOR, by.operator_sid, by.now)


def _letter_out(tx: Transaction, order: Order) -> bool:
    document = tx.documents.get(order.signing_document_sid) if order.signing_document_sid else None
    return document is not None and document.status is DocumentStatus.SIGNING


def _may_be_called(order: Order) -> bool:
    asked = Status.PENDING_VERIFICATION
    return order.verified_at is None and may_move(order.status, asked, Mover.CUSTOMER)


def _check(tx: Transaction, order: Order, act: Act, by: Hand) -> None:
    if act not in allowed(tx, order, by.now):
        raise NotAllowed(f"An order that is {order.status} does not allow this now")


def _note(tx: Transaction, order: Order, event: str, by: Hand, detail: str = "") -> None:
    told = f"{by.operator_sid}: {detail}" if detail else by.operator_sid
    tx.audit.append(by.now, Mover.OPERATOR, order.account_sid, order.sid, event, told)
