"""Twilio's Numbers v1 ``/v1/HostedNumber/Eligibility``: one number at once, many by the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Protocol

from pydantic import Field, model_validator

from verification import eligibility, numbers, ordering, sids
from verification.api import parameters
from verification.api.bodies import Json
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.shapes import IsoDate, Shape, Url
from verification.eligibility import MOST_NUMBERS, Answer, Request, Verdict
from verification.numbers import LineType
from verification.statuses import Status

PATH = "/v1/HostedNumber/Eligibility"
BULK_PATH = f"{PATH}/Bulk"
BULK_BYTES = 512 * 1024
_NOT_OF_NUMBERS = (eligibility.MALFORMED, eligibility.INVALID, eligibility.FOREIGN_COUNTRY)
_TYPES = {
    LineType.LANDLINE: "LOCAL",
    LineType.VOIP: "LOCAL",
    LineType.MOBILE: "MOBILE",
    LineType.TOLL_FREE: "TOLL_FREE",
}


class Requests(eligibility.Requests, Protocol):
    """The requests as the API shows them."""

    def of_account(self, account_sid: str, sid: str) -> Request | None: ...
    def answers(self, sid: str) -> list[Answer]: ...


class Transaction(eligibility.Transaction, Protocol):
    """What this resource needs of a transaction."""

    @property
    def eligibility(self) -> Requests: ...


class RequestStatus(StrEnum):
    """How far a request for many numbers is."""

    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    SUCCESSFUL = "SUCCESSFUL"


class AskedNumber(Json):
    """One number; ``hosting_account_sid``: for whom, if not for the one who asks."""

    phone_number: Annotated[str, Field(max_length=100)]
    hosting_account_sid: Annotated[
        str, parameters.sid(sids.ACCOUNT, 21470, "hosting_account_sid")
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _has_a_number(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("phone_number", "") == "":
            raise parameters.bad(22102, "Phone Number is required")
        return values


def _check_count(values: Any, most: int) -> Any:
    asked = values.get("phone_numbers", [])
    if asked == []:
        raise parameters.bad(22124, "Phone number(s) are required")
    if isinstance(asked, list) and len(asked) > most:
        raise parameters.bad(
            22125, f"Phone number(s) cannot exceed the maximum limit allowed: {most} in a request"
        )
    return values


class AskOne(Json):
    """POST /v1/HostedNumber/Eligibility."""

    phone_numbers: list[AskedNumber]
    friendly_name: parameters.FriendlyName = ""

    @model_validator(mode="before")
    @classmethod
    def _count(cls, values: Any) -> Any:
        return _check_count(values, 1)


class AskMany(Json):
    """POST /v1/HostedNumber/Eligibility/Bulk."""

    phone_numbers: list[AskedNumber]
    friendly_name: parameters.FriendlyName

    @model_validator(mode="before")
    @classmethod
    def _count(cls, values: Any) -> Any:
        if values.get("friendly_name", "") == "":
            raise parameters.bad(22127, "Friendly Name is required")
        return _check_count(values, MOST_NUMBERS)


class EligibilityResult(Shape):
    """What is known of one number; the names of both of Twilio's descriptions."""

    phone_number: str
    account_sid: str
    hosting_account_sid: str
    eligibility_status: str
    eligibility_sub_status: str
    ineligibility_reason: str
    next_step: str
    voice_provider: str | None
    messaging_provider: str | None
    phone_number_type: str | None
    hosting_order_sid: str | None
    hosting_order_status: Status | None
    iso_country_code: str | None
    inventory_status: str | None
    inventory_account_sid: str | None
    date_last_checked: IsoDate


class EligibilityShape(Shape):
    """The answer for one number."""

    results: tuple[EligibilityResult, ...]


class BulkEligibility(Shape):
    """The answer for many numbers; ``results`` grow while it is PROCESSING."""

    request_id: str
    friendly_name: str
    status: RequestStatus
    date_created: IsoDate
    date_completed: IsoDate | None
    url: Url
    results: tuple[EligibilityResult, ...]


