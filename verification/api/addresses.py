"""Twilio's 2010 ``Addresses`` of an account, and the numbers that depend on one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import BeforeValidator, StrictBool

from verification import accounts, addresses
from verification.accounts import Account
from verification.addresses import Address
from verification.api import v2010
from verification.api.context import Context
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import HOSTED, FlatPage, Method, Rfc2822Date, Shape, Url
from verification.ordering import Place
from verification.orders import Order

PATH = f"{v2010.ACCOUNT}/Addresses"

_FLAGS = {"true": True, "false": False}
Flag = Annotated[StrictBool, BeforeValidator(lambda text: _FLAGS.get(text.lower(), text))]
# Twilio takes an empty one for true.
AutoCorrect = Annotated[Flag, BeforeValidator(lambda text: text or "true")]
# Other keys here than everywhere else (Twilio's OpenAPI file).
CAPABILITIES = {"Voice": HOSTED.voice, "SMS": HOSTED.sms, "MMS": HOSTED.mms}


class AddressShape(Shape):
    """An address as the 2010 API shows it."""

    account_sid: str
    city: str
    customer_name: str
    date_created: Rfc2822Date
    date_updated: Rfc2822Date
    emergency_enabled: bool
    friendly_name: str | None
    iso_country: str
    postal_code: str
    region: str
    sid: str
    street: str
    street_secondary: str | None
    validated: bool = False
    verified: bool = False
    uri: str


class AddressPage(FlatPage):
    """One page of addresses."""

    addresses: tuple[AddressShape, ...]


class DependentPhoneNumber(Shape):
    """The number of an order that has the address; its calls stay where they are."""

    sid: str
    account_sid: str
    friendly_name: str | None
    phone_number: str
    voice_url: Url | None = None
    voice_method: Method = "POST"
    voice_fallback_url: Url | None = None
    voice_fallback_method: Method = "POST"
    voice_caller_id_lookup: bool = False
    voice_application_sid: str | None = None
    date_created: Rfc2822Date
    date_updated: Rfc2822Date
    sms_url: Url | None
    sms_method: Method | None
    sms_fallback_url: Url | None
    sms_fallback_method: Method | None
    sms_application_sid: str | None
    address_requirements: Literal["none", "any", "local", "foreign"] = "none"
    capabilities: dict[str, bool]
    status_callback: Url | None = None
    status_callback_method: Method = "POST"
    api_version: str = v2010.VERSION
    trunk_sid: str | None = None
    emergency_status: Literal["Active", "Inactive"] = "Inactive"
    emergency_address_sid: str | None = None
    uri: str


class DependentPage(FlatPage):
    """One page of the numbers that depend on an address."""

    dependent_phone_numbers: tuple[DependentPhoneNumber, ...]


class CreateAddress(Form):
    """POST /Addresses.json. Nothing is corrected, whatever ``AutoCorrectAddress`` says."""

    customer_name: str
    street: str
    city: str
    region: str
    postal_code: str
    iso_country: str
    street_secondary: str = ""
    friendly_name: str = ""
    emergency_enabled: Flag = False
    auto_correct_address: AutoCorrect = True


class UpdateAddress(Form):
    """POST /Addresses/{Sid}.json. The country of an address stays (Twilio)."""

    customer_name: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    street_secondary: str = ""
    friendly_name: str = ""
    emergency_enabled: Flag = False
    auto_correct_address: AutoCorrect = True


class ListAddresses(Form):
    """The filters of GET /Addresses.json."""

    customer_name: str = ""
    friendly_name: str = ""
    emergency_enabled: Flag = False
    iso_country: str = ""


class Addresses(addresses.Addresses, Protocol):
    """The addresses as the API shows them."""

    def get(self, account_sid: str, sid: str) -> Address | None: ...
    def page(
        self, account_sid: str, filters: dict[str, object], place: Place | None, limit: int
    ) -> list[Address]: ...
    def dependents(self, address: Address, place: Place | None, limit: int) -> list[Order]: ...


class Transaction(accounts.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def addresses(self) -> Addresses: ...


@dataclass(frozen=True, slots=True)
class AddressOperations:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """Create, list, fetch, update, delete, and the list of dependent numbers."""
        many, one = f"{PATH}.json", PATH + "/{Sid}.json"
        dependents = PATH + "/{AddressSid}/DependentPhoneNumbers.json"
        return [
            Operation("create", "POST", many, self.create, CreateAddress, AddressShape, 201),
            Operation("list", "GET", many, self.list_page, ListAddresses, AddressPage),
            Operation("fetch", "GET", one, self.fetch, answer=AddressShape),
            Operation("update", "POST", one, self.update, UpdateAddress, AddressShape),
            Operation("delete", "DELETE", one, self.delete),
            Operation("dependents", "GET", dependents, self.dependents, answer=DependentPage),
        ]

    def create(self, asked: Asked) -> AddressShape:
        """Keep an address of the account that the path names."""
        with self.context.store.write() as tx:
            account = _account(tx, asked)
            accounts.check_active(tx, account)
            parts = asked.form.wishes("auto_correct_address")
            return _shape(addresses.create(tx, account.sid, parts, self.context.now()))

    def list_page(self, asked: Asked) -> AddressPage:
        """The account's addresses, the newest first."""
        wishes = asked.form.wishes().items()
        # A boolean column is a number in both engines.
        filters = {
            name: int(value) if isinstance(value, bool) else value
            for name, value in wishes
            if value != ""
        }
        with self.context.store.read() as tx:
            account_sid = _account(tx, asked).sid
            rows_from = lambda place, limit: tx.addresses.page(  # noqa: E731
                account_sid, filters, place, limit
            )
            page = v2010.page(self.context, asked, f"{_uri(account_sid)}.json", rows_from, _shape)
        return AddressPage(addresses=page.pop("rows"), **page)

    def fetch(self, asked: Asked) -> AddressShape:
        """One address of the account."""
        with self.context.store.read() as tx:
            return _shape(_own(tx, asked, asked.sid))

    def update(self, asked: Asked) -> AddressShape:
        """Change what is sent; the rest of the address stays."""
        with self.context.store.write() as tx:
            address = _own(tx, asked, asked.sid)
            accounts.check_active(tx, _account(tx, asked))
            parts = asked.form.wishes("auto_correct_address")
            return _shape(addresses.edit(tx, address, parts, self.context.now()))

    def delete(self, asked: Asked) -> None:
        """Remove an address that no number needs."""
        with self.context.store.write() as tx:
            addresses.delete(tx, _own(tx, asked, asked.sid), self.context.now())

    def dependents(self, asked: Asked) -> DependentPage:
        """The numbers of the orders that have the address, the newest order first."""
        with self.context.store.read() as tx:
            address = _own(tx, asked, asked.path["AddressSid"])
            uri = f"{_uri(address.account_sid)}/{address.sid}/DependentPhoneNumbers.json"
            rows_from = lambda place, limit: tx.addresses.dependents(  # noqa: E731
                address, place, limit
            )
            page = v2010.page(self.context, asked, uri, rows_from, _number)
        return DependentPage(dependent_phone_numbers=page.pop("rows"), **page)


