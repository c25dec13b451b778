"""Postal addresses: where the user of a number is, as the letter of authorization will name it.

Only the form is looked at here; that a letter could reach the place is another rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from verification import sids
from verification.orders import Audit
from verification.statuses import Mover

COUNTRIES = ("US", "CA")
PART_LENGTH = 128
NAME_LENGTH = 64
EMERGENCY_NAME_LENGTH = 32

REQUIRED = ("customer_name", "street", "city", "region", "postal_code", "iso_country")


@dataclass(frozen=True, slots=True)
class Address:
    """One address of an account. Times in Unix seconds, ``iso_country`` of ISO 3166."""

    sid: str
    account_sid: str
    created_at: float
    updated_at: float
    customer_name: str
    street: str
    city: str
    region: str
    postal_code: str
    iso_country: str
    street_secondary: str | None = None
    friendly_name: str | None = None
    emergency_enabled: bool = False


class Addresses(Protocol):
    """The addresses of one transaction."""

    def insert(self, address: Address) -> None: ...
    def save(self, address: Address) -> None: ...
    def delete(self, sid: str) -> None: ...
    def in_use(self, address: Address) -> bool: ...


class Transaction(Protocol):
    """What addresses need of a transaction."""

    @property
    def addresses(self) -> Addresses: ...
    @property
    def audit(self) -> Audit: ...


class InvalidAddress(ValueError):
    """Parts of the address are wrong; the message names each (Twilio error 21628)."""


class AddressInUse(ValueError):
    """An order that may still need the address has it (Twilio error 20409)."""


def create(tx: Transaction, account_sid: str, parts: Mapping[str, object], now: float) -> Address:
    """Keep an address of an account; ``parts`` by the names of its fields, ``now`` in Unix seconds.

    Spaces around a part are dropped, and an optional one that is empty is None. Raises
    InvalidAddress for a required part that is missing and for every one that is out of its bounds
    (Twilio's page of the Address resource; the 128 characters are ours).
    """
    whole = {**dict.fromkeys(REQUIRED, ""), **parts}
    address = _checked(
        Address(sids.new(sids.ADDRESS), account_sid, now, now, **whole)  # type: ignore[arg-type]
    )
    tx.addresses.insert(address)
    tx.audit.append(now, Mover.CUSTOMER, account_sid, address.sid, "address created")
    return address


def edit(tx: Transaction, address: Address, parts: Mapping[str, object], now: float) -> Address:
    """Change parts of an address. Raises InvalidAddress as ``create`` does."""
    if not parts:
        return address
    edited = _checked(replace(address, **parts, updated_at=now))  # type: ignore[arg-type]
    tx.addresses.save(edited)
    fields = ", ".join(sorted(parts))
    tx.audit.append(now, Mover.CUSTOMER, address.account_sid, address.sid, "address edited", fields)
    return edited


def delete(tx: Transaction, address: Address, now: float) -> None:
    """Remove an address for good. Raises AddressInUse while an order of the account has it."""
    if tx.addresses.in_use(address):
        raise AddressInUse(
            "The address is that of a number that is hosted or being hosted: "
            "its DependentPhoneNumbers tell which"
        )
    tx.addresses.delete(address.sid)
    tx.audit.append(now, Mover.CUSTOMER, address.account_sid, address.sid, "address deleted")


def _checked(address: Address) -> Address:
    address = replace(
        address,
        **{name: getattr(address, name).strip() for name in REQUIRED},
        street_secondary=(address.street_secondary or "").strip() or None,
        friendly_name=(address.friendly_name or "").strip() or None,
    )
    bounds = dict.fromkeys(REQUIRED[:-1], (1, PART_LENGTH))
    bounds["street_secondary"] = (0, PART_LENGTH)
    bounds["friendly_name"] = (
        0,
        EMERGENCY_NAME_LENGTH if address.emergency_enabled else NAME_LENGTH,
    )
    wrong = [
        f"{name.title().replace('_', '')} must have {least} to {most} printable characters"
        for name, (least, most) in bounds.items()
        if not _fits(getattr(address, name) or "", least, most)
    ]
    if address.iso_country not in COUNTRIES:
        wrong.append(f"IsoCountry must be one of {', '.join(COUNTRIES)}")
    if wrong:
        raise InvalidAddress("; ".join(wrong))
    return address


def _fits(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most and text.isprintable()
