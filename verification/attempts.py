"""One ownership call, of an order or of a caller ID: its record, where it stands, and how it ends.

What the carrier reports arrives in any order and more than once; every order of the same reports
ends in the same state. Only keys verify: a report of the carrier never does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import caller_ids, ordering, orders, sids
from verification.caller_ids import CallerId
from verification.orders import Order
from verification.statuses import Mover, Status

ATTEMPTS = 3  # an order's calls (Twilio: then action-required)
WATCH_SECONDS = 60.0  # how often a call without reports is looked at
DECLINED_SECONDS = 30 * 86400.0  # a number whose person refused is called by nobody for so long

ATTEMPTS_USED = "The Hosted Number Order has reached the maximum number of verification attempts."


class State(StrEnum):
    """Where an attempt stands towards the carrier."""

    READY = "ready"  # to be dialled when it is due
    DIALLING = "dialling"  # the carrier is being asked
    UNKNOWN = "unknown"  # the carrier's answer does not tell whether there is a call
    DIALLED = "dialled"  # there is a call
    LIVE = "live"  # the call was answered and is talked to
    DONE = "done"


# A number has at most one attempt in these, over all accounts (a partial unique index).
ON_THE_LINE = (State.DIALLING, State.UNKNOWN, State.DIALLED, State.LIVE)


class Stage(StrEnum):
    """What a call has asked for last."""

    CONSENT = "consent"
    CODE = "code"


class Outcome(StrEnum):
    """How an attempt ended."""

    VERIFIED = "verified"
    SPOKEN = "spoken"
    DECLINED = "declined"
    WRONG_CODE = "wrong-code"
    NO_CODE = "no-code"
    EXPIRED = "expired"
    VOICEMAIL = "voicemail"
    HUNG_UP = "hung-up"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"
    REFUSED = "refused"
    BLOCKED = "blocked"
    LOST = "lost"


# What the customer is told.
REASONS = {
    Outcome.DECLINED: "The person who answered the verification call declined.",
    Outcome.WRONG_CODE: "A wrong code was entered too often in the verification call.",
    Outcome.NO_CODE: "The verification call was answered, but no code was entered.",
    Outcome.EXPIRED: "The verification code expired before it was entered.",
    Outcome.VOICEMAIL: (
        "The verification call was answered by voicemail or by a menu: "
        "nobody pressed the key that was asked for."
    ),
    Outcome.HUNG_UP: "The verification call was hung up before the code was entered.",
    Outcome.BUSY: "The number was busy.",
    Outcome.NO_ANSWER: "The verification call was not answered.",
    Outcome.FAILED: "The verification call could not be completed as dialled.",
    Outcome.CANCELED: "The verification call was canceled.",
    Outcome.REFUSED: "The carrier refused the verification call.",
    Outcome.BLOCKED: (
        "The number may not be called: it is not allowed any more, or its person declined before."
    ),
    Outcome.LOST: "The verification call was not placed.",
}

# The carrier's words for the end of a call. It sends one of them; should two reports of one call
# contradict each other, the later in this table stands, in whichever order they arrive.
ENDINGS = {
    "canceled": Outcome.CANCELED,
    "failed": Outcome.FAILED,
    "no-answer": Outcome.NO_ANSWER,
    "busy": Outcome.BUSY,
    "completed": Outcome.HUNG_UP,
}
_RANK = {status: rank for rank, status in enumerate(["queued", "initiated", "ringing"])}
_RANK |= {"in-progress": 3} | {status: 4 + rank for rank, status in enumerate(ENDINGS)}

# Outcomes that were read off the carrier's reports: a person's keys still outrank them.
REPORTED = frozenset(ENDINGS.values())
# After these another call makes no sense until somebody has acted.
_FINAL = frozenset({Outcome.DECLINED, Outcome.REFUSED, Outcome.BLOCKED})
# These a person has decided.
_DECIDED = frozenset({Outcome.VERIFIED, Outcome.DECLINED})
# After these the code waits to be entered: at the phone late, or in the API.
_CODE_LIVES = REPORTED | {Outcome.SPOKEN}
# With these the attempt never was, or is no longer, on the line.
_OFF_THE_LINE = frozenset({Outcome.REFUSED, Outcome.LOST})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One ownership call. Times in Unix seconds.

    ``subject_sid``: the order or caller ID that it is made for; ``ordinal``: its place among the
    calls for it. ``caller``: the number that it comes from, once the carrier has said it.
    ``due_at``: when the worker must look at it next. ``carrier_status``: the furthest report of
    the carrier; ``error_code``: its number for why it refused the call. ``business``: who asks, as
    the call says it. ``challenge``, ``stage``, ``step`` and the counters belong to the
    conversation.
    """

    id: str
    subject_sid: str
    ordinal: int
    account_sid: str
    number: str
    state: State
    requested_at: float
    due_at: float | None
    business: str
    language: str
    extension: str | None
    outcome: Outcome | None = None
    call_sid: str | None = None
    dialled_at: float | None = None
    rang_at: float | None = None
    answered_at: float | None = None
    finished_at: float | None = None
    carrier_status: str | None = None
    machine: bool = False
    error: str | None = None
    hang_up: bool = False
    challenge: str = ""
    stage: Stage | None = None
    step: int = 0
    prompts: int = 0
    wrong_keys: int = 0
    code_tries: int = 0
    caller: str | None = None
    error_code: int | None = None

    @property
    def shown_sid(self) -> str | None:
        """The call's SID for the customer; a caller ID's is told before the carrier gives one."""
        return self.call_sid if self.subject_sid.startswith(sids.ORDER) else f"CA{self.id}"


