"""The addresses of one transaction, and the orders that have them."""

from __future__ import annotations

from verification.addresses import Address
from verification.ordering import Place
from verification.orders import Order
from verification.store.rows import Execute, Table, paged

_ADDRESSES = Table(Address, "addresses", "sid")
_ORDERS = Table(Order, "orders", "sid")


class Addresses:
    """Where the users of numbers are; each account sees its own only."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, address: Address) -> None:
        """Add an address."""
        _ADDRESSES.insert(self._execute, address)

    def save(self, address: Address) -> None:
        """Write an address that was read in this transaction."""
        _ADDRESSES.save(self._execute, address)

    def get(self, account_sid: str, sid: str) -> Address | None:
        """The account's address of this SID."""
        sql = f"{_ADDRESSES.select} WHERE sid = :sid AND account_sid = :account_sid"
        params = {"sid": sid, "account_sid": account_sid}
        return _ADDRESSES.one(self._execute(sql, params).fetchone())

    def delete(self, sid: str) -> None:
        """Remove an address."""
        self._execute("DELETE FROM addresses WHERE sid = :sid", {"sid": sid})

    def page(
        self, account_sid: str, filters: dict[str, object], place: Place | None, limit: int
    ) -> list[Address]:
        """An account's addresses, as ``paged`` gives them."""
        own, params = "account_sid = :own", {"own": account_sid}
        return paged(self._execute, _ADDRESSES, own, params, filters, place, limit)

    def in_use(self, address: Address) -> bool:
        """Whether an order that may still need the address has it."""
        return bool(self.dependents(address, None, 1))

    def dependents(self, address: Address, place: Place | None, limit: int) -> list[Order]:
        """The account's orders that have the address and may need it, as ``paged`` gives them.

        An order that failed needs it no more; a completed one does, for its number is in use.
        """
        using = (
            "address_sid = :address_sid AND account_sid = :own"
            " AND deleted_at IS NULL AND status <> 'failed'"
        )
        params = {"address_sid": address.sid, "own": address.account_sid}
        return paged(self._execute, _ORDERS, using, params, {}, place, limit)
