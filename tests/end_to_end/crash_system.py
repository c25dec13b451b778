"""The system under the crash run: emulator, server, worker and customers around one database.

Real parts on loopback, with nothing of the outside in their environment. The server and the worker
may be killed at any moment; the emulator, whose log is the evidence, never is.
"""

from __future__ import annotations

import atexit
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.end_to_end import crash_judge, crash_parts
from tests.end_to_end.crash_customer import Addresses, Customer, Ledger, Supply
from tests.end_to_end.crash_judge import Evidence
from tests.end_to_end.crash_parts import Part
from twiml.webhooks import PREFIX, Links
from verification.codes import Keyring, Unsealable

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
CUSTOMERS = 8
PATIENCE_SECONDS = 30.0  # for anything that takes a second on a machine with nothing else to do
DRAIN_SECONDS = 120.0
COMMAND_SECONDS = 120.0  # a new interpreter, with everything to import
LOOK_SECONDS = 0.01

CARRIER_ACCOUNT = ("AC" + "c" * 32, "made-up-token-of-the-crash-run")
SECRET_KEY = "made-up-secret-key-of-the-crash-run"
CALLS_PER_SECOND = 100  # the most that the settings allow

# What is killed, and how often: "master" leaves gunicorn's workers behind as orphans.
KILLS = {"worker": 4, "master": 2, "server": 2, "both": 2}

_OURS = ("TWILIO_", "LINEPROOF_", "DATABASE_URL", "PUBLIC_BASE_URL", "GUNICORN_", "WEB_")


@dataclass(frozen=True, slots=True)
class Place:
    """Where it all happens: the folder of the logs, and the database."""

    folder: Path
    database_url: str


@dataclass(frozen=True, slots=True)
class System:
    """All parts, and the place of the database and the logs."""

    place: Place
    addresses: Addresses
    emulator: Part
    server: Part
    worker: Part
    customers: list[Customer]
    ledger: Ledger

    def kill(self, kind: str) -> None:
        """Kill what ``kind`` of KILLS names, and start it again at once."""
        hit = [self.worker] if kind in ("worker", "both") else []
        hit += [self.server] if kind != "worker" else []
        self._expect_alive(*hit)
        for part in hit:
            part.kill(alone=kind == "master")
        for part in hit:
            part.start()

    def await_server(self) -> None:
        """Wait until the server answers."""
        wait_until(
            partial(is_answering, self.addresses.server), PATIENCE_SECONDS, "the server to answer"
        )

    def drain(self) -> None:
        """Let customers finish and calls end; what does not in time is left to the judge."""
        until = time.monotonic() + DRAIN_SECONDS
        for customer in self.customers:
            customer.finish()
        for customer in self.customers:
            customer.join(max(0.0, until - time.monotonic()))
        while time.monotonic() < until and crash_judge.calls_under_way(self.place.database_url):
            time.sleep(LOOK_SECONDS)

    def evidence(self) -> Evidence:
        """Stop everything but the emulator, and lay open what it and the database hold."""
        self._stop_customers()
        self._expect_alive(self.worker, self.server, self.emulator)
        self.worker.kill()
        self.server.kill()
        log = crash_judge.read_log(placed_calls(self.addresses.emulator), attempt_of)
        orders, attempts, unsound = crash_judge.read_database(self.place.database_url)
        return Evidence(
            log=log,
            attempts=attempts,
            orders=orders,
            acknowledged=self.ledger.orders,
            answered=crash_judge.answered(self.worker.log),
            unsound=[*unsound, *failed_check(self.place)],
            odd=[
                *self.ledger.odd,
                *crash_judge.complaints(self.server.log),
                *crash_judge.complaints(self.worker.log),
            ],
        )

    def end(self) -> None:
        """Kill all that is left."""
        self._stop_customers()
        for part in (self.worker, self.server, self.emulator):
            part.kill()

    def _expect_alive(self, *parts: Part) -> None:
        gone = [part.log.stem for part in parts if not part.alive]
        self.ledger.odd.extend(f"the {name} had ended by itself" for name in gone)

    def _stop_customers(self) -> None:
        for customer in self.customers:
            customer.abandon()
        for customer in self.customers:
            if customer.ident is not None:
                customer.join(PATIENCE_SECONDS)


