"""Ninety days, then gone: what is personal in each table, and from when its days count.

The FAQ promises that personal data is gone after 90 days. Rows are erased DATABASE_DAYS after their
purpose has ended, and a backup is deleted BACKUP_DAYS after it was made: what a backup took on a
row's last day is gone on the 89th (facts of reliability, section 4.11). What is in use stays for as
long as it is: a number in use, its order, its letter, its address.

Rows are erased as a whole, so that no column can be forgotten. In the place of what customers know
by its SID stays a trace: SID, dates, final status and a keyed pseudonym of the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from verification.codes import Keyring
from verification.orders import Audit
from verification.statuses import Mover

DAY = 86_400.0
PROMISE_DAYS = 90
BACKUP_DAYS = 30
DATABASE_DAYS = PROMISE_DAYS - BACKUP_DAYS - 1
SLICE = 500  # rows of one transaction: others wait for no more than these
# What is due is erased each hour. Three rounds that failed are told, while the promise still has
# most of its spare day.
LATE_SECONDS = 3 * 3600.0

TRAIL = "retention"  # the object that the audit trail names


class Kind(StrEnum):
    """What is erased together, in the order in which it is erased."""

    NUMBER = "number"
    ORDER = "order"
    CALLER_ID = "caller-id"
    DOCUMENT = "document"
    ADDRESS = "address"
    PHONE_BILL = "phone-bill"
    BULK = "bulk-request"
    ELIGIBILITY = "eligibility-request"
    CALLBACK = "callback"
    MAIL = "mail"
    ACCOUNT = "account"
    ANSWER = "answer"
    SUPPRESSION = "suppression"
    SESSION = "session"


class Rule(NamedTuple):
    """From when the days of a kind count, and how many they are; None: the whole DATABASE_DAYS."""

    counts_from: str
    days: int | None = None


RULES = {
    Kind.NUMBER: Rule("it was gone (three days after its release), or its order or port ended"),
    Kind.ORDER: Rule("it failed, was taken back, or its number was gone; with all its calls"),
    Kind.CALLER_ID: Rule("it was deleted, or its verification failed; with its call"),
    Kind.DOCUMENT: Rule("it was canceled or failed; a signed one goes with its last order"),
    Kind.ADDRESS: Rule("it was changed last, unless an order, number or letter still has it"),
    Kind.PHONE_BILL: Rule("it was accepted or refused, or uploaded for no order"),
    Kind.BULK: Rule("all its orders were looked at"),
    Kind.ELIGIBILITY: Rule("it was asked"),
    Kind.CALLBACK: Rule("it was written; the last one about an order goes with the order"),
    Kind.MAIL: Rule("it was written; also its .eml file"),
    Kind.ACCOUNT: Rule("it was closed and nothing above is left of it: its name, tokens and keys"),
    Kind.ANSWER: Rule("it was given to a request with an Idempotency-Key", 1),
    Kind.SUPPRESSION: Rule("its 30 days are over", 0),
    Kind.SESSION: Rule("it expired; also counts of rates", 0),
}
"""The one table of retention; the documents and ``lineproof retention report`` print it."""

# These leave a trace.
TRACED = frozenset({Kind.NUMBER, Kind.ORDER, Kind.CALLER_ID, Kind.DOCUMENT, Kind.PHONE_BILL})


class Held(NamedTuple):
    """One table: its kind (None: nothing in it is erased), and its columns, by what they hold."""

    kind: Kind | None
    personal: str
    other: str

    @property
    def columns(self) -> list[str]:
        """All of them."""
        return [*self.personal.split(), *self.other.split()]


# Personal is what names a person or line, what leads to one, and free text that customers write.
# tests/verification/test_retention.py holds that every column of every table stands here.
TABLES = {
    "orders": Held(
        Kind.ORDER,
        "phone_number friendly_name unique_name email cc_emails contact_title"
        " contact_phone_number failure_reason extension code sms_url sms_fallback_url"
        " status_callback_url",
        "sid account_sid status created_at updated_at incoming_phone_number_sid sms_method"
        " sms_fallback_method sms_application_sid status_callback_method address_sid"
        " signing_document_sid verification_type verification_document_sid call_delay language"
        " verification_attempts code_expires_at code_tries due_at deleted_at"
        " bulk_hosting_request_sid code_entry verified_at",
    ),
    "attempts": Held(
        Kind.ORDER,
        "number business extension challenge caller error",
        "id subject_sid ordinal account_sid state requested_at due_at language outcome call_sid"
        " dialled_at rang_at answered_at finished_at carrier_status machine hang_up stage step"
        " prompts wrong_keys code_tries error_code",
    ),
    "replies": Held(Kind.ORDER, "keys", "attempt_id step say note next_step said_at"),
    "registrations": Held(
        Kind.ORDER,
        "phone_number reference",
        "order_sid stage begun_at due_at accepted_at message_sid",
    ),
    "owner_links": Held(
        Kind.ORDER, "zone", "order_sid account_sid number made_at expires_at closed call_at trouble"
    ),
    "phone_numbers": Held(
        Kind.NUMBER,
        "phone_number friendly_name sms_url sms_fallback_url status_callback voice_url"
        " voice_fallback_url",
        "sid account_sid order_sid origin status voice created_at updated_at sms_method"
        " sms_fallback_method sms_application_sid status_callback_method voice_method"
        " voice_fallback_method voice_application_sid voice_caller_id_lookup voice_receive_mode"
        " trunk_sid address_sid identity_sid bundle_sid emergency_status emergency_address_sid"
        " messaging_service_sid attached_at due_at",
    ),
    "caller_ids": Held(
        Kind.CALLER_ID,
        "phone_number friendly_name extension status_callback_url code",
        "sid account_sid status created_at updated_at call_delay language status_callback_method"
        " code_expires_at code_tries due_at deleted_at",
    ),
    "outbox": Held(
        Kind.CALLBACK,
        "endpoint url fields answer",
        "id account_sid object_sid event method created_at due_at sequence tries state answered_at",
    ),
    "endpoints": Held(
        Kind.CALLBACK, "name", "due_at free_at served_at failures failing_since proven"
    ),
    "mails": Held(
        Kind.MAIL,
        "recipient failure",
        "id account_sid object_sid kind occasion language created_at due_at tries sent_at",
    ),
    "documents": Held(
        Kind.DOCUMENT,
        "email contact_phone_number cc_emails contact_title first_name last_name business_name"
        " failure_reason",
        "sid account_sid created_at updated_at status address_sid language sendings signed_at"
        " due_at",
    ),
    "letters": Held(Kind.DOCUMENT, "content pdf", "document_sid created_at"),
    "addresses": Held(
        Kind.ADDRESS,
        "customer_name street city region postal_code street_secondary friendly_name",
        "sid account_sid created_at updated_at iso_country emergency_enabled",
    ),
    "phone_bills": Held(
        Kind.PHONE_BILL,
        "reason",
        "sid account_sid created_at updated_at media_type size status",
    ),
    "document_contents": Held(Kind.PHONE_BILL, "sealed", "document_sid"),
    "bulk_orders": Held(
        Kind.BULK,
        "friendly_name notification_email",
        "sid account_sid created_at total_count completed_at due_at",
    ),
    "eligibility_requests": Held(
        Kind.ELIGIBILITY, "friendly_name", "sid account_sid created_at completed_at due_at"
    ),
    "eligibility_numbers": Held(
        Kind.ELIGIBILITY,
        "phone_number line_type carrier",
        "request_sid ordinal hosting_account_sid sub_status reason next_step order_sid order_status"
        " checked_at",
    ),
    "accounts": Held(
        Kind.ACCOUNT,
        "name auth_token secondary_token",
        "sid status created_at owner_sid test updated_at",
    ),
    "api_keys": Held(Kind.ACCOUNT, "name secret", "sid account_sid created_at"),
    "callback_secrets": Held(Kind.ACCOUNT, "secret previous", "account_sid changed_at"),
    "answers": Held(
        Kind.ANSWER,
        "body",
        "id account_sid request claim created_at leased_until changed status media_type",
    ),
    "counts": Held(Kind.SESSION, "subject", "name begins_at used earlier forget_at"),
    "suppressions": Held(Kind.SUPPRESSION, "number", "until"),
    "operator_links": Held(Kind.SESSION, "key", "operator_sid expires_at"),
    "operator_sessions": Held(Kind.SESSION, "key", "operator_sid expires_at"),
    # An operator is in use until ``lineproof operator remove``, which erases him at once.
    "operators": Held(None, "name", "sid role created_at"),
    "dialling": Held(None, "reason", "one stopped since actor"),
    "proof_keys": Held(None, "", "kid public private created_at retired_at"),
    "audit": Held(
        None, "", "seq at actor account_sid object_sid event detail previous hash credential"
    ),
    "pace": Held(None, "", "one next_at"),
    "remains": Held(
        None, "", "sid kind account_sid pseudonym created_at ended_at status erased_at"
    ),
    "retention": Held(None, "", "one purged_at rewritten_at backup_until"),
}


class Row(NamedTuple):
    """One thing whose time has come. ``number``: the line it is about, if it is about one."""

    sid: str
    account_sid: str
    number: str | None
    created_at: float
    ended_at: float
    status: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What stays of what was erased. Times in Unix seconds."""

    sid: str
    kind: Kind
    account_sid: str
    pseudonym: str | None
    created_at: float
    ended_at: float
    status: str
    erased_at: float


