"""Order a number: what must be known, whether it may be hosted, and why not.

The FAQ's first two stages. A number of the wrong form or country makes no order. An order begins
in ``twilio-processing``; what the directory says of the line makes it ``received`` or ``failed``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from verification import (
    availability,
    caller_ids,
    fictional,
    numbers,
    orders,
    phone_bills,
    phone_numbers,
    refusals,
    sids,
    statuses,
)
from verification.caller_ids import CallerIdStatus
from verification.numbers import Line, LineType
from verification.orders import Order
from verification.rates import TooOften
from verification.statuses import Mover, Status

LANGUAGES = ("en", "fr", "es")
CALL_DELAY_SECONDS = 60
MONTH = 30 * 86_400.0
DIRECTORY_SECONDS = 15.0  # a look-up by whoever took the order; then the worker sees to it
DIRECTORY_RETRY_SECONDS = 30.0

# Why a line cannot be hosted.
ALREADY_ENABLED = "The number is already enabled for messaging by another provider."
NO_CARRIER_INFORMATION = (
    "Twilio cannot host the phone number because carrier information is unavailable."
)
MOBILE = "Mobile numbers are not supported."
VOIP = "VoIP numbers are not accepted by this server."
OTHER_TYPE = "Numbers of this line type are not supported: only landline, toll-free and VoIP."

# What has to happen next, for the one who ordered.
NEXT_STEPS = {
    Status.TWILIO_PROCESSING: "Wait for the eligibility check.",
    Status.RECEIVED: "Request the verification call with Status=pending-verification.",
    Status.PENDING_VERIFICATION: "Answer the verification call and enter the code.",
    Status.VERIFIED: "Create an AuthorizationDocument with this order.",
    Status.PENDING_LOA: "Sign the letter of authorization.",
    Status.CARRIER_PROCESSING: "Wait for the carrier to register the number.",
    Status.TESTING: "Wait for the inbound messaging test.",
    Status.COMPLETED: None,
    Status.ACTION_REQUIRED: "Resolve the failure reason, or ask the operator of this server.",
    Status.FAILED: "Create a new order when the failure reason no longer holds.",
}

_OF_THE_DOCUMENT = ("verification_type", "verification_document_sid")
_WAIT_FOR_REVIEW = "Wait for the review of the phone bill."
_SIGN_AGAIN = (
    "Resolve the failure reason, then create an AuthorizationDocument with this order. "
    "After seven days the order fails."
)
_CALL_AGAIN = (
    "Resolve the failure reason, then request the verification call again with "
    "Status=pending-verification, while attempts are left. After seven days the order fails."
)

# A directory names the route of the messages behind the carrier's name: a number that shows one
# is messaging-enabled already (the FAQ's second record).
_MESSAGING_MARKS = ("SMS-", "MMS-", "SMS/MMS")


class Place(NamedTuple):
    """A place in a list of orders: just behind (or before) the one of this time and SID."""

    created_at: float
    sid: str
    before: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator of this server decided about lines.

    ``orders_per_number``: in a month, by all accounts together; None: any.
    """

    accept_voip: bool = True
    orders_per_number: int | None = None


class Directory(Protocol):
    """Who knows what kind of line a number is."""

    def look_up(self, number: str) -> Line | None:
        """The line's type and carrier; None if the directory cannot be asked now."""
        ...


class Orders(orders.Orders, Protocol):
    """The orders of one transaction."""

    def insert(self, order: Order) -> None: ...
    def get(self, sid: str) -> Order | None: ...
    def open_for(self, account_sid: str, phone_number: str) -> Order | None: ...
    def named(self, account_sid: str, unique_name: str) -> Order | None: ...
    def nth_latest(self, phone_numbers: Sequence[str], since: float, nth: int) -> dict[str, float]:
        """When the ``nth`` latest order for each number was made, deleted ones too.

        Numbers with fewer orders after ``since`` are left out.
        """
        ...


class Addresses(Protocol):
    """The addresses of one transaction."""

    def get(self, account_sid: str, sid: str) -> object | None: ...


