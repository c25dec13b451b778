"""What many tests share: a store in a temporary file, keys, and a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from verification import accounts, calling, ordering
from verification.accounts import Account
from verification.attempts import Attempt
from verification.calling import Placed
from verification.codes import Keyring
from verification.numbers import Line, LineType
from verification.ordering import Policy
from verification.orders import Order
from verification.store.sqlite import SqliteStore

NUMBER = "+19029052034"
CALL = "CA" + "c" * 32
LANDLINE = Line(LineType.LANDLINE, "Iristel Inc. - ON")


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    time: float = 1_800_000_000.0

    def now(self) -> float:
        return self.time

    def tick(self, seconds: float) -> float:
        self.time += seconds
        return self.time


@dataclass
class Office:
    """A store with one account, and the steps of an order by their names."""

    store: SqliteStore
    keyring: Keyring
    clock: Clock
    account: Account

    def order(self, number: str = NUMBER, **wishes: object) -> Order:
        """An order that is received."""
        with self.store.write() as tx:
            order = ordering.create(tx, self.account.sid, number, wishes, self.clock.now())
        with self.store.write() as tx:
            settled = ordering.settle_eligibility(
                tx, order.sid, LANDLINE, Policy(), self.clock.now()
            )
        assert settled is not None
        return settled

    def request_call(self, order: Order) -> Order:
        with self.store.write() as tx:
            found = tx.orders.get(order.sid)
            assert found is not None
            return calling.request_call(
                tx, self.keyring, found, self.account.name, self.clock.now()
            )

    def claim(self, interval: float = 0.0) -> Attempt | None:
        with self.store.write() as tx:
            return calling.claim(tx, self.clock.now(), interval)

    def dialled(self, call_sid: str = CALL, **wishes: object) -> Attempt:
        """An attempt whose call the carrier has taken."""
        order = self.request_call(self.order(**wishes))  # type: ignore[arg-type]
        return self.dial(order, call_sid)

    def dial(self, order: Order, call_sid: str = CALL) -> Attempt:
        attempt = self.claim()
        assert attempt is not None
        assert attempt.subject_sid == order.sid
        with self.store.write() as tx:
            calling.record_answer(tx, attempt.id, Placed(call_sid), self.clock.now())
        return self.attempt(attempt.id)

    def attempt(self, attempt_id: str) -> Attempt:
        with self.store.read() as tx:
            found = tx.attempts.get(attempt_id)
        assert found is not None
        return found

    def order_of(self, attempt: Attempt) -> Order:
        return self.order_now(attempt.subject_sid)

    def order_now(self, sid: str) -> Order:
        with self.store.read() as tx:
            found = tx.orders.get(sid)
        assert found is not None
        return found

    def code(self, attempt: Attempt) -> str:
        code = calling.visible_code(self.order_of(attempt), self.keyring, self.clock.now())
        assert code is not None
        return code

    def events(self, sid: str) -> list[str]:
        """What the audit trail says of an order."""
        with self.store.read() as tx:
            return [entry.text for entry in tx.audit.of_object(sid)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "lineproof.db")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def keyring() -> Keyring:
    return Keyring([b"k" * 32])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(store: SqliteStore, keyring: Keyring, clock: Clock) -> Office:
    with store.write() as tx:
        account, _ = accounts.create(tx, keyring, "Maple Street Dental", clock.now())
    return Office(store, keyring, clock, account)


@pytest.fixture(scope="session")
def shared_specs() -> Path:
    """Twilio's OpenAPI files, which stand beside the checkout and not in it."""
    specs = Path(__file__).parents[2] / "shared" / "specs"
    if not specs.is_dir():
        pytest.skip("Twilio's OpenAPI files are not beside this checkout (../shared/specs)")
    return specs
