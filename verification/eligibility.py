"""May a number be hosted, and if not, why: the question that an order answers, without an order.

The values are those that Twilio documents for the Eligibility resource, as its examples spell them.
Those that speak of its own inventory and of its support's manual work cannot occur here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from verification import accounts, fictional, ordering, sids
from verification.accounts import Account
from verification.numbers import ForeignNumber, Line, LineType, MalformedNumber, UnfitNumber
from verification.ordering import Policy
from verification.orders import Audit, Order
from verification.statuses import Mover, Status

MOST_NUMBERS = 1000  # Twilio's bound of one request


class Verdict(NamedTuple):
    """The answer in Twilio's words: sub-status, reason, and what to do next."""

    sub_status: str
    reason: str
    next_step: str

    @property
    def eligible(self) -> bool:
        """Whether an order would be taken now."""
        return self.sub_status == "ELIGIBLE"


ELIGIBLE = Verdict("ELIGIBLE", "ELIGIBLE_FOR_HOSTING", "CREATE_HOSTED_NUMBER_ORDER")
UNKNOWN_ACCOUNT = Verdict(
    "INVALID_HOSTING_ACCOUNT_SID",
    "HOSTING_ACCOUNT_SID_DOES_NOT_EXIST",
    "UPDATE_HOSTING_ACCOUNT_SID",
)
FOREIGN_ACCOUNT = Verdict(
    "INVALID_HOSTING_ACCOUNT_SID",
    "HOSTING_ACCOUNT_SID_DOES_NOT_BELONG_TO_YOUR_ACCOUNT",
    "UPDATE_HOSTING_ACCOUNT_SID",
)
MALFORMED = Verdict(
    "NUMBER_FORMAT_INELIGIBLE", "NUMBER_FORMAT_INELIGIBLE", "EDIT_INELIGIBLE_NUMBER"
)
INVALID = Verdict("INVALID_PHONE_NUMBER", "INVALID_PHONE_NUMBER", "EDIT_INELIGIBLE_NUMBER")
FOREIGN_COUNTRY = Verdict("COUNTRY_INELIGIBLE", "COUNTRY_NOT_SUPPORTED", "NONE")
IN_PROCESS = Verdict(
    "ALREADY_IN_TWILIO", "ALREADY_IN_TWILIO_AND_IN_HOSTING_PROCESS", "MANAGE_HOSTING_ORDER"
)
HOSTED = Verdict("ALREADY_IN_TWILIO", "ALREADY_HOSTED_IN_TWILIO", "MANAGE_HOSTING_ORDER")
HOSTED_ELSEWHERE = Verdict(
    "ALREADY_IN_TWILIO",
    "ALREADY_IN_TWILIO_OWNED_BY_OTHER_ACCOUNT",
    "CONTACT_SUPPORT_INTERNAL_TRANSFER",
)
NOT_KNOWN_NOW = Verdict(
    "INTERNAL_PROCESSING_ERROR", "INTERNAL_PROCESSING_ERROR", "RETRY_THE_ELIGIBILITY_CHECK"
)
WRONG_TYPE = Verdict(
    "NUMBER_TYPE_INELIGIBLE", "NUMBER_TYPE_INELIGIBLE", "NUMBER_TYPE_CANNOT_BE_HOSTED"
)
WRONG_CARRIER = Verdict(
    "CARRIER_INELIGIBLE",
    "NUMBERS_PROVIDER_DOES_NOT_ALLOW_TWILIO_TO_HOST_IT",
    "CONTACT_SUPPORT_INELIGIBLE_CARRIER",
)
NO_PROVIDER = Verdict(
    "CARRIER_INELIGIBLE", "MISSING_PROVIDER_DATA", "CONTACT_SUPPORT_MISSING_PROVIDER_DATA"
)

