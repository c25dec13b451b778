"""Orders that stand idle, what becomes of them, and how their owner goes on."""

import json

import pytest

from tests.conftest import CALL, run
from tests.verification.letter_office import Letters
from verification import attempts, limits, ordering, phone_bills
from verification.attempts import ATTEMPTS, ATTEMPTS_USED
from verification.calling import AttemptsUsed, NotCallable
from verification.documents import UnfitOrders
from verification.limits import IDLE, IDLE_IN_VERIFICATION, MONTH, WEEK
from verification.statuses import MoveRefused, Status


@pytest.fixture
def look(office):
    """Lets the worker look once; gives whether there was anything."""
    return limits.IdleOrders(office.store, office.clock.now).do


def put(office, order, status):
    with office.store.write() as tx:
        tx.orders.move_all([order.sid], status, None, office.clock.now())


def ended(office, order):
    now = office.order_now(order.sid)
    return now.status, now.failure_reason


def test_an_order_that_nobody_goes_on_with_needs_action_after_seven_days_and_fails_after_seven_more(
    office, look
):
    order = office.order()
    office.clock.tick(WEEK - 1)
    assert not look()
    office.clock.tick(1)
    assert look()
    assert ended(office, order) == (Status.ACTION_REQUIRED, IDLE_IN_VERIFICATION)
    office.clock.tick(WEEK - 1)
    assert not look()
    office.clock.tick(1)
    assert look()
    assert ended(office, order) == (Status.FAILED, IDLE_IN_VERIFICATION)
    office.clock.tick(10 * MONTH)
    assert not look()


def test_an_order_whose_call_led_to_nothing_is_idle_from_that_call_on(office, look):
    office.clock.tick(WEEK - 60)
    attempt = office.dialled()
    with office.store.write() as tx:
        attempts.hear_report(tx, attempt.id, CALL, "busy", False, office.clock.now())
    office.clock.tick(WEEK - 1)
    assert not look()
    office.clock.tick(1)
    assert look()
    now = office.order_of(attempt)
    assert (now.status, now.failure_reason) == (Status.ACTION_REQUIRED, IDLE_IN_VERIFICATION)
    assert (now.code, now.due_at) == (None, None)


def test_who_changes_his_order_is_not_idle(office, look):
    order = office.order()
    office.clock.tick(WEEK - 1)
    with office.store.write() as tx:
        ordering.edit(tx, order, {"friendly_name": "Desk"}, office.clock.now())
    office.clock.tick(WEEK - 1)
    assert not look()


def test_an_order_whose_phone_bill_waits_for_the_operator_has_a_month(office, look):
    with office.store.write() as tx:
        now = office.clock.now()
        bill = phone_bills.upload(tx, office.keyring, office.account.sid, b"%PDF-%%EOF", now)
    order = office.order(verification_type="phone-bill", verification_document_sid=bill.sid)
    office.clock.tick(MONTH - 1)
    assert not look()
    office.clock.tick(1)
    assert look()
    assert ended(office, order) == (Status.FAILED, IDLE)


@pytest.mark.parametrize(
    "status",
    [Status.TWILIO_PROCESSING, Status.VERIFIED, Status.CARRIER_PROCESSING, Status.TESTING],
)
def test_an_order_that_is_left_idle_in_any_other_stage_fails_after_thirty_days(
    office, look, status
):
    order = office.order()
    put(office, order, status)
    office.clock.tick(MONTH - 1)
    assert not look()
    office.clock.tick(1)
    assert look()
    assert ended(office, order) == (Status.FAILED, IDLE)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.PENDING_LOA])
def test_what_has_ended_and_what_waits_for_a_letter_of_its_own_time_stays(office, look, status):
    put(office, office.order(), status)
    office.clock.tick(10 * MONTH)
    assert not look()


def test_an_order_that_was_taken_back_stays_so(office, look):
    order = office.order()
    with office.store.write() as tx:
        ordering.delete(tx, order, office.clock.now())
    office.clock.tick(10 * MONTH)
    assert not look()


def test_many_are_ended_a_slice_at_a_time_and_each_is_reported(office, look):
    url = "https://example.com/status"
    made = [
        office.order(f"+1902{234_0000 + n}", status_callback_url=url)
        for n in range(limits.SLICE + 1)
    ]
    office.clock.tick(WEEK)
    assert look()
    assert look()
    assert not look()
    assert {ended(office, order) for order in made} == {
        (Status.ACTION_REQUIRED, IDLE_IN_VERIFICATION)
    }
    told = [json.loads(row[0]) for row in run(office.store, "SELECT fields FROM outbox")]
    reasons = [fields.get("FailureReason") for fields in told]
    assert reasons.count(IDLE_IN_VERIFICATION) == reasons.count(None) == len(made)


class TestGoingOn:
    @pytest.fixture
    def idle(self, office, look):
        """An order that needs action since nobody has asked for its call."""
        order = office.order()
        office.clock.tick(WEEK)
        look()
        return order

    def test_the_owner_asks_for_the_call_that_he_had_forgotten(self, office, idle):
        order = office.request_call(idle)
        assert (order.status, order.failure_reason) == (Status.PENDING_VERIFICATION, None)
        assert office.dial(order).subject_sid == idle.sid

    def test_not_when_the_attempts_are_used(self, office, idle):
        for n in range(ATTEMPTS):
            office.request_call(idle)
            attempt = office.dial(idle, f"CA{n:032x}")
            with office.store.write() as tx:
                sid = attempt.call_sid
                attempts.hear_report(tx, attempt.id, sid, "busy", False, office.clock.now())
        assert ended(office, idle) == (Status.ACTION_REQUIRED, ATTEMPTS_USED)
        with pytest.raises(AttemptsUsed):
            office.request_call(idle)

    def test_not_when_the_person_does_not_want_to_be_called(self, office, idle):
        with office.store.write() as tx:
            tx.suppressions.add(idle.phone_number, office.clock.now() + 60)
        with pytest.raises(NotCallable, match="declined"):
            office.request_call(idle)

    def test_not_when_the_order_has_failed(self, office, idle, look):
        office.clock.tick(WEEK)
        look()
        with pytest.raises(MoveRefused, match="failed"):
            office.request_call(idle)

    def test_not_when_the_number_is_proven_and_something_else_is_missing(self, office):
        letters = Letters(office)
        (order,) = letters.verified(1)
        put(office, order, Status.ACTION_REQUIRED)
        with pytest.raises(MoveRefused, match="verified before"):
            office.request_call(order)

    def test_orders_whose_letter_was_not_signed_go_on_another(self, office):
        letters = Letters(office)
        orders = letters.verified(2)
        for order in orders:
            put(office, order, Status.ACTION_REQUIRED)
        document = letters.create([order.sid for order in orders], letters.address())
        assert letters.statuses(document) == {"pending-loa"}
        assert ended(office, orders[0]) == (Status.PENDING_LOA, None)

    def test_an_order_that_was_never_verified_goes_on_no_letter(self, office, idle):
        letters = Letters(office)
        with pytest.raises(UnfitOrders, match="not verified but action-required"):
            letters.create([idle.sid], letters.address())
