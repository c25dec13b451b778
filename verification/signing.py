"""Letter of authorization: create, send, sign, cancel, expire.

The FAQ's fourth step. A document holds verified orders of one account. While its letter is out they
are ``pending-loa``; signed, they go to the carrier; cancelled, they are verified as before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from verification import hosting, letters, mails, orders, refusals, service_addresses, sids
from verification.accounts import Account
from verification.addresses import Address
from verification.codes import Keyring
from verification.documents import (
    OPEN,
    SIGNING_SECONDS,
    Document,
    Documents,
    DocumentStatus,
    Immutable,
    Incomplete,
    LetterGone,
    UnfitOrders,
    check_verified,
    fit,
)
from verification.letters import Letter
from verification.mails import MailKind
from verification.ordering import UnknownAddress
from verification.orders import Order
from verification.statuses import Mover, Status

NOT_SIGNED = "The Letter of Authorization was not signed within seven days."
NOT_DELIVERED = (
    "There was a problem processing your Hosted Number Order: the Letter of Authorization could "
    "not be delivered to the signer."
)
FEW_ORDERS = 100  # of orders that are refused, so many are asked whose the letter would be
LINK = "sign.v1"  # the purpose of a sealed link to a letter


class Addresses(Protocol):
    """The addresses of one transaction."""

    def get(self, account_sid: str, sid: str) -> Address | None: ...


class Accounts(Protocol):
    """The accounts of one transaction."""

    def get(self, sid: str) -> Account | None: ...


class Transaction(hosting.Transaction, mails.Transaction, Protocol):
    """What letters need of a transaction."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def addresses(self) -> Addresses: ...
    @property
    def documents(self) -> Documents: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Where letters are written: one transaction, the keys that seal them, the time.

    ``now`` in Unix seconds.
    """

    tx: Transaction
    keyring: Keyring
    now: float


def create(
    desk: Desk, asker: str, order_sids: Sequence[str], wishes: Mapping[str, object]
) -> Document:
    """Make a document over verified orders and send its letter out at once (Twilio).

    ``asker``: the account that asks; the document is that of the orders' one account, which may be
    a subaccount. ``wishes``: the document's own fields. Raises UnfitOrders, Incomplete,
    UnknownAddress; refusals.Refused where both the orders and the letter are unfit.
    """
    chosen = _fit(desk, asker, order_sids, wishes)
    document = Document(
        sid=sids.new(sids.DOCUMENT),
        account_sid=chosen[0].account_sid,
        created_at=desk.now,
        updated_at=desk.now,
        status=DocumentStatus.OPENED,
        language=chosen[0].language,
        **wishes,  # type: ignore[arg-type]
    )
    desk.tx.documents.insert(document)
    desk.tx.documents.assign(document.sid, [order.sid for order in chosen])
    _tell(desk, document, "document created", f"{len(chosen)} orders")
    return _send(desk, document, chosen)


def edit(
    desk: Desk,
    document: Document,
    wishes: Mapping[str, object],
    order_sids: Sequence[str] | None,
    status: DocumentStatus | None,
) -> Document:
    """Change a document, as Preview lets its customer do.

    A letter that is out is first taken back with ``status`` opened; one that is open is sent out
    again with signing. ``order_sids`` is the whole new list. Raises Immutable, UnknownAddress, and
    what ``create`` raises.
    """
    if document.status is DocumentStatus.SIGNING and status is DocumentStatus.OPENED:
        document = _take_back(desk, document)
    elif document.status is not DocumentStatus.OPENED:
        raise Immutable(
            f"The document is {document.status}"
            + (
                ": it can be changed only together with Status=opened, which takes the letter back"
                if document.status is DocumentStatus.SIGNING
                else " and cannot be changed any more"
            )
        )
    if order_sids is not None:
        chosen = fit(desk.tx.documents, document.account_sid, order_sids, document)
        desk.tx.documents.assign(document.sid, [order.sid for order in chosen])
    if "address_sid" in wishes:
        _address(desk, document.account_sid, str(wishes["address_sid"]))
    if wishes or order_sids is not None:
        document = replace(document, **wishes, updated_at=desk.now)  # type: ignore[arg-type]
        desk.tx.documents.save(document)
        fields = sorted([*wishes, *(["orders"] if order_sids is not None else [])])
        _tell(desk, document, "document edited", ", ".join(fields))
    if status is not DocumentStatus.SIGNING:
        return document
    standing = desk.tx.documents.orders_of(document.sid)
    if not standing:
        raise UnfitOrders("HostedNumberOrderSids: no order of the document is left")
    check_verified(standing)
    return _send(desk, document, standing)


def cancel(desk: Desk, document: Document, by: Mover) -> Document:
    """Give a document up, by the customer or the signer; its orders are verified as before.

    Raises Immutable for one that is signed, canceled or failed.
    """
    if document.status not in OPEN:
        raise Immutable(f"The document is {document.status}: only an open letter can be canceled")
    if document.status is DocumentStatus.SIGNING:
        _move_orders(desk, document, Status.VERIFIED, by)
    return _end(desk, document, DocumentStatus.CANCELED, by)


def decline(desk: Desk, letter: Letter) -> Document:
    """Let the signer cancel the letter that he read. Raises LetterGone."""
    return cancel(desk, _still_out(desk, letter), Mover.SIGNER)


def fail(desk: Desk, document: Document, reason: str) -> Document:
    """Give up a letter that is out; its orders wait for action, with the reason."""
    _move_orders(desk, document, Status.ACTION_REQUIRED, Mover.LINEPROOF, reason)
    return _end(desk, document, DocumentStatus.FAILED, Mover.LINEPROOF, reason)


def expire(desk: Desk, sid: str) -> None:
    """Let a letter fail that was not signed in its seven days; any other stays as it is."""
    document = desk.tx.documents.get(sid)
    if document and _is_over(document, desk.now):
        fail(desk, document, NOT_SIGNED)


def letter_out(desk: Desk, sid: str, sending: int) -> Letter:
    """The letter behind a sealed link, if it can be signed now. Raises LetterGone."""
    document = desk.tx.documents.get(sid)
    if document is None:
        raise LetterGone(DocumentStatus.CANCELED)
    if _is_over(document, desk.now):
        raise LetterGone(DocumentStatus.FAILED)
    if document.status is not DocumentStatus.SIGNING or document.sendings != sending:
        out = document.status is DocumentStatus.SIGNING
        raise LetterGone(DocumentStatus.OPENED if out else document.status)
    letter = letter_of(desk.tx, desk.keyring, sid)
    if letter is None:
        raise LetterGone(DocumentStatus.CANCELED)
    return letter


def letter_of(tx: Transaction, keyring: Keyring, sid: str) -> Letter | None:
    """The letter that was sent out last; None if it has been taken back or erased."""
    sealed = tx.documents.letter(sid)
    return letters.from_json(keyring.open(sealed, f"letter {sid}")) if sealed else None


def signed_papers(tx: Transaction, order: Order) -> tuple[Document, Address] | None:
    """The signed letter that an order stands on, and the address of it; None without either."""
    document = tx.documents.get(order.signing_document_sid or "")
    if document is None or document.status is not DocumentStatus.SIGNED:
        return None
    address = tx.addresses.get(document.account_sid, document.address_sid)
    return (document, address) if address else None


def signed_pdf(tx: Transaction, keyring: Keyring, sid: str) -> bytes | None:
    """The signed letter as a PDF; None if there is none, or no longer."""
    sealed = tx.documents.pdf(sid)
    return keyring.open_bytes(sealed, f"letter pdf {sid}") if sealed else None


def sign(desk: Desk, letter: Letter, pdf: bytes) -> Document:
    """Take a signature: ``letter`` as it was read, ``pdf`` of it with its signature page.

    The PDF is made beforehand, outside of the transaction. Of two at once one signs. Raises
    LetterGone.
    """
    document = _still_out(desk, letter)
    sealed = desk.keyring.seal_bytes(pdf, f"letter pdf {document.sid}")
    desk.tx.documents.keep_pdf(document.sid, sealed)
    signed = replace(
        document,
        status=DocumentStatus.SIGNED,
        signed_at=desk.now,
        updated_at=desk.now,
        due_at=None,
    )
    desk.tx.documents.save(signed)
    hashes = f"letter {letter.digest}, pdf {hashlib.sha256(pdf).hexdigest()}"
    _tell(desk, signed, "letter signed", hashes, Mover.SIGNER)
    moved = _move_orders(desk, signed, Status.CARRIER_PROCESSING, Mover.SIGNER)
    hosting.begin_all(desk.tx, moved, desk.now)
    everybody = (signed.email, *signed.cc_emails)
    mails.queue(desk.tx, _about(signed), MailKind.LETTER_SIGNED, everybody, desk.now)
    return signed


def _send(desk: Desk, document: Document, standing: Sequence[Order]) -> Document:
    """Send the letter out: snapshot, mails, orders to pending-loa, seven days."""
    sent = replace(
        document,
        status=DocumentStatus.SIGNING,
        sendings=document.sendings + 1,
        updated_at=desk.now,
        due_at=desk.now + SIGNING_SECONDS,
    )
    letter = _letter(desk, sent, tuple(order.phone_number for order in standing))
    sealed = desk.keyring.seal(letter.to_json(), f"letter {sent.sid}")
    desk.tx.documents.keep_letter(sent.sid, sealed, desk.now)
    desk.tx.documents.save(sent)
    _tell(desk, sent, "letter sent", f"sending {sent.sendings}, letter {letter.digest}")
    orders.move_all(desk.tx, standing, Status.PENDING_LOA, Mover.CUSTOMER, desk.now)
    about = _about(sent)
    mails.queue(desk.tx, about, MailKind.LETTER_TO_SIGN, (sent.email,), desk.now)
    watchers = [email for email in sent.cc_emails if email != sent.email]
    mails.queue(desk.tx, about, MailKind.LETTER_SENT, watchers, desk.now)
    return sent


def _fit(
    desk: Desk, asker: str, order_sids: Sequence[str], wishes: Mapping[str, object]
) -> list[Order]:
    """The orders of a new letter, if they may stand on it and all that it must say is known."""
    chosen: list[Order] = []
    wrong = refusals.Collected()
    with wrong.also():
        chosen = fit(desk.tx.documents, asker, order_sids, None)
    few = list(order_sids[:FEW_ORDERS])
    seen = chosen or sorted(
        desk.tx.documents.orders_seen(asker, few), key=lambda order: few.index(order.sid)
    )
    if seen:  # else nobody knows whose letter it would be
        with wrong.also():
            address = _address(desk, seen[0].account_sid, str(wishes["address_sid"]))
            _signer(address, wishes.get("first_name"), wishes.get("last_name"))
    wrong.settle()
    return chosen


def _signer(address: Address, first: object, last: object) -> tuple[str, str]:
    """The authorized user's names. Raises Incomplete, with all that the letter lacks."""
    wrong = service_addresses.faults(address)
    said = address.customer_name.partition(" ")
    names = (first or "", last or "") if first or last else (said[0], said[2].strip())
    if (first or last) and not all(names):
        wrong.append("AuthorizedUserFirstName and AuthorizedUserLastName go together")
    elif not all(names):
        wrong.append(
            "CustomerName must be the authorized user's first and last name, unless "
            "AuthorizedUserFirstName and AuthorizedUserLastName are sent"
        )
    if wrong:
        raise Incomplete(f"The letter cannot be written with {address.sid}: " + "; ".join(wrong))
    return str(names[0]), str(names[1])


