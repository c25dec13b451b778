"""The real server, worker and store for ``states.py``, on a clock and a carrier of its own."""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

import app
from twiml import script
from verification import accounts, calling, settings, signatures
from verification.calling import Answer, CarrierCall, Placed, Postponed, Refused, Unclear
from verification.codes import Keyring
from verification.duties import CallsDue, OrdersDue
from verification.fictional import Lines
from verification.limits import IdleOrders
from verification.numbers import Line, LineType
from verification.orders import Order
from verification.store.orders import TABLE
from verification.store.sqlite import SqliteStore

BASE_URL = "http://lineproof.example"
ORDERS = "/HostedNumbers/HostedNumberOrders"
CALLBACK = "https://customer.example/status"
START = 1_800_000_000.0
_TOLD = "SELECT object_sid, COUNT(*) FROM outbox GROUP BY object_sid"
_CALLED = "SELECT subject_sid, id, state, outcome, call_sid FROM attempts ORDER BY ordinal"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a database whose commits cost no disk


class Died(Exception):
    """The dialler was killed between its request and the answer."""


@dataclass
class Clock:
    """Stands still until it is moved."""

    time: float = START

    def now(self) -> float:
        return self.time


class ClockedStore(SqliteStore):
    """A store on the test's clock."""

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(path)
        self.clock = clock

    def now(self) -> float:
        return self.clock.time

    def reopen(self) -> None:
        """What a process that dies and starts again makes of its connections."""
        self.close()
        super().__init__(self.path)


@dataclass
class Exchange:
    """The carrier: what it was asked for, and what it says of its calls.

    ``answer``: what the next request for a call gets. ``calls``: SID, number, status, time.
    """

    clock: Clock
    answer: str = "placed"
    reachable: bool = True
    calls: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    of_attempt: dict[str, str] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)

    def connect(self, number: str) -> str:
        """A call to a number; gives its SID."""
        sid = f"CA{len(self.calls) + 1:032x}"
        self.calls[sid] = (number, "in-progress", self.clock.time)
        return sid

    def end_of(self, sid: str, status: str) -> None:
        number, _, at = self.calls[sid]
        self.calls[sid] = (number, status, at)

    def place(self, attempt_id: str, number: str, limit_seconds: int) -> Answer:
        if attempt_id in self.of_attempt:
            self.doubled.append(attempt_id)
        if self.answer == "postponed":
            return Postponed(10)
        if self.answer == "refused":
            return Refused(21211, "made up")
        if not self.answer.endswith("lost"):
            self.of_attempt[attempt_id] = self.connect(number)
        if self.answer.startswith("died"):
            raise Died
        if self.answer.startswith("unclear"):
            return Unclear("timeout")
        return Placed(self.of_attempt[attempt_id])

    def calls_to(self, number: str, since: float) -> list[CarrierCall] | None:
        if not self.reachable:
            return None
        return [
            CarrierCall(sid, status)
            for sid, (to, status, at) in self.calls.items()
            if to == number and at >= since
        ]

    def call(self, call_sid: str, number: str) -> CarrierCall | None:
        return CarrierCall(call_sid, self.calls[call_sid][1]) if self.reachable else None

    def end(self, call_sid: str, number: str) -> bool:
        return self.reachable

    def look_up(self, number: str) -> Line:
        return Line(LineType.LANDLINE, "Example Telephone")

    def listed(self) -> dict[str, list[tuple[str, str, float]]] | None:
        """What it says of its calls, for the model."""
        if not self.reachable:
            return None
        found: dict[str, list[tuple[str, str, float]]] = {}
        for sid, (number, status, at) in self.calls.items():
            found.setdefault(number, []).append((sid, status, at))
        return found


