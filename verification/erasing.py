"""Erase one person's data now, by the number: what he may ask for before the 90 days are over.

What is under way for the number is stopped first, as if its customer had taken it back. What is in
use, or with a carrier, is not: somebody must decide to give the number up. What stays, and why, is
told: a letter that other numbers stand on, a person's wish not to be called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from verification import (
    attempts,
    caller_ids,
    calling,
    ordering,
    retention,
    signing,
    statuses,
)
from verification.caller_ids import CallerId
from verification.codes import Keyring
from verification.documents import DocumentStatus
from verification.orders import Order
from verification.phone_numbers import NumberStatus, PhoneNumber
from verification.retention import Kind, Row
from verification.signing import Desk
from verification.statuses import Mover, Status

_WITH_THE_CARRIER = frozenset({Status.CARRIER_PROCESSING, Status.TESTING})


class Retention(retention.Retention, Protocol):
    """What is erased, as one person's data is looked for."""

    def rows(self, kind: Kind, sids: Sequence[str]) -> list[Row]: ...
    def over(self, kind: Kind, sids: Sequence[str]) -> list[str]: ...
    def about(self, number: str) -> Mapping[Kind, list[str]]:
        """The SIDs of what is held about a number, deleted things too, kind by kind."""
        ...

    def around(self, number: str) -> Mapping[Kind, list[str]]:
        """What belongs to the orders of a number: letters, addresses, bills, callbacks."""
        ...

    def mails_of(self, object_sids: Sequence[str], unsent: bool) -> list[str]:
        """The mails about letters and orders; ``unsent``: also those that are still to leave."""
        ...

    def remove_mentions(self, number: str) -> None:
        """Forget a number where it stands beside what is of somebody else."""
        ...

    def mentioned(self, number: str) -> list[str]:
        """The letters that name a number as their signer's."""
        ...


class CallerIds(caller_ids.CallerIds, Protocol):
    """The caller IDs of one transaction."""

    def get(self, sid: str) -> CallerId | None: ...


class PhoneNumbers(Protocol):
    """The numbers of one transaction."""

    def get(self, sid: str) -> PhoneNumber | None: ...


class Transaction(calling.Transaction, signing.Transaction, Protocol):
    """What erasing one person's data needs of a transaction."""

    @property
    def addresses(self) -> signing.Addresses: ...
    @property
    def caller_ids(self) -> CallerIds: ...
    @property
    def retention(self) -> Retention: ...


class InUse(ValueError):
    """The number is in use, or with a carrier; the message says what ends that."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of a person's data.

    ``waiting``: a call is being ended, and nothing was erased yet. ``counts``: how much was erased,
    by kind; ``mail_ids``: whose files must go too; ``kept``: what stays, and why.
    """

    waiting: bool
    counts: Mapping[Kind, int]
    mail_ids: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def held(tx: Transaction, number: str) -> dict[Kind, int]:
    """How much is held about a number, by kind."""
    found = {**tx.retention.about(number), **tx.retention.around(number)}
    return {kind: len(sids) for kind, sids in found.items() if sids}


