"""Twilio's Numbers v2 ``/v2/HostedNumber/Orders/Bulk``: many orders in one JSON request.

Twilio's file leaves the body open; this is the one that its customers are known to send, with the
other parameters of a single order beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from verification import accounts, bulk, ordering, sids
from verification.api import errors, orders, parameters
from verification.api.bodies import Json
from verification.api.context import Context
from verification.api.errors import ApiError, Fault
from verification.api.numbers_v2_orders import PATH as ORDERS_PATH
from verification.api.numbers_v2_orders import RESOURCE as ORDERS_RESOURCE
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import IsoDate, Shape, Url
from verification.bulk import MOST_NUMBERS, Bulk, RequestStatus, Result, Wish
from verification.statuses import Status

PATH = f"{ORDERS_PATH}/Bulk"
MOST_BYTES = 8 * 1024 * 1024  # five hundred for each number
MORE_INFO = (
    "For more information, ask the Eligibility resource: POST /v1/HostedNumber/Eligibility/Bulk"
)


class Bulks(bulk.Bulks, Protocol):
    """The bulk requests as the API shows them."""

    def seen(self, account_sid: str, sid: str) -> Bulk | None: ...
    def settled(self, sid: str) -> int: ...
    def results(self, sid: str, status: Status | None) -> list[Result]: ...


class Transaction(bulk.Transaction, Protocol):
    """What this resource needs of a transaction."""

    @property
    def accounts(self) -> accounts.Accounts: ...
    @property
    def bulks(self) -> Bulks: ...


class NumberWish(Json):
    """One number, and what is its own."""

    phone_number: str
    friendly_name: parameters.FriendlyName = ""
    status_callback_url: Annotated[str, parameters.url("status_callback_url")] = ""
    status_callback_method: Annotated[str, parameters.method("status_callback_method")] = ""


class RequestItem(Json):
    """Numbers that have one owner. ``language`` is Lineproof's own."""

    numbers: Annotated[list[NumberWish], Field(min_length=1)]
    email: Annotated[parameters.Email, AfterValidator(parameters.required("email"))]
    address_sid: Annotated[
        str,
        parameters.sid("AD", 22109, "address_sid"),
        AfterValidator(parameters.required("address_sid")),
    ]
    contact_phone_number: parameters.ContactPhoneNumber
    contact_title: parameters.ContactTitle = ""
    cc_emails: Annotated[tuple[parameters.Email, ...], Field(max_length=100)] = ()
    sms_url: Annotated[str, parameters.url("sms_url")] = ""
    sms_method: Annotated[str, parameters.method("sms_method")] = ""
    sms_fallback_url: Annotated[str, parameters.url("sms_fallback_url")] = ""
    sms_fallback_method: Annotated[str, parameters.method("sms_fallback_method")] = ""
    sms_application_sid: Annotated[str, parameters.sid("AP", 22108, "sms_application_sid")] = ""
    language: parameters.Language = "en"

    @property
    def shared(self) -> dict[str, Any]:
        """The fields of each of its orders."""
        sent = self.model_dump(exclude_unset=True, exclude={"numbers"})
        return sent | {"cc_emails": tuple(email for email in self.cc_emails if email)}


class CreateBulk(Json):
    """POST /v2/HostedNumber/Orders/Bulk. ``account_sid``: for a subaccount."""

    request_items: Annotated[list[RequestItem], Field(min_length=1)]
    friendly_name: parameters.FriendlyName = ""
    notification_email: parameters.Email = ""
    account_sid: Annotated[str, parameters.sid(sids.ACCOUNT, 21470, "account_sid")] = ""

    @model_validator(mode="before")
    @classmethod
    def _count(cls, values: Any) -> Any:
        """Count before anything is looked at: what is far too long is refused cheaply."""
        items = values.get("request_items")
        if _too_many(items):
            raise parameters.bad(22125, f"A request has at most {MOST_NUMBERS} phone numbers")
        if items == [] or [] in _lists(items):
            raise parameters.bad(22124, "Phone number(s) are required")
        return values

    @classmethod
    def beside(cls, values: Mapping[str, Any]) -> list[Fault]:
        """The numbers that no account may order, in a request that is refused anyway."""
        wrong: list[Fault] = []
        if _too_many(values.get("request_items")):
            return wrong
        for i, item in enumerate(_dicts(values.get("request_items"))):
            for j, one in enumerate(_dicts(item.get("numbers"))):
                number = one.get("phone_number")
                if not isinstance(number, str):
                    continue
                try:
                    parameters.check_number(number)
                except PydanticCustomError as error:
                    where = f"request_items[{i}].numbers[{j}]"
                    wrong.append(Fault(where, int(error.type), str(error), number[:100]))
        return wrong

    def wishes(self) -> Iterator[Wish]:
        """An order for each number."""
        for i, item in enumerate(self.request_items):
            shared = item.shared
            for j, number in enumerate(item.numbers):
                own = number.model_dump(exclude_unset=True, exclude={"phone_number"})
                where = f"request_items[{i}].numbers[{j}]"
                yield Wish(where, number.phone_number, {**shared, **own})


