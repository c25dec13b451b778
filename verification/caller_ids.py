"""Verified caller IDs: numbers whose owner has agreed that an account calls with them.

Twilio's OutgoingCallerIds and ValidationRequest. A request is one ownership call; its row becomes
the caller ID when the code is entered. The customer is told once, after the call has ended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import orders
from verification.statuses import Mover

LATE_SECONDS = 60.0  # keys that were pressed before the end was reported may still come for so long
NAME_LENGTH = 64


class CallerIdStatus(StrEnum):
    """Where a caller ID stands."""

    PENDING = "pending"  # its call is to come, or under way
    VERIFIED = "verified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CallerId:
    """One request to verify a caller ID, and the caller ID itself. Times in Unix seconds.

    ``code`` is sealed, and None as soon as it is dead. ``due_at``: when its outcome is reported.
    """

    sid: str
    account_sid: str
    phone_number: str
    friendly_name: str
    status: CallerIdStatus
    created_at: float
    updated_at: float
    extension: str | None = None
    call_delay: int = 0
    language: str = "en"
    status_callback_url: str | None = None
    status_callback_method: str | None = None
    code: bytes | None = None
    code_expires_at: float | None = None
    code_tries: int = 0
    due_at: float | None = None
    deleted_at: float | None = None


class CallerIds(Protocol):
    """The caller IDs of one transaction."""

    def insert(self, caller_id: CallerId) -> None: ...
    def save(self, caller_id: CallerId) -> None: ...
    def open_for(self, account_sid: str, phone_number: str) -> CallerId | None:
        """The account's pending or verified one for a number."""
        ...


class Transaction(Protocol):
    """What caller IDs need of a transaction."""

    @property
    def caller_ids(self) -> CallerIds: ...
    @property
    def audit(self) -> orders.Audit: ...


class AlreadyVerified(ValueError):
    """The account may call with this number already (Twilio error 21450)."""


class BadCallerIdName(ValueError):
    """A friendly name that is too long or cannot be shown (Twilio error 20002)."""


def check_name(name: str) -> str:
    """A friendly name as it is kept. Raises BadCallerIdName."""
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise BadCallerIdName(f"FriendlyName must have 1 to {NAME_LENGTH} printable characters")
    return name


def hear(tx: Transaction, asked: CallerId, verified: bool, final: bool, now: float) -> None:
    """Take how the call of a request ended; ``final``: no key can change it any more."""
    if asked.status is not CallerIdStatus.PENDING:
        return
    later = now + LATE_SECONDS
    if verified:
        _save(tx, _dead(asked, CallerIdStatus.VERIFIED, later), "caller id verified", now)
    elif final:
        _save(tx, _dead(asked, CallerIdStatus.FAILED, later), "caller id not verified", now)
    else:
        tx.caller_ids.save(replace(asked, due_at=later))


def call_is_over(tx: Transaction, asked: CallerId, now: float) -> None:
    """The carrier has reported the end: what has been decided is reported now."""
    if asked.status is not CallerIdStatus.PENDING and asked.due_at is not None:
        tx.caller_ids.save(replace(asked, due_at=now))


def settle(tx: Transaction, asked: CallerId, now: float) -> CallerId:
    """A request whose time has come, as its customer is told of it: who is late has failed."""
    settled = replace(asked, due_at=None)
    if asked.status is CallerIdStatus.PENDING:
        settled = _dead(asked, CallerIdStatus.FAILED, None)
        return _save(tx, settled, "caller id not verified", now)
    tx.caller_ids.save(settled)
    return settled


def rename(tx: Transaction, caller_id: CallerId, name: str, now: float) -> CallerId:
    """Give a caller ID another friendly name. Raises BadCallerIdName."""
    renamed = replace(caller_id, friendly_name=check_name(name))
    return _save(tx, renamed, "caller id renamed", now, Mover.CUSTOMER)


def delete(tx: Transaction, caller_id: CallerId, by: Mover, now: float) -> None:
    """Take a caller ID away."""
    _save(tx, replace(caller_id, deleted_at=now, due_at=None), "caller id deleted", now, by)


def _dead(asked: CallerId, status: CallerIdStatus, due_at: float | None) -> CallerId:
    return replace(asked, status=status, code=None, code_expires_at=None, due_at=due_at)


def _save(
    tx: Transaction, changed: CallerId, event: str, now: float, by: Mover = Mover.LINEPROOF
) -> CallerId:
    changed = replace(changed, updated_at=now)
    tx.caller_ids.save(changed)
    tx.audit.append(now, by, changed.account_sid, changed.sid, event)
    return changed
