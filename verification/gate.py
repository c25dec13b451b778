"""Who comes too often is turned away: requests of an account and of an address, wrong sign-ins.

The counts stand in the store, so that they hold over all processes and machines. So that not every
request has to write, a process takes a tenth of what is left at once and uses that up by itself;
what it does not use before the window ends is lost. So nobody gets more than his rate in a window,
and who is far from it costs a write for each tenth of it.

Addresses are kept as pseudonyms, and an IPv6 address as its network: whoever has one has all of it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple, Protocol

from verification import rates
from verification.codes import Keyring
from verification.rates import Rate, TooOften

MINUTE = 60.0
SIGN_IN_SECONDS = 300.0
PARTS = 10
MOST_REMEMBERED = 10_000  # subjects, in one process


@dataclass(frozen=True, slots=True)
class Rates:
    """What is allowed; None: everything. ``account``, ``address``: requests in a minute.

    ``sign_ins``: wrong ones in five minutes, of an address and for an account.
    """

    account: Rate | None = None
    address: Rate | None = None
    sign_ins: Rate | None = None


def of_numbers(account: int | None, address: int | None, sign_ins: int | None) -> Rates:
    """The rates of so many each."""
    return Rates(
        Rate("requests of one account", account, MINUTE) if account else None,
        Rate("requests from one address", address, MINUTE) if address else None,
        Rate("wrong sign-ins", sign_ins, SIGN_IN_SECONDS) if sign_ins else None,
    )


class Store(Protocol):
    """Where the counts are."""

    def write(self) -> AbstractContextManager[rates.Transaction]: ...


class _Held(NamedTuple):
    """What a process may do for a subject without asking the store again until ``until``.

    ``left`` 0: it was refused, and is until then.
    """

    left: int
    until: float


@dataclass(frozen=True, slots=True)
class Gate:
    """``now`` gives Unix seconds; ``caller``: the address of the request at hand, None: unknown.

    ``trouble``: what a store raises that cannot be used now. Nobody is turned away for that: what
    can only be read is still answered, and what writes fails by itself.
    """

    store: Store
    keyring: Keyring
    allowed: Rates
    now: Callable[[], float]
    caller: Callable[[], str | None] = lambda: None
    trouble: Sequence[type[Exception]] = ()
    _held: dict[tuple[str, str], _Held] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def from_address(self) -> None:
        """A request comes in. Raises TooOften."""
        if self.allowed.address and (address := self._address()):
            self._use(self.allowed.address, address)

    def of_account(self, sid: str) -> None:
        """An account makes a request. Raises TooOften."""
        if self.allowed.account:
            self._use(self.allowed.account, sid)

    def may_sign_in(self, tx: rates.Transaction, user: str | None = None) -> None:
        """Somebody wants to sign in, as ``user`` if he names one. Raises TooOften.

        Too many wrong tries from an address shut it out. Too many for a user shut out the addresses
        that they came from, and not the user himself: else anybody could shut him out.
        """
        rate = self.allowed.sign_ins
        if rate is None:
            return
        now, (address, *named) = self.now(), self._who(user)
        of_address, *of_user = rates.current(tx, rate, [address, *named], now)
        shut = [of_address] if address else []
        if of_user and of_user[1].used + of_user[1].earlier:
            shut.append(of_user[0])
        for count in shut:
            if rates.room(rate, count, now) < 1:
                raise TooOften(rates.told(rate), rates.wait(rate, count, now))

    def wrong_sign_in(self, user: str | None = None) -> bool:
        """It was a wrong one. True if somebody is shut out from now on."""
        rate = self.allowed.sign_ins
        if rate is None:
            return False
        now, who = self.now(), [subject for subject in self._who(user) if subject]
        with self.store.write() as tx:
            counted = [rates.add(tx, count, 1) for count in rates.current(tx, rate, who, now)]
        return any(rates.room(rate, count, now) == 0 for count in counted)

    def _who(self, user: str | None) -> list[str]:
        """The address, the user, and both together; "" for an address that is not known."""
        address = self._address() or ""
        return [address, user, self.keyring.pseudonym(f"{user} {address}")] if user else [address]

    def _address(self) -> str | None:
        address = self.caller()
        return self.keyring.pseudonym(network(address)) if address else None

    def _use(self, rate: Rate, subject: str) -> None:
        key, now = (rate.name, subject), self.now()
        with self._lock:
            held = self._held.get(key)
            # Not past the end of its window, nor far before it: the clock may have been set.
            if held and now < held.until <= now + 2 * rate.seconds:
                if held.left == 0:
                    raise TooOften(rates.told(rate), max(1, math.ceil(held.until - now)))
                if held.left > 1:
                    self._held[key] = held._replace(left=held.left - 1)
                else:
                    del self._held[key]
                return
        self._take(rate, subject, now)

    def _take(self, rate: Rate, subject: str, now: float) -> None:
        try:
            with self.store.write() as tx:
                taken = rates.take(tx, rate, subject, now, PARTS)
        except TooOften as refused:
            self._hold((rate.name, subject), _Held(0, now + refused.retry_after))
            raise
        except tuple(self.trouble):
            return
        if taken.granted > 1:
            self._hold((rate.name, subject), _Held(taken.granted - 1, taken.until))

    def _hold(self, key: tuple[str, str], held: _Held) -> None:
        with self._lock:
            if len(self._held) >= MOST_REMEMBERED:
                self._held.clear()  # what they had left is lost, and they ask the store again
            self._held[key] = held


def network(address: str) -> str:
    """An address as it is counted. What is none stays what it is."""
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, IPv6Address):
        if read.ipv4_mapped:
            return str(read.ipv4_mapped)
        return read.exploded[:19]  # the first 64 bits
    return str(read)
