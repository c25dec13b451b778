"""The system under the run of two nodes: two servers behind nginx, two workers, one PostgreSQL.

As on two machines: each part is a process group of its own, and what they share is the database.
The emulator is the carrier; when a call reached it stands in its log.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.cluster import Cluster
from tests.end_to_end import crash_parts, crash_system, front_door
from tests.end_to_end.crash_customer import Addresses
from tests.end_to_end.crash_parts import Part
from tests.end_to_end.crash_system import CARRIER_ACCOUNT, HOST, PATIENCE_SECONDS, SECRET_KEY, Place
from twiml.emulator import Call, Emulator
from verification import accounts, operators
from verification.cli.operators import SIGN_IN
from verification.codes import Keyring
from verification.operators import Role
from verification.store.postgres import PostgresStore

PAIR = (1, 2)
SERVERS = tuple(f"server-{one}" for one in PAIR)
WORKERS = tuple(f"worker-{one}" for one in PAIR)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the servers are set to: calls a second; calls a day, to a number and of an account."""

    rate: float
    number_day: int
    account_day: int


@dataclass(frozen=True, slots=True)
class Nodes:
    """All parts by their names. ``url``: where nginx is."""

    place: Place
    cluster: Cluster
    url: str
    own_urls: dict[str, str]
    emulator: Part
    emulator_url: str
    parts: dict[str, Part]

    def addresses(self, account: tuple[str, str]) -> Addresses:
        """Where a customer finds everything."""
        return Addresses(self.url, account, self.emulator_url, CARRIER_ACCOUNT)

    def let_in(self, names: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
        """Open an account for each name; gives their SIDs and tokens, and an operator's link."""
        keyring = Keyring([SECRET_KEY.encode()])
        with closing(PostgresStore(self.place.database_url)) as store, store.write() as tx:
            made = [accounts.create(tx, keyring, name, store.now()) for name in names]
            operators.create(tx, "watcher", Role.VIEWER, store.now())
            token = operators.new_link(tx, keyring, "watcher", store.now())
        return [(account.sid, token) for account, token in made], f"{self.url}{SIGN_IN}{token}"

    def kill(self, name: str) -> None:
        """Kill one with SIGKILL and start it again; back when it is at work again."""
        self.parts[name].kill()
        self.parts[name].start()
        self.await_answer(name)

    def pause(self, name: str, seconds: float) -> None:
        """Stop one for so long without its knowing."""
        self.parts[name].pause()
        time.sleep(seconds)
        self.parts[name].resume()

    def restart_database(self) -> None:
        """What ``pg_ctl -m immediate restart`` does: every session just ends."""
        self.cluster.stop()
        self.cluster.start()

    def await_answer(self, name: str) -> None:
        """Wait until a server answers by itself."""
        if name in self.own_urls:
            answering = partial(crash_system.is_answering, self.own_urls[name])
            crash_system.wait_until(answering, PATIENCE_SECONDS, f"{name} to answer")

    def ended_by_itself(self) -> list[str]:
        """The parts that nobody has killed and that are gone."""
        return [name for name, part in self.parts.items() if not part.alive]

    def end(self) -> None:
        """Kill all but the emulator, whose log is still to be read."""
        for part in self.parts.values():
            part.kill()


class TimedEmulator(Emulator):
    """Writes down when each call was asked for, by the machine's clock: its own one jumps."""

    def place(self, form: Any) -> Call:
        """Take a call."""
        at = time.time()
        call = super().place(form)
        sys.stdout.write(json.dumps({"sid": call.sid, "to": call.to, "at": at}) + "\n")
        sys.stdout.flush()
        return call


def run_emulator(seed: int) -> None:
    """The emulator of the crash run, with its faults, timed."""
    crash_parts.run_emulator(seed, TimedEmulator)


def arrivals(emulator_log: Path) -> dict[str, float]:
    """When each call reached the carrier, by its SID."""
    lines = [line for line in emulator_log.read_text().splitlines() if line.startswith('{"sid"')]
    return {entry["sid"]: entry["at"] for entry in map(json.loads, lines)}


@contextmanager
def running(folder: Path, cluster: Cluster, url: str, seed: int, plan: Plan) -> Iterator[Nodes]:
    """Everything started; whatever happens, everything is killed."""
    place = Place(folder, url)
    environment = crash_system.environment_of(place)
    emulator = Part(partial(run_emulator, seed), environment, folder / "emulator.log")
    with ExitStack() as stack:
        doors = [stack.enter_context(crash_parts.bound((HOST, 0))) for _ in range(3)]
        front, *own = [door.getsockname()[1] for door in doors]
        stack.enter_context(crash_system.ended_after(emulator.kill))
        emulator.start()
        emulator_url = crash_system.announced_url(emulator.log)
        environment |= {
            "TWILIO_API_BASE_URL": emulator_url,
            "PUBLIC_BASE_URL": f"http://{HOST}:{front}",
            "LINEPROOF_TRUSTED_PROXIES": "1",
            "LINEPROOF_CALLS_PER_SECOND": str(plan.rate),
            "LINEPROOF_CALLS_PER_HOUR": "1000000",
            "LINEPROOF_CALLS_PER_DAY": "1000000",
            "LINEPROOF_NUMBER_CALLS_PER_DAY": str(plan.number_day),
            "LINEPROOF_ACCOUNT_CALLS_PER_DAY": str(plan.account_day),
        }
        with closing(PostgresStore(url)) as store:
            store.migrate()
        nodes = Nodes(
            place=place,
            cluster=cluster,
            url=f"http://{HOST}:{front}",
            own_urls={
                name: f"http://{HOST}:{port}" for name, port in zip(SERVERS, own, strict=True)
            },
            emulator=emulator,
            emulator_url=emulator_url,
            parts=_parts(folder, environment, own),
        )
        stack.enter_context(crash_system.ended_after(nodes.end))
        for part in nodes.parts.values():
            part.start()
        for name in SERVERS:
            nodes.await_answer(name)
        stack.enter_context(_nginx(folder, front, own))
        yield nodes


def _parts(folder: Path, environment: dict[str, str], ports: Sequence[int]) -> dict[str, Part]:
    servers = {
        name: Part(crash_parts.run_server, environment, folder / f"{name}.log", (HOST, port))
        for name, port in zip(SERVERS, ports, strict=True)
    }
    worker = partial(crash_parts.run_worker, False)
    return servers | {name: Part(worker, environment, folder / f"{name}.log") for name in WORKERS}


@contextmanager
def _nginx(folder: Path, port: int, servers: Sequence[int]) -> Iterator[None]:
    home = folder / "nginx"
    home.mkdir()
    upstream = [f"{HOST}:{server}" for server in servers]
    command = front_door.site(home, f"{HOST}:{port} reuseport", upstream)
    with subprocess.Popen(["setpriv", "--pdeathsig=KILL", *command]) as nginx:
        try:
            answering = partial(crash_system.is_answering, f"http://{HOST}:{port}")
            crash_system.wait_until(answering, PATIENCE_SECONDS, "nginx to answer")
            yield
        finally:
            nginx.kill()