class Count(NamedTuple):
    """How much of a kind is held; how much of it is in use no more, the first since ``oldest``."""

    held: int
    ended: int
    oldest: float | None


class Progress(NamedTuple):
    """When everything due was last erased, when the database was last written anew.

    ``backup_until``: this is a backup, to be deleted by then. All in Unix seconds.
    """

    purged_at: float
    rewritten_at: float
    backup_until: float | None


class Retention(Protocol):
    """What is erased, and what stays, in one transaction."""

    def due(self, kind: Kind, before: float, limit: int) -> list[Row]:
        """Some of what ended before a time."""
        ...

    def remove(self, kind: Kind, sids: Sequence[str]) -> None:
        """Erase what was found due in this transaction, with all that belongs to it."""
        ...

    def leave(self, traces: Sequence[Trace]) -> None: ...
    def count(self, kind: Kind) -> Count: ...
    def progress(self) -> Progress: ...
    def note_progress(self, progress: Progress) -> None: ...
    def overdue(self, kind: Kind, before: float) -> int:
        """How much of a kind is held that ended before a time."""
        ...


class Transaction(Protocol):
    """What erasing needs of a transaction."""

    @property
    def retention(self) -> Retention: ...
    @property
    def audit(self) -> Audit: ...


class Keeping(NamedTuple):
    """Whether the promise is kept: ``purged_at`` (Unix seconds; 0: never), everything that was due
    was erased. ``overdue``: what should have been erased, and was not, LATE_SECONDS ago, by kind.
    """

    purged_at: float
    overdue: Mapping[Kind, int]