@contextmanager
def running(place: Place, supply: Supply, orders: int, seed: int, naive: bool) -> Iterator[System]:
    """Everything started, keeping ``orders`` in work; whatever happens, everything is killed."""
    emulator = Part(
        partial(crash_parts.run_emulator, seed),
        environment_of(place),
        place.folder / "emulator.log",
    )
    # The socket never listens: it keeps the port ours while the server is dead.
    with crash_parts.bound((HOST, 0)) as reserved, ended_after(emulator.kill):
        emulator.start()
        system = _around(emulator, place, reserved.getsockname()[1], naive)
        shares = [len(range(one, orders, CUSTOMERS)) for one in range(CUSTOMERS)]
        system.customers.extend(
            Customer(f"customer-{one}", system.addresses, supply, share, system.ledger)
            for one, share in enumerate(shares)
        )
        with ended_after(system.end):
            system.server.start()
            system.worker.start()
            for customer in system.customers:
                customer.start()
            yield system


@contextmanager
def ended_after(end: Callable[[], None]) -> Iterator[None]:
    """Whatever becomes of the block, and of this process, ``end`` is done."""
    atexit.register(end)
    try:
        yield
    finally:
        end()
        atexit.unregister(end)


def _around(emulator: Part, place: Place, port: int, naive: bool) -> System:
    url = announced_url(emulator.log)
    server_url = f"http://{HOST}:{port}"
    addresses = Addresses(server_url, _account(place), url, CARRIER_ACCOUNT)
    environment = environment_of(place)
    environment |= {"TWILIO_API_BASE_URL": url, "PUBLIC_BASE_URL": server_url}
    server = Part(crash_parts.run_server, environment, place.folder / "server.log", (HOST, port))
    worker = Part(partial(crash_parts.run_worker, naive), environment, place.folder / "worker.log")
    return System(place, addresses, emulator, server, worker, [], Ledger())


def environment_of(place: Place) -> dict[str, str]:
    """What every part is started with: nothing of this machine's own settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OURS) and not name.lower().endswith("_proxy")
    }
    return kept | {
        "DATABASE_URL": place.database_url,
        "LINEPROOF_SECRET_KEYS": SECRET_KEY,
        "LINEPROOF_CALLS_PER_SECOND": str(CALLS_PER_SECOND),
        # A process that is killed takes its share of a minute's requests with it.
        "LINEPROOF_ACCOUNT_REQUESTS_PER_MINUTE": "1000000",
        "LINEPROOF_ADDRESS_REQUESTS_PER_MINUTE": "1000000",
        "LINEPROOF_SPEED": "0",
        "TWILIO_ACCOUNT_SID": CARRIER_ACCOUNT[0],
        "TWILIO_AUTH_TOKEN": CARRIER_ACCOUNT[1],
        "TWILIO_FROM_NUMBER": "+15005550006",
        "PUBLIC_BASE_URL": f"http://{HOST}",
    }


def _lineproof(place: Place, *command: str) -> subprocess.CompletedProcess[str]:
    """Run one command of Lineproof's own."""
    return subprocess.run(
        [sys.executable, "app.py", *command],
        cwd=ROOT,
        env=environment_of(place),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )


def _account(place: Place) -> tuple[str, str]:
    made = _lineproof(place, "account", "create", "Crash Test Dental")
    values = dict(line.split("=", 1) for line in made.stdout.splitlines())
    return values["ACCOUNT_SID"], values["AUTH_TOKEN"]


def failed_check(place: Place) -> list[str]:
    """What ``lineproof db check`` finds wrong with the file and its audit trail."""
    checked = _lineproof(place, "db", "check")
    said = (checked.stdout + checked.stderr).splitlines()
    return [f"db check: {line}" for line in said] if checked.returncode else []


def placed_calls(emulator: str) -> list[dict[str, Any]]:
    """The emulator's log of every call that it took."""
    with requests.Session() as session:
        session.auth, session.trust_env = CARRIER_ACCOUNT, False
        answer = session.get(f"{emulator}/emulator/v1/calls", timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        calls: list[dict[str, Any]] = answer.json()["calls"]
        return calls


def attempt_of(url: str) -> str | None:
    """The attempt whose id is sealed into the URL of a call."""
    token = url.partition("#")[0].rpartition(f"{PREFIX}/voice/")[2]
    try:
        return str(Links(Keyring([SECRET_KEY.encode()]), "").read("voice", token)[0])
    except Unsealable:
        return None


def announced_url(log: Path) -> str:
    """The URL that the emulator prints when it is ready."""

    def lines() -> list[str]:
        written = log.read_text().splitlines(keepends=True) if log.exists() else []
        return [line.strip() for line in written if line.startswith("http") and line[-1] == "\n"]

    wait_until(lambda: bool(lines()), PATIENCE_SECONDS, "the emulator to start")
    return lines()[0]


def is_answering(url: str) -> bool:
    """Whether a server answers at all."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=1.0)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("HEAD", "/")
        return connection.getresponse().status > 0
    return False


def wait_until(happened: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something. Raises TimeoutError, which says ``what`` did not come."""
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError(f"{seconds:g} s were not enough for {what}")
        time.sleep(LOOK_SECONDS)
