"""Ordering a number: eligible, or why not."""

from dataclasses import replace

import pytest

from tests.conftest import NUMBER, count
from verification import ordering
from verification.numbers import Line, LineType, UnfitNumber
from verification.ordering import (
    ALREADY_ENABLED,
    MOBILE,
    NO_CARRIER_INFORMATION,
    OTHER_TYPE,
    VOIP,
    NameTaken,
    NotDeletable,
    NotHostable,
    Policy,
)
from verification.statuses import Status

TOLL_FREE = "+18002345678"
BLOCKED = "Twilio - SMS-Sybase365/MMS-SVR"


@pytest.mark.parametrize(
    ("number", "line", "reason"),
    [
        (NUMBER, Line(LineType.LANDLINE, "Iristel Inc. - ON"), None),
        (NUMBER, Line(LineType.MOBILE, "Bell Mobility"), MOBILE),
        (NUMBER, Line(LineType.VOIP, "Some VoIP Inc."), None),
        (NUMBER, Line(LineType.VOIP, BLOCKED), ALREADY_ENABLED),
        (NUMBER, Line(LineType.LANDLINE, BLOCKED), ALREADY_ENABLED),
        (NUMBER, Line(None, None), NO_CARRIER_INFORMATION),
        (NUMBER, Line(LineType.OTHER, "Paging Ltd"), OTHER_TYPE),
        (TOLL_FREE, Line(None, None), None),
        (TOLL_FREE, Line(LineType.TOLL_FREE, "RespOrg"), None),
    ],
)
def test_the_line_decides(number, line, reason):
    assert ordering.why_not(number, line, Policy()) == reason


def test_a_setting_refuses_all_voip():
    line = Line(LineType.VOIP, "Some VoIP Inc.")
    assert ordering.why_not(NUMBER, line, Policy(accept_voip=False)) == VOIP


def _create(office, number=NUMBER, **wishes):
    with office.store.write() as tx:
        return ordering.create(tx, office.account.sid, number, wishes, office.clock.now())


def _settle(office, order, line):
    with office.store.write() as tx:
        return ordering.settle_eligibility(tx, order.sid, line, Policy(), office.clock.now(), 30)


def test_an_order_begins_in_twilio_processing_and_is_received_when_eligible(office):
    order = _create(office)
    assert order.status is Status.TWILIO_PROCESSING
    assert _settle(office, order, Line(LineType.LANDLINE, "X")).status is Status.RECEIVED


def test_an_order_for_an_unfit_line_fails_with_the_reason(office):
    order = _settle(office, _create(office), Line(LineType.MOBILE, "X"))
    assert (order.status, order.failure_reason) == (Status.FAILED, MOBILE)


def test_while_the_directory_cannot_be_asked_the_order_waits_for_a_later_try(office):
    order = _settle(office, _create(office), None)
    assert order.status is Status.TWILIO_PROCESSING
    assert order.due_at == office.clock.now() + 30


def test_an_order_is_settled_once(office):
    order = _settle(office, _create(office), Line(LineType.LANDLINE, "X"))
    assert _settle(office, order, Line(LineType.MOBILE, "X")).status is Status.RECEIVED


def test_a_second_open_order_for_the_number_is_refused_and_names_the_first(office):
    first = _create(office)
    with pytest.raises(NotHostable, match=first.sid):
        _create(office)


def test_after_a_failed_order_the_number_can_be_ordered_again(office):
    _settle(office, _create(office), Line(LineType.MOBILE, "X"))
    assert _create(office).status is Status.TWILIO_PROCESSING


def test_an_unfit_number_makes_no_order(office):
    with pytest.raises(UnfitNumber):
        _create(office, "+19005551234")
    assert count(office.store, "orders") == 0


def test_a_unique_name_belongs_to_one_order_of_the_account(office):
    first = _create(office, unique_name="main line")
    with pytest.raises(NameTaken, match=first.sid):
        _create(office, TOLL_FREE, unique_name="main line")


def test_a_deleted_order_frees_its_number_and_its_name(office):
    order = _create(office, unique_name="main line")
    with office.store.write() as tx:
        ordering.delete(tx, order, office.clock.now())
    assert _create(office, unique_name="main line").sid != order.sid


def test_an_order_with_the_carrier_cannot_be_deleted(office):
    order = replace(_create(office), status=Status.CARRIER_PROCESSING)
    with office.store.write() as tx, pytest.raises(NotDeletable, match="pending-loa"):
        ordering.delete(tx, order, office.clock.now())