class Transaction(phone_bills.Transaction, phone_numbers.Transaction, Protocol):
    """What ordering needs of a transaction."""

    @property
    def caller_ids(self) -> caller_ids.CallerIds: ...

    @property
    def orders(self) -> Orders: ...
    @property
    def addresses(self) -> Addresses: ...


class NotHostable(ValueError):
    """The number cannot be ordered now (Twilio error 22110)."""


class NameTaken(ValueError):
    """Another order of this account has this unique name (Twilio error 22115)."""


class UnknownAddress(ValueError):
    """The order's account has no such address (Twilio error 22109)."""


class NotDeletable(ValueError):
    """The order has gone too far to be taken back (Twilio error 22112)."""


def create(
    tx: Transaction,
    account_sid: str,
    phone_number: str,
    wishes: Mapping[str, object],
    now: float,
    test: bool = False,
    policy: Policy | None = None,
) -> Order:
    """Take an order for a number, in ``twilio-processing``; ``wishes`` are its optional fields.

    ``test``: the account is a test account. ``policy``: what limits the orders for one number; an
    operator's own are not limited. Raises UnfitNumber or ForeignNumber (see ``fictional.check``),
    NotHostable if the account has an open order for the number or another account has it in use,
    TooOften, NameTaken, UnknownAddress, UnknownPhoneBill; refusals.Refused for several of these.
    """
    order = Order(
        sid=sids.new(sids.ORDER),
        account_sid=account_sid,
        phone_number=phone_number,
        status=Status.TWILIO_PROCESSING,
        created_at=now,
        updated_at=now,
        incoming_phone_number_sid=sids.new(sids.PHONE_NUMBER),
        due_at=now + DIRECTORY_SECONDS,
    )
    order = replace(order, **wishes)  # type: ignore[arg-type]
    wrong = refusals.Collected()
    with wrong.also():
        _check_number(tx, order, test, policy)
    with wrong.also():
        _check_name(tx, order)
    with wrong.also():
        _check_address(tx, order)
    with wrong.also():
        phone_bills.check(tx, order)
    wrong.settle()
    tx.orders.insert(order)
    phone_numbers.add(tx, order)
    tx.audit.append(now, Mover.CUSTOMER, account_sid, order.sid, "order created")
    return order


def too_often(
    tx: Transaction, policy: Policy, phone_numbers: Sequence[str], now: float
) -> dict[str, TooOften]:
    """Which numbers were ordered too often by all accounts together, and when they may be again.

    Deleted and failed orders count: each of them could have had its calls.
    """
    most = policy.orders_per_number
    if most is None:
        return {}
    told = f"At most {most} orders for one number are taken in {MONTH / 86_400:g} days"
    latest = tx.orders.nth_latest(phone_numbers, now - MONTH, most)
    return {
        number: TooOften(told, max(1, int(at + MONTH - now) + 1)) for number, at in latest.items()
    }


def edit(tx: Transaction, order: Order, wishes: Mapping[str, object], now: float) -> Order:
    """Change an order's own fields (names, addresses, extension).

    Raises NameTaken, UnknownPhoneBill.
    """
    if not wishes:
        return order
    edited = replace(order, **wishes, updated_at=now)  # type: ignore[arg-type]
    if edited.code_entry != order.code_entry:  # a code that was shown must not be taken as heard
        edited = replace(edited, code=None, code_expires_at=None)
    if edited.unique_name != order.unique_name:
        _check_name(tx, edited)
    changed = any(getattr(edited, name) != getattr(order, name) for name in _OF_THE_DOCUMENT)
    # Who asks again for the review of what was refused is asked for another document.
    again = order.status is Status.ACTION_REQUIRED and order.verified_at is None
    if changed or (again and any(name in wishes for name in _OF_THE_DOCUMENT)):
        phone_bills.check(tx, edited)
    tx.orders.save(edited)
    fields = ", ".join(sorted(wishes))
    tx.audit.append(now, Mover.CUSTOMER, order.account_sid, order.sid, "order edited", fields)
    return phone_bills.resume(tx, order, edited, now)