def _uri(account_sid: str) -> str:
    return v2010.uri(PATH, account_sid)


def _shape(address: Address) -> AddressShape:
    return AddressShape(
        account_sid=address.account_sid,
        city=address.city,
        customer_name=address.customer_name,
        date_created=address.created_at,
        date_updated=address.updated_at,
        emergency_enabled=address.emergency_enabled,
        friendly_name=address.friendly_name,
        iso_country=address.iso_country,
        postal_code=address.postal_code,
        region=address.region,
        sid=address.sid,
        street=address.street,
        street_secondary=address.street_secondary,
        uri=f"{_uri(address.account_sid)}/{address.sid}.json",
    )


def _number(order: Order) -> DependentPhoneNumber:
    number = f"IncomingPhoneNumbers/{order.incoming_phone_number_sid}.json"
    return DependentPhoneNumber(
        sid=order.incoming_phone_number_sid,
        account_sid=order.account_sid,
        friendly_name=order.friendly_name,
        phone_number=order.phone_number,
        date_created=order.created_at,
        date_updated=order.updated_at,
        sms_url=order.sms_url,
        sms_method=order.sms_method,
        sms_fallback_url=order.sms_fallback_url,
        sms_fallback_method=order.sms_fallback_method,
        sms_application_sid=order.sms_application_sid,
        capabilities=CAPABILITIES,
        uri=f"{v2010.uri(v2010.ACCOUNT, order.account_sid)}/{number}",
    )


def _account(tx: Transaction, asked: Asked) -> Account:
    return v2010.account(tx, asked, f"{PATH}.json")


def _own(tx: Transaction, asked: Asked, sid: str) -> Address:
    account = accounts.acting_for(tx, asked.account, asked.path["AccountSid"])
    address = tx.addresses.get(account.sid, sid) if account else None
    if address is None:
        raise v2010.not_found(f"{_uri(asked.path['AccountSid'][:64])}/{sid[:64]}.json")
    return address
