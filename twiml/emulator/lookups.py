"""Lookups: whose line a number is, as Twilio's Lookup v1 and v2 say it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import phonenumbers

from twiml.emulator.calls import national
from twiml.emulator.phones import Phone
from twiml.emulator.placing import RestError

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NORTH_AMERICA = 12
_EMPTY_FIELDS = (
    *("caller_name", "sim_swap", "call_forwarding", "line_status", "line_type_intelligence"),
    *("identity_match", "reassigned_number", "sms_pumping_risk", "phone_number_quality_score"),
    "pre_fill",
)
_V2_TYPES = {"voip": "nonFixedVoip"}


def lookup_v1(phone: Phone, *, carrier: bool) -> dict[str, Any]:
    """The body of GET /v1/PhoneNumbers/{number}, without its url.

    Raises RestError 20404 for what is no phone number.
    """
    number = phone.number
    if _problem(number):
        raise RestError(404, 20404, f"The requested resource /PhoneNumbers/{number} was not found")
    found = {
        "error_code": None,
        "mobile_country_code": None,
        "mobile_network_code": None,
        "name": phone.carrier,
        "type": phone.line_type,
    }
    return {
        "caller_name": None,
        "carrier": found if carrier else None,
        "country_code": _country(number),
        "national_format": national(number),
        "phone_number": number,
        "add_ons": None,
    }


def lookup_v2(phone: Phone, fields: Collection[str]) -> dict[str, Any]:
    """The body of GET /v2/PhoneNumbers/{number}, without its url; a bad number is not valid."""
    number, problem = phone.number, _problem(phone.number)
    body: dict[str, Any] = {
        "calling_country_code": "1" if number.startswith("+1") and not problem else None,
        "country_code": None if problem else _country(number),
        "phone_number": number,
        "national_format": None if problem else national(number),
        "valid": not problem,
        "validation_errors": [problem] if problem else None,
        **dict.fromkeys(_EMPTY_FIELDS),
    }
    if "line_type_intelligence" in fields and not problem:
        body["line_type_intelligence"] = {
            "error_code": None,
            "mobile_country_code": None,
            "mobile_network_code": None,
            "carrier_name": phone.carrier,
            "type": _V2_TYPES.get(phone.line_type or "", phone.line_type),
        }
    return body


def _problem(number: str) -> str | None:
    if not re.fullmatch(r"\+?\d+", number):
        return "NOT_A_NUMBER"
    if number.startswith("+1") and len(number) != _NORTH_AMERICA:
        return "TOO_SHORT" if len(number) < _NORTH_AMERICA else "TOO_LONG"
    return None if _E164.fullmatch(number) else "INVALID_COUNTRY_CODE"


def _country(number: str) -> str | None:
    """The country of a number by its area code; None where no country has it."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
