"""Callbacks to receivers of every bad kind while the workers are killed: ``make storm``.

Orders are moved, each move with its callback in one transaction; two workers send them, and one
after another is killed with SIGKILL and started again. Then the judge compares what was moved, what
the database says and what the receivers saw. Exit code 0: nothing was found; 1: something was.

The workers are the program's own; only its waits are shortened, in their order.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from twilio.request_validator import RequestValidator

from tests import receivers
from tests.end_to_end.callback_storm_worker import KEYRING, forks, work
from tests.end_to_end.crash_customer import fit_numbers
from tests.receivers import Asked, Behaviour, Receiver
from verification import accounts, ordering, orders
from verification.callbacks import Message, State
from verification.numbers import Line, LineType
from verification.ordering import Policy
from verification.orders import Order
from verification.statuses import Mover, Status
from verification.store.sqlite import SqliteStore

WORKERS = 2
ACCOUNTS = 4
BATCH = 10
PASSED_OVER = 3  # rounds in which a healthy receiver with something due may be passed over
ROLLED_BACK = 0.05
# A callback lives for a few seconds here: when none has been written or has ended for so long,
# none will. How long all of them take is up to the machine.
STALLED_SECONDS = 120.0
KILL_SECONDS = (0.2, 1.2)
CHANCE = 0.3  # how often the unsteady ones are bad

# An order goes round in these; each step is a callback.
ROUND = {
    Status.RECEIVED: (Status.PENDING_VERIFICATION, Mover.CUSTOMER),
    Status.PENDING_VERIFICATION: (Status.ACTION_REQUIRED, Mover.LINEPROOF),
    Status.ACTION_REQUIRED: (Status.RECEIVED, Mover.OPERATOR),
}


def sometimes(bad: Behaviour) -> Behaviour:
    """Bad now and then, else fine."""

    def behave(connection: socket.socket, asked: Asked, receiver: Receiver) -> None:
        chosen = bad if random.random() < CHANCE else receivers.fine  # noqa: S311
        chosen(connection, asked, receiver)

    return behave


@dataclass(frozen=True, slots=True)
class Kind:
    """How receivers of a kind behave, how many there are, and how their callbacks must end."""

    behave: Behaviour
    ends: State
    share: int
    count: int = 1


KINDS = {
    "healthy": Kind(receivers.fine, State.SENT, 60, 4),
    "failing now and then": Kind(sometimes(receivers.status(503)), State.SENT, 8),
    "hanging now and then": Kind(sometimes(receivers.hangs), State.SENT, 5),
    "dying now and then": Kind(sometimes(receivers.dies), State.SENT, 8),
    "answering 10 GB": Kind(receivers.is_huge, State.SENT, 4),
    "failing": Kind(receivers.status(500), State.FAILED, 3),
    "dripping": Kind(receivers.drips, State.FAILED, 2),
    "redirecting": Kind(receivers.status(302, "Location: {inside}"), State.FAILED, 3),
    "dead": Kind(receivers.fine, State.FAILED, 2),
    "forbidden": Kind(receivers.fine, State.FAILED, 2),
    "gone": Kind(receivers.status(410), State.GONE, 3),
}


@dataclass
class Storm:
    """One run: its receivers, its orders, and what was moved."""

    folder: Path
    messages: int
    seed: int
    orders: int
    most_kills: int
    forgetful: bool
    store: SqliteStore = field(init=False)
    receivers: dict[str, list[Receiver]] = field(default_factory=lambda: defaultdict(list))
    tokens: dict[str, str] = field(default_factory=dict)
    standing: dict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))
    moved: Counter[str] = field(default_factory=Counter)
    kills: int = 0

    def __post_init__(self) -> None:
        self.store = SqliteStore(self.folder / "storm.db")
        self.store.migrate()
        self.chance = random.Random(self.seed)  # noqa: S311

    def open(self, stack: ExitStack) -> None:
        """Open the receivers and an order for each, for each account."""
        self.inside = stack.enter_context(Receiver())
        for name, kind in KINDS.items():
            for _ in range(kind.count):
                behave = kind.behave
                if name == "redirecting":
                    behave = receivers.status(302, f"Location: {self.inside.url}")
                receiver = stack.enter_context(Receiver(behave))
                self.receivers[name].append(receiver)
                if name == "dead":
                    receiver.__exit__()
        numbers = fit_numbers(self.seed)
        for place in range(ACCOUNTS):
            with self.store.write() as tx:
                account, token = accounts.create(tx, KEYRING, f"Account {place}", time.time())
                self.tokens[account.sid] = token
                for name, found in self.receivers.items():
                    for receiver in found * self.orders:
                        order = _order(tx, account.sid, next(numbers), _url(name, receiver))
                        self.standing[name].append(order)
                        self.moved[order.sid] += 1

    def move(self) -> None:
        """Move orders until there are as many callbacks as were asked for."""
        names, shares = list(KINDS), [kind.share for kind in KINDS.values()]
        while (left := self.messages - self.moved.total()) > 0:
            chosen = self.chance.choices(names, shares, k=min(BATCH, left))
            picked = {(name, self.chance.randrange(len(self.standing[name]))) for name in chosen}
            after = {}
            try:
                with self.store.write() as tx:
                    for name, place in sorted(picked):
                        order = self.standing[name][place]
                        moved = orders.move(tx, order, *ROUND[order.status], time.time())
                        after[name, place] = moved
                    if self.chance.random() < ROLLED_BACK:
                        raise InterruptedError
            except InterruptedError:
                continue
            for (name, place), order in after.items():
                self.standing[name][place] = order
                self.moved[order.sid] += 1

    def pending(self) -> int:
        """How many callbacks are still to be sent."""
        with self.store.read() as tx:
            return len(tx.outbox.latest({"state": "pending"}, None))

    def rage(self) -> bool:
        """Kill workers until everything has ended; False if nothing ends any more."""
        seen, since = (-1, -1), time.monotonic()
        mover = threading.Thread(target=self.move, daemon=True)
        mover.start()
        workers = [self._start() for _ in range(WORKERS)]
        try:
            while mover.is_alive() or self.pending():
                far = self.moved.total(), self.pending()
                if far != seen:
                    seen, since = far, time.monotonic()
                elif time.monotonic() > since + STALLED_SECONDS:
                    return False
                time.sleep(self.chance.uniform(*KILL_SECONDS))
                if self.kills == self.most_kills:
                    continue
                victim = self.chance.randrange(WORKERS)
                workers[victim].kill()
                workers[victim].join()
                self.kills += 1
                workers[victim] = self._start()
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
        return True

    def _start(self) -> ForkServerProcess:
        worker = forks.Process(target=work, args=(self.folder, self.forgetful), daemon=True)
        worker.start()
        return worker


def _url(name: str, receiver: Receiver) -> str:
    return receiver.url.replace("127.0.0.1", "127.0.0.2") if name == "forbidden" else receiver.url


def _order(tx: Any, account_sid: str, number: str, url: str) -> Order:
    order = ordering.create(tx, account_sid, number, {"status_callback_url": url}, time.time())
    line = Line(LineType.LANDLINE, "Carrier")
    settled = ordering.settle_eligibility(tx, order.sid, line, Policy(), time.time())
    if settled is None:
        raise LookupError(order.sid)
    return settled


@dataclass
class Verdict:
    """What the judge found, and what there was to find it in."""

    findings: list[str] = field(default_factory=list)
    states: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    requests: int = 0
    repeats: int = 0
    passed_over: int = 0
    rounds: int = 0


def judge(storm: Storm) -> Verdict:
    """Compare what was moved, what was kept and what was received."""
    verdict = Verdict()
    with storm.store.read() as tx:
        kept = tx.outbox.latest({}, None)
    _judge_kept(storm, kept, verdict)
    _judge_received(storm, {message.id: message for message in kept}, verdict)
    for receiver in (storm.inside, *storm.receivers["forbidden"]):
        if receiver.connections:
            verdict.findings.append("a connection was made to where none may be")
    for log in storm.folder.glob("rounds-*"):
        rounds = [int(line) for line in log.read_text().split("\n") if line]
        verdict.rounds += len(rounds)
        verdict.passed_over = max(verdict.passed_over, *rounds, 0)
    if verdict.passed_over > PASSED_OVER:
        verdict.findings.append(f"a healthy receiver waited for {verdict.passed_over} rounds")
    for line in (storm.folder / "worker.log").read_text().splitlines():
        if "Traceback" in line or "worker failed" in line:
            verdict.findings.append(f"worker.log: {line}")
    return verdict


def _judge_kept(storm: Storm, kept: list[Message], verdict: Verdict) -> None:
    """Each move has its callback, and each callback ended as its receiver must make it end."""
    kinds = {order.sid: name for name, found in storm.standing.items() for order in found}
    accepted = set().union(*(one.accepted for found in storm.receivers.values() for one in found))
    places = defaultdict(list)
    for message in kept:
        name = kinds[message.object_sid]
        places[message.object_sid].append(message.sequence)
        verdict.states[name][message.state] += 1
        if message.state is not KINDS[name].ends:
            verdict.findings.append(f"{message.id} to a receiver {name} is {message.state}")
        if message.state is State.SENT and message.id not in accepted:
            verdict.findings.append(f"{message.id} is sent and was accepted by nobody")
    for sid, moves in storm.moved.items():
        if sorted(places[sid]) != list(range(moves)):
            found = len(places[sid])
            verdict.findings.append(f"{sid} was moved {moves} times and reported {found} times")


def _judge_received(storm: Storm, by_id: dict[str, Message], verdict: Verdict) -> None:
    """Each repeat has the first id, says what was written, and is signed."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    times: Counter[str] = Counter()
    for found in storm.receivers.values():
        for receiver in found:
            for asked in receiver.asked:
                form = asked.form
                ids[form["HostedNumberOrderSid"], asked.headers["lineproof-sequence"]].add(asked.id)
                times[asked.id] += 1
                message = by_id.get(asked.id)
                if message is None:
                    verdict.findings.append(f"{asked.id} was received and is unknown")
                    continue
                validator = RequestValidator(storm.tokens[message.account_sid])
                signature = asked.headers["x-twilio-signature"]
                if not validator.validate(message.url, form, signature) or form != message.fields:
                    verdict.findings.append(f"{asked.id} is not what was written or not signed")
    for about, several in ids.items():
        if len(several) > 1:
            verdict.findings.append(f"{about} was repeated under another id")
    verdict.requests, verdict.repeats = times.total(), times.total() - len(times)


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=4, help="of each account for each receiver")
    parser.add_argument("--kills", type=int, default=1_000, help="after so many they may live")
    parser.add_argument("--forgetful", action="store_true", help="with a worker that must be found")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lineproof-storm-"))
    began = time.monotonic()
    with ExitStack() as stack:
        storm = Storm(
            folder, asked.messages, asked.seed, asked.orders, asked.kills, asked.forgetful
        )
        storm.open(stack)
        ended = storm.rage()
        verdict = judge(storm)
    if not ended:
        verdict.findings.append("the callbacks did not come to an end")
    print(f"callbacks  {storm.moved.total()} written, {len(verdict.findings)} findings")
    print(f"requests   {verdict.requests} received, {verdict.repeats} repeats under their first id")
    print(f"workers    {storm.kills} killed, {verdict.rounds} rounds")
    print(f"healthy    passed over for {verdict.passed_over} rounds at most")
    for name, states in verdict.states.items():
        print(f"  {name:22} {json.dumps(states)}")
    for finding in verdict.findings[:20]:
        print(f"FOUND {finding}")
    print(f"{time.monotonic() - began:.0f} s, seed {asked.seed}")
    if verdict.findings:
        print(f"Kept: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
