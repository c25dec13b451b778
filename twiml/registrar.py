"""The registrar ``twilio``: hands a signed order to Twilio's numbers v2 API, and follows it there.

Twilio takes over no proof from anybody: it makes its own ownership call, when it is asked for it,
and mails its own letter to the signer. What is known here spares both from being written twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
import structlog
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from twiml.carrier import NotNow
from verification import numbers
from verification.addresses import Address
from verification.documents import Document
from verification.hosting import PROBLEM, Registered, Registration, Rejected, Verdict, Waiting
from verification.orders import Order
from verification.statuses import Status

LOOK_SECONDS = 900.0  # between two looks at an order of which no day is known
LATER_SECONDS = 60.0  # when Twilio could not be asked

NO_LETTER = f"{PROBLEM} No signed letter with a service address stands behind it."
GONE = f"{PROBLEM} Its order at Twilio has been deleted."

_NOT_FOUND = 404
_SERVER_ERROR = 500
_LISTED = 20  # orders for one number

log = structlog.get_logger()

# The signed letter of an order and the address that it names; None without either.
Papers = Callable[[Order], tuple[Document, Address] | None]


@dataclass(frozen=True, slots=True)
class TwilioRegistrar:
    """A Registrar of the core over one Twilio account.

    The order at Twilio bears the SID of ours as its FriendlyName: by this it is found again when
    the answer to its creation was lost.
    """

    client: Client
    papers: Papers

    def follow(self, registration: Registration, order: Order, now: float) -> Verdict:
        """How far Twilio is; asks for what it needs next. Nothing is begun twice."""
        try:
            return self._follow(registration.reference, order, now)
        except NotNow as error:
            return Waiting(now + max(error.seconds, LATER_SECONDS))
        except TwilioRestException as error:
            if error.status >= _SERVER_ERROR:
                return _later(error, now)
            message = str(error.msg).replace(order.phone_number, numbers.masked(order.phone_number))
            return Rejected(f"{PROBLEM} Twilio refused it ({error.code}): {message}")
        except (TwilioException, requests.RequestException) as error:
            return _later(error, now)

    def _follow(self, reference: str | None, order: Order, now: float) -> Verdict:
        found = self._at_twilio(reference, order)
        if found is None and reference is not None:
            return Rejected(GONE)
        papers = self.papers(order)
        if papers is None:
            return Rejected(NO_LETTER)
        there = found or self._order(order, *papers)
        status = str(there.status)
        match status:
            case Status.COMPLETED:
                return Registered()
            case Status.FAILED | Status.ACTION_REQUIRED:
                return Rejected(str(there.failure_reason or PROBLEM))
            case Status.VERIFIED:
                self._send_letter(str(there.sid), str(there.address_sid), papers[0])
        log.info("order at twilio", order=order.sid, there=there.sid, status=status)
        return Waiting(now + LOOK_SECONDS, str(there.sid))

    def _at_twilio(self, reference: str | None, order: Order) -> Any | None:
        """Twilio's order for ours; one that failed there is no longer it, before it is known."""
        resource = self.client.numbers.v2.hosted_number_orders
        if reference is None:
            listed = resource.list(
                phone_number=order.phone_number, friendly_name=order.sid, limit=_LISTED
            )
            return next((one for one in listed if str(one.status) != Status.FAILED), None)
        try:
            return resource(reference).fetch()
        except TwilioRestException as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def _order(self, order: Order, document: Document, address: Address) -> Any:
        return self.client.numbers.v2.hosted_number_orders.create(
            phone_number=order.phone_number,
            contact_phone_number=document.contact_phone_number,
            address_sid=self._address(address),
            email=document.email,
            friendly_name=order.sid,
            cc_emails=list(document.cc_emails),
            contact_title=document.contact_title or values.unset,
            sms_capability=True,
            sms_url=order.sms_url or values.unset,
            sms_method=order.sms_method or values.unset,
            sms_fallback_url=order.sms_fallback_url or values.unset,
            sms_fallback_method=order.sms_fallback_method or values.unset,
        )

    def _address(self, address: Address) -> str:
        """The SID of the same address at Twilio, which is made if it is not there."""
        parts = {
            "street": address.street,
            "city": address.city,
            "region": address.region,
            "postal_code": address.postal_code,
            "iso_country": address.iso_country,
        }
        listed = self.client.addresses.list(
            customer_name=address.customer_name, iso_country=address.iso_country
        )
        for one in listed:
            is_same = all(getattr(one, name) == value for name, value in parts.items())
            if is_same and (one.street_secondary or None) == address.street_secondary:
                return str(one.sid)
        made = self.client.addresses.create(
            customer_name=address.customer_name,
            **parts,
            street_secondary=address.street_secondary or values.unset,
            friendly_name=address.friendly_name or values.unset,
        )
        return str(made.sid)

    def _send_letter(self, sid: str, address_sid: str, document: Document) -> None:
        """Have Twilio mail its letter; once sent, the order there is verified no longer."""
        self.client.numbers.v2.authorization_documents.create(
            address_sid=address_sid,
            email=document.email,
            contact_phone_number=document.contact_phone_number,
            hosted_number_order_sids=[sid],
            contact_title=document.contact_title or values.unset,
            cc_emails=list(document.cc_emails),
        )


def _later(error: Exception, now: float) -> Waiting:
    log.warning("twilio not reached", error=type(error).__name__)
    return Waiting(now + LATER_SECONDS)
