"""Two servers behind nginx and two workers on one PostgreSQL, stopped in turn: ``make nodes``.

While ORDERS numbers are verified by the emulator, one part after the other is killed (SIGKILL) or
paused (SIGSTOP), and PostgreSQL is restarted in the middle as by ``pg_ctl -m immediate restart``.
Then the carrier's own log is held against the database: no order is lost, no attempt was dialled
twice, the pace and the budgets held over both workers, and the rate of wrong sign-ins over both
servers; and an operator's page was live throughout.
Exit code 0: nothing was found; 1: something was.
"""

from __future__ import annotations

import argparse
import itertools
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import cluster
from tests.end_to_end import crash_judge, crash_system, nodes_judge, nodes_system
from tests.end_to_end.crash_customer import Supply
from tests.end_to_end.crash_judge import Evidence, Verdict
from tests.end_to_end.crash_summary import of_calls, say, say_summary
from tests.end_to_end.crash_system import DRAIN_SECONDS, LOOK_SECONDS, PATIENCE_SECONDS
from tests.end_to_end.nodes_customers import Greedy, Guesser, Steady, Watcher
from tests.end_to_end.nodes_judge import Paced, Watched
from tests.end_to_end.nodes_system import SERVERS, WORKERS, Nodes, Plan

FEWEST_CUSTOMERS, MOST_CUSTOMERS, ORDERS_OF_A_CUSTOMER = 6, 20, 100
IN_WORK = 120  # orders at a time
NUMBER_DAY = 4
HOT_NUMBERS, HOT_ACCOUNTS, CALLS_OF_AN_ORDER = 4, 3, 3
SPARE_CALLS, BEYOND = 4, 4  # of an account: above what it needs, and what one wants beyond that
# How long traffic goes undisturbed: a long run is not stopped more often than is needed.
LONGEST_TRAFFIC_SECONDS, ORDERS_A_SECOND_MORE = 1.0, 400
# A server's pause is noticed by who waits for its answer. A worker's outlasts the (shortened) lease
# of its call, and the time after which the call is given up.
SERVER_PAUSES, WORKER_PAUSES = (0.5, 3.0), (0.5, 2.5, 6.5)
REPORT_SECONDS = 10.0

# One after the other: while one is away, its twin is there.
ROUND = (
    ("kill", WORKERS[0]),
    ("pause", SERVERS[1]),
    ("kill", SERVERS[0]),
    ("pause", WORKERS[1]),
    ("kill", WORKERS[1]),
    ("pause", SERVERS[0]),
    ("kill", SERVERS[1]),
    ("pause", WORKERS[0]),
)


