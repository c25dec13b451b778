"""What is due after the letter: registrations to follow, numbers to test, releases that end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import structlog

from verification import hosting, inbound, phone_numbers
from verification.accounts import Account
from verification.codes import Keyring
from verification.hosting import Registrar, Registration, Stage
from verification.outgoing import Sender
from verification.phone_numbers import PhoneNumber

IDLE_SECONDS = 0.5
RELEASE_IDLE_SECONDS = 60.0  # what takes three days may take a minute more
SLICE = 20
# Longer than a registrar or two webhooks take: a row that was taken is left to its taker so long.
LEASE_SECONDS = 60.0

log = structlog.get_logger()


class Accounts(Protocol):
    """The accounts of one transaction."""

    def get(self, sid: str) -> Account | None: ...


class PhoneNumbers(phone_numbers.PhoneNumbers, Protocol):
    """The numbers as they fall due."""

    def due(self, now: float, limit: int) -> list[PhoneNumber]: ...


class Transaction(hosting.Transaction, Protocol):
    """What these duties need of a transaction."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def phone_numbers(self) -> PhoneNumbers: ...


class Store(Protocol):
    """Where the rows are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class RegistrationsDue:
    """Asks the registrar, and tests what is registered. ``texter``: the number that texts.

    ``now`` gives Unix seconds. A round that was killed is done again: the registrar begins nothing
    twice, and the test's message has the same SID.
    """

    store: Store
    keyring: Keyring
    registrar: Registrar
    web: Sender
    texter: str
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        with self.store.read() as tx:
            if not tx.registrations.any_due(self.now()):
                return False
        # One at a time: each may take as long as the outside world does, within its lease.
        with self.store.write() as tx:
            due = tx.registrations.take_due(self.now(), LEASE_SECONDS, 1)
        for registration in due:
            if registration.stage is Stage.TESTING:
                self._test(registration)
            else:
                self._follow(registration)
        return bool(due)

    def _follow(self, registration: Registration) -> None:
        with self.store.read() as tx:
            order = tx.orders.get(registration.order_sid)
        if order is None:
            return
        verdict = self.registrar.follow(registration, order, self.now())
        with self.store.write() as tx:
            hosting.take(tx, registration, verdict, self.now())
        log.info("registration", order=order.sid, verdict=type(verdict).__name__)

    def _test(self, registration: Registration) -> None:
        with self.store.read() as tx:
            order = tx.orders.get(registration.order_sid)
            number = tx.phone_numbers.get(order.incoming_phone_number_sid) if order else None
            account = tx.accounts.get(number.account_sid) if number else None
        if order is None or number is None or account is None:
            return
        token = self.keyring.open(account.auth_token, account.sid)
        sid = registration.message_sid or ""
        trouble = inbound.why_not(self.web, number, sid, self.texter, token)
        with self.store.write() as tx:
            hosting.tested(tx, order.sid, trouble or None, self.now())
        tested = "passed" if not trouble else "failed"
        log.info("inbound test", order=order.sid, asked=bool(number.sms_url), outcome=tested)


@dataclass(frozen=True, slots=True)
class ReleasesDue:
    """Ends numbers that have been released for three days."""

    store: Store
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return RELEASE_IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        with self.store.read() as tx:
            due = tx.phone_numbers.due(self.now(), SLICE)
        for number in due:
            with self.store.write() as tx:
                phone_numbers.let_go(tx, number.sid, self.now())
        return bool(due)
