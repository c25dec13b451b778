"""Twilio's Messaging v1 ``/v1/Services/{ServiceSid}/PhoneNumbers``: who is in a sender pool.

Messages are not sent here, and services are not kept: a service is known by the numbers in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import AfterValidator

from verification import accounts, numbers, phone_numbers, sids
from verification.api import paging, parameters
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.paging import Page
from verification.api.parameters import Form
from verification.api.shapes import IsoDate, Shape, Url
from verification.ordering import Place
from verification.phone_numbers import PhoneNumber

PATH = "/v1/Services/{ServiceSid}/PhoneNumbers"


class ServiceNumber(Shape):
    """A number of a messaging service."""

    sid: str
    account_sid: str
    service_sid: str
    date_created: IsoDate
    date_updated: IsoDate
    phone_number: str
    country_code: str
    capabilities: tuple[str, ...]
    url: Url


class AttachNumber(Form):
    """POST /v1/Services/{ServiceSid}/PhoneNumbers."""

    phone_number_sid: Annotated[
        str,
        parameters.sid(sids.PHONE_NUMBER, 20423, "PhoneNumberSid"),
        AfterValidator(parameters.required("PhoneNumberSid")),
    ]


class PhoneNumbers(phone_numbers.PhoneNumbers, Protocol):
    """The numbers of one transaction."""

    def of_account(self, account_sid: str, sid: str) -> PhoneNumber | None: ...
    def of_service(
        self, account_sid: str, service_sid: str, place: Place | None, limit: int
    ) -> list[PhoneNumber]: ...


class Transaction(accounts.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def phone_numbers(self) -> PhoneNumbers: ...


@dataclass(frozen=True, slots=True)
class MessagingServices:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """Attach, list, fetch, detach."""
        one = PATH + "/{Sid}"
        return [
            Operation("attach", "POST", PATH, self.attach, AttachNumber, ServiceNumber, 201),
            Operation("list", "GET", PATH, self.list_page, answer=Page[ServiceNumber]),
            Operation("fetch", "GET", one, self.fetch, answer=ServiceNumber),
            Operation("detach", "DELETE", one, self.detach),
        ]

    def attach(self, asked: Asked) -> ServiceNumber:
        """Put a number of the account into the service."""
        service = _service(asked)
        with self.context.store.write() as tx:
            sid = asked.form.phone_number_sid
            number = tx.phone_numbers.of_account(asked.account.sid, sid)
            if number is None:
                raise ApiError(20404, 404, f"The account has no number {sid}")
            now = self.context.now()
            return self._shape(phone_numbers.attach(tx, number, service, now))

    def list_page(self, asked: Asked) -> Page[ServiceNumber]:
        """The numbers in the service, the newest number first."""
        service, keyring = _service(asked), self.context.keyring
        url = self.context.base_url + PATH.replace("{ServiceSid}", service)
        with self.context.store.read() as tx:
            rows_from = lambda place, limit: tx.phone_numbers.of_service(  # noqa: E731
                asked.account.sid, service, place, limit
            )
            return paging.page(
                paging.wish(asked.pairs, keyring), url, keyring, rows_from, self._shape
            )

    def fetch(self, asked: Asked) -> ServiceNumber:
        """One number of the service."""
        with self.context.store.read() as tx:
            return self._shape(_own(tx, asked))

    def detach(self, asked: Asked) -> None:
        """Take a number out of the service; it stays in use."""
        with self.context.store.write() as tx:
            phone_numbers.detach(tx, _own(tx, asked), self.context.now())

    def _shape(self, number: PhoneNumber) -> ServiceNumber:
        service = number.messaging_service_sid or ""
        path = PATH.replace("{ServiceSid}", service)
        return ServiceNumber(
            sid=number.sid,
            account_sid=number.account_sid,
            service_sid=service,
            date_created=number.attached_at or number.created_at,
            date_updated=number.updated_at,
            phone_number=number.phone_number,
            country_code=numbers.country(number.phone_number),
            capabilities=("SMS", "MMS", "Voice") if number.voice else ("SMS",),
            url=f"{self.context.base_url}{path}/{number.sid}",
        )


def _service(asked: Asked) -> str:
    sid = asked.path["ServiceSid"]
    if not sids.is_sid(sid, sids.MESSAGING_SERVICE):
        raise ApiError(20404, 404, f"The requested resource /Services/{sid[:64]} was not found")
    return sid


def _own(tx: Transaction, asked: Asked) -> PhoneNumber:
    service = _service(asked)
    number = tx.phone_numbers.of_account(asked.account.sid, asked.sid)
    if number is None or number.messaging_service_sid != service:
        path = f"{PATH.replace('{ServiceSid}', service)}/{asked.sid[:64]}"
        raise ApiError(20404, 404, f"The requested resource {path} was not found")
    return number
