"""What an operation costs in a small database and in a large one.

One account has all orders, each with its call. An operation is done in each database in turn; a
figure is the median, in time of CPU, and the ratio that of the largest database to the smallest.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import app
from tests.bench.parts.figures import FULL, Row, Scale, interleaved, ratio
from tests.bench.parts.inside import cost
from tests.bench.parts.load import Addresses, script
from tests.bench.parts.world import World, fresh_number, world
from tests.directories import Unasked
from verification import calling, ordering
from verification.attempts import State
from verification.overview import OrderFilter

MOST = 1.5
MOST_OF_THE_TABLE = 2.0  # the console's, which issue 6 asks for
_TIMES_A_ROUND = 20


def figures(scale: Scale = FULL) -> Iterator[Row]:
    """What ``make bench`` prints."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        worlds = {}
        for count in scale.orders:
            folder = Path(name) / str(count)
            folder.mkdir()
            worlds[count] = stack.enter_context(world(folder))
            worlds[count].grow(count)
        for operation, prepare in OPERATIONS.items():
            actions = {str(count): prepare(one) for count, one in worlds.items()}
            took = interleaved(
                {count: _median(action) for count, action in actions.items()}, scale.rounds
            )
            for size, each in took.items():
                yield Row(f"{operation}, {size} orders", statistics.median(each) * 1e3, "ms")
            most = MOST_OF_THE_TABLE if operation == "console table" else MOST
            few, many = took[str(min(worlds))], took[str(max(worlds))]
            yield Row(f"{operation}, last to first", ratio(many, few), "x", most=most)


def _median(action: Callable[[], float]) -> Callable[[], float]:
    return lambda: statistics.median(action() for _ in range(_TIMES_A_ROUND))


def _timed(action: Callable[[], object]) -> float:
    begun = time.thread_time()
    action()
    return time.thread_time() - begun


def _create(one: World) -> Callable[[], float]:
    store = one.house.store

    def create() -> None:
        with store.write() as tx:
            ordering.create(tx, one.account.sid, fresh_number(), {}, store.now())

    return lambda: _timed(create)


def _list(one: World) -> Callable[[], float]:
    def page() -> None:
        with one.house.store.read() as tx:
            tx.orders.page(one.account.sid, {}, None, 51)

    return lambda: _timed(page)


def _claim(one: World) -> Callable[[], float]:
    store = one.house.store

    def claim() -> float:
        one.dialled(1, State.READY)

        def take() -> None:
            with store.write() as tx:
                assert calling.claim(tx, store.now(), 0.0)

        return _timed(take)

    return claim


def _webhook(one: World) -> Callable[[], float]:
    flask = app.create_app(one.house, Unasked())
    addresses = Addresses(one.links.voice, one.links.keys)
    return lambda: statistics.mean(cost(flask, script(addresses, one.dialled(1)[0])))


def _table(one: World) -> Callable[[], float]:
    def table() -> None:
        with one.house.store.read() as tx:
            tx.console.orders(OrderFilter(), None, 51)
            tx.console.reasons()

    return lambda: _timed(table)


OPERATIONS: dict[str, Callable[[World], Callable[[], float]]] = {
    "create": _create,
    "list": _list,
    "claim": _claim,
    "webhook": _webhook,
    "console table": _table,
}
