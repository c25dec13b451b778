"""What an administrator moves by hand takes its registration and its number along."""

from __future__ import annotations

import pytest

from tests.conftest import NUMBER
from tests.verification.console.conftest import ORDERS, buttons, moved
from tests.verification.console.test_signer import Tags
from verification import accounts, hosting
from verification.availability import ELSEWHERE
from verification.hosting import Stage
from verification.operating import Act
from verification.phone_numbers import NumberStatus
from verification.statuses import Mover, Status


def at_the_carrier(desk, number=NUMBER, office=None):
    order = moved(desk, (office or desk.office).order(number), Status.VERIFIED)
    order = moved(desk, order, Status.PENDING_LOA, None, Mover.CUSTOMER)
    order = moved(desk, order, Status.CARRIER_PROCESSING, None, Mover.SIGNER)
    with desk.house.store.write() as tx:
        hosting.begin(tx, order, desk.clock.now())
    return order


def move(desk, order, to, reason="The carrier wrote so"):
    answer = desk.act(desk.client(), order, "move", to=to, reason=reason)
    assert answer.status_code == 303, answer.text
    return desk.now(order)


def registration(desk, order):
    with desk.house.store.read() as tx:
        return tx.registrations.get(order.sid)


def number(desk, order):
    with desk.house.store.read() as tx:
        return tx.phone_numbers.get(order.incoming_phone_number_sid)


def offered(desk, order):
    text = desk.client().get(f"{ORDERS}/{order.sid}").text
    options = [a["value"] for tag, a in Tags(text).seen if tag == "option"]
    return {one for one in options if one in set(Status)}


def test_an_order_that_is_moved_to_the_test_is_tested(desk):
    order = at_the_carrier(desk)
    assert move(desk, order, "testing").status is Status.TESTING
    held = registration(desk, order)
    assert held.stage is Stage.TESTING
    assert held.message_sid
    assert held.due_at == desk.clock.now()


def test_an_order_that_is_completed_by_hand_has_its_number_in_use(desk):
    order = at_the_carrier(desk)
    move(desk, order, "testing")
    assert move(desk, order, "completed", "Tested by hand").status is Status.COMPLETED
    assert number(desk, order).status is NumberStatus.IN_USE
    assert registration(desk, order).stage is Stage.DONE
    events = desk.office.events(order.sid)
    assert "operator's reason: Tested by hand" in events
    assert any(event.startswith("moved by hand: OP") for event in events)


def test_a_registration_whose_order_is_taken_out_of_it_is_over(desk):
    order = at_the_carrier(desk)
    now = move(desk, order, "action-required", "The address is wrong")
    assert now.failure_reason == "The address is wrong"
    assert (registration(desk, order).stage, registration(desk, order).due_at) == (Stage.DONE, None)
    move(desk, order, "carrier-processing", "The address is mended")
    assert registration(desk, order).stage is Stage.REGISTERING
    assert registration(desk, order).due_at == desk.clock.now()


def test_what_was_never_registered_cannot_be_moved_there_by_hand(desk):
    order = moved(desk, desk.office.order(), Status.ACTION_REQUIRED)
    assert offered(desk, order) == {"verified", "failed"}
    answer = desk.act(desk.client(), order, "move", to="carrier-processing", reason="please")
    assert answer.status_code == 409
    assert desk.now(order).status is Status.ACTION_REQUIRED


def test_a_number_that_is_in_use_elsewhere_is_not_completed_by_hand(desk):
    first = at_the_carrier(desk)
    with desk.house.store.write() as tx:
        other, _ = accounts.create(tx, desk.house.keyring, "Other", desk.clock.now())
    office = type(desk.office)(desk.house.store, desk.house.keyring, desk.clock, other)
    second = at_the_carrier(desk, office=office)
    for order in (first, second):
        move(desk, order, "testing")
        move(desk, order, "completed")
    assert desk.now(first).status is Status.COMPLETED
    assert desk.now(second).status is Status.ACTION_REQUIRED
    assert desk.now(second).failure_reason == ELSEWHERE
    assert number(desk, second).status is NumberStatus.PENDING


# Each status, as an administrator finds it: the buttons, and where the order may be moved by hand.
AS_FOUND = {
    Status.TWILIO_PROCESSING: ({"owner-link", "cancel"}, set()),
    Status.RECEIVED: ({"call", "owner-link", "cancel", "move"}, {"verified", "action-required"}),
    Status.PENDING_VERIFICATION: (
        {"show-code", "owner-link", "cancel", "move"},
        {"verified", "action-required"},
    ),
    Status.VERIFIED: ({"cancel"}, set()),
    Status.PENDING_LOA: ({"cancel"}, set()),
    Status.CARRIER_PROCESSING: ({"move"}, {"testing", "action-required"}),
    Status.TESTING: ({"move"}, {"completed", "action-required"}),
    Status.COMPLETED: (set(), set()),
    Status.ACTION_REQUIRED: (
        {"call", "resume", "cancel", "move"},
        {"verified", "failed"},
    ),
    Status.FAILED: ({"cancel"}, set()),
}


def brought(desk, status):
    if status in (Status.CARRIER_PROCESSING, Status.TESTING, Status.COMPLETED):
        order = at_the_carrier(desk)
        for to in (Status.TESTING, Status.COMPLETED):
            if order.status is not status:
                order = move(desk, order, to)
        return order
    if status is Status.PENDING_VERIFICATION:
        return desk.office.request_call(desk.office.order())
    if status is Status.TWILIO_PROCESSING:
        return desk.ordered()
    if status is Status.RECEIVED:
        return desk.office.order()
    if status is Status.FAILED:
        return moved(desk, desk.ordered(), status)
    order = moved(desk, desk.office.order(), Status.VERIFIED)
    if status is Status.ACTION_REQUIRED:
        return moved(desk, desk.office.order("+19029052035"), status)
    return order if status is Status.VERIFIED else moved(desk, order, status, None, Mover.CUSTOMER)


@pytest.mark.parametrize("status", Status)
def test_a_status_has_its_buttons_and_no_others(desk, status):
    shown, places = AS_FOUND[status]
    order = brought(desk, status)
    text = desk.client().get(f"{ORDERS}/{order.sid}").text
    assert (buttons(text), offered(desk, order)) == (shown, places)
    everything = {str(act) for act in Act}
    for act in sorted(everything - shown):
        answer = desk.act(desk.client(), order, act, to="verified", reason="no")
        assert answer.status_code == 409, act
    assert desk.now(order) == order
