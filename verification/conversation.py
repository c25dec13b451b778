"""What is asked of whoever answers an ownership call, and what his keys mean.

First the person: who asks and what for, then a random key that only somebody who listens can know
and that is none of the code's (a voicemail greeting that plays the code's tones never presses it).
Then the code. ``*`` refuses. Each request of a call has its step; a step that is asked again gets
the answer that it got before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Protocol

from verification import accounts, attempts, codes
from verification.attempts import REPORTED, Attempt, Outcome, Stage, State, Subject
from verification.codes import CODE_DIGITS, Keyring
from verification.orders import Order
from verification.statuses import Mover

PROMPTS = 4  # of each kind in one call (Twilio: prompts four times, then hangs up)
WRONG_KEYS = 2  # then nobody is listening who understands the question
WRONG_CODES_PER_CALL = 3
WRONG_CODES_PER_CODE = 5
LATE_SECONDS = 60.0  # keys that were pressed before the end of the call was reported still count

_DIGITS = frozenset("0123456789")


class Say(StrEnum):
    """What the call says next; script.py has the words."""

    ASK_CONSENT = "ask-consent"
    ASK_CODE = "ask-code"
    SPEAK_CODE = "speak-code"
    GOODBYE = "goodbye"
    HANG_UP = "hang-up"


class Note(StrEnum):
    """What is said before it about what came before."""

    NONE = ""
    NOT_HEARD = "not-heard"
    WRONG_KEY = "wrong-key"
    WRONG_CODE = "wrong-code"
    VERIFIED = "verified"
    DECLINED = "declined"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the call does next.

    ``step``: the number of the request that will answer it. ``keys``: the keys that give consent.
    ``code``: the one to be spoken; it is not kept with the reply.
    """

    say: Say
    note: Note = Note.NONE
    step: int = 0
    keys: str = ""
    code: str = ""


HANG_UP = Reply(Say.HANG_UP)


class Call(NamedTuple):
    """The call that speaks with us: the carrier's SID and the number that was called."""

    sid: str
    number: str


class Replies(Protocol):
    """The replies that each step of a call was given."""

    def get(self, attempt_id: str, step: int) -> Reply | None: ...
    def insert(self, attempt_id: str, step: int, reply: Reply, now: float) -> None: ...


class Transaction(attempts.Transaction, Protocol):
    """What a conversation needs of a transaction."""

    @property
    def replies(self) -> Replies: ...
    @property
    def accounts(self) -> accounts.Accounts: ...


def begin(
    tx: Transaction,
    keyring: Keyring,
    attempt_id: str,
    call: Call,
    challenge_digits: int,
    now: float,
) -> tuple[Attempt | None, Reply]:
    """The call was answered: what it says first.

    This is the fence: only the one call of a live attempt speaks; every other one hangs up.
    ``challenge_digits`` 0: the code is asked for at once, as Twilio does.
    """
    attempt = tx.attempts.get(attempt_id)
    if attempt is None or attempt.number != call.number:
        return attempt, HANG_UP
    if _another_call(tx, attempt, call.sid, now):
        return attempt, HANG_UP
    said = tx.replies.get(attempt_id, 0)
    if said:
        return attempt, _again(tx, keyring, attempt, said, now)
    attempt = attempts.adopt(tx, attempt, call.sid, now)
    if attempt is None or attempt.state is State.DONE or attempt.outcome:
        return attempt, HANG_UP
    subject = tx.subjects.get(attempt.subject_sid)
    if subject is None or not _is_active(tx, attempt):
        return attempt, HANG_UP
    attempt = replace(
        attempt,
        state=State.LIVE,
        answered_at=attempt.answered_at or now,
        challenge=_challenge(keyring, subject, challenge_digits),
    )
    turn = _Turn(tx, keyring, attempt, subject, 0, "", now)
    return turn.ask(attempt, Note.NONE) if attempt.challenge else _go_on_to_code(turn)


