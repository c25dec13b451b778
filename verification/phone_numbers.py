"""The numbers of accounts (Twilio's IncomingPhoneNumbers): settings, transfer, release, port.

A number is there as soon as it is ordered, so that it can be configured before it is in use. It
is ``in-use`` when its order is completed, and ``released`` for three days when its owner gives it
up (the Hosted Numbers FAQ).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import phonenumbers

from verification import numbers, sids
from verification.accounts import Account
from verification.orders import Audit, Order
from verification.statuses import Mover, Status

NAME_LENGTH = 64
RELEASED_SECONDS = 3 * 86_400.0  # the FAQ: released for three days
SETTINGS = (
    *("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method", "sms_application_sid"),
    *("status_callback", "status_callback_method"),
    *("voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method"),
    *("voice_application_sid", "voice_caller_id_lookup", "voice_receive_mode", "trunk_sid"),
)


class NumberStatus(StrEnum):
    """Where a number stands; Twilio documents only ``in-use`` and ``released``."""

    PENDING = "pending"  # its order or its port is under way
    IN_USE = "in-use"
    RELEASED = "released"
    GONE = "gone"  # kept for the record, shown to nobody


class Origin(StrEnum):
    """How a number came: hosted for messaging only, or ported whole (Twilio's words)."""

    HOSTED = "hosted"
    PORTED = "twilio"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One number of an account. Times in Unix seconds.

    ``order_sid``: the order that hosts it, None for a port. ``voice``: whether calls to it come
    here too. ``due_at``: when a released one is gone. ``messaging_service_sid`` and
    ``attached_at``: the sender pool that it is in, and since when.
    """

    sid: str
    account_sid: str
    order_sid: str | None
    phone_number: str
    origin: Origin
    status: NumberStatus
    voice: bool
    created_at: float
    updated_at: float
    friendly_name: str
    sms_url: str | None = None
    sms_method: str = "POST"
    sms_fallback_url: str | None = None
    sms_fallback_method: str = "POST"
    sms_application_sid: str | None = None
    status_callback: str | None = None
    status_callback_method: str = "POST"
    voice_url: str | None = None
    voice_method: str = "POST"
    voice_fallback_url: str | None = None
    voice_fallback_method: str = "POST"
    voice_application_sid: str | None = None
    voice_caller_id_lookup: bool = False
    voice_receive_mode: str = "voice"
    trunk_sid: str | None = None
    address_sid: str | None = None
    identity_sid: str | None = None
    bundle_sid: str | None = None
    emergency_status: str = "Inactive"
    emergency_address_sid: str | None = None
    messaging_service_sid: str | None = None
    attached_at: float | None = None
    due_at: float | None = None


class PhoneNumbers(Protocol):
    """The numbers of one transaction."""

    def insert(self, number: PhoneNumber) -> None: ...
    def insert_all(self, numbers: Iterable[PhoneNumber]) -> None: ...
    def save(self, number: PhoneNumber) -> None: ...
    def get(self, sid: str) -> PhoneNumber | None: ...
    def of_number(self, phone_number: str) -> list[PhoneNumber]:
        """Those of an E.164 number that are not gone, whosever they are."""
        ...

    def of_numbers(self, phone_numbers: Sequence[str]) -> list[PhoneNumber]:
        """Those of many, as ``of_number`` gives those of one."""
        ...


class Orders(Protocol):
    """The orders of one transaction."""

    def get(self, sid: str) -> Order | None: ...
    def save(self, order: Order) -> None: ...


class Addresses(Protocol):
    """The addresses of one transaction."""

    def get(self, account_sid: str, sid: str) -> object | None: ...


class Transaction(Protocol):
    """What numbers need of a transaction."""

    @property
    def phone_numbers(self) -> PhoneNumbers: ...
    @property
    def audit(self) -> Audit: ...


class Owning(Transaction, Protocol):
    """What the end of a number needs besides: its order."""

    @property
    def orders(self) -> Orders: ...


class Configuring(Transaction, Protocol):
    """What settings need besides: the account's addresses."""

    @property
    def addresses(self) -> Addresses: ...


class NotInUse(ValueError):
    """The number cannot be transferred, ported or attached yet (Twilio error 22121)."""


class NotReleasable(ValueError):
    """The number is not in use: there is nothing to release (Twilio error 20409)."""


class NumberConflict(ValueError):
    """Another port or messaging service has the number already (Twilio error 20409)."""


class UnknownNumberAddress(ValueError):
    """The number's account has no such address (Twilio error 22109)."""


def add(tx: Transaction, order: Order) -> PhoneNumber:
    """The number of a new order, with the order's settings."""
    number = _of(order)
    tx.phone_numbers.insert(number)
    return number


def add_all(tx: Transaction, ordered: Sequence[Order]) -> None:
    """The numbers of many new orders, as ``add`` adds one; quick for thousands."""
    tx.phone_numbers.insert_all(_of(order) for order in ordered)


def _of(order: Order) -> PhoneNumber:
    return PhoneNumber(
        sid=order.incoming_phone_number_sid,
        account_sid=order.account_sid,
        order_sid=order.sid,
        phone_number=order.phone_number,
        origin=Origin.HOSTED,
        status=NumberStatus.PENDING,
        voice=False,
        created_at=order.created_at,
        updated_at=order.updated_at,
        friendly_name=(order.friendly_name or "")[:NAME_LENGTH] or formatted(order.phone_number),
        sms_url=order.sms_url,
        sms_method=order.sms_method or "POST",
        sms_fallback_url=order.sms_fallback_url,
        sms_fallback_method=order.sms_fallback_method or "POST",
        sms_application_sid=order.sms_application_sid,
        address_sid=order.address_sid,
        # Twilio keeps one status callback for both, the order's changes and the messages sent.
        status_callback=order.status_callback_url,
        status_callback_method=order.status_callback_method or "POST",
    )


def formatted(phone_number: str) -> str:
    """A number as people of its country write it: (902) 905-2034."""
    parsed = phonenumbers.parse(phone_number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def kind(number: PhoneNumber) -> str:
    """Twilio's word for the type of a number."""
    return "tollfree" if numbers.is_toll_free(number.phone_number) else "local"


def configure(
    tx: Configuring, number: PhoneNumber, wishes: Mapping[str, object], now: float
) -> PhoneNumber:
    """Change a number's settings, by the names of its fields; the API has checked their form.

    Raises UnknownNumberAddress for an address that is not of the number's account.
    """
    changed = replace(number, **wishes)  # type: ignore[arg-type]
    for sid in {changed.address_sid, changed.emergency_address_sid} - {None}:
        if tx.addresses.get(number.account_sid, str(sid)) is None:
            raise UnknownNumberAddress(f"The account {number.account_sid} has no address {sid}")
    if changed == number:
        return number
    return _save(tx, changed, "number configured", now, ", ".join(sorted(wishes)))


def transfer(tx: Transaction, number: PhoneNumber, to: Account, now: float) -> PhoneNumber:
    """Give a number to another account of the same owner; the API has checked who asks.

    What belongs to the account it leaves (addresses, messaging service) does not go with it.
    Raises NotInUse, and NumberConflict if the other has the same number in use (a fictional one).
    """
    if number.account_sid == to.sid:
        return number
    _check_in_use(number, "transferred")
    for other in tx.phone_numbers.of_number(number.phone_number):
        if other.account_sid == to.sid and other.status is NumberStatus.IN_USE:
            raise NumberConflict(f"The account has the number in use already, as {other.sid}")
    moved = replace(
        number,
        account_sid=to.sid,
        address_sid=None,
        emergency_address_sid=None,
        emergency_status="Inactive",
        messaging_service_sid=None,
        attached_at=None,
    )
    return _save(tx, moved, "number transferred", now, f"{number.account_sid} -> {to.sid}")


def release(tx: Transaction, number: PhoneNumber, now: float) -> PhoneNumber:
    """Give a number up: released for three days, then gone. Raises NotReleasable.

    A port that is under way is taken back at once: it has registered nothing.
    """
    if number.status is NumberStatus.PENDING and number.origin is Origin.PORTED:
        return _save(tx, replace(number, status=NumberStatus.GONE), "port taken back", now)
    if number.status is not NumberStatus.IN_USE:
        why = f"A number that is {number.status} cannot be released, only one that is in-use"
        if number.status is NumberStatus.PENDING:
            why += f": take back its order {number.order_sid}"
        raise NotReleasable(why)
    leaving = replace(
        number,
        status=NumberStatus.RELEASED,
        due_at=now + RELEASED_SECONDS,
        messaging_service_sid=None,
        attached_at=None,
    )
    return _save(tx, leaving, "number released", now)


def let_go(tx: Owning, sid: str, now: float) -> None:
    """End a released number whose days are over; with it goes the order that hosted it."""
    number = tx.phone_numbers.get(sid)
    if number and number.status is NumberStatus.RELEASED and (number.due_at or 0) <= now:
        _end(tx, number, now)


def port(tx: Transaction, number: PhoneNumber, take_settings: bool, now: float) -> PhoneNumber:
    """Ask for a hosted number to be ported whole: a second number with a SID of its own (FAQ).

    ``take_settings``: it begins with the hosted one's settings, so that no message is lost when
    it takes over. Raises NotInUse, and NumberConflict if it is being ported already.
    """
    _check_in_use(number, "ported")
    if number.origin is Origin.PORTED:
        raise NumberConflict(f"The number {number.sid} has been ported already")
    for other in tx.phone_numbers.of_number(number.phone_number):
        if other.origin is Origin.PORTED and other.account_sid == number.account_sid:
            raise NumberConflict(f"The number is being ported already, as {other.sid}")
    settings = {name: getattr(number, name) for name in SETTINGS} if take_settings else {}
    ported = PhoneNumber(
        sid=sids.new(sids.PHONE_NUMBER),
        account_sid=number.account_sid,
        order_sid=None,
        phone_number=number.phone_number,
        origin=Origin.PORTED,
        status=NumberStatus.PENDING,
        voice=True,
        created_at=now,
        updated_at=now,
        friendly_name=number.friendly_name,
        **settings,
    )
    tx.phone_numbers.insert(ported)
    _note(tx, ported, "port requested", now, number.sid)
    return ported


def complete_port(tx: Owning, ported: PhoneNumber, now: float) -> PhoneNumber:
    """The port has been carried out: the number is in use for voice and messages.

    The hosted number of the same digits ends. Raises NumberConflict for one that is no open port.
    """
    if ported.origin is not Origin.PORTED or ported.status is not NumberStatus.PENDING:
        raise NumberConflict(f"{ported.sid} is no port that is under way")
    for other in tx.phone_numbers.of_number(ported.phone_number):
        mine = other.account_sid == ported.account_sid and other.sid != ported.sid
        if mine and other.status is not NumberStatus.PENDING:
            _end(tx, other, now)
    done = replace(ported, status=NumberStatus.IN_USE)
    return _save(tx, done, "port completed", now, by=Mover.OPERATOR)


def attach(tx: Transaction, number: PhoneNumber, service_sid: str, now: float) -> PhoneNumber:
    """Put a number into a messaging service's sender pool. Raises NotInUse, NumberConflict."""
    _check_in_use(number, "attached")
    if number.messaging_service_sid:
        raise NumberConflict(
            f"The number is in the messaging service {number.messaging_service_sid} already"
        )
    attached = replace(number, messaging_service_sid=service_sid, attached_at=now)
    return _save(tx, attached, "number attached", now, service_sid)


def detach(tx: Transaction, number: PhoneNumber, now: float) -> PhoneNumber:
    """Take a number out of its messaging service."""
    detached = replace(number, messaging_service_sid=None, attached_at=None)
    return _save(tx, detached, "number detached", now, number.messaging_service_sid or "")


def put_in_use(tx: Transaction, number: PhoneNumber, now: float) -> PhoneNumber:
    """Its order is completed."""
    in_use = replace(number, status=NumberStatus.IN_USE)
    return _save(tx, in_use, "number in use", now, by=Mover.REGISTRAR)


def _check_in_use(number: PhoneNumber, done: str) -> None:
    if number.status is not NumberStatus.IN_USE:
        raise NotInUse(f"A number that is {number.status} cannot be {done}: only one in-use can")


def _end(tx: Owning, number: PhoneNumber, now: float) -> None:
    gone = replace(number, status=NumberStatus.GONE, due_at=None)
    _save(tx, gone, "number gone", now, by=Mover.LINEPROOF)
    order = tx.orders.get(number.order_sid) if number.order_sid else None
    if order and order.status is Status.COMPLETED and not order.deleted_at:
        tx.orders.save(replace(order, deleted_at=now, updated_at=now))
        tx.audit.append(now, Mover.LINEPROOF, order.account_sid, order.sid, "order ended")


def _save(
    tx: Transaction,
    number: PhoneNumber,
    event: str,
    now: float,
    detail: str = "",
    by: Mover = Mover.CUSTOMER,
) -> PhoneNumber:
    saved = replace(number, updated_at=now)
    tx.phone_numbers.save(saved)
    _note(tx, saved, event, now, detail, by)
    return saved


def _note(
    tx: Transaction,
    number: PhoneNumber,
    event: str,
    now: float,
    detail: str = "",
    by: Mover = Mover.CUSTOMER,
) -> None:
    tx.audit.append(now, by, number.account_sid, number.sid, event, detail)
