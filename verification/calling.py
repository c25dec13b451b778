"""Prove control of a number: ask for ownership calls, dial each of them once.

At most one call for an attempt. An attempt is committed before the carrier is asked; an unclear
answer is ``unknown`` and never dialled again; what the carrier's webhooks or its list of calls show
adopts the call; what shows up nowhere is ``lost``. What is said in a call is in conversation.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from verification import (
    accounts,
    attempts,
    codes,
    dialling,
    extension,
    fictional,
    numbers,
    orders,
)
from verification.attempts import (
    ATTEMPTS,
    ENDINGS,
    WATCH_SECONDS,
    Attempt,
    Outcome,
    State,
    Subject,
)
from verification.caller_ids import CallerIdStatus
from verification.codes import Keyring
from verification.orders import Order
from verification.statuses import Mover, MoveRefused, Status

TALK_SECONDS = 240  # a call without its extension; four unanswered prompts of each kind fit
LEASE_SECONDS = 30.0  # how long a dialler may take before others look after its attempt
SETTLE_SECONDS = 20.0  # an unclear call is looked for in the carrier's list from here on ...
GRACE_SECONDS = 90.0  # ... and given up for lost from here on: the list may lag
RECONCILE_SECONDS = 5.0
RING_SECONDS = 60.0  # and then nobody answers
LATE_SECONDS = 86_400.0  # a call may wait in the carrier's queue for so long (Twilio: error 22005)
STOPPED = "The verification call was not placed: no calls were placed at that time."
LONGEST_WAIT_SECONDS = 300.0  # that a carrier's Retry-After may ask for

_OF_THE_CALL = ("extension", "call_delay", "language", "code_entry", "verification_type")
_AWAITS_A_CALL = frozenset({Status.PENDING_VERIFICATION, CallerIdStatus.PENDING})


@dataclass(frozen=True, slots=True)
class Placed:
    """The carrier took the call. ``caller``: the number that it shows to who is called."""

    call_sid: str
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """The carrier took nothing and asks to come back after so many seconds (HTTP 429)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier said no, with its own error number."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can tell from the answer whether a call was placed."""

    detail: str


Answer = Placed | Postponed | Refused | Unclear


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """One call as the carrier shows it: its SID and Twilio's status."""

    call_sid: str
    status: str


class Carrier(Protocol):
    """Who places calls. None of these raises for what the network or the carrier does."""

    def place(self, attempt_id: str, number: str, limit_seconds: int) -> Answer:
        """Ask for a call, once; never called twice for the same attempt."""
        ...

    def calls_to(self, number: str, since: float) -> list[CarrierCall] | None:
        """The calls to a number since a time; None if the carrier cannot be asked now."""
        ...

    def call(self, call_sid: str, number: str) -> CarrierCall | None:
        """One call to a number; None if the carrier cannot be asked now."""
        ...

    def end(self, call_sid: str, number: str) -> bool:
        """Hang up; True once there is nothing left to hang up."""
        ...


class Pace(Protocol):
    """The dialling rate, shared by all workers."""

    def take(self, now: float, interval: float) -> bool:
        """Take the next slot; False if it is not free yet."""
        ...


class Transaction(attempts.Transaction, Protocol):
    """What calling needs of a transaction."""

    @property
    def pace(self) -> Pace: ...
    @property
    def dialling(self) -> dialling.Dialling: ...
    @property
    def accounts(self) -> accounts.Accounts: ...


class AttemptsUsed(ValueError):
    """All calls of this order have been used (Twilio error 22100)."""


class CallUnderWay(ValueError):
    """The order's call is under way with another extension or delay (Twilio error 20409)."""


class NotCallable(ValueError):
    """No call can be started for this order (Twilio error 22123)."""


def request_call(
    tx: Transaction,
    keyring: Keyring,
    order: Order,
    business: str,
    now: float,
    limits: dialling.Limits | None = None,
) -> Order:
    """Ask for an ownership call: counts an attempt, makes the code, leaves dialling to the worker.

    Asked again while the order's call is to come or under way, it changes nothing. An order that
    waits for action goes on with it. ``business``: who asks, as the call will say it.
    ``limits`` None: it is an operator who asks. Raises AttemptsUsed, NotCallable, MoveRefused,
    and what ``dialling.check`` raises.
    """
    if standing_call(tx, order):
        return order
    _check_callable(tx, order, now)
    if order.verified_at is not None:  # what it waits for is no call
        raise MoveRefused(
            f"An order that is {order.status} and was verified before cannot be moved to "
            f"{Status.PENDING_VERIFICATION}"
        )
    if limits:
        dialling.check(tx, limits, order.account_sid, order.phone_number, now)
    order = _with_code(order, keyring, now)
    order = replace(order, verification_attempts=order.verification_attempts + 1)
    if order.status is Status.PENDING_VERIFICATION:
        order = replace(order, updated_at=now, failure_reason=None)
        tx.orders.save(order)
    else:
        order = orders.move(tx, order, Status.PENDING_VERIFICATION, Mover.CUSTOMER, now)
    add_attempt(tx, order, business, now)
    count = f"{order.verification_attempts} of {ATTEMPTS}"
    tx.audit.append(now, Mover.CUSTOMER, order.account_sid, order.sid, "call requested", count)
    return order