def answer(
    tx: Transaction,
    keyring: Keyring,
    attempt_id: str,
    call_sid: str,
    step: int,
    keys: str,
    now: float,
) -> tuple[Attempt | None, Reply]:
    """The person's keys for one step (empty: he pressed nothing): what the call says next."""
    attempt = tx.attempts.get(attempt_id)
    if attempt is None or attempt.call_sid != call_sid:
        return attempt, HANG_UP
    said = tx.replies.get(attempt_id, step)
    if said:
        return attempt, _again(tx, keyring, attempt, said, now)
    if step != attempt.step:
        return attempt, HANG_UP
    if "*" in keys and _is_recent(attempt, now):  # also when the order is gone meanwhile
        return _end(tx, attempt, step, Outcome.DECLINED, Note.DECLINED, now)
    subject = tx.subjects.get(attempt.subject_sid)
    if subject is None or subject.deleted_at is not None or not _may_answer(attempt, now):
        return attempt, HANG_UP
    if not _is_active(tx, attempt):
        return attempt, HANG_UP
    turn = _Turn(tx, keyring, attempt, subject, step, keys, now)
    return _hear_consent(turn) if attempt.stage is Stage.CONSENT else _hear_code(turn)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One answer of the person, and what it is measured by."""

    tx: Transaction
    keyring: Keyring
    attempt: Attempt
    subject: Subject
    step: int
    keys: str
    now: float

    def ask(self, attempt: Attempt, note: Note) -> tuple[Attempt, Reply]:
        """Ask (again), with a word about what came."""
        return _ask(self.tx, attempt, self.step, note, self.now)

    def end(self, attempt: Attempt, outcome: Outcome, note: Note) -> tuple[Attempt, Reply]:
        """Say goodbye."""
        return _end(self.tx, attempt, self.step, outcome, note, self.now)


def _hear_consent(turn: _Turn) -> tuple[Attempt, Reply]:
    attempt, keys = turn.attempt, turn.keys
    if keys and codes.same(keys, attempt.challenge):
        turn.tx.audit.append(
            turn.now, Mover.PERSON, attempt.account_sid, attempt.subject_sid, "consent given"
        )
        return _go_on_to_code(turn)
    wrong_keys = attempt.wrong_keys + bool(keys)
    attempt = replace(attempt, wrong_keys=wrong_keys)
    if wrong_keys >= WRONG_KEYS or attempt.prompts >= PROMPTS:
        return turn.end(attempt, Outcome.VOICEMAIL, Note.FAILED)
    if not keys:
        return turn.ask(attempt, Note.NOT_HEARD)
    # A slip of the finger gets a second question, but one that is harder to guess.
    harder = _challenge(turn.keyring, turn.subject, len(attempt.challenge) + 1)
    return turn.ask(replace(attempt, challenge=harder), Note.WRONG_KEY)


def _go_on_to_code(turn: _Turn) -> tuple[Attempt, Reply]:
    """Ask for the code, or speak it where it is entered in the API."""
    attempt = replace(turn.attempt, stage=Stage.CODE, prompts=0)
    if not isinstance(turn.subject, Order) or turn.subject.code_entry == "phone":
        return turn.ask(attempt, Note.NONE)
    code = _live_code(turn.keyring, turn.subject, turn.now)
    if not code:
        return turn.end(attempt, Outcome.EXPIRED, Note.EXPIRED)
    reply = Reply(Say.SPEAK_CODE, step=turn.step + 1)
    spoken = replace(attempt, step=turn.step + 1)
    spoken = attempts.conclude(turn.tx, spoken, Outcome.SPOKEN, turn.now)
    turn.tx.replies.insert(attempt.id, turn.step, reply, turn.now)
    return spoken, replace(reply, code=code)


def _again(tx: Transaction, keyring: Keyring, attempt: Attempt, said: Reply, now: float) -> Reply:
    """A reply that is asked for once more; a code that has died meanwhile is not spoken again."""
    if said.say is not Say.SPEAK_CODE:
        return said
    subject = tx.subjects.get(attempt.subject_sid)
    code = _live_code(keyring, subject, now) if subject else ""
    return replace(said, code=code) if code else HANG_UP


def _live_code(keyring: Keyring, subject: Subject, now: float) -> str:
    if subject.code is None or (subject.code_expires_at or 0) <= now:
        return ""
    return keyring.open(subject.code, subject.sid)


def _challenge(keyring: Keyring, subject: Subject, digits: int) -> str:
    code = keyring.open(subject.code, subject.sid) if subject.code else ""
    return codes.new_challenge(digits, code)


def _hear_code(turn: _Turn) -> tuple[Attempt, Reply]:
    tx, attempt, subject = turn.tx, turn.attempt, turn.subject
    code = _live_code(turn.keyring, subject, turn.now)
    if not code:
        return turn.end(attempt, Outcome.EXPIRED, Note.EXPIRED)
    if not turn.keys:
        if attempt.prompts >= PROMPTS:
            return turn.end(attempt, Outcome.NO_CODE, Note.FAILED)
        return turn.ask(attempt, Note.NOT_HEARD)
    # The try is counted, by one statement and within the limits, before the code is looked at.
    counted = tx.attempts.count_try(attempt.id, WRONG_CODES_PER_CALL, WRONG_CODES_PER_CODE)
    if counted and _is_code(turn.keys, code):
        return turn.end(counted, Outcome.VERIFIED, Note.VERIFIED)
    over = counted is None or counted.code_tries >= WRONG_CODES_PER_CALL
    if _spend(tx, subject.sid) or over or attempt.prompts >= PROMPTS:
        return turn.end(counted or attempt, Outcome.WRONG_CODE, Note.FAILED)
    return turn.ask(counted or attempt, Note.WRONG_CODE)


def _is_code(keys: str, code: str) -> bool:
    return len(keys) == CODE_DIGITS and _DIGITS.issuperset(keys) and codes.same(keys, code)


def _spend(tx: Transaction, subject_sid: str) -> bool:
    """Whether the code has seen all its wrong tries; it is dead then."""
    subject = tx.subjects.get(subject_sid)
    if subject is None or subject.code_tries < WRONG_CODES_PER_CODE:
        return False
    tx.subjects.save(replace(subject, code=None, code_expires_at=None, due_at=None))
    return True


def _ask(
    tx: Transaction, attempt: Attempt, step: int, note: Note, now: float
) -> tuple[Attempt, Reply]:
    stage = attempt.stage or (Stage.CONSENT if attempt.challenge else Stage.CODE)
    say = Say.ASK_CONSENT if stage is Stage.CONSENT else Say.ASK_CODE
    reply = Reply(say, note, step + 1, attempt.challenge)
    asked = replace(attempt, stage=stage, step=step + 1, prompts=attempt.prompts + 1)
    tx.attempts.save(asked)
    tx.replies.insert(attempt.id, step, reply, now)
    return asked, reply


def _end(
    tx: Transaction, attempt: Attempt, step: int, outcome: Outcome, note: Note, now: float
) -> tuple[Attempt, Reply]:
    reply = Reply(Say.GOODBYE, note, step + 1)
    ended = attempts.conclude(tx, replace(attempt, step=step + 1), outcome, now)
    tx.replies.insert(attempt.id, step, reply, now)
    return ended, reply


def _is_active(tx: Transaction, attempt: Attempt) -> bool:
    """Whether the account may still ask anything of anybody."""
    account = tx.accounts.get(attempt.account_sid)
    return account is not None and accounts.is_active(tx, account)


def _may_answer(attempt: Attempt, now: float) -> bool:
    undecided = attempt.outcome is None or attempt.outcome in REPORTED
    return undecided and _is_recent(attempt, now)


def _is_recent(attempt: Attempt, now: float) -> bool:
    return now - (attempt.finished_at or now) <= LATE_SECONDS


def _another_call(tx: Transaction, attempt: Attempt, call_sid: str, now: float) -> bool:
    if attempt.call_sid is None or attempt.call_sid == call_sid:
        return False
    tx.audit.append(
        now, Mover.LINEPROOF, attempt.account_sid, attempt.subject_sid, "double call", call_sid
    )
    return True
