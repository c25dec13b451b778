"""The memory of a web worker after many webhooks, and how long a server takes to its first answer.

The one worker is warmed up with a quarter of the webhooks: SQLite's and the threads' own caches are
full after some twenty thousand. Then its memory (the private part of what is resident) is read, all
of them are sent, and it is read again.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench.parts.figures import FULL, Row, Scale
from tests.bench.parts.load import Addresses, drive, script
from tests.bench.parts.servers import free_port, gunicorn
from tests.bench.parts.world import World, world

MOST_PERCENT = 1.0
_WEBHOOKS_OF_A_CALL = 3
_AT_ONCE = 2_000  # calls that are prepared at a time


def figures(scale: Scale = FULL) -> Iterator[Row]:
    """What ``make bench`` prints."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, port, bare_port = Path(name), free_port(), free_port()
        base = f"http://127.0.0.1:{port}"
        ours = stack.enter_context(world(folder, base))
        document = folder / "document.xml"
        document.write_text("<Response/>")
        given = {"BENCH_DOCUMENT": str(document)}
        begun = time.perf_counter()
        with gunicorn("tests.bench.parts.bare:app", bare_port, folder, given, workers=1):
            bare_start = time.perf_counter() - begun
        begun = time.perf_counter()
        server = stack.enter_context(gunicorn("app:app", port, folder, ours.environment, workers=1))
        start = time.perf_counter() - begun
        yield Row("start to first answer", start, "s")
        yield Row("start to first answer, to the bare route's", start / bare_start, "x")
        _send(ours, port, scale.webhooks // 4)
        before = _memory(server)
        _send(ours, port, scale.webhooks)
        after = _memory(server)
    yield Row("memory of a worker", before / 1024, "MiB")
    yield Row(
        f"its growth over {scale.webhooks} webhooks",
        (after / before - 1) * 100,
        "percent",
        most=MOST_PERCENT,
    )


def _send(ours: World, port: int, webhooks: int) -> None:
    addresses = Addresses(ours.links.voice, ours.links.keys)
    left = -(-webhooks // _WEBHOOKS_OF_A_CALL)
    while left > 0:
        calls = ours.dialled(min(left, _AT_ONCE))
        drive(port, [script(addresses, call) for call in calls], seconds=3600)
        left -= len(calls)


def _memory(server: subprocess.Popen[bytes]) -> int:
    """The KiB that the one worker of a server has for itself."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    (worker,) = children
    told = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in told if line.startswith("Private_"))
