"""How the console's tables are read: from an index in its order, whatever the filters are."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.conftest import NUMBER
from verification import bulk, orders
from verification.bulk import Wish
from verification.ordering import Place
from verification.overview import NumberFilter, OrderFilter
from verification.phone_numbers import NumberStatus
from verification.statuses import Mover, Status
from verification.store.console import Console

PLACES = [None, Place(5.0, "HR1"), Place(5.0, "HR1", before=True)]
ORDERS = {
    "status": Status.RECEIVED,
    "since": 1.0,
    "until": 9.0,
    "reason": "The number was busy.",
}
NUMBERS = {"status": NumberStatus.IN_USE, "account_sid": "AC1", "voice": True}


def some_of(filters):
    """Every choice of them."""
    counts = range(len(filters) + 1)
    chosen = itertools.chain(*(itertools.combinations(filters, count) for count in counts))
    return [{name: filters[name] for name in names} for names in chosen]


def plan(store, read):
    """The steps with which SQLite runs the one statement of ``read``."""
    asked = []
    with store.read() as tx:

        def noted(sql, params):
            asked.append(tx._execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())
            return tx._execute(sql, params)

        statements: Any = noted
        read(Console(statements))
    (steps,) = asked
    return [step[3] for step in steps]


@pytest.mark.parametrize("filters", some_of(ORDERS), ids="-".join)
def test_a_page_of_orders_is_read_in_the_order_of_an_index(sqlite_store, filters):
    for place in PLACES:
        steps = plan(sqlite_store, lambda c, p=place: c.orders(OrderFilter(**filters), p, 51))
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
        assert [step for step in steps if " USING INDEX orders_by_" in step], steps
        if {"status", "reason"} <= filters.keys():
            assert "orders_by_status_and_reason" in steps[0]


@pytest.mark.parametrize("filters", some_of(NUMBERS), ids="-".join)
def test_a_page_of_numbers_is_read_in_the_order_of_an_index(sqlite_store, filters):
    for place in PLACES:
        steps = plan(sqlite_store, lambda c, p=place: c.numbers(NumberFilter(**filters), p, 51))
        assert not [step for step in steps if "TEMP B-TREE" in step], steps
        assert "SCAN phone_numbers" not in steps


@pytest.mark.parametrize("number", ["+19029052034", "+19029052"])
def test_a_number_and_its_beginning_are_looked_up_by_an_index(sqlite_store, number):
    steps = plan(sqlite_store, lambda c: c.orders(OrderFilter(number=number), None, 51))
    assert "orders_by_number" in steps[0]
    steps = plan(sqlite_store, lambda c: c.numbers(NumberFilter(number=number), None, 51))
    assert "SEARCH phone_numbers USING INDEX numbers_by_" in steps[0]


def test_both_engines_find_the_same(office):
    first = office.order()
    fields = {"address_sid": None, "friendly_name": "Back office"}
    with office.store.write() as tx:
        orders.move(tx, first, Status.ACTION_REQUIRED, Mover.LINEPROOF, 1.0, "because")
        checked = bulk.check([Wish("line 2", "+19029052035", fields)])
        made = bulk.create(tx, office.account.sid, checked, None, None, office.clock.now())

    def found(**filters):
        return [one.phone_number for one in console.orders(OrderFilter(**filters), None, 9)]

    with office.store.read() as tx:
        console = tx.console
        assert console.reasons() == ["because"]
        assert found(reason="because") == [NUMBER]
        assert found(reason="because", status=Status.ACTION_REQUIRED) == [NUMBER]
        assert found(reason="because", status=Status.FAILED) == []
        assert [one.sid for one in console.bulks(9)] == [made.sid]
        assert console.counts_of_bulk(made.sid) == {Status.TWILIO_PROCESSING: 1}
        (order,) = console.orders_of_bulk(made.sid, Status.TWILIO_PROCESSING, 9)
        assert order.friendly_name == "Back office"
        for wanted in (NumberFilter(**one) for one in some_of(NUMBERS)):
            assert console.numbers(wanted, PLACES[1], 9) == []
        assert len(console.numbers(NumberFilter(number="+1902905"), None, 9)) == 2