class World:
    """One server with two accounts; its database stays, whatever dies."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "states.db"
        self.clock = Clock()
        self.exchange = Exchange(self.clock)
        self.keys = ["0f" * 32]
        self._open()
        with self.house.store.write() as tx:
            made = [
                accounts.create(tx, self.house.keyring, name, START) for name in ("Maple", "Birch")
            ]
        self.accounts = [(account.sid, token) for account, token in made]

    def _open(self) -> None:
        chosen = settings.load(
            {
                "DATABASE_URL": f"sqlite:///{self.database}",
                "PUBLIC_BASE_URL": BASE_URL,
                "LINEPROOF_SECRET_KEYS": ",".join(self.keys),
            }
        )
        store = ClockedStore(self.database, self.clock)
        store.migrate()
        keyring: Keyring = settings.keyring(chosen)
        self.store = store
        self.house = app.House(chosen, store, keyring, BASE_URL, BASE_URL, _Nowhere())
        self.client = app.create_app(self.house, self.exchange).test_client()
        lines, now = Lines(self.exchange), store.now
        self.calls = CallsDue(store, self.exchange, now, 0.0)
        self.codes = OrdersDue(store, lines, self.house.policy, now)
        self.idle = IdleOrders(store, now)

    def new_key(self) -> None:
        """Stop the server and start it with one more secret key."""
        self.keys.append(f"{len(self.keys):02x}" * 32)
        self.purge()  # what a server that was asleep does when it starts
        self.store.close()
        self._open()

    def purge(self) -> None:
        """A round of what erases personal data that is due."""
        self.house.retention.do()

    def ask(self, account: int, method: str, path: str, **form: str) -> tuple[int, Any]:
        """A request of a customer; gives the status and the JSON."""
        answer = self.client.open(path, method=method, data=form, auth=self.accounts[account])
        return answer.status_code, answer.get_json(silent=True)

    def hook(self, url: str, call_sid: str, **fields: str) -> tuple[int, bytes]:
        """A signed request of the carrier's."""
        ((sid, (token, *_)),) = self.house.carriers.signers.items()
        form = {"AccountSid": sid, "CallSid": call_sid, **fields}
        signed = {"X-Twilio-Signature": signatures.twilio(url, form, token)}
        path = url.removeprefix(BASE_URL)
        answer = self.client.post(path, data=form, headers=signed, base_url=BASE_URL)
        return answer.status_code, answer.data

    def work(self, answer: str, reachable: bool) -> bool:
        """One round of the dialler; False if it was killed in it."""
        self.exchange.answer, self.exchange.reachable = answer, reachable
        try:
            self.calls.do()
        except Died:
            self.store.reopen()
            return False
        return True

    def said(self, attempt_id: str, step: int, body: bytes) -> tuple[str, str]:
        """What a request of a call was answered, in the conversation's own words."""
        if body == script.hang_up().encode():
            return "hang-up", ""
        with self.house.store.read() as tx:
            reply = tx.replies.get(attempt_id, step)
        assert reply is not None, body
        assert (b"<Gather" in body) is reply.say.startswith("ask"), body
        return str(reply.say), str(reply.note)

    def keys_for(self, attempt_id: str, what: str) -> str:
        """What a person presses who means it, or errs."""
        with self.house.store.read() as tx:
            attempt = tx.attempts.get(attempt_id)
            order = tx.subjects.get(attempt.subject_sid) if attempt else None
        if attempt is None or order is None:
            return "7"  # it was erased: whatever is pressed
        code = calling.live_code(order, self.house.keyring, self.clock.time) or "123456"
        right = attempt.challenge if attempt.stage == "consent" else code
        wrong = re.sub("[0-9]", lambda digit: str((int(digit[0]) + 1) % 10), right)
        return {"right": right, "wrong": wrong, "none": "", "star": "*"}[what]

    def standing(self) -> tuple[list[tuple[Any, ...]], dict[str, list[tuple[Any, ...]]]]:
        """Every order, and the calls of each, as they are written down."""
        with self.house.store.read() as tx:
            rows = tx._execute(f"{TABLE.select} ORDER BY created_at, rowid").fetchall()
            told = dict(tx._execute(_TOLD).fetchall())
            called = tx._execute(_CALLED).fetchall()
        found = TABLE.all(rows)
        calls: dict[str, list[tuple[Any, ...]]] = {order.sid: [] for order in found}
        for sid, *call in called:
            calls[sid].append(tuple(call))
        return [(*self._held(order), told.get(order.sid, 0)) for order in found], calls

    def _held(self, order: Order) -> tuple[Any, ...]:
        visible = calling.visible_code(order, self.house.keyring, self.clock.time)
        gone, tries = order.deleted_at is not None, order.verification_attempts
        return order.sid, str(order.status), tries, visible is not None, gone


class _Nowhere:
    """No mail leaves: nothing here sends any."""

    place = "nowhere"

    def send(self, message: Any, now: float) -> str:
        raise AssertionError("a mail was sent")


@contextmanager
def world() -> Iterator[World]:
    """A world with an empty database, in memory where the system has a folder there."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = Path(tempfile.mkdtemp(dir=_MEMORY if _MEMORY.is_dir() else None))
    made = World(folder)
    try:
        yield made
    finally:
        made.house.store.close()
        shutil.rmtree(folder)
        structlog.configure(**before)
