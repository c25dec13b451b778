"""Many orders in one request: taken in one piece or refused in one piece.

The orders are ordinary ones. Their eligibility is looked up by the worker, a slice at a time, so
that single orders need not wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import availability, fictional, numbers, ordering, phone_numbers, sids
from verification.numbers import Line
from verification.ordering import NotHostable, Policy, UnknownAddress
from verification.orders import Order
from verification.statuses import Mover, Status

MOST_NUMBERS = 15_000  # as many as one letter of authorization may name (the FAQ)


class RequestStatus(StrEnum):
    """How far a bulk request is (Twilio's Numbers v2)."""

    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    PROCESSED = "PROCESSED"


@dataclass(frozen=True, slots=True)
class Bulk:
    """One request for many orders. Times in Unix seconds; ``due_at``: when the worker goes on."""

    sid: str
    account_sid: str
    created_at: float
    total_count: int
    friendly_name: str | None = None
    notification_email: str | None = None
    completed_at: float | None = None
    due_at: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One order of a request: ``where`` it stands in there, the number, its optional fields."""

    where: str
    phone_number: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one number cannot be ordered: ``reason`` is what a single order would be refused with."""

    wish: Wish
    reason: ValueError


@dataclass(frozen=True, slots=True)
class Checked:
    """Wishes whose numbers have been looked at by themselves, and what was wrong with them."""

    wishes: Sequence[Wish]
    faults: Mapping[str, Fault]


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that stands in the way of another for the same number."""

    sid: str
    account_sid: str
    phone_number: str
    status: Status


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one order of a request."""

    sid: str
    account_sid: str
    phone_number: str
    status: Status
    failure_reason: str | None
    email: str | None
    signing_document_sid: str | None


class Refused(ValueError):
    """Nothing was ordered. ``faults``: all that stands in the way, in the order of the wishes."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        wishes = {fault.wish.where for fault in faults}
        super().__init__(f"{len(wishes)} of the numbers cannot be ordered")
        self.faults = faults


class Bulks(Protocol):
    """The bulk requests of one transaction, and their orders as they are worked through."""

    def insert(self, bulk: Bulk) -> None: ...
    def insert_orders(self, made: Sequence[Order]) -> None: ...
    def get(self, sid: str) -> Bulk | None: ...
    def save(self, bulk: Bulk) -> None: ...
    def standing(self, account_sid: str, phone_numbers: Sequence[str]) -> list[Standing]: ...
    def next_due(self, sid: str) -> float | None: ...


class Transaction(ordering.Transaction, Protocol):
    """What bulk requests need of a transaction."""

    @property
    def bulks(self) -> Bulks: ...


def check(wishes: Sequence[Wish], test: bool = False) -> Checked:
    """Look at the form of each number, and for numbers that stand twice in the request.

    ``test``: the account is a test account.
    """
    faults: dict[str, Fault] = {}
    first: dict[str, str] = {}
    for wish in wishes:
        try:
            fictional.check(wish.phone_number, test)
            if wish.phone_number in first:
                raise NotHostable(f"The same number stands at {first[wish.phone_number]} already")
            first[wish.phone_number] = wish.where
        except ValueError as reason:
            faults[wish.where] = Fault(wish, reason)
    return Checked(wishes, faults)


def create(
    tx: Transaction,
    account_sid: str,
    checked: Checked,
    friendly_name: str | None,
    notification_email: str | None,
    now: float,
    policy: Policy | None = None,
    sid: str | None = None,
) -> Bulk:
    """Take all the orders, in ``twilio-processing``. Raises Refused, and then has taken none.

    ``policy``: what limits the orders for one number. ``sid``: one that was given out before, so
    that the same request is not taken twice.
    """
    often = _ordered_often(tx, checked, policy, now) if policy else {}
    wrong = _faults(tx, account_sid, checked, often)
    if wrong:
        raise Refused(wrong)
    bulk = Bulk(
        sid=sid or sids.new(sids.BULK),
        account_sid=account_sid,
        created_at=now,
        total_count=len(checked.wishes),
        friendly_name=friendly_name,
        notification_email=notification_email,
        due_at=now,
    )
    made = [_order(bulk, wish) for wish in checked.wishes]
    tx.bulks.insert(bulk)
    tx.bulks.insert_orders(made)
    phone_numbers.add_all(tx, made)
    count = f"{bulk.total_count} orders"
    tx.audit.append(now, Mover.CUSTOMER, account_sid, bulk.sid, "bulk order created", count)
    # A row for each order, as for a single one: its own trail begins with who ordered it.
    rows = ((account_sid, order.sid, bulk.sid) for order in made)
    tx.audit.append_all(now, Mover.CUSTOMER, "order created", rows)
    return bulk


def faults(tx: Transaction, account_sid: str, checked: Checked) -> list[Fault]:
    """What stands in the way of wishes now, in their order: their form, the account's orders."""
    return _faults(tx, account_sid, checked, {})


def settle(
    tx: Transaction,
    bulk_sid: str,
    lines: Mapping[str, Line | None],
    policy: Policy,
    now: float,
    again: float,
) -> None:
    """Move orders of a request by what the directory said of each, and let the worker go on.

    ``lines``: by the order's SID; None, the directory could not be asked, comes up ``again``
    seconds later. The request is processed when none of its orders waits any more.
    """
    for sid, line in lines.items():
        ordering.settle_eligibility(tx, sid, line, policy, now, again)
    bulk = tx.bulks.get(bulk_sid)
    if bulk is None or bulk.completed_at is not None:
        return
    due_at = tx.bulks.next_due(bulk_sid)
    if due_at is None:
        tx.bulks.save(replace(bulk, completed_at=now, due_at=None))
        tx.audit.append(now, Mover.LINEPROOF, bulk.account_sid, bulk_sid, "bulk order processed")
    else:
        # Behind every other request that is due: each has its turn.
        tx.bulks.save(replace(bulk, due_at=max(now, due_at)))


def status(bulk: Bulk, settled: int) -> RequestStatus:
    """How far a request is, with so many of its orders settled."""
    if bulk.completed_at is not None:
        return RequestStatus.PROCESSED
    return RequestStatus.IN_PROGRESS if settled else RequestStatus.QUEUED


def _in_the_way(tx: Transaction, account_sid: str, checked: Checked) -> Iterator[Fault]:
    """What the orders of the account and of others, and its addresses, say against wishes."""
    sound = [wish for wish in checked.wishes if wish.where not in checked.faults]
    standing = {
        one.phone_number: one
        for one in tx.bulks.standing(account_sid, [wish.phone_number for wish in sound])
    }
    addresses = {str(sid) for wish in checked.wishes if (sid := wish.fields["address_sid"])}
    unknown = {sid for sid in addresses if tx.addresses.get(account_sid, sid) is None}
    taken = availability.taken_of(tx, account_sid, [wish.phone_number for wish in sound])
    for wish in sound:
        order = standing.get(wish.phone_number)
        if order:
            told = (
                f"The number is already in the hosting process under the order {order.sid}, "
                f"which is {order.status}"
            )
            yield Fault(wish, NotHostable(told))
        elif wish.phone_number in taken:
            yield Fault(wish, NotHostable(taken[wish.phone_number]))
    for wish in checked.wishes:
        if wish.fields["address_sid"] in unknown:
            told = f"The account has no address {wish.fields['address_sid']}"
            yield Fault(wish, UnknownAddress(told))


def _faults(
    tx: Transaction, account_sid: str, checked: Checked, often: Mapping[str, Fault]
) -> list[Fault]:
    found: dict[str, list[Fault]] = {}
    in_the_way = _in_the_way(tx, account_sid, checked)
    for fault in (*checked.faults.values(), *in_the_way, *often.values()):
        found.setdefault(fault.wish.where, []).append(fault)
    return [fault for wish in checked.wishes for fault in found.get(wish.where, [])]


def _ordered_often(
    tx: Transaction, checked: Checked, policy: Policy, now: float
) -> dict[str, Fault]:
    real = [one for one in checked.wishes if not numbers.is_fictional(one.phone_number)]
    often = ordering.too_often(tx, policy, [wish.phone_number for wish in real], now)
    return {
        wish.where: Fault(wish, often[wish.phone_number])
        for wish in real
        if wish.phone_number in often
    }


def _order(bulk: Bulk, wish: Wish) -> Order:
    return Order(
        sid=sids.new(sids.ORDER),
        account_sid=bulk.account_sid,
        phone_number=wish.phone_number,
        status=Status.TWILIO_PROCESSING,
        created_at=bulk.created_at,
        updated_at=bulk.created_at,
        incoming_phone_number_sid=sids.new(sids.PHONE_NUMBER),
        due_at=bulk.created_at,
        bulk_hosting_request_sid=bulk.sid,
        **wish.fields,  # type: ignore[arg-type]
    )
