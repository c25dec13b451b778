"""What many tests share: a store in a temporary file, keys, and a clock that is set by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster, cluster
from verification import accounts, calling, ordering
from verification.accounts import Account
from verification.attempts import Attempt
from verification.calling import Placed
from verification.codes import Keyring
from verification.numbers import Line, LineType
from verification.ordering import Policy
from verification.orders import Order
from verification.store import Store
from verification.store.copying import TABLES
from verification.store.postgres import PostgresStore
from verification.store.sqlite import SqliteStore

pytest_plugins = ["tests.canaries"]

# What a developer has measured of his own carrier changes no test.
os.environ["LINEPROOF_CARRIER_FILE"] = str(Path(os.devnull) / "carrier.json")
ENGINES = ("sqlite", "postgres")
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

    store: Store
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
def sqlite_store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "lineproof.db")
    store.migrate()
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of the tests' own."""
    with cluster() as server:
        yield server


@pytest.fixture(scope="session")
def cleared(postgres: Cluster) -> Iterator[Callable[[], str]]:
    """Gives the URL of one database of that server, as empty as on its first day."""
    url = postgres.create()
    with closing(PostgresStore(url)) as store:
        store.migrate()
        with store.read():
            first_day = {table: store.dump(table) for table in TABLES}
            sown = {table: (columns, [*rows]) for table, (columns, rows) in first_day.items()}

        def clear() -> str:
            with store.write():
                store._turn().connection.execute("SET LOCAL session_replication_role = replica")
                for table, (columns, rows) in sown.items():
                    store.clear(table)
                    if rows:
                        store.load(table, columns, rows)
            return url

        yield clear


@pytest.fixture
def postgres_url(cleared: Callable[[], str]) -> str:
    """The URL of a database that is empty now; what a test leaves in it is gone before the next."""
    return cleared()


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[PostgresStore]:
    """A store on PostgreSQL."""
    with closing(PostgresStore(postgres_url)) as store:
        yield store


@pytest.fixture
def engine() -> str:
    """The engine under a whole server; a module that wants both parametrises it by ENGINES."""
    return "sqlite"


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of the engine."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path}/server.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest) -> Store:
    """A store on each engine in turn."""
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


def run(store: Store, statement: str) -> list[Any]:
    """Run a statement that is none of the program's; gives its rows."""
    with store.write() as tx:
        cursor = tx._execute(statement)
        return cursor.fetchall()


def run_unguarded(store: Store, statement: str) -> None:
    """Run a statement that the triggers would refuse."""
    if isinstance(store, SqliteStore):
        run(store, "DROP TRIGGER audit_rows_stay")
        run(store, "DROP TRIGGER audit_rows_are_kept")
        run(store, statement)
    else:
        with store.write() as tx:
            tx._execute("SET LOCAL session_replication_role = replica")
            tx._execute(statement)


def count(store: Store, table: str) -> int:
    """How many rows a table has."""
    with store.read():
        return sum(1 for _ in store.dump(table)[1])


@pytest.fixture
def keyring() -> Keyring:
    return Keyring([b"k" * 32])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(store: Store, keyring: Keyring, clock: Clock) -> Office:
    return opened_office(store, keyring, clock)


@pytest.fixture
def sqlite_office(sqlite_store: SqliteStore, keyring: Keyring, clock: Clock) -> Office:
    return opened_office(sqlite_store, keyring, clock)


@pytest.fixture
def postgres_office(postgres_store: PostgresStore, keyring: Keyring, clock: Clock) -> Office:
    return opened_office(postgres_store, keyring, clock)


def opened_office(store: Store, keyring: Keyring, clock: Clock) -> Office:
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