def settle_eligibility(
    tx: Transaction, sid: str, line: Line | None, policy: Policy, now: float, again: float = 0
) -> Order | None:
    """Move a new order by what the directory said; None if it is no longer there.

    ``line`` None (the directory could not be asked): the worker tries ``again`` seconds later. An
    order that has been settled or deleted meanwhile stays as it is.
    """
    order = tx.orders.get(sid)
    if order is None or order.deleted_at or order.status is not Status.TWILIO_PROCESSING:
        return order
    if line is None:
        waiting = replace(order, due_at=now + again)
        tx.orders.save(waiting)
        return waiting
    reason = why_not(order.phone_number, line, policy)
    to = Status.FAILED if reason else Status.RECEIVED
    settled = orders.move(tx, replace(order, due_at=None), to, Mover.LINEPROOF, now, reason)
    return settled if reason else _skip_call(tx, settled, now)


def _skip_call(tx: Transaction, order: Order, now: float) -> Order:
    """A verified caller ID of the same account proves the number already: it is used up (FAQ)."""
    proven = tx.caller_ids.open_for(order.account_sid, order.phone_number)
    if proven is None or proven.status is not CallerIdStatus.VERIFIED:
        return order
    caller_ids.delete(tx, proven, Mover.LINEPROOF, now)
    return orders.move(tx, order, Status.VERIFIED, Mover.LINEPROOF, now)


def why_not(number: str, line: Line, policy: Policy) -> str | None:
    """Why a line cannot be hosted (the FAQ's reasons), or None if it can."""
    if line.type is LineType.MOBILE:
        return MOBILE
    if shows_messaging(line.carrier):
        return ALREADY_ENABLED
    if line.type is LineType.VOIP:
        return None if policy.accept_voip else VOIP
    if line.type is None:
        return None if numbers.is_toll_free(number) else NO_CARRIER_INFORMATION
    return OTHER_TYPE if line.type is LineType.OTHER else None


def shows_messaging(carrier: str | None) -> bool:
    """Whether a carrier's name shows that messages are already routed for the number."""
    return any(mark in (carrier or "").upper() for mark in _MESSAGING_MARKS)


def next_step(order: Order) -> str | None:
    """What has to happen next with an order."""
    is_called = order.verification_type != phone_bills.PHONE_BILL
    if order.status is Status.RECEIVED and not is_called:
        return _WAIT_FOR_REVIEW
    if order.status is Status.ACTION_REQUIRED and order.verified_at is not None:
        return _SIGN_AGAIN
    if order.status is Status.ACTION_REQUIRED and is_called:
        return _CALL_AGAIN
    return NEXT_STEPS[order.status]


def delete(tx: Transaction, order: Order, now: float) -> None:
    """Take an order back. Its calls are ended by ``calling.abandon``. Raises NotDeletable."""
    if order.status not in statuses.DELETABLE:
        raise NotDeletable(
            f"An order that is {order.status} cannot be deleted: only one that is "
            + ", ".join(sorted(statuses.DELETABLE))
        )
    # What has failed was over then: its days of retention do not begin anew.
    changed_at = order.updated_at if order.status is Status.FAILED else now
    tx.orders.save(replace(order, deleted_at=now, updated_at=changed_at, code=None, due_at=None))
    tx.audit.append(now, Mover.CUSTOMER, order.account_sid, order.sid, "order deleted")


def _check_number(tx: Transaction, order: Order, test: bool, policy: Policy | None) -> None:
    account_sid, number = order.account_sid, fictional.check(order.phone_number, test)
    taken = availability.why_taken(tx, account_sid, number)
    if taken:
        raise NotHostable(taken)
    standing = tx.orders.open_for(account_sid, number)
    if standing:
        raise NotHostable(
            f"The number is already in the hosting process under the order {standing.sid}, "
            f"which is {standing.status}"
        )
    often = too_often(tx, policy, [number], order.created_at) if policy and not test else {}
    if number in often:
        raise often[number]


def _check_address(tx: Transaction, order: Order) -> None:
    if order.address_sid and tx.addresses.get(order.account_sid, order.address_sid) is None:
        raise UnknownAddress(f"The account has no address {order.address_sid}")


def _check_name(tx: Transaction, order: Order) -> None:
    if order.unique_name is None:
        return
    holder = tx.orders.named(order.account_sid, order.unique_name)
    if holder and holder.sid != order.sid:
        raise NameTaken(f"The UniqueName is already that of the order {holder.sid}")
