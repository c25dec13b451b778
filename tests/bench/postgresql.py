"""Webhooks a second with the state in PostgreSQL, against the same server with it in SQLite.

Both wait for the disk at each commit. PostgreSQL runs on the same machine and has its share of it.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.parts.figures import FULL, Row, Scale, interleaved, ratio
from tests.bench.parts.load import Addresses, drive, script
from tests.bench.parts.servers import free_port, gunicorn
from tests.bench.parts.world import world
from tests.cluster import cluster

MOST_CALLS_A_SECOND = 600


def figures(scale: Scale = FULL) -> Iterator[Row]:
    """What ``make bench`` prints."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        server = stack.enter_context(cluster(durable=True))
        urls = {"postgresql": server.create(), "sqlite": None}
        peers = {
            peer: stack.enter_context(_peer(Path(name) / peer, url, scale.seconds))
            for peer, url in urls.items()
        }
        rates = interleaved(peers, scale.rounds)
    for peer, each in rates.items():
        yield Row(f"on {peer}", statistics.median(each), "a second")
    yield Row("PostgreSQL's of SQLite's", ratio(rates["postgresql"], rates["sqlite"]), "x")


@contextmanager
def _peer(folder: Path, url: str | None, seconds: float) -> Iterator[Callable[[], float]]:
    """A server on a database (None: SQLite); gives what measures its rate."""
    folder.mkdir()
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    count = max(60, int(MOST_CALLS_A_SECOND * seconds))
    with (
        world(folder, base, url) as ours,
        gunicorn("app:app", port, folder, ours.environment),
    ):
        addresses = Addresses(ours.links.voice, ours.links.keys)

        def rate() -> float:
            calls = ours.dialled(count)
            return drive(port, (script(addresses, one) for one in calls), seconds=seconds).rate

        yield rate