# What ``ordering.why_not`` says of a line.
_OF_LINES = {
    None: ELIGIBLE,
    ordering.MOBILE: WRONG_TYPE,
    ordering.VOIP: WRONG_TYPE,
    ordering.OTHER_TYPE: WRONG_TYPE,
    ordering.ALREADY_ENABLED: WRONG_CARRIER,
    ordering.NO_CARRIER_INFORMATION: NO_PROVIDER,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request for many numbers. Times in Unix seconds; ``due_at``: when the worker goes on."""

    sid: str
    account_sid: str
    created_at: float
    friendly_name: str
    completed_at: float | None = None
    due_at: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one number; ``verdict`` is None until it has been looked at.

    ``hosting_account_sid``: for whom it is asked. ``order_sid``: the order that stands in the way.
    """

    phone_number: str
    hosting_account_sid: str
    sub_status: str | None = None
    reason: str | None = None
    next_step: str | None = None
    line_type: LineType | None = None
    carrier: str | None = None
    order_sid: str | None = None
    order_status: Status | None = None
    checked_at: float | None = None

    @property
    def verdict(self) -> Verdict | None:
        """Whether it can be hosted."""
        if self.sub_status is None or self.reason is None or self.next_step is None:
            return None
        return Verdict(self.sub_status, self.reason, self.next_step)


class Requests(Protocol):
    """The requests of one transaction, their numbers by their ordinals."""

    def insert(self, request: Request, asked: Sequence[Answer]) -> None: ...
    def get(self, sid: str) -> Request | None: ...
    def save(self, request: Request) -> None: ...
    def answer(self, sid: str, ordinal: int, answer: Answer) -> None: ...
    def any_open(self, sid: str) -> bool: ...
    def hosted(self, phone_number: str) -> str | None: ...


class Orders(Protocol):
    """The orders of one transaction."""

    def open_for(self, account_sid: str, phone_number: str) -> Order | None: ...


class Transaction(accounts.Reading, Protocol):
    """What the question needs of a transaction."""

    @property
    def orders(self) -> Orders: ...
    @property
    def eligibility(self) -> Requests: ...
    @property
    def audit(self) -> Audit: ...


def before_look_up(tx: Transaction, asker: Account, asked: Answer) -> Answer:
    """What is known of a number before the directory is asked; its verdict is None if nothing is.

    A number that somebody else has hosted is said to be so, and not by whom.
    """
    verdict = _of_form(asked.phone_number, asker.test) or _of_account(
        tx, asker, asked.hosting_account_sid
    )
    if verdict:
        return _with(asked, verdict)
    order = tx.orders.open_for(asked.hosting_account_sid, asked.phone_number)
    if order:
        known = replace(asked, order_sid=order.sid, order_status=order.status)
        return _with(known, HOSTED if order.status is Status.COMPLETED else IN_PROCESS)
    if tx.eligibility.hosted(asked.phone_number):
        return _with(asked, HOSTED_ELSEWHERE)
    return asked


def after_look_up(asked: Answer, line: Line | None, policy: Policy) -> Answer:
    """The answer by what the directory says; ``line`` None: it could not be asked."""
    if line is None:
        return _with(asked, NOT_KNOWN_NOW)
    known = replace(asked, line_type=line.type, carrier=line.carrier)
    return _with(known, _OF_LINES[ordering.why_not(asked.phone_number, line, policy)])


def create(
    tx: Transaction, account_sid: str, friendly_name: str, asked: Sequence[Answer], now: float
) -> Request:
    """Keep a request for many numbers; the worker answers it."""
    request = Request(sids.new(sids.ELIGIBILITY), account_sid, now, friendly_name, due_at=now)
    tx.eligibility.insert(request, asked)
    count = f"{len(asked)} numbers"
    tx.audit.append(now, Mover.CUSTOMER, account_sid, request.sid, "eligibility asked", count)
    return request


def record(tx: Transaction, sid: str, answers: dict[int, Answer], now: float) -> None:
    """Keep answers by their ordinals, and let the worker go on with what is left."""
    for ordinal, answer in answers.items():
        tx.eligibility.answer(sid, ordinal, replace(answer, checked_at=now))
    request = tx.eligibility.get(sid)
    if request is None or request.completed_at is not None:
        return
    if tx.eligibility.any_open(sid):
        tx.eligibility.save(replace(request, due_at=now))
    else:
        tx.eligibility.save(replace(request, due_at=None, completed_at=now))
        tx.audit.append(now, Mover.LINEPROOF, request.account_sid, sid, "eligibility answered")


def _of_account(tx: Transaction, asker: Account, hosting_sid: str) -> Verdict | None:
    if hosting_sid == asker.sid:
        return None
    hosting = tx.accounts.get(hosting_sid)
    if hosting is None:
        return UNKNOWN_ACCOUNT
    if hosting.owner_sid != asker.sid:
        return FOREIGN_ACCOUNT
    return None if accounts.is_active(tx, hosting) else UNKNOWN_ACCOUNT


def _of_form(phone_number: str, test: bool) -> Verdict | None:
    try:
        fictional.check(phone_number, test)
    except MalformedNumber:
        return MALFORMED
    except ForeignNumber:
        return FOREIGN_COUNTRY
    except UnfitNumber:
        return INVALID
    return None


def _with(asked: Answer, verdict: Verdict) -> Answer:
    return replace(
        asked, sub_status=verdict.sub_status, reason=verdict.reason, next_step=verdict.next_step
    )