def add_attempt(tx: Transaction, subject: Subject, business: str, now: float) -> Attempt:
    """Leave one call for a subject to the worker, after the subject's delay."""
    attempt = Attempt(
        id=secrets.token_hex(16),
        subject_sid=subject.sid,
        ordinal=len(tx.attempts.of_subject(subject.sid)) + 1,
        account_sid=subject.account_sid,
        number=subject.phone_number,
        state=State.READY,
        requested_at=now,
        due_at=now + subject.call_delay,
        business=business,
        language=subject.language,
        extension=subject.extension,
    )
    tx.attempts.insert(attempt)
    return attempt


def standing_call(tx: Transaction, subject: Subject) -> Attempt | None:
    """The subject's attempt that has not ended yet, if there is one."""
    calls = tx.attempts.of_subject(subject.sid)
    return next((attempt for attempt in calls if attempt.outcome is None), None)


def refuse_late_changes(tx: Transaction, order: Order, wishes: Mapping[str, object]) -> None:
    """Raise CallUnderWay if ``wishes`` would change the call that is to come or under way."""
    if standing_call(tx, order) is None:
        return
    late = [n for n in _OF_THE_CALL if n in wishes and wishes[n] != getattr(order, n)]
    if late:
        raise CallUnderWay(
            f"A verification call of this order is under way: {', '.join(late)} can be changed "
            "when it has ended"
        )


def live_code(subject: Subject, keyring: Keyring, now: float) -> str | None:
    """The code that would verify now: None before the first call and after its death."""
    if subject.code is None or subject.code_expires_at is None or subject.code_expires_at <= now:
        return None
    return keyring.open(subject.code, subject.sid)


def code_for(tx: Transaction, number: str, keyring: Keyring, now: float) -> str | None:
    """The code that would verify in the call which this number has now, if it has one."""
    attempt = tx.attempts.on_the_line(number)
    subject = tx.subjects.get(attempt.subject_sid) if attempt else None
    return live_code(subject, keyring, now) if subject else None


def visible_code(order: Order, keyring: Keyring, now: float) -> str | None:
    """The code as its owner may see it; one that is entered in the API is shown to nobody."""
    return live_code(order, keyring, now) if order.code_entry == "phone" else None


def claim(tx: Transaction, now: float, interval: float) -> Attempt | None:
    """Take the next attempt that may be dialled; it is ``dialling`` from here on.

    ``interval``: seconds between two calls. None: nothing is due, the pace forbids it yet, or
    dialling is stopped. An attempt that may not be dialled any more is concluded here, undialled.
    """
    attempt = tx.attempts.next_ready(now)
    if attempt is None:
        return None
    why_not = _why_not_dial(tx, attempt, now)
    if why_not:
        late = why_not is Outcome.EXPIRED and tx.dialling.switch().stopped
        attempts.conclude(tx, attempt, why_not, now, STOPPED if late else None)
        return None
    if tx.dialling.switch().stopped or not tx.pace.take(now, interval):
        return None
    claimed = replace(attempt, state=State.DIALLING, dialled_at=now, due_at=now + LEASE_SECONDS)
    tx.attempts.save(claimed)
    return claimed