@dataclass(frozen=True, slots=True)
class EligibilityOperations:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The three of Twilio's Numbers v1."""
        many = BULK_PATH
        one = BULK_PATH + "/{RequestId}"
        return [
            Operation("check", "POST", PATH, self.check, AskOne, EligibilityShape),
            Operation(
                "create",
                "POST",
                many,
                self.create,
                AskMany,
                BulkEligibility,
                202,
                most_bytes=BULK_BYTES,
            ),
            Operation("fetch", "GET", one, self.fetch, answer=BulkEligibility),
        ]

    def check(self, asked: Asked) -> EligibilityShape:
        """Look at one number now."""
        context, (answer,) = self.context, _answers(asked)
        with context.store.read() as tx:
            answer = eligibility.before_look_up(tx, asked.account, answer)
        if answer.verdict is None:
            line = context.directory.look_up(answer.phone_number)
            answer = eligibility.after_look_up(answer, line, context.policy)
        return EligibilityShape(results=(_shape(answer, context.now()),))

    def create(self, asked: Asked) -> BulkEligibility:
        """Have many numbers looked at."""
        context = self.context
        with context.store.write() as tx:
            name = asked.form.friendly_name
            account_sid = asked.account.sid
            made = eligibility.create(tx, account_sid, name, _answers(asked), context.now())
        return self._bulk(made, ())

    def fetch(self, asked: Asked) -> BulkEligibility:
        """How far it is, and what is known so far."""
        sid = asked.path["RequestId"]
        with self.context.store.read() as tx:
            found: Request | None = tx.eligibility.of_account(asked.account.sid, sid)
            if found is None:
                path = f"/HostedNumber/Eligibility/Bulk/{sid[:64]}"
                raise ApiError(20404, 404, f"The requested resource {path} was not found")
            answers = tx.eligibility.answers(sid)
        return self._bulk(found, answers)

    def _bulk(self, request: Request, answers: Sequence[Answer]) -> BulkEligibility:
        status = RequestStatus.PROCESSING if answers else RequestStatus.QUEUED
        if request.completed_at is not None:
            status = RequestStatus.SUCCESSFUL
        return BulkEligibility(
            request_id=request.sid,
            friendly_name=request.friendly_name,
            status=status,
            date_created=request.created_at,
            date_completed=request.completed_at,
            url=f"{self.context.base_url}{BULK_PATH}/{request.sid}",
            results=tuple(
                _shape(answer, answer.checked_at)
                for answer in answers
                if answer.checked_at is not None
            ),
        )


def _answers(asked: Asked) -> list[Answer]:
    return [
        Answer(one.phone_number, one.hosting_account_sid or asked.account.sid)
        for one in asked.form.phone_numbers
    ]


def _shape(answer: Answer, checked_at: float) -> EligibilityResult:
    verdict = answer.verdict or eligibility.NOT_KNOWN_NOW
    in_use = verdict == eligibility.HOSTED
    return EligibilityResult(
        phone_number=answer.phone_number,
        account_sid=answer.hosting_account_sid,
        hosting_account_sid=answer.hosting_account_sid,
        eligibility_status="ELIGIBLE" if verdict.eligible else "INELIGIBLE",
        eligibility_sub_status=verdict.sub_status,
        ineligibility_reason=verdict.reason,
        next_step=verdict.next_step,
        voice_provider=answer.carrier,
        messaging_provider=answer.carrier if ordering.shows_messaging(answer.carrier) else None,
        phone_number_type=_type(answer, verdict),
        hosting_order_sid=answer.order_sid,
        hosting_order_status=answer.order_status,
        iso_country_code=_country(answer, verdict),
        inventory_status="in-use" if in_use else None,
        inventory_account_sid=answer.hosting_account_sid if in_use else None,
        date_last_checked=checked_at,
    )


def _type(answer: Answer, verdict: Verdict) -> str | None:
    if verdict in _NOT_OF_NUMBERS:
        return None
    if numbers.is_toll_free(answer.phone_number):
        return "TOLL_FREE"
    return _TYPES.get(answer.line_type, "UNKNOWN") if answer.line_type else "UNKNOWN"


def _country(answer: Answer, verdict: Verdict) -> str | None:
    if verdict in _NOT_OF_NUMBERS:
        return None
    return numbers.country(answer.phone_number)
