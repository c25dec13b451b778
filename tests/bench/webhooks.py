"""Webhooks a second: signed, each with its change of state durable before it is answered.

The calls are whole ones: answered, agreed to, proven with the code. Under the same gunicorn and the
same load as their peers, in turns: a bare Flask route that answers with a constant, and the plain
way of doing it (the SDK's validator, a connection and a commit a request).
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench.parts.figures import FULL, Row, Scale, interleaved, ratio
from tests.bench.parts.load import Addresses, drive, script
from tests.bench.parts.servers import free_port, gunicorn
from tests.bench.parts.world import World, world
from twiml import script as words
from verification.conversation import Reply, Say

MOST_CALLS_A_SECOND = 1_200


def figures(scale: Scale = FULL) -> Iterator[Row]:
    """What ``make bench`` prints."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        ports = {peer: free_port() for peer in ("ours", "bare", "plain")}
        base = f"http://127.0.0.1:{ports['ours']}"
        ours = stack.enter_context(world(folder, base))
        document = folder / "document.xml"
        document.write_text(_first_document(ours))
        given = {
            "ours": ("app:app", ours.environment),
            "bare": ("tests.bench.parts.bare:app", {"BENCH_DOCUMENT": str(document)}),
            "plain": (
                "tests.bench.parts.plain:app",
                {"BENCH_DATABASE": str(folder / "plain.db")},
            ),
        }
        for peer, (application, settings) in given.items():
            stack.enter_context(gunicorn(application, ports[peer], folder, settings))
        count = max(60, int(MOST_CALLS_A_SECOND * scale.seconds))
        costs: list[float] = []

        def rate(peer: str) -> Callable[[], float]:
            def measured() -> float:
                calls = ours.dialled(count)
                addresses = _addresses(peer, ports[peer], ours)
                run = drive(
                    ports[peer], (script(addresses, one) for one in calls), seconds=scale.seconds
                )
                costs.append(run.cost / run.took)
                return run.rate

            return measured

        rates = interleaved({peer: rate(peer) for peer in ports}, scale.rounds)
    for peer, each in rates.items():
        yield Row(f"{peer}", statistics.median(each), "a second")
    yield Row("of the bare route's", ratio(rates["ours"], rates["bare"]), "x", least=0.60)
    yield Row("of the plain way's", ratio(rates["ours"], rates["plain"]), "x", least=3.0)
    yield Row("the load's own share of a core", statistics.median(costs), "cores")


def _addresses(peer: str, port: int, ours: World) -> Addresses:
    if peer == "ours":
        return Addresses(ours.links.voice, ours.links.keys)
    base = f"http://127.0.0.1:{port}/tw/v1"
    return Addresses(lambda call: f"{base}/voice/{call}", lambda call, _: f"{base}/keys/{call}")


def _first_document(ours: World) -> str:
    """What a call of ours is answered with first."""
    (call,) = ours.dialled(1)
    with ours.house.store.read() as tx:
        attempt = tx.attempts.get(call.attempt_id)
    assert attempt
    reply = Reply(Say.ASK_CONSENT, step=1, keys="7")
    return words.document(attempt, reply, lambda step: ours.links.keys(attempt.id, step))
