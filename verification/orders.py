"""The order: its record, and the one place where its status changes.

A change of status is written in one transaction with its audit row and the row that reports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from verification import callbacks
from verification.callbacks import Outbox
from verification.statuses import Mover, MoveRefused, Status, may_move, refusal


@dataclass(frozen=True, slots=True)
class Order:
    """One order for one number. Times in Unix seconds, ``call_delay`` in seconds.

    ``code`` is sealed, and None as soon as it is dead. ``code_entry``: where it is entered, on the
    ``phone`` that is called or in the ``api``; the latter is spoken and never shown. ``due_at``:
    when the worker must look at the order again.
    """

    sid: str
    account_sid: str
    phone_number: str
    status: Status
    created_at: float
    updated_at: float
    incoming_phone_number_sid: str
    failure_reason: str | None = None
    friendly_name: str | None = None
    unique_name: str | None = None
    email: str | None = None
    cc_emails: tuple[str, ...] = ()
    sms_url: str | None = None
    sms_method: str | None = None
    sms_fallback_url: str | None = None
    sms_fallback_method: str | None = None
    sms_application_sid: str | None = None
    status_callback_url: str | None = None
    status_callback_method: str | None = None
    address_sid: str | None = None
    signing_document_sid: str | None = None
    verification_type: str = "phone-call"
    verification_document_sid: str | None = None
    extension: str | None = None
    call_delay: int = 0
    language: str = "en"
    verification_attempts: int = 0
    code: bytes | None = None
    code_expires_at: float | None = None
    code_tries: int = 0
    due_at: float | None = None
    deleted_at: float | None = None
    contact_title: str | None = None
    contact_phone_number: str | None = None
    bulk_hosting_request_sid: str | None = None
    code_entry: str = "phone"
    verified_at: float | None = None


class Orders(Protocol):
    """The orders of one transaction."""

    def save(self, order: Order) -> None: ...
    def move_all(self, sids: Sequence[str], to: Status, reason: str | None, now: float) -> None: ...


class Audit(Protocol):
    """The hash-chained record of what happened."""

    def append(
        self, at: float, actor: str, account_sid: str, object_sid: str, event: str, detail: str = ""
    ) -> None: ...
    def append_all(
        self, at: float, actor: str, event: str, rows: Iterable[tuple[str, str, str]]
    ) -> None: ...


class Transaction(Protocol):
    """What a change of status writes, all or nothing."""

    @property
    def orders(self) -> Orders: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def outbox(self) -> Outbox: ...


def move(
    tx: Transaction, order: Order, to: Status, by: Mover, now: float, reason: str | None = None
) -> Order:
    """Bring ``order`` to the status ``to`` and report it; gives the order as it then stands.

    ``reason`` becomes the order's failure_reason; None clears it. ``now`` in Unix seconds.
    Raises MoveRefused, which names the statuses that this mover may choose.
    """
    if not may_move(order.status, to, by):
        raise MoveRefused(refusal(order.status, to, by))
    verified_at = order.verified_at or (now if to is Status.VERIFIED else None)
    moved = replace(
        order, status=to, failure_reason=reason, updated_at=now, verified_at=verified_at
    )
    tx.orders.save(moved)
    tx.audit.append(now, by, order.account_sid, order.sid, "status", _told(order, to, reason))
    if order.status_callback_url:
        tx.outbox.add(_report(moved, order.status_callback_url, now))
    return moved


def move_all(
    tx: Transaction,
    moving: Sequence[Order],
    to: Status,
    by: Mover,
    now: float,
    reason: str | None = None,
) -> list[Order]:
    """Bring many orders to one status, all or none, as ``move`` does one; quick for thousands.

    They must have been read in this transaction. Raises MoveRefused for the first that may not.
    """
    for order in moving:
        if not may_move(order.status, to, by):
            raise MoveRefused(refusal(order.status, to, by))
    tx.orders.move_all([order.sid for order in moving], to, reason, now)
    rows = ((order.account_sid, order.sid, _told(order, to, reason)) for order in moving)
    tx.audit.append_all(now, by, "status", rows)
    moved = [replace(one, status=to, failure_reason=reason, updated_at=now) for one in moving]
    for order in moved:
        if order.status_callback_url:
            tx.outbox.add(_report(order, order.status_callback_url, now))
    return moved


def _told(order: Order, to: Status, reason: str | None) -> str:
    return f"{order.status} -> {to}" + (f": {reason}" if reason else "")


def _report(order: Order, url: str, now: float) -> callbacks.Message:
    """What Twilio tells of an order: the three fields of its documentation, and why it failed."""
    fields = {
        "Status": str(order.status),
        "HostedNumberOrderSid": order.sid,
        "PhoneNumber": order.phone_number,
        **({"FailureReason": order.failure_reason} if order.failure_reason else {}),
    }
    event, method = f"order.{order.status}", order.status_callback_method
    return callbacks.message(order.account_sid, order.sid, event, url, method, fields, now)