# What a call proves the control of a number for.
Subject = Order | CallerId


class Subjects(Protocol):
    """Orders and caller IDs, by their SIDs."""

    def get(self, sid: str) -> Subject | None: ...
    def save(self, subject: Subject) -> None: ...


class Attempts(Protocol):
    """The attempts of one transaction."""

    def insert(self, attempt: Attempt) -> None: ...
    def save(self, attempt: Attempt) -> None: ...
    def get(self, attempt_id: str) -> Attempt | None: ...
    def of_subject(self, subject_sid: str) -> list[Attempt]: ...
    def next_ready(self, now: float) -> Attempt | None: ...
    def take_due(self, now: float, lease: float, limit: int) -> list[Attempt]: ...
    def with_call(self, call_sid: str) -> Attempt | None: ...
    def any_due(self, now: float) -> bool: ...
    def on_the_line(self, number: str) -> Attempt | None: ...
    def count_try(self, attempt_id: str, per_call: int, per_code: int) -> Attempt | None:
        """Count one more try of the code in the same statement that reads the count.

        None: one of the two limits had been reached, and nothing was counted.
        """
        ...


class Suppressions(Protocol):
    """Numbers that nobody may call for a while."""

    def active(self, number: str, now: float) -> bool: ...
    def add(self, number: str, until: float) -> None: ...


class Transaction(ordering.Transaction, Protocol):
    """What an attempt needs of a transaction."""

    @property
    def subjects(self) -> Subjects: ...
    @property
    def caller_ids(self) -> caller_ids.CallerIds: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def suppressions(self) -> Suppressions: ...


def adopt(tx: Transaction, attempt: Attempt, call_sid: str, now: float) -> Attempt | None:
    """Bind a call to its attempt; None if the attempt already has another call.

    Whoever calls this knows it from our own signed URL, or from the carrier's answer; a call that
    another attempt had been given by ``calling.settle`` is taken from it.

    An attempt that is done takes its late call too, but only so that the worker ends it.
    """
    if attempt.call_sid is not None:
        return attempt if attempt.call_sid == call_sid else None
    holder = tx.attempts.with_call(call_sid)
    if holder is not None:
        _take_away(tx, holder, now)
    if attempt.state is State.DONE:
        adopted = replace(attempt, call_sid=call_sid, hang_up=True, due_at=now)
    else:
        due_at = now if attempt.hang_up else now + WATCH_SECONDS
        adopted = replace(
            attempt, call_sid=call_sid, state=State.DIALLED, error=None, due_at=due_at
        )
    tx.attempts.save(adopted)
    _note(tx, attempt, "call placed", call_sid, now)
    return adopted