class Standing(NamedTuple):
    """How a kind stands; ``next_at``: when the next of it is erased, None while all is in use."""

    kind: Kind
    held: int
    in_use: int
    next_at: float | None


def seconds(kind: Kind, keep: float) -> float:
    """For how long a kind is kept after its end; ``keep`` in seconds is the setting."""
    days = RULES[kind].days
    return keep if days is None else days * DAY


def is_late(purged_at: float, now: float) -> bool:
    """Whether nothing has been erased for so long that a worker must be missing."""
    return now - purged_at > LATE_SECONDS


def keeping(tx: Transaction, keep: float, now: float, trusting: bool = False) -> Keeping:
    """Whether the promise is kept; ``keep`` in seconds. It reads every row that may be erased.

    ``trusting``: a round that ended lately is taken at its word, which reads none.
    """
    purged_at = tx.retention.progress().purged_at
    looks = not trusting or is_late(purged_at, now)
    overdue = {
        kind: tx.retention.overdue(kind, now - LATE_SECONDS - seconds(kind, keep)) if looks else 0
        for kind in Kind
    }
    return Keeping(purged_at, overdue)


def purge(tx: Transaction, keyring: Keyring, kind: Kind, keep: float, now: float) -> int:
    """Erase one slice of what is due of a kind; gives how much it was, 0: nothing is left."""
    rows = tx.retention.due(kind, now - seconds(kind, keep), SLICE)
    if rows:
        erase(tx, keyring, kind, rows, now)
        tx.audit.append(now, Mover.LINEPROOF, "", TRAIL, "erased", f"{kind}: {len(rows)}")
    return len(rows)


def erase(tx: Transaction, keyring: Keyring, kind: Kind, rows: Sequence[Row], now: float) -> None:
    """Erase rows that were read in this transaction; what leaves a trace leaves it."""
    tx.retention.remove(kind, [row.sid for row in rows])
    if kind in TRACED:
        tx.retention.leave([_trace(keyring, kind, row, now) for row in rows])


def report(tx: Transaction, keep: float) -> Iterator[Standing]:
    """What is held, kind by kind, and until when; ``keep`` in seconds."""
    for kind in Kind:
        held, ended, oldest = tx.retention.count(kind)
        next_at = None if oldest is None else oldest + seconds(kind, keep)
        yield Standing(kind, held, held - ended, next_at)


def _trace(keyring: Keyring, kind: Kind, row: Row, now: float) -> Trace:
    pseudonym = keyring.pseudonym(row.number) if row.number else None
    dates = (row.created_at, row.ended_at)
    return Trace(row.sid, kind, row.account_sid, pseudonym, *dates, row.status, now)
