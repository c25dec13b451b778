"""Twilio's 2010 ``IncomingPhoneNumbers``: the numbers that an account hosts, or is about to.

Numbers come by orders and by ports; none is bought here, so that there is no create.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from verification import accounts, phone_numbers, sids
from verification.accounts import Account
from verification.api import parameters, v2010
from verification.api.addresses import Flag
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.parameters import Checked, Form
from verification.api.shapes import Capabilities, FlatPage, Rfc2822Date, Shape, Url
from verification.ordering import Place
from verification.orders import Order
from verification.phone_numbers import PhoneNumber

PATH = f"{v2010.ACCOUNT}/IncomingPhoneNumbers"
_PATTERN = re.compile(r"\+?[0-9*]{1,15}", re.ASCII)
# An empty setting goes back to what it was at the beginning.
_DEFAULTS = {
    "sms_method": "POST",
    "sms_fallback_method": "POST",
    "status_callback_method": "POST",
    "voice_method": "POST",
    "voice_fallback_method": "POST",
}


class IncomingPhoneNumber(Shape):
    """A number as the 2010 API shows it."""

    account_sid: str
    address_sid: str | None
    address_requirements: str = "none"
    api_version: str = v2010.VERSION
    beta: bool = False
    capabilities: Capabilities
    date_created: Rfc2822Date
    date_updated: Rfc2822Date
    friendly_name: str
    identity_sid: str | None
    phone_number: str
    origin: str
    sid: str
    sms_application_sid: str | None
    sms_fallback_method: str
    sms_fallback_url: Url | None
    sms_method: str
    sms_url: Url | None
    status_callback: Url | None
    status_callback_method: str
    trunk_sid: str | None
    uri: str
    voice_receive_mode: str
    voice_application_sid: str | None
    voice_caller_id_lookup: bool
    voice_fallback_method: str
    voice_fallback_url: Url | None
    voice_method: str
    voice_url: Url | None
    emergency_status: str
    emergency_address_sid: str | None
    emergency_address_status: str = "unregistered"
    bundle_sid: str | None
    status: str
    type: str


class NumberPage(FlatPage):
    """One page of numbers."""

    incoming_phone_numbers: tuple[IncomingPhoneNumber, ...]


def _check_name(value: str) -> str | None:
    most = phone_numbers.NAME_LENGTH
    if len(value) > most or not value.isprintable():
        raise parameters.bad(20002, f"FriendlyName must have at most {most} printable characters")
    return value or None


_NAME = Checked(_check_name, {"maxLength": phone_numbers.NAME_LENGTH})


class UpdateNumber(Form):
    """POST /IncomingPhoneNumbers/{Sid}.json. Emergency calls are not offered."""

    account_sid: Annotated[str, parameters.sid(sids.ACCOUNT, 21470, "AccountSid")] = ""
    api_version: Annotated[str, parameters.one_of(20001, "ApiVersion", (v2010.VERSION,))] = ""
    friendly_name: Annotated[
        str, Checked(_check_name, {"maxLength": phone_numbers.NAME_LENGTH})
    ] = ""
    sms_application_sid: Annotated[str, parameters.sid("AP", 22108, "SmsApplicationSid")] = ""
    sms_fallback_method: Annotated[str, parameters.method("SmsFallbackMethod")] = ""
    sms_fallback_url: Annotated[str, parameters.url("SmsFallbackUrl")] = ""
    sms_method: Annotated[str, parameters.method("SmsMethod")] = ""
    sms_url: Annotated[str, parameters.url("SmsUrl")] = ""
    status_callback: Annotated[str, parameters.url("StatusCallback")] = ""
    status_callback_method: Annotated[str, parameters.method("StatusCallbackMethod")] = ""
    voice_application_sid: Annotated[str, parameters.sid("AP", 22108, "VoiceApplicationSid")] = ""
    voice_caller_id_lookup: Flag = False
    voice_fallback_method: Annotated[str, parameters.method("VoiceFallbackMethod")] = ""
    voice_fallback_url: Annotated[str, parameters.url("VoiceFallbackUrl")] = ""
    voice_method: Annotated[str, parameters.method("VoiceMethod")] = ""
    voice_url: Annotated[str, parameters.url("VoiceUrl")] = ""
    emergency_status: Annotated[str, parameters.one_of(20001, "EmergencyStatus", ("Inactive",))] = (
        "Inactive"
    )
    emergency_address_sid: Annotated[str, parameters.sid("AD", 22109, "EmergencyAddressSid")] = ""
    trunk_sid: Annotated[str, parameters.sid("TK", 20423, "TrunkSid")] = ""
    voice_receive_mode: Annotated[
        str, parameters.one_of(20001, "VoiceReceiveMode", ("voice", "fax"))
    ] = "voice"
    identity_sid: Annotated[str, parameters.sid("RI", 20423, "IdentitySid")] = ""
    address_sid: Annotated[str, parameters.sid("AD", 22109, "AddressSid")] = ""
    bundle_sid: Annotated[str, parameters.sid("BU", 20423, "BundleSid")] = ""


class ListNumbers(Form):
    """The filters of GET /IncomingPhoneNumbers.json. No number is Beta, so that it hides none."""

    beta: Flag = True
    friendly_name: str = ""
    phone_number: str = ""
    origin: Annotated[str, parameters.one_of(20001, "Origin", tuple(phone_numbers.Origin))] = ""


class PhoneNumbers(phone_numbers.PhoneNumbers, Protocol):
    """The numbers as the API shows them."""

    def of_account(self, account_sid: str, sid: str) -> PhoneNumber | None: ...
    def page(
        self,
        account_sid: str,
        filters: dict[str, str],
        like: str | None,
        place: Place | None,
        limit: int,
    ) -> list[PhoneNumber]: ...


class Addresses(Protocol):
    """The addresses of one transaction."""

    def get(self, account_sid: str, sid: str) -> object | None: ...


class Orders(Protocol):
    """The orders of one transaction."""

    def get(self, sid: str) -> Order | None: ...
    def save(self, order: Order) -> None: ...


class Transaction(accounts.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def phone_numbers(self) -> PhoneNumbers: ...
    @property
    def addresses(self) -> Addresses: ...
    @property
    def orders(self) -> Orders: ...


@dataclass(frozen=True, slots=True)
class IncomingPhoneNumbers:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """List, fetch, update (also the transfer), delete (the release)."""
        one = PATH + "/{Sid}.json"
        update, answer = UpdateNumber, IncomingPhoneNumber
        return [
            Operation("list", "GET", f"{PATH}.json", self.list_page, ListNumbers, NumberPage),
            Operation("fetch", "GET", one, self.fetch, answer=answer),
            Operation("update", "POST", one, self.update, update, answer),
            Operation("delete", "DELETE", one, self.delete),
        ]

    def list_page(self, asked: Asked) -> NumberPage:
        """The account's numbers, the newest first; PhoneNumber may be a part of one."""
        form = asked.form
        names = ("friendly_name", "origin")
        filters = {name: getattr(form, name) for name in names if getattr(form, name)}
        like = _pattern(form.phone_number)
        with self.context.store.read() as tx:
            account_sid = v2010.account(tx, asked, f"{PATH}.json").sid
            rows_from = lambda place, limit: tx.phone_numbers.page(  # noqa: E731
                account_sid, filters, like, place, limit
            )
            path = v2010.uri(f"{PATH}.json", account_sid)
            page = v2010.page(self.context, asked, path, rows_from, shape)
        return NumberPage(incoming_phone_numbers=page.pop("rows"), **page)

    def fetch(self, asked: Asked) -> IncomingPhoneNumber:
        """One number of the account."""
        with self.context.store.read() as tx:
            return shape(_own(tx, asked))

    def update(self, asked: Asked) -> IncomingPhoneNumber:
        """Change a number's settings; AccountSid gives it to another account of its owner."""
        form, now = asked.form, self.context.now()
        wishes = form.wishes("account_sid", "api_version")
        for name, default in _DEFAULTS.items():
            if name in wishes:
                wishes[name] = wishes[name] or default
        with self.context.store.write() as tx:
            number = _own(tx, asked)
            accounts.check_active(tx, v2010.account(tx, asked, PATH))
            if "friendly_name" in wishes:
                plain = phone_numbers.formatted(number.phone_number)
                wishes["friendly_name"] = wishes["friendly_name"] or plain
            if form.account_sid:
                target = _target(tx, asked, form.account_sid)
                number = phone_numbers.transfer(tx, number, target, now)
            return shape(phone_numbers.configure(tx, number, wishes, now))

    def delete(self, asked: Asked) -> None:
        """Release a number: it is gone after three days."""
        with self.context.store.write() as tx:
            phone_numbers.release(tx, _own(tx, asked), self.context.now())


