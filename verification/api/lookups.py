"""Twilio's Lookups v1 and v2: what a number is, and what the directory knows of its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import quote, urlencode

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from verification.api import errors
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import Shape, Url
from verification.numbers import Line, LineType

PATH = "/PhoneNumbers/{PhoneNumber}"
LONGEST = 4096  # characters: what is longer is no mistaken number
HOME = "US"  # the country of a number without one (Twilio: "default country code is +1")
TYPES = ("carrier", "caller-name")
PACKAGES = (
    *("validation", "caller_name", "sim_swap", "call_forwarding", "line_status"),
    *("line_type_intelligence", "identity_match", "reassigned_number", "sms_pumping_risk"),
    *("phone_number_quality_score", "pre_fill"),
)

# v1 has three words for a line and none for a toll-free one (the FAQ shows null).
_V1_WORDS: dict[LineType | None, str] = {
    LineType.LANDLINE: "landline",
    LineType.MOBILE: "mobile",
    LineType.VOIP: "voip",
}
_V2_WORDS: dict[LineType | None, str] = {
    LineType.LANDLINE: "landline",
    LineType.MOBILE: "mobile",
    LineType.VOIP: "nonFixedVoip",
    LineType.TOLL_FREE: "tollFree",
    LineType.OTHER: "unknown",  # one of six more words; our directory does not keep which
}
_UNREADABLE = {
    NumberParseException.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    NumberParseException.NOT_A_NUMBER: "NOT_A_NUMBER",
    NumberParseException.TOO_SHORT_AFTER_IDD: "TOO_SHORT",
    NumberParseException.TOO_SHORT_NSN: "TOO_SHORT",
    NumberParseException.TOO_LONG: "TOO_LONG",
}
_INVALID = {
    ValidationResult.IS_POSSIBLE: "INVALID_BUT_POSSIBLE",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "TOO_SHORT",
    ValidationResult.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    ValidationResult.TOO_SHORT: "TOO_SHORT",
    ValidationResult.TOO_LONG: "TOO_LONG",
    ValidationResult.INVALID_LENGTH: "INVALID_LENGTH",
}


ValidationError = Literal[
    "TOO_SHORT",
    "TOO_LONG",
    "INVALID_BUT_POSSIBLE",
    "INVALID_COUNTRY_CODE",
    "INVALID_LENGTH",
    "NOT_A_NUMBER",
]


class CallerName(Shape):
    """Whose number it is, which no directory of ours knows."""

    caller_name: str | None = None
    caller_type: str | None = None
    error_code: int | None = None


class Carrier(Shape):
    """A number's carrier in v1's words."""

    error_code: int | None = None
    mobile_country_code: str | None = None
    mobile_network_code: str | None = None
    name: str | None
    type: str | None


class LineTypeIntelligence(Shape):
    """A number's carrier in v2's words."""

    error_code: int | None = None
    mobile_country_code: str | None = None
    mobile_network_code: str | None = None
    carrier_name: str | None
    type: str | None


class LookupV1(Shape):
    """A valid number as v1 shows it."""

    caller_name: CallerName | None
    carrier: Carrier | None
    country_code: str | None
    national_format: str
    phone_number: str
    add_ons: None = None
    url: Url


class LookupV2(Shape):
    """A number as v2 shows it; the packages that no directory of ours has are null."""

    calling_country_code: str | None = None
    country_code: str | None = None
    phone_number: str
    national_format: str | None = None
    valid: bool
    validation_errors: tuple[ValidationError, ...] | None = None
    caller_name: CallerName | None = None
    sim_swap: None = None
    call_forwarding: None = None
    line_status: None = None
    line_type_intelligence: LineTypeIntelligence | None = None
    identity_match: None = None
    reassigned_number: None = None
    sms_pumping_risk: None = None
    phone_number_quality_score: None = None
    pre_fill: None = None
    url: Url


class FetchV1(Form):
    """The query of GET /v1/PhoneNumbers/{PhoneNumber}."""

    type: tuple[str, ...] = ()
    country_code: str = ""


class FetchV2(Form):
    """The query of GET /v2/PhoneNumbers/{PhoneNumber}; commas separate ``Fields``."""

    fields: str = ""
    country_code: str = ""


class NoNumber(ValueError):
    """The text is no valid number; the message is Twilio's word for why."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """One of each version."""
        return [
            Operation("fetch_v1", "GET", f"/v1{PATH}", self.fetch_v1, FetchV1, LookupV1),
            Operation("fetch_v2", "GET", f"/v2{PATH}", self.fetch_v2, FetchV2, LookupV2),
        ]

    def fetch_v1(self, asked: Asked) -> LookupV1:
        """A valid number, with what Type asks for."""
        wanted = _wanted("Type", asked.form.type, TYPES)
        text = asked.path["PhoneNumber"]
        try:
            number = _read(text, asked.form.country_code)
        except NoNumber:
            path = f"/PhoneNumbers/{text[:64]}"
            raise ApiError(20404, 404, f"The requested resource {path} was not found") from None
        e164, query = _e164(number), urlencode([("Type", name) for name in wanted])
        line = self._line(e164) if "carrier" in wanted else None
        return LookupV1(
            caller_name=CallerName() if "caller-name" in wanted else None,
            carrier=Carrier(name=line.carrier, type=_V1_WORDS.get(line.type)) if line else None,
            country_code=_country(number),
            national_format=phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
            phone_number=e164,
            url=f"{self.context.base_url}/v1/PhoneNumbers/{e164}" + (query and f"?{query}"),
        )

    def fetch_v2(self, asked: Asked) -> LookupV2:
        """A number, with what Fields asks for; or why it is not valid."""
        wanted = _wanted("Fields", asked.form.fields.split(","), PACKAGES)
        text, url = asked.path["PhoneNumber"], f"{self.context.base_url}/v2/PhoneNumbers/"
        try:
            number = _read(text, asked.form.country_code)
        except NoNumber as error:
            url += quote(text, safe="+")
            return LookupV2(
                phone_number=text,
                valid=False,
                validation_errors=(cast(ValidationError, str(error)),),
                url=url,
            )
        e164, intelligence = _e164(number), None
        if "line_type_intelligence" in wanted:
            line = self._line(e164)
            word = _V2_WORDS.get(line.type)
            intelligence = LineTypeIntelligence(carrier_name=line.carrier, type=word)
        return LookupV2(
            calling_country_code=str(number.country_code),
            country_code=_country(number),
            phone_number=e164,
            national_format=phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
            valid=True,
            caller_name=CallerName() if "caller_name" in wanted else None,
            line_type_intelligence=intelligence,
            url=url + e164,
        )

    def _line(self, number: str) -> Line:
        line = self.context.directory.look_up(number)
        if line is None:
            raise ApiError(20503, 503, "The directory of lines cannot be asked now: try again")
        return line


def _wanted(name: str, values: Sequence[str], allowed: Sequence[str]) -> list[str]:
    wanted = [value.strip() for value in values if value.strip()]
    if not set(wanted) <= set(allowed):
        raise ApiError(20001, 400, f"{name} must be of {', '.join(allowed)}")
    return list(dict.fromkeys(wanted))


def _read(text: str, country: str) -> PhoneNumber:
    """The number, of a country if it does not name its own. Raises NoNumber, ApiError."""
    if len(text) > LONGEST:
        raise errors.not_found()
    country = country.upper() or HOME
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise ApiError(20001, 400, "CountryCode must be an ISO 3166 code of two letters")
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException as error:
        raise NoNumber(_UNREADABLE[error.error_type]) from None
    if not phonenumbers.is_valid_number(number):
        raise NoNumber(_INVALID[phonenumbers.is_possible_number_with_reason(number)])
    number.extension = None  # a lookup is of the line, not of who is behind it
    return number


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _country(number: PhoneNumber) -> str | None:
    """The ISO country; None for numbers of no country, as +800 is."""
    region = phonenumbers.region_code_for_number(number)
    return region if region in phonenumbers.SUPPORTED_REGIONS else None
