"""The table of statuses: who may move an order where, and what a move writes."""

import json
from dataclasses import replace
from itertools import product

import pytest

from tests.conftest import run
from verification import orders
from verification.statuses import TRANSITIONS, Mover, MoveRefused, Status


@pytest.mark.parametrize("before", Status)
def test_only_what_the_table_lists_can_happen(office, before):
    order = office.order()
    for to, mover in product(Status, Mover):
        standing = replace(order, status=before)
        allowed = mover in TRANSITIONS.get((before, to), ())
        with office.store.write() as tx:
            if allowed:
                assert orders.move(tx, standing, to, mover, 1.0).status is to
            else:
                with pytest.raises(MoveRefused):
                    orders.move(tx, standing, to, mover, 1.0)


def test_an_ended_order_never_revives():
    assert not [pair for pair in TRANSITIONS if pair[0] in (Status.COMPLETED, Status.FAILED)]


def test_only_keys_and_people_verify_and_never_the_customer_alone():
    for (before, to), movers in TRANSITIONS.items():
        if to is Status.VERIFIED and before is not Status.PENDING_LOA:
            assert Mover.REGISTRAR not in movers
            assert Mover.CUSTOMER not in movers


def test_a_refusal_names_what_is_allowed(office):
    order = office.order()
    with (
        office.store.write() as tx,
        pytest.raises(MoveRefused, match="only to pending-verification"),
    ):
        orders.move(tx, order, Status.COMPLETED, Mover.CUSTOMER, 1.0)


def test_a_move_is_written_with_its_audit_row_and_its_report(office):
    order = office.order(status_callback_url="https://example.com/status")
    office.request_call(order)
    assert office.events(order.sid)[-2:] == [
        "status: received -> pending-verification",
        "call requested: 1 of 3",
    ]
    assert _outbox(office) == [
        ("https://example.com/status", "received"),
        ("https://example.com/status", "pending-verification"),
    ]


def test_a_move_that_is_rolled_back_leaves_nothing(office):
    order = office.order(status_callback_url="https://example.com/status")
    before = (office.order_now(order.sid), office.events(order.sid), _outbox(office))

    def break_off():
        with office.store.write() as tx:
            orders.move(tx, order, Status.PENDING_VERIFICATION, Mover.CUSTOMER, 2.0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert (office.order_now(order.sid), office.events(order.sid), _outbox(office)) == before


def test_without_a_callback_url_nothing_is_reported(office):
    office.request_call(office.order())
    assert _outbox(office) == []


def _outbox(office):
    rows = run(office.store, "SELECT url, fields FROM outbox ORDER BY sequence")
    return [(url, json.loads(fields)["Status"]) for url, fields in rows]