class FetchBulk(Form):
    """The filter of GET /v2/HostedNumber/Orders/Bulk/{BulkHostingSid}."""

    order_status: Annotated[
        parameters.StatusWish | None, BeforeValidator(lambda text: text.replace("_", "-"))
    ] = None


class BulkOrder(Shape):
    """One order of a bulk request."""

    hosting_order_sid: str
    phone_number: str
    account_sid: str
    failure_reason: str | None
    next_step: str | None
    url: Url
    email: str | None
    signing_document_sid: str | None


class BulkGroup(Shape):
    """The orders of one status: spelt with underscores, and ``count`` is a text (Twilio)."""

    order_status: str
    count: str
    get_more_info: str | None
    orders: tuple[BulkOrder, ...]


class BulkShape(Shape):
    """A BulkHostedNumberOrder. ``results`` grow while the request is IN_PROGRESS."""

    bulk_hosting_sid: str
    request_status: RequestStatus
    friendly_name: str | None
    notification_email: str | None
    date_created: IsoDate
    date_completed: IsoDate | None
    url: Url
    total_count: int
    results: tuple[BulkGroup, ...]


@dataclass(frozen=True, slots=True)
class NumbersV2Bulk:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The two of Twilio's Numbers v2."""
        one = PATH + "/{BulkHostingSid}"
        return [
            Operation(
                "create",
                "POST",
                PATH,
                self.create,
                CreateBulk,
                BulkShape,
                202,
                most_bytes=MOST_BYTES,
            ),
            Operation("fetch", "GET", one, self.fetch, FetchBulk, BulkShape),
        ]

    def create(self, asked: Asked) -> BulkShape:
        """Order all the numbers, or none."""
        form: CreateBulk = asked.form
        checked = bulk.check(list(form.wishes()), asked.account.test)
        with self.context.store.write() as tx:
            account = orders.ordering_account(tx, asked, form.account_sid)
            now = self.context.now()
            try:
                named, email = form.friendly_name or None, form.notification_email or None
                policy = self.context.policy
                made = bulk.create(tx, account.sid, checked, named, email, now, policy)
            except bulk.Refused as refused:
                raise _named(refused.faults) from None
        return self._shape(made, RequestStatus.QUEUED, ())

    def fetch(self, asked: Asked) -> BulkShape:
        """How far it is, and what became of each order so far."""
        sid = asked.path["BulkHostingSid"]
        with self.context.store.read() as tx:
            found: Bulk | None = tx.bulks.seen(asked.account.sid, sid)
            if found is None:
                path = f"{ORDERS_RESOURCE}/Bulk/{sid[:64]}"
                raise ApiError(20404, 404, f"The requested resource {path} was not found")
            status = bulk.status(found, tx.bulks.settled(sid))
            queued = status is RequestStatus.QUEUED
            results = [] if queued else tx.bulks.results(sid, asked.form.order_status)
        return self._shape(found, status, self._groups(results))

    def _groups(self, results: Sequence[Result]) -> tuple[BulkGroup, ...]:
        return tuple(
            self._group(status, tuple(found))
            for status, found in groupby(results, lambda result: result.status)
        )

    def _group(self, status: Status, results: tuple[Result, ...]) -> BulkGroup:
        return BulkGroup(
            order_status=status.replace("-", "_"),
            count=str(len(results)),
            get_more_info=MORE_INFO if status is Status.FAILED else None,
            orders=tuple(
                BulkOrder(
                    hosting_order_sid=result.sid,
                    phone_number=result.phone_number,
                    account_sid=result.account_sid,
                    failure_reason=result.failure_reason,
                    next_step=ordering.NEXT_STEPS[status],
                    url=f"{self.context.base_url}{ORDERS_PATH}/{result.sid}",
                    email=result.email,
                    signing_document_sid=result.signing_document_sid,
                )
                for result in results
            ),
        )

    def _shape(
        self, made: Bulk, status: RequestStatus, results: tuple[BulkGroup, ...]
    ) -> BulkShape:
        return BulkShape(
            bulk_hosting_sid=made.sid,
            request_status=status,
            friendly_name=made.friendly_name,
            notification_email=made.notification_email,
            date_created=made.created_at,
            date_completed=made.completed_at,
            url=f"{self.context.base_url}{PATH}/{made.sid}",
            total_count=made.total_count,
            results=results,
        )


def _dicts(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _lists(items: Any) -> list[Any]:
    return [item.get("numbers") for item in _dicts(items)]


def _too_many(items: Any) -> bool:
    count = sum(len(one) for one in _lists(items) if isinstance(one, list))
    return count > MOST_NUMBERS or (isinstance(items, list) and len(items) > MOST_NUMBERS)


def _named(faults: Sequence[bulk.Fault]) -> ApiError:
    """The refusal that names each number, with the code that a single order would get."""
    listed = []
    for fault in faults:
        known = errors.refusal(fault.reason)
        code = known.code if known else 20001
        number = fault.wish.phone_number[:100]
        listed.append(Fault(fault.wish.where, code, str(fault.reason), number))
    return errors.refused(listed)