def _take_away(tx: Transaction, holder: Attempt, now: float) -> None:
    """Take a call from an attempt that only the carrier's list made a likely owner of it.

    What was read off that call's reports is forgotten: the worker looks for the attempt's own call.
    What somebody decided stays; so does the end of an attempt whose number is called again already.
    """
    freed = replace(holder, call_sid=None, carrier_status=None, hang_up=False, due_at=None)
    is_open = holder.outcome is None or holder.outcome in REPORTED
    other = tx.attempts.on_the_line(holder.number)
    if is_open and (other is None or other.id == holder.id):
        freed = replace(
            freed,
            state=State.UNKNOWN,
            outcome=None,
            rang_at=None,
            answered_at=None,
            finished_at=None,
            machine=False,
            due_at=now,
        )
    else:
        freed = replace(freed, state=State.DONE, finished_at=holder.finished_at or now)
    tx.attempts.save(freed)
    _note(tx, freed, "call taken away", holder.call_sid or "", now)


def hear_report(
    tx: Transaction, attempt_id: str, call_sid: str, status: str, machine: bool, now: float
) -> None:
    """Take one status report of the carrier, however late, repeated or out of order.

    ``status``: Twilio's CallStatus; ``machine``: the carrier took the answer for a machine's.
    Reports of another call, and unknown words, change nothing.
    """
    attempt = tx.attempts.get(attempt_id)
    if attempt is None or status not in _RANK:
        return
    attempt = adopt(tx, attempt, call_sid, now)
    if attempt is None:
        return
    heard = _told(replace(attempt, machine=attempt.machine or machine), status, now)
    if heard == attempt:
        return
    if heard.carrier_status in ENDINGS and heard.state is not State.DONE:
        heard = replace(heard, state=State.DONE, finished_at=now, due_at=None)
    tx.attempts.save(heard)
    if heard.carrier_status in ENDINGS and (heard.outcome is None or heard.outcome in REPORTED):
        conclude(tx, heard, _reported_outcome(heard), now)
    if heard.state is State.DONE:
        subject = tx.subjects.get(attempt.subject_sid)
        if isinstance(subject, CallerId):
            caller_ids.call_is_over(tx, subject, now)


def _told(attempt: Attempt, status: str, now: float) -> Attempt:
    if status == "ringing":
        attempt = replace(attempt, rang_at=attempt.rang_at or now)
    if status == "in-progress":
        attempt = replace(attempt, answered_at=attempt.answered_at or now)
    if attempt.carrier_status is None or _RANK[status] > _RANK[attempt.carrier_status]:
        attempt = replace(attempt, carrier_status=status)
    return attempt


def conclude(
    tx: Transaction, attempt: Attempt, outcome: Outcome, now: float, reason: str | None = None
) -> Attempt:
    """Write down how an attempt ended and tell whatever it was made for.

    A call stays on the line until the carrier reports its end. ``reason``: in place of REASONS.
    """
    if attempt.outcome is outcome:
        tx.attempts.save(attempt)
        return attempt
    ended = replace(attempt, outcome=outcome)
    if attempt.state is State.READY or outcome in _OFF_THE_LINE:
        ended = replace(ended, state=State.DONE, finished_at=now, due_at=None)
    tx.attempts.save(ended)
    _note(tx, attempt, "call ended", outcome, now)
    if outcome is Outcome.DECLINED:  # whatever has become of the order
        tx.suppressions.add(attempt.number, now + DECLINED_SECONDS)
    subject = tx.subjects.get(attempt.subject_sid)
    # What a person has decided counts also when the next call has been asked for already.
    if subject and not subject.deleted_at and (outcome in _DECIDED or _is_latest(tx, attempt)):
        if isinstance(subject, CallerId):
            verified, final = outcome is Outcome.VERIFIED, outcome not in REPORTED
            caller_ids.hear(tx, subject, verified, final, now)
        else:
            _tell(tx, subject, ended, reason or REASONS.get(outcome, ""), now)
    return ended