def limit_seconds(attempt: Attempt) -> int:
    """How long the carrier may let the call last: the talk, and the extension before it."""
    played = extension.schedule(attempt.extension or "").length
    return TALK_SECONDS + -(-played // 1000)


def record_answer(tx: Transaction, attempt_id: str, answer: Answer, now: float) -> None:
    """Write down what the carrier answered to our one request.

    A webhook may have adopted the call meanwhile: then the answer adds nothing.
    """
    attempt = tx.attempts.get(attempt_id)
    if attempt is None:
        return
    if isinstance(answer, Placed):
        adopted = attempts.adopt(tx, attempt, answer.call_sid, now)
        if adopted and answer.caller:
            tx.attempts.save(replace(adopted, caller=answer.caller))
    elif attempt.state not in (State.DIALLING, State.UNKNOWN):
        return
    elif isinstance(answer, Postponed):
        wait = min(max(answer.seconds, 1.0), LONGEST_WAIT_SECONDS)
        tx.attempts.save(replace(attempt, state=State.READY, dialled_at=None, due_at=now + wait))
    elif isinstance(answer, Refused):
        message = answer.message.replace(attempt.number, numbers.masked(attempt.number))
        reason = f"The carrier refused the verification call ({answer.code}): {message}"
        refused = replace(attempt, error_code=answer.code)
        attempts.conclude(tx, refused, Outcome.REFUSED, now, reason)
    else:
        due_at = now + SETTLE_SECONDS
        tx.attempts.save(replace(attempt, state=State.UNKNOWN, error=answer.detail, due_at=due_at))
        _note(tx, attempt, "call unclear", answer.detail, now)


def settle(tx: Transaction, attempt_id: str, found: list[CarrierCall] | None, now: float) -> None:
    """Decide about an unclear attempt by the carrier's list of calls to its number.

    Exactly one call that no attempt has is taken for ours; should it be another attempt's, its
    first webhook takes it back (``attempts.adopt``). Nothing certain after GRACE_SECONDS: the call
    is lost; whichever is ours hangs up when it is answered. Several: the audit trail says so.
    ``found`` None: asked again.
    """
    attempt = tx.attempts.get(attempt_id)
    if attempt is None or attempt.state not in (State.DIALLING, State.UNKNOWN):
        return
    free = [call for call in found or [] if tx.attempts.with_call(call.call_sid) is None]
    age = now - (attempt.dialled_at or now)
    if len(free) == 1:
        attempts.adopt(tx, attempt, free[0].call_sid, now)
        attempts.hear_report(tx, attempt.id, free[0].call_sid, free[0].status, False, now)
        return
    if len(free) > 1 and attempt.error != "double call":
        attempt = replace(attempt, error="double call")
        _note(tx, attempt, "double call", " ".join(call.call_sid for call in free), now)
    if found is not None and age >= GRACE_SECONDS:
        attempts.conclude(tx, attempt, Outcome.LOST, now)
    else:
        due_at = now + RECONCILE_SECONDS
        tx.attempts.save(replace(attempt, state=State.UNKNOWN, due_at=due_at))


def watch(tx: Transaction, attempt_id: str, found: CarrierCall | None, now: float) -> None:
    """Take what the carrier says of a call whose reports have not come.

    ``found`` None (the carrier could not be asked): the call is looked at again later, but not
    for ever: after LATE_SECONDS no call of ours can be on the line, and its number is free again.
    """
    attempt = tx.attempts.get(attempt_id)
    if attempt is None or attempt.call_sid is None or attempt.state is State.DONE:
        return
    queued = 0 if numbers.is_fictional(attempt.number) else LATE_SECONDS
    over = now - (attempt.dialled_at or now) > queued + limit_seconds(attempt)
    if over or (found and found.status in ENDINGS):
        status = found.status if found and found.status in ENDINGS else "failed"
        attempts.hear_report(tx, attempt.id, attempt.call_sid, status, False, now)
    else:
        tx.attempts.save(replace(attempt, due_at=now + WATCH_SECONDS))


def hung_up(tx: Transaction, attempt_id: str, now: float) -> None:
    """The carrier has taken the wish to end the call; its end is still awaited."""
    attempt = tx.attempts.get(attempt_id)
    if attempt is not None:
        due_at = None if attempt.state is State.DONE else now + WATCH_SECONDS
        tx.attempts.save(replace(attempt, hang_up=False, due_at=due_at))


def abandon(tx: Transaction, order: Order, now: float) -> None:
    """End the calls of an order that its owner has taken back."""
    for attempt in tx.attempts.of_subject(order.sid):
        attempts.drop(tx, attempt, now)


def check_not_suppressed(tx: Transaction, number: str, now: float) -> None:
    """Raise NotCallable for a number whose person does not want to be called."""
    if tx.suppressions.active(number, now):
        raise NotCallable("The number may not be called: its person declined a call before")


def _check_callable(tx: Transaction, order: Order, now: float) -> None:
    if order.verification_attempts >= ATTEMPTS:
        raise AttemptsUsed(f"All {ATTEMPTS} verification calls of this order have been used")
    if order.verification_type != "phone-call":
        raise NotCallable(
            f"The order is verified by {order.verification_type}: "
            "only one with VerificationType phone-call is called"
        )
    check_not_suppressed(tx, order.phone_number, now)


def _with_code(order: Order, keyring: Keyring, now: float) -> Order:
    if live_code(order, keyring, now):
        return order
    expires_at = now + codes.CODE_SECONDS
    sealed = keyring.seal(codes.new_code(), order.sid)
    return replace(order, code=sealed, code_expires_at=expires_at, code_tries=0, due_at=expires_at)


def _why_not_dial(tx: Transaction, attempt: Attempt, now: float) -> Outcome | None:
    subject = tx.subjects.get(attempt.subject_sid)
    if subject is None or subject.deleted_at or subject.status not in _AWAITS_A_CALL:
        return Outcome.CANCELED
    account = tx.accounts.get(subject.account_sid)
    if account is None or not accounts.is_active(tx, account):
        return Outcome.CANCELED
    if subject.code is None or (subject.code_expires_at or 0) <= now:
        return Outcome.EXPIRED
    if tx.suppressions.active(attempt.number, now):
        return Outcome.BLOCKED
    try:
        fictional.check(attempt.number, account.test)
    except numbers.UnfitNumber:
        return Outcome.BLOCKED
    return None


def _note(tx: Transaction, attempt: Attempt, event: str, detail: str, now: float) -> None:
    tx.audit.append(now, Mover.LINEPROOF, attempt.account_sid, attempt.subject_sid, event, detail)
