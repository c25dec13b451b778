"""Kill the server and the worker, over and over, while orders are being verified: ``make crash``.

Then the judge reads the carrier's own log: no attempt was dialled twice, and no order was lost.
The emulator is the carrier and is never killed. ``--naive`` puts in a carrier that retries blindly,
which the judge must catch. Exit code 0: nothing was found; 1: something was.

A long run is judged in eras of ERA_CYCLES, each with a new emulator and a new database: what has
been judged need not be kept, so that neither memory nor the time of a cycle grows. The seed decides
what is killed when and which requests meet a fault; how far the processes have got by then is up
to the machine.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end import crash_database, crash_judge
from tests.end_to_end.crash_customer import VERIFIED, Supply
from tests.end_to_end.crash_judge import Verdict
from tests.end_to_end.crash_summary import of_calls, say, say_summary
from tests.end_to_end.crash_system import KILLS, Place, System, running

ERA_CYCLES = 500
LONGEST_TRAFFIC_SECONDS = 0.4
IMPATIENT = 0.2  # so often a start is not waited for: then it is killed while it starts
REPORT_SECONDS = 10.0


@dataclass(slots=True)
class Run:
    """What was asked for, and what has been found so far."""

    cycles: int
    seed: int
    orders: int
    naive: bool
    database_url: str | None
    chance: random.Random
    supply: Supply
    kills: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)
    began: float = field(default_factory=time.monotonic)
    reported: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.began


def main() -> int:
    """Run the command; gives its exit code."""
    asked = _arguments()
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    run = Run(
        asked.cycles,
        asked.seed,
        asked.orders,
        asked.naive,
        asked.database_url,
        chance,
        Supply(asked.seed),
    )
    signal.signal(signal.SIGTERM, _end)  # so that everything is cleaned up
    say(f"seed {run.seed}{', with a carrier that retries blindly' if run.naive else ''}")
    for first in range(0, run.cycles, ERA_CYCLES):
        _era(run, first, min(first + ERA_CYCLES, run.cycles))
    _summary(run)
    return 1 if run.verdict.findings else 0


def _end(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once: a second one would end the cleaning up
    sys.exit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cycles", type=_whole, default=200, help="how often to kill")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--orders", type=_whole, default=200, help="how many are in work at a time")
    parser.add_argument("--naive", action="store_true", help="with a carrier that retries blindly")
    parser.add_argument(
        "--database-url", help="a PostgreSQL server that databases may be created on"
    )
    return parser.parse_args()


def _whole(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(text)


def _era(run: Run, first: int, last: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lineproof-crash-"))
    try:
        with _database(run, folder) as url:
            verdict = _judged(run, Place(folder, url), first, last)
    except BaseException:  # also what breaks while a signal ends the run
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)  # what a dying process still wrote meanwhile
        raise
    run.verdict.add(verdict)
    if verdict.findings:
        say(f"database and logs of what was found: {folder}")
    else:
        shutil.rmtree(folder)


@contextmanager
def _database(run: Run, folder: Path) -> Iterator[str]:
    """A database of the era's own."""
    if run.database_url is None:
        yield f"{crash_database.SQLITE}{folder / 'lineproof.db'}"
        return
    with crash_database.made(run.database_url) as url:
        yield url


def _judged(run: Run, place: Place, first: int, last: int) -> Verdict:
    seed = run.chance.randrange(2**32)
    with running(place, run.supply, run.orders, seed, run.naive) as system:
        say(f"cycles {first + 1} to {last}: {system.addresses.server} is being killed")
        for cycle in range(first, last):
            _cycle(run, system)
            _progress(run, cycle + 1, system)
        system.drain()
        return crash_judge.judge(system.evidence())


def _cycle(run: Run, system: System) -> None:
    """Let traffic run for a moment, then kill something and start it again."""
    if run.chance.random() >= IMPATIENT:
        system.await_server()
    time.sleep(run.chance.uniform(0, LONGEST_TRAFFIC_SECONDS))
    (kind,) = run.chance.choices([*KILLS], weights=[*KILLS.values()])
    system.kill(kind)
    run.kills[kind] += 1


def _progress(run: Run, cycle: int, system: System) -> None:
    if run.seconds - run.reported < REPORT_SECONDS:
        return
    run.reported = run.seconds
    seen = list(system.ledger.orders.values())
    orders = run.verdict.acknowledged + len(seen)
    verified = run.verdict.verified + seen.count(VERIFIED)
    say(
        f"cycle {cycle}/{run.cycles}, {run.seconds:.0f} s: {orders} orders, {verified} verified; "
        f"found in what has been judged: {len(run.verdict.findings)}"
    )


def _summary(run: Run) -> None:
    verdict = run.verdict
    lines = {
        "cycles": f"{run.cycles} in {run.seconds:.0f} s, seed {run.seed}",
        "kills": ", ".join(f"{kind} {run.kills[kind]}" for kind in KILLS),
        **of_calls(verdict),
    }
    say_summary(lines, verdict.findings)


if __name__ == "__main__":
    raise SystemExit(main())