def erase(tx: Transaction, keyring: Keyring, number: str, now: float) -> Erased:
    """Stop what is under way for a number, and erase what is held about it and its person.

    Raises InUse, and has changed nothing then.
    """
    about = tx.retention.about(number)
    ordered = [order for sid in about[Kind.ORDER] if (order := tx.orders.get(sid))]
    _check(tx, about, ordered)
    for order in ordered:
        if order.deleted_at is None and order.status in statuses.DELETABLE:
            ordering.delete(tx, order, now)
            calling.abandon(tx, order, now)
    for sid in about[Kind.CALLER_ID]:
        _stop_caller_id(tx, sid, now)
    subjects = [*about[Kind.ORDER], *about[Kind.CALLER_ID]]
    calls = [call for sid in subjects for call in tx.attempts.of_subject(sid)]
    if any(call.state is not attempts.State.DONE for call in calls):
        return Erased(True, {})
    around = tx.retention.around(number)
    for kind in (Kind.NUMBER, Kind.ORDER, Kind.CALLER_ID):
        _erase(tx, keyring, kind, about[kind], now)
    kept = _erase_letters(tx, keyring, around[Kind.DOCUMENT], now)
    letters = [sid for sid in around[Kind.DOCUMENT] if sid not in kept]
    sent = tx.retention.mails_of(kept, unsent=False)
    mails = [*tx.retention.mails_of([*letters, *subjects], unsent=True), *sent]
    gone = {**about, Kind.DOCUMENT: letters, Kind.MAIL: mails}
    for kind in (Kind.ADDRESS, Kind.PHONE_BILL):
        gone[kind] = tx.retention.over(kind, around[kind])
        _erase(tx, keyring, kind, gone[kind], now)
    gone[Kind.CALLBACK] = around[Kind.CALLBACK]
    for kind in (Kind.CALLBACK, Kind.MAIL):
        _erase(tx, keyring, kind, gone[kind], now)
    tx.retention.remove_mentions(number)
    told = [f"the letter {sid}: other numbers stand on it" for sid in kept]
    named = [sid for sid in tx.retention.mentioned(number) if sid not in kept]
    told += [f"the letter {sid}: its signer gave this number" for sid in named]
    if tx.suppressions.active(number, now):
        told.append("the wish not to be called, for its 30 days: else the number could be called")
    counts = {kind: len(sids) for kind, sids in gone.items() if sids}
    detail = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
    tx.audit.append(now, Mover.OPERATOR, "", retention.TRAIL, "erased on request", detail)
    return Erased(False, counts, tuple(gone[Kind.MAIL]), tuple(told))


def _check(tx: Transaction, about: Mapping[Kind, list[str]], ordered: Sequence[Order]) -> None:
    for sid in about[Kind.NUMBER]:
        number = tx.phone_numbers.get(sid)
        if number and number.status is NumberStatus.IN_USE:
            raise InUse(
                f"The number is in use as {sid} of {number.account_sid}: its account must release "
                "it first (DELETE of the IncomingPhoneNumber); it is gone three days later"
            )
        if number and number.status is NumberStatus.RELEASED:
            raise InUse(f"The number {sid} is released, and gone within three days: ask then")
    for order in ordered:
        if order.deleted_at is None and order.status in _WITH_THE_CARRIER:
            raise InUse(
                f"The order {order.sid} is {order.status}: end it first, with lineproof order move "
                f"{order.sid} action-required, and then failed"
            )


def _stop_caller_id(tx: Transaction, sid: str, now: float) -> None:
    held_id = tx.caller_ids.get(sid)
    if held_id is None or held_id.deleted_at is not None:
        return
    caller_ids.delete(tx, held_id, Mover.OPERATOR, now)
    for attempt in tx.attempts.of_subject(sid):
        attempts.drop(tx, attempt, now)


def _erase_letters(tx: Transaction, keyring: Keyring, sids: Sequence[str], now: float) -> list[str]:
    """Erase the letters that no order stands on any more; gives those that stay."""
    kept = []
    for sid in sids:
        document = tx.documents.get(sid)
        if document is None:
            continue
        if document.status is DocumentStatus.SIGNING and not tx.documents.orders_of(sid):
            signing.cancel(Desk(tx, keyring, now), document, Mover.OPERATOR)
        if tx.retention.over(Kind.DOCUMENT, [sid]):
            _erase(tx, keyring, Kind.DOCUMENT, [sid], now)
        else:
            kept.append(sid)
    return kept


def _erase(tx: Transaction, keyring: Keyring, kind: Kind, sids: Sequence[str], now: float) -> None:
    rows = tx.retention.rows(kind, sids)
    retention.erase(
        tx, keyring, kind, [row._replace(ended_at=row.ended_at or now) for row in rows], now
    )
