"""The benchmarks run: at the smallest size, where their figures mean nothing."""

from importlib import import_module

import pytest

from tests.bench.__main__ import BENCHES
from tests.bench.parts.figures import SMALL, Row, interleaved, ratio


# The lab's own takes longer, and is what its tests run all the time.
@pytest.mark.parametrize("name", [name for name in BENCHES if name != "lab"])
def test_a_benchmark_gives_figures(name):
    rows = list(import_module(f"tests.bench.{name}").figures(SMALL))
    assert rows
    assert all(row.value >= 0 for row in rows if row.unit in {"s", "ms", "a second", "MiB"})
    assert any(row.unit == "x" for row in rows)


def test_an_aim_is_missed_by_more_than_the_most_and_by_less_than_the_least():
    assert not Row("a", 2.1, "x", most=2.0).reached
    assert not Row("a", 0.5, "x", least=0.6).reached
    assert Row("a", 0.6, "x", most=2.0, least=0.6).reached


def test_peers_take_turns_and_who_begins_changes():
    order: list[str] = []

    def peer(name):
        order.append(name)
        return float(len(order))

    took = interleaved({"a": lambda: peer("a"), "b": lambda: peer("b")}, 2)
    assert order == ["b", "a", "a", "b"]
    assert ratio(took["a"], took["b"]) == (2 / 1 + 3 / 4) / 2