def _letter(desk: Desk, document: Document, numbers: tuple[str, ...]) -> Letter:
    """What the letter says. Raises UnknownAddress, and Incomplete with each missing piece."""
    address = _address(desk, document.account_sid, document.address_sid)
    account = desk.tx.accounts.get(document.account_sid)
    if account is None:
        raise UnknownAddress(f"There is no account {document.account_sid}")
    first, last = _signer(address, document.first_name, document.last_name)
    return Letter(
        document_sid=document.sid,
        sending=document.sendings,
        sent_at=desk.now,
        language=document.language,
        customer=account.name,
        first_name=first,
        last_name=last,
        business=document.business_name or address.friendly_name,
        contact_title=document.contact_title,
        contact_phone_number=document.contact_phone_number,
        email=document.email,
        address=letters.address_lines(address),
        numbers=tuple(sorted(numbers)),
    )


def _address(desk: Desk, account_sid: str, sid: str) -> Address:
    address = desk.tx.addresses.get(account_sid, sid)
    if address is None:
        raise UnknownAddress(f"The account has no address {sid}")
    return address


def _still_out(desk: Desk, letter: Letter) -> Document:
    letter_out(desk, letter.document_sid, letter.sending)
    document = desk.tx.documents.get(letter.document_sid)
    if document is None:
        raise LetterGone(DocumentStatus.CANCELED)
    return document


