"""What is due after the letter: registrations to follow, numbers to test, releases that end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import structlog

from verification import hosting, inbound, phone_numbers
from verification.accounts import Account
from verification.codes import Keyring
from verification.hosting import Registrar, Registration, Stage, Verdict
from verification.orders import Order
from verification.outgoing import Sender
from verification.phone_numbers import PhoneNumber

IDLE_SECONDS = 0.5
RELEASE_IDLE_SECONDS = 60.0  # what takes three days may take a minute more
SLICE = 20
# Half of it is longer than a registrar or two webhooks take: a row that was taken is left to its
# taker so long.
LEASE_SECONDS = 90.0

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
class Case:
    """A registration that is due, and what is known of it."""

    registration: Registration
    order: Order
    number: PhoneNumber | None
    account: Account | None


@dataclass(frozen=True, slots=True)
class Tested:
    """How the test of a number went; ``trouble`` None: it passed."""

    trouble: str | None


class Told(NamedTuple):
    """What was said about a case."""

    case: Case
    verdict: Verdict | Tested


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
        """Do one round of what is due now; True if there was anything.

        What the outside world leaves no time for within the lease is due again at once.
        """
        with self.store.read() as tx:
            if not tx.registrations.any_due(self.now()):
                return False
        began = self.now()
        with self.store.write() as tx:
            due = tx.registrations.take_due(began, LEASE_SECONDS, SLICE)
        told: list[Told] = []
        cases = self._cases(due)
        for case in cases:
            told.append(Told(case, self._ask(case)))
            if self.now() > began + LEASE_SECONDS / 2:
                break
        self._record(told, [case.registration for case in cases[len(told) :]])
        return bool(due)

    def _cases(self, due: Sequence[Registration]) -> list[Case]:
        cases = []
        with self.store.read() as tx:
            for registration in due:
                order = tx.orders.get(registration.order_sid)
                if order is None:
                    continue
                number = tx.phone_numbers.get(order.incoming_phone_number_sid)
                account = tx.accounts.get(number.account_sid) if number else None
                cases.append(Case(registration, order, number, account))
        return cases

    def _ask(self, case: Case) -> Verdict | Tested:
        registration, number, account = case.registration, case.number, case.account
        if registration.stage is not Stage.TESTING:
            return self.registrar.follow(registration, case.order, self.now())
        if number is None or account is None:
            return Tested("the number is gone")
        token = self.keyring.open(account.auth_token, account.sid)
        sid = registration.message_sid or ""
        return Tested(inbound.why_not(self.web, number, sid, self.texter, token) or None)

    def _record(self, told: Sequence[Told], unasked: Sequence[Registration]) -> None:
        """Write down what was said; if that fails, of each order by itself.

        So one order's trouble keeps no other from going on. A second one's is not about an order.
        """
        try:
            self._write(told, unasked)
        except Exception as error:
            if len(told) < 2:
                raise
            log.warning("registrations not written together", error=type(error).__name__)
            failed = ""
            for one in told:
                try:
                    self._write([one], [])
                except Exception:
                    if failed:
                        raise
                    failed = one.case.order.sid
                    log.exception("registration not written", order=failed)

    def _write(self, told: Sequence[Told], unasked: Sequence[Registration]) -> None:
        with self.store.write() as tx:
            for case, verdict in told:
                if isinstance(verdict, Tested):
                    hosting.tested(tx, case.order.sid, verdict.trouble, self.now())
                else:
                    hosting.take(tx, case.registration, verdict, self.now())
            for registration in unasked:
                hosting.put_off(tx, registration, self.now())
        for one in told:
            _log(one)


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


def _log(told: Told) -> None:
    case, verdict = told
    if isinstance(verdict, Tested):
        asked = bool(case.number and case.number.sms_url)
        outcome = "failed" if verdict.trouble else "passed"
        log.info("inbound test", order=case.order.sid, asked=asked, outcome=outcome)
    else:
        log.info("registration", order=case.order.sid, verdict=type(verdict).__name__)