@dataclass(slots=True)
class Run:
    """What was asked for, who takes part, and what was done."""

    orders: int
    rate: float
    seed: int
    chance: random.Random
    customers: list[Steady] = field(default_factory=list)
    greedy: list[Greedy] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    reported: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.began

    @property
    def verified(self) -> int:
        """How many orders were seen verified."""
        return sum(customer.verified for customer in self.customers)

    @property
    def plan(self) -> Plan:
        """What the servers are set to: a customer does not reach his budget."""
        return Plan(self.rate, NUMBER_DAY, self.orders // self.accounts * 3 // 2 + SPARE_CALLS)

    @property
    def accounts(self) -> int:
        """How many customers share the orders, each with an account of his own."""
        enough = self.orders // ORDERS_OF_A_CUSTOMER
        return max(FEWEST_CUSTOMERS, min(MOST_CUSTOMERS, enough))


@dataclass(frozen=True, slots=True)
class Found:
    """All that the judges say."""

    verdict: Verdict
    paced: Paced
    page: Watched
    refused: int
    guesses: tuple[int, int]  # told wrong, turned away
    findings: Sequence[str]


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--orders", type=int, default=2000, help="how many are to be verified")
    parser.add_argument("--rate", type=float, default=10.0, help="calls a second of all workers")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args()
    if asked.orders < FEWEST_CUSTOMERS:
        parser.error(f"--orders must be {FEWEST_CUSTOMERS} or more")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is cleaned up
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    run = Run(asked.orders, asked.rate, asked.seed, chance)
    folder = Path(tempfile.mkdtemp(prefix="lineproof-nodes-"))
    try:
        found = _play(run, folder)
    except BaseException:
        say(f"logs: {folder}")
        raise
    _summary(run, found)
    if found.findings:
        say(f"logs of what was found: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _play(run: Run, folder: Path) -> Found:
    with cluster() as database:
        url = database.create()
        with nodes_system.running(folder, database, url, run.seed, run.plan) as nodes:
            say(f"seed {run.seed}: {nodes.url}, {run.orders} orders at {run.rate:g} calls a second")
            watcher, guesser = _people(run, nodes)
            _disturb(run, nodes)
            watcher.finish()
            guesser.finish()
            _drain(run, nodes)
            return _judged(run, nodes, watcher, guesser)


def _people(run: Run, nodes: Nodes) -> tuple[Watcher, Guesser]:
    """Everybody begins."""
    supply = Supply(run.seed)
    names = [f"Account {one}" for one in range(run.accounts + 2 + HOT_ACCOUNTS)]
    accounts, link = nodes.let_in(names)
    people = enumerate(map(nodes.addresses, accounts), start=1)
    for ordinal, addresses in itertools.islice(people, run.accounts):
        quota = len(range(ordinal - 1, run.orders, run.accounts))
        run.customers.append(Steady(ordinal, addresses, supply, IN_WORK // run.accounts, quota))
    # One wants more calls than an account may have, others more than a number may get.
    ordinal, addresses = next(people)
    wanted = [supply.take() for _ in range(run.plan.account_day + BEYOND)]
    run.greedy.append(Greedy(ordinal, addresses, wanted, 1))
    guesser = Guesser(*next(people))
    hot = [supply.take() for _ in range(HOT_NUMBERS)]
    run.greedy += [Greedy(one, addresses, hot, CALLS_OF_AN_ORDER) for one, addresses in people]
    watcher = Watcher(link)
    for person in (*run.customers, *run.greedy, watcher, guesser):
        person.start()
    return watcher, guesser


def _disturb(run: Run, nodes: Nodes) -> None:
    """Kill and pause in turn until all is verified, for one round at least."""
    longest = LONGEST_TRAFFIC_SECONDS + run.orders / ORDERS_A_SECOND_MORE
    pauses = {"server": itertools.cycle(SERVER_PAUSES), "worker": itertools.cycle(WORKER_PAUSES)}
    for turn, (what, name) in enumerate(itertools.cycle(ROUND)):
        is_over = not any(customer.is_alive() for customer in run.customers)
        if is_over and turn >= len(ROUND) and run.done["database restarted"]:
            return
        _report(run)
        time.sleep(run.chance.uniform(0, longest))
        if what == "kill":
            nodes.kill(name)
        else:
            nodes.pause(name, next(pauses[name.partition("-")[0]]))
        run.done[f"{name} {what}{'ed' if what == 'kill' else 'd'}"] += 1
        half = run.verified * 2 >= run.orders or (turn + 1 >= len(ROUND) and is_over)
        if half and not run.done["database restarted"]:
            nodes.restart_database()
            run.done["database restarted"] += 1


def _drain(run: Run, nodes: Nodes) -> None:
    """Let everybody and all calls come to their end; what does not is left to the judges."""
    until = time.monotonic() + DRAIN_SECONDS
    people: list[Steady | Greedy] = [*run.customers, *run.greedy]
    for person in people:
        person.join(max(0.0, until - time.monotonic()))
        person.abandon()
        person.join(PATIENCE_SECONDS)
    while time.monotonic() < until and crash_judge.calls_under_way(nodes.place.database_url):
        time.sleep(LOOK_SECONDS)


def _judged(run: Run, nodes: Nodes, watcher: Watcher, guesser: Guesser) -> Found:
    gone = nodes.ended_by_itself()
    nodes.end()
    logs = {name: nodes.place.folder / f"{name}.log" for name in (*SERVERS, *WORKERS)}
    log = crash_judge.read_log(
        crash_system.placed_calls(nodes.emulator_url), crash_system.attempt_of
    )
    orders, attempts, unsound = crash_judge.read_database(nodes.place.database_url)
    acknowledged = {
        sid: status for customer in run.customers for sid, status in customer.ledger.orders.items()
    }
    wants = [sid for greedy in run.greedy for sid in greedy.acknowledged]
    verdict = crash_judge.judge(
        Evidence(
            log=log,
            attempts=attempts,
            orders=orders,
            acknowledged=acknowledged,
            answered=set().union(*(crash_judge.answered(logs[name]) for name in WORKERS)),
            unsound=[*unsound, *crash_system.failed_check(nodes.place)],
            odd=[
                *(f"the {name} had ended by itself" for name in gone),
                *(line for one in run.customers for line in one.ledger.odd),
                *(line for one in run.greedy for line in one.odd),
                *(f"lost: order {sid} of a greedy one" for sid in wants if sid not in orders),
                # The database was away for a moment, and every duty says so.
                *(one for log in logs.values() for one in crash_judge.complaints(log, "StoreBusy")),
            ],
        )
    )
    arrivals = nodes_system.arrivals(nodes.emulator.log)
    paced = nodes_judge.paced(attempts, arrivals.values())
    page = nodes_judge.watched(watcher.looks)
    of_attempt = {attempt.id: attempt for attempt in attempts}
    called = [of_attempt[one.attempt_id] for one in log if one.attempt_id in of_attempt]
    refused = sum(greedy.refused for greedy in run.greedy)
    findings = [
        *verdict.findings,
        *nodes_judge.hurried(paced, run.rate),
        *nodes_judge.over_budget((one.number for one in called), NUMBER_DAY, "to"),
        *nodes_judge.over_budget((one.account_sid for one in called), run.plan.account_day, "of"),
        *(["nobody was refused for a budget"] if not all(g.refused for g in run.greedy) else []),
        *nodes_judge.guessed(guesser.told_wrong, guesser.turned_away),
        *nodes_judge.dim(page),
        *([f"only {run.verified} orders are verified"] if run.verified < run.orders else []),
    ]
    guesses = (len(guesser.told_wrong), guesser.turned_away)
    return Found(verdict, paced, page, refused, guesses, findings)


def _report(run: Run) -> None:
    if run.seconds - run.reported < REPORT_SECONDS:
        return
    run.reported = run.seconds
    say(f"{run.seconds:.0f} s: {run.verified} of {run.orders} verified")


def _summary(run: Run, found: Found) -> None:
    verdict, paced, page = found.verdict, found.paced, found.page
    lines = {
        "took": f"{run.seconds:.0f} s, seed {run.seed}",
        "done": ", ".join(f"{name} {count}" for name, count in sorted(run.done.items())),
        **of_calls(verdict),
        "pace": f"claims {paced.shortest:.3f} s apart or more, at most {paced.densest} calls in "
        f"{nodes_judge.WINDOW_SECONDS:g} s at the carrier",
        "budgets": f"{found.refused} requests for a call were refused",
        "guesses": "{} tokens were told to be wrong, {} tries turned away".format(*found.guesses),
        "page": f"{page.looks} looks, {page.lost} found the server lost, without an answer for "
        f"{page.longest_blind:.1f} s at most, without news for {page.longest_still:.1f} s",
    }
    say_summary(lines, found.findings)


if __name__ == "__main__":
    raise SystemExit(main())