def let_code_die(tx: Transaction, order: Order, now: float) -> None:
    """Forget a code whose time is over; an order that waited for nothing else goes on."""
    if order.code_expires_at is None or order.code_expires_at > now:
        tx.orders.save(replace(order, due_at=order.code_expires_at))
        return
    dead = replace(order, code=None, code_expires_at=None, due_at=None)
    waiting = dead.status is Status.PENDING_VERIFICATION and dead.verification_attempts >= ATTEMPTS
    if waiting and all(call.outcome for call in tx.attempts.of_subject(dead.sid)):
        orders.move(tx, dead, Status.ACTION_REQUIRED, Mover.LINEPROOF, now, ATTEMPTS_USED)
    else:
        tx.orders.save(dead)


def drop(tx: Transaction, attempt: Attempt, now: float) -> None:
    """End an attempt that is not wanted any more: its call is hung up if there is one."""
    if attempt.state is not State.DONE:
        on_the_line = attempt.state is not State.READY
        conclude(tx, replace(attempt, hang_up=on_the_line, due_at=now), Outcome.CANCELED, now)


def _tell(tx: Transaction, order: Order, attempt: Attempt, reason: str, now: float) -> None:
    outcome = attempt.outcome
    if outcome in _DECIDED:
        calls = tx.attempts.of_subject(order.sid)
        others = [call for call in calls if call.id != attempt.id and call.outcome is None]
        for other in others:
            drop(tx, other, now)
        order = (tx.orders.get(order.sid) if others else None) or order
    if outcome is Outcome.VERIFIED:
        order = replace(order, code=None, code_expires_at=None, due_at=None)
        orders.move(tx, order, Status.VERIFIED, Mover.PERSON, now)
        return
    if outcome is Outcome.LOST or attempt.dialled_at is None:
        left = order.verification_attempts - 1
        order = replace(order, verification_attempts=left, updated_at=now)
        reason += " It does not count as an attempt."
        tx.orders.save(order)  # whatever the order waits for by now
    if order.status is not Status.PENDING_VERIFICATION:
        return
    if outcome is Outcome.SPOKEN:
        tx.orders.save(replace(order, failure_reason=None, updated_at=now))
        return
    used_up = order.verification_attempts >= ATTEMPTS
    if outcome in _FINAL or used_up:
        final = reason if outcome in _FINAL else ATTEMPTS_USED
        if outcome not in _CODE_LIVES:  # keys may still be on their way: the code dies in its time
            order = replace(order, code=None, code_expires_at=None, due_at=None)
        orders.move(tx, order, Status.ACTION_REQUIRED, Mover.LINEPROOF, now, final)
        return
    left = ATTEMPTS - order.verification_attempts
    reason += f" {left} of {ATTEMPTS} attempts are left."
    tx.orders.save(replace(order, failure_reason=reason, updated_at=now))


def _reported_outcome(attempt: Attempt) -> Outcome:
    outcome = ENDINGS[attempt.carrier_status or ""]
    if outcome is not Outcome.HUNG_UP:
        return outcome
    # Who lets a whole prompt pass without a key is most likely a recorder: a person who does not
    # want to go on hangs up sooner.
    deaf = attempt.stage is Stage.CONSENT and attempt.prompts > 1
    if attempt.machine or deaf:
        return Outcome.VOICEMAIL
    return Outcome.HUNG_UP if attempt.stage else Outcome.FAILED


def _is_latest(tx: Transaction, attempt: Attempt) -> bool:
    return tx.attempts.of_subject(attempt.subject_sid)[-1].id == attempt.id


def _note(tx: Transaction, attempt: Attempt, event: str, detail: str, now: float) -> None:
    tx.audit.append(now, Mover.LINEPROOF, attempt.account_sid, attempt.subject_sid, event, detail)
