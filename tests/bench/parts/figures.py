"""What a benchmark gives: rows of a table, each with the most or the least that is aimed for."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple


class Scale(NamedTuple):
    """How long and how large a run is."""

    rounds: int  # of each peer, in turn
    seconds: float  # of load in a round
    orders: tuple[int, ...]  # sizes of the databases, the smallest first
    webhooks: int  # that a worker answers before its memory is looked at again
    numbers: int  # of one bulk request


FULL = Scale(7, 3.0, (1_000, 100_000, 1_000_000), 100_000, 15_000)
SMALL = Scale(1, 0.3, (100, 300), 300, 200)  # shows that the benchmarks run, and nothing else


class Row(NamedTuple):
    """One measured value; ``most`` and ``least``: what it should not pass and should reach."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the value is within what is aimed for."""
        over = self.most is not None and self.value > self.most
        return not over and (self.least is None or self.value >= self.least)


def interleaved(peers: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each peer gives in each round; they take turns, and who begins changes.

    So another program's work falls on all of them, and their ratios stand.
    """
    given: dict[str, list[float]] = {name: [] for name in peers}
    names = list(peers)
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):
            given[name].append(peers[name]())
    return given


def ratio(upper: Iterable[float], lower: Iterable[float]) -> float:
    """The median of the ratios, round by round."""
    return statistics.median(one / other for one, other in zip(upper, lower, strict=True))