def shape(number: PhoneNumber) -> IncomingPhoneNumber:
    """A number as the 2010 API shows it."""
    same: dict[str, Any] = {
        name: getattr(number, name)
        for name in IncomingPhoneNumber.model_fields
        if hasattr(number, name)
    }
    return IncomingPhoneNumber(
        **same,
        capabilities=Capabilities(voice=number.voice, sms=True, mms=number.voice, fax=False),
        date_created=number.created_at,
        date_updated=number.updated_at,
        uri=f"{v2010.uri(PATH, number.account_sid)}/{number.sid}.json",
        type=phone_numbers.kind(number),
    )


def _pattern(text: str) -> str | None:
    """The SQL pattern of a PhoneNumber filter. Raises ApiError for what no number can have."""
    if not text:
        return None
    if not _PATTERN.fullmatch(text):
        raise ApiError(
            21421, 400, "PhoneNumber must be digits of a number, with * for any one of them"
        )
    pattern = text.replace("*", "_")
    return pattern if text.startswith("+1") and len(text) == 12 else f"%{pattern}%"


def _target(tx: Transaction, asked: Asked, sid: str) -> Account:
    account = accounts.acting_for(tx, asked.account, sid)
    if account is None:
        raise ApiError(
            21471, 400, "Account not found: a number goes to its owner's account or a subaccount"
        )
    accounts.check_active(tx, account)
    return account


def _own(tx: Transaction, asked: Asked) -> PhoneNumber:
    path = f"{PATH}/{asked.sid[:64]}.json"
    account = v2010.account(tx, asked, path)
    number = tx.phone_numbers.of_account(account.sid, asked.sid)
    if number is None:
        raise v2010.not_found(v2010.uri(path, account.sid))
    return number
