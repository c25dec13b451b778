"""How long a webhook takes at fifty calls a second while everything else is going on.

A worker dials and does what else falls due, and again and again the database is backed up and what
is old is erased from it, while calls of seven webhooks each begin at their times. The peer is the
same server under the same load with nothing beside it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.parts.figures import FULL, Row, Scale, ratio
from tests.bench.parts.load import Addresses, drive, script
from tests.bench.parts.servers import ROOT, clean_environment, free_port, gunicorn
from tests.bench.parts.world import World, world
from verification.attempts import State

CALLS_PER_SECOND = 50
DIALLED_PER_SECOND = 5
_WORKER = "from app import main; main()"
_UPKEEP = """
import itertools
from app import main
for number in itertools.count():
    for command in ("db", "backup", f"{number}.backup"), ("retention", "purge"):
        main(command, standalone_mode=False)
"""


def figures(scale: Scale = FULL) -> Iterator[Row]:
    """What ``make bench`` prints."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, port = Path(name), free_port()
        base = f"http://127.0.0.1:{port}"
        ours = stack.enter_context(world(folder, base))
        ours.grow(scale.orders[0])
        settings = ours.environment | {
            "LINEPROOF_CALLS_PER_SECOND": str(DIALLED_PER_SECOND),
            "LINEPROOF_SPEED": "20",
        }
        stack.enter_context(gunicorn("app:app", port, folder, settings))
        alone, beside = [], []
        for _ in range(scale.rounds):
            alone.append(_seconds(ours, port, scale.seconds))
            with _work(folder, settings):
                ours.dialled(int(DIALLED_PER_SECOND * scale.seconds) + 1, State.READY)
                beside.append(_seconds(ours, port, scale.seconds))
    for percent in (50, 99):
        quiet = [_percentile(each, percent) for each in alone]
        loud = [_percentile(each, percent) for each in beside]
        yield Row(f"p{percent} with nothing beside it", statistics.median(quiet) * 1e3, "ms")
        yield Row(f"p{percent} with everything", statistics.median(loud) * 1e3, "ms")
        yield Row(f"p{percent}, with everything to without", ratio(loud, quiet), "x")
    longest = max(second for each in beside for second in each)
    yield Row("the longest with everything", longest * 1e3, "ms")


def _seconds(ours: World, port: int, seconds: float) -> list[float]:
    addresses = Addresses(ours.links.voice, ours.links.keys, ours.links.status)
    calls = ours.dialled(int(CALLS_PER_SECOND * seconds) + 1)
    scripts = [script(addresses, call) for call in calls]
    run = drive(port, scripts, connections=64, seconds=seconds, calls_per_second=CALLS_PER_SECOND)
    return run.seconds


def _percentile(seconds: list[float], percent: int) -> float:
    return sorted(seconds)[min(len(seconds) - 1, len(seconds) * percent // 100)]


@contextmanager
def _work(folder: Path, settings: dict[str, str]) -> Iterator[None]:
    """A worker, and backups and purges without an end."""
    given = clean_environment() | settings | {"PYTHONPATH": str(ROOT)}
    commands = [[sys.executable, "-c", _WORKER, "worker"], [sys.executable, "-c", _UPKEEP]]
    with (folder / "work.log").open("ab") as log, tempfile.TemporaryDirectory() as backups:
        running = [
            subprocess.Popen(command, cwd=backups, env=given, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            while not any(Path(backups).iterdir()) and running[1].poll() is None:
                time.sleep(0.05)  # until it has begun
            yield
            assert all(one.poll() is None for one in running), "the work has stopped"
        finally:
            for one in running:
                one.terminate()
            for one in running:
                one.wait(60)