def _take_back(desk: Desk, document: Document) -> Document:
    _move_orders(desk, document, Status.VERIFIED, Mover.CUSTOMER)
    return _end(desk, document, DocumentStatus.OPENED, Mover.CUSTOMER)


def _end(
    desk: Desk, document: Document, to: DocumentStatus, by: Mover, reason: str | None = None
) -> Document:
    """A letter that is out no longer: its text is erased, its link is dead."""
    desk.tx.documents.erase_letter(document.sid)
    ended = replace(document, status=to, failure_reason=reason, updated_at=desk.now, due_at=None)
    desk.tx.documents.save(ended)
    _tell(desk, ended, f"document {to}", reason or "", by)
    return ended


def _move_orders(
    desk: Desk, document: Document, to: Status, by: Mover, reason: str | None = None
) -> list[Order]:
    """Move the document's orders that wait for the signature; what was deleted is left alone."""
    waiting = [
        order
        for order in desk.tx.documents.orders_of(document.sid)
        if order.status is Status.PENDING_LOA
    ]
    return orders.move_all(desk.tx, waiting, to, by, desk.now, reason)


def _is_over(document: Document, now: float) -> bool:
    out = document.status is DocumentStatus.SIGNING
    return out and document.due_at is not None and document.due_at <= now


def _about(document: Document) -> mails.About:
    return mails.About(document.account_sid, document.sid, document.sendings, document.language)


def _tell(
    desk: Desk, document: Document, event: str, detail: str = "", by: Mover = Mover.CUSTOMER
) -> None:
    desk.tx.audit.append(desk.now, by, document.account_sid, document.sid, event, detail)
