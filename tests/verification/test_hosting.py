"""Registration, the test of inbound messages, and what becomes of a number afterwards."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from structlog.testing import capture_logs
from twilio.request_validator import RequestValidator

from tests.conftest import LANDLINE, NUMBER
from verification import (
    accounts,
    availability,
    hosting,
    ordering,
    orders,
    phone_numbers,
    registrars,
)
from verification.hosting import Registered, Stage, Waiting
from verification.hosting_duties import LEASE_SECONDS, RegistrationsDue, ReleasesDue
from verification.ordering import NotHostable, Policy
from verification.outgoing import Answer
from verification.phone_numbers import NumberStatus
from verification.registrars import Emulated, Manual
from verification.statuses import Mover, Status

DAY = 86_400.0
TOLL_FREE = "+18882345678"
SMS_URL = "https://example.com/sms?shop=1"
TWIML = b"<Response><Message>Hi</Message></Response>"
OK = Answer(status=200, body=TWIML, whole=True, content_type="text/xml")


class Web:
    """The customer's webhooks: each answers what it was told to, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def send(self, request):
        self.asked.append(request)
        return self.answers.pop(0)


class Killed(Exception):
    """Stands for kill -9."""


class Desk:
    """An office whose orders are at the carrier's, and the worker that looks after them."""

    def __init__(self, office):
        self.office = office
        self.store, self.clock = office.store, office.clock

    def at_the_carrier(self, number=NUMBER, account=None, **wishes):
        account = account or self.office.account
        with self.store.write() as tx:
            order = ordering.create(tx, account.sid, number, wishes, self.clock.now())
            ordering.settle_eligibility(tx, order.sid, LANDLINE, Policy(), self.clock.now())
            found = tx.orders.get(order.sid)
            assert found is not None
            now = self.clock.now()
            order = orders.move(tx, found, Status.VERIFIED, Mover.OPERATOR, now)
            order = orders.move(tx, order, Status.PENDING_LOA, Mover.CUSTOMER, now)
            order = orders.move(tx, order, Status.CARRIER_PROCESSING, Mover.SIGNER, now)
            hosting.begin(tx, order, now)
        return order

    def worker(self, registrar=None, web=None):
        return RegistrationsDue(
            self.store,
            self.office.keyring,
            registrar or Emulated(1),
            web or Web(OK, OK),
            "+12124567890",
            self.clock.now,
        )

    def completed(self, number=NUMBER, **wishes):
        order = self.at_the_carrier(number, **wishes)
        worker = self.worker(Emulated(0))
        while worker.do():
            pass
        order = self.office.order_now(order.sid)
        assert order.status is Status.COMPLETED
        return order

    def number(self, order):
        with self.store.read() as tx:
            return tx.phone_numbers.get(order.incoming_phone_number_sid)

    def registration(self, order):
        with self.store.read() as tx:
            return tx.registrations.get(order.sid)

    def do(self, act, *arguments):
        with self.store.write() as tx:
            return act(tx, *arguments, self.clock.now())


@pytest.fixture
def desk(office):
    return Desk(office)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("begun", "days", "done"),
    [
        ("2026-11-23T10:00", 1, "2026-11-24T10:00"),
        ("2026-11-27T10:00", 1, "2026-11-30T10:00"),
        ("2026-11-28T10:00", 1, "2026-11-30T10:00"),
        ("2026-11-26T10:00", 3, "2026-12-01T10:00"),
    ],
)
def test_a_business_day_is_none_of_the_weekend(begun, days, done):
    assert registrars.after_business_days(at(begun), days) == at(done)


def test_a_landline_takes_one_business_day_and_a_toll_free_number_two_or_three():
    assert registrars.business_days(NUMBER) == 1
    taken = {registrars.business_days(f"+1888234{n:04d}") for n in range(50)}
    assert taken == {2, 3}


def test_a_landline_is_registered_after_a_business_day_and_not_sooner(desk):
    order = desk.at_the_carrier()
    worker = desk.worker()
    assert worker.do() is True
    assert worker.do() is False
    due_at = desk.registration(order).due_at
    assert due_at == registrars.after_business_days(desk.clock.now(), 1)
    desk.clock.time = due_at - 1
    assert worker.do() is False
    desk.clock.tick(1)
    assert worker.do() is True
    assert desk.office.order_now(order.sid).status is Status.TESTING


def test_a_faster_clock_registers_sooner(desk):
    order = desk.at_the_carrier()
    desk.worker(Emulated(20)).do()
    wait = registrars.after_business_days(desk.clock.now(), 1) - desk.clock.now()
    assert desk.registration(order).due_at == desk.clock.now() + wait / 20


def test_a_resporg_that_accepts_speeds_a_toll_free_number(desk):
    order = desk.at_the_carrier(TOLL_FREE)
    worker = desk.worker()
    worker.do()
    desk.do(hosting.accept, order)
    worker.do()
    assert desk.office.order_now(order.sid).status is Status.TESTING


def test_an_acceptance_while_the_registrar_is_asked_is_not_lost(desk):
    order = desk.at_the_carrier(TOLL_FREE)

    class Slow(Emulated):
        def follow(self, registration, asked, now):
            verdict = super().follow(registration, asked, now)
            if registration.accepted_at is None:
                desk.do(hosting.accept, order)
            return verdict

    worker = desk.worker(Slow(1))
    worker.do()
    worker.do()
    assert desk.office.order_now(order.sid).status is Status.TESTING


def test_only_a_toll_free_number_that_is_being_registered_can_be_accepted(desk):
    with pytest.raises(hosting.NotRegistering, match="toll-free"):
        desk.do(hosting.accept, desk.at_the_carrier())
    done = desk.completed(TOLL_FREE)
    with pytest.raises(hosting.NotRegistering, match="completed"):
        desk.do(hosting.accept, done)


def test_the_test_is_a_signed_message_and_the_number_is_then_in_use(desk):
    order = desk.at_the_carrier(sms_url=SMS_URL)
    web = Web(OK)
    worker = desk.worker(Emulated(0), web)
    worker.do()
    sid = desk.registration(order).message_sid
    worker.do()
    (request,) = web.asked
    sent = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    assert (request.method, request.url) == ("POST", SMS_URL)
    assert (sent["MessageSid"], sent["To"], sent["NumMedia"]) == (sid, NUMBER, "0")
    assert (sent["AccountSid"], sent["From"]) == (order.account_sid, "+12124567890")
    account = desk.office.account
    token = desk.office.keyring.open(account.auth_token, account.sid)
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(token).validate(SMS_URL, sent, signature)
    assert desk.office.order_now(order.sid).status is Status.COMPLETED
    assert desk.number(order).status is NumberStatus.IN_USE
    assert desk.registration(order).stage is Stage.DONE


def test_a_webhook_that_wants_get_is_asked_with_the_query(desk):
    order = desk.at_the_carrier(sms_url=SMS_URL, sms_method="GET")
    web = Web(OK)
    worker = desk.worker(Emulated(0), web)
    worker.do()
    worker.do()
    (request,) = web.asked
    query = dict(parse_qsl(urlsplit(request.url).query))
    assert (request.method, request.body) == ("GET", None)
    assert (query["shop"], query["To"]) == ("1", NUMBER)
    account = desk.office.account
    token = desk.office.keyring.open(account.auth_token, account.sid)
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(token).validate(request.url, {}, signature)
    assert desk.office.order_now(order.sid).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(status=500, whole=True), "answered with HTTP 500"),
        (Answer(status=302, whole=True), "answered with HTTP 302"),
        (Answer(error="timed out"), "could not be asked (timed out)"),
        (Answer(status=200, body=b"<html/>", whole=True), "what is no TwiML"),
        (Answer(status=200, body=b"<Response>", whole=True), "what is no TwiML"),
        (Answer(status=200, body=b"<!DOCTYPE a><Response/>", whole=True), "what is no TwiML"),
        (Answer(status=200, body=TWIML, whole=False), "more than"),
    ],
)
def test_a_webhook_that_fails_needs_action_and_says_why(desk, answer, words):
    order = desk.at_the_carrier(sms_url=SMS_URL)
    worker = desk.worker(Emulated(0), Web(answer))
    worker.do()
    worker.do()
    failed = desk.office.order_now(order.sid)
    assert failed.status is Status.ACTION_REQUIRED
    assert failed.failure_reason.startswith(hosting.PROBLEM)
    assert words in failed.failure_reason
    assert desk.number(order).status is NumberStatus.PENDING


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        Answer(status=204, whole=True),
        Answer(status=200, body=b"Thanks", whole=True, content_type="text/plain; charset=utf-8"),
    ],
)
def test_twiml_a_text_and_nothing_are_answers(desk, answer):
    order = desk.at_the_carrier(sms_url=SMS_URL)
    worker = desk.worker(Emulated(0), Web(answer))
    worker.do()
    worker.do()
    assert desk.office.order_now(order.sid).status is Status.COMPLETED


def test_the_fallback_is_asked_when_the_first_webhook_fails(desk):
    fallback = "https://example.com/other"
    order = desk.at_the_carrier(sms_url=SMS_URL, sms_fallback_url=fallback)
    web = Web(Answer(status=500, whole=True), OK)
    worker = desk.worker(Emulated(0), web)
    worker.do()
    worker.do()
    assert [request.url for request in web.asked] == [SMS_URL, fallback]
    assert dict(parse_qsl(web.asked[1].body.decode()))["ErrorUrl"] == SMS_URL
    assert desk.office.order_now(order.sid).status is Status.COMPLETED


def test_a_number_without_a_webhook_passes_and_nobody_is_asked(desk):
    web = Web()
    order = desk.at_the_carrier()
    worker = desk.worker(Emulated(0), web)
    worker.do()
    worker.do()
    assert desk.office.order_now(order.sid).status is Status.COMPLETED
    assert web.asked == []


def test_a_worker_that_is_killed_in_the_test_sends_the_same_message_again(desk):
    order = desk.at_the_carrier(sms_url=SMS_URL)

    class Dying(Web):
        def send(self, request):
            super().send(request)
            raise Killed

    dying, web = Dying(OK), Web(OK)
    desk.worker(Emulated(0), dying).do()
    with pytest.raises(Killed):
        desk.worker(Emulated(0), dying).do()
    assert desk.worker(Emulated(0), web).do() is False
    desk.clock.tick(LEASE_SECONDS)
    assert desk.worker(Emulated(0), web).do() is True
    assert [request.body for request in web.asked] == [request.body for request in dying.asked]
    assert desk.office.order_now(order.sid).status is Status.COMPLETED
    assert desk.office.events(order.sid).count("status: testing -> completed") == 1


class Slow:
    """A registrar that takes so many seconds for each answer, by the clock of the test."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds = clock, seconds

    def follow(self, registration, order, now):
        self.clock.tick(self.seconds)
        return Registered()


UNWRITABLE: Any = object()


def statuses(desk, made):
    return [desk.office.order_now(order.sid).status for order in made]


def test_many_orders_are_registered_in_one_round(desk):
    made = [desk.at_the_carrier(f"+1902905203{n}") for n in range(3)]
    desk.worker(Emulated(0)).do()
    assert statuses(desk, made) == [Status.TESTING] * 3


def test_what_a_slow_registrar_leaves_no_time_for_is_asked_in_the_next_round(desk):
    made = [desk.at_the_carrier(f"+1902905203{n}") for n in range(3)]
    worker = desk.worker(Slow(desk.clock, LEASE_SECONDS / 2 + 1))
    for left in (2, 1, 0):
        worker.do()
        assert statuses(desk, made).count(Status.CARRIER_PROCESSING) == left


def test_the_trouble_of_one_order_keeps_no_other_from_going_on(desk):
    made = [desk.at_the_carrier(f"+1902905203{n}") for n in range(3)]

    class Odd:
        def follow(self, registration, order, now):
            return Waiting(UNWRITABLE) if order.sid == made[0].sid else Registered()

    with capture_logs() as logged:
        desk.worker(Odd()).do()
    assert [line["order"] for line in logged if line["log_level"] == "error"] == [made[0].sid]
    assert statuses(desk, made) == [Status.CARRIER_PROCESSING, Status.TESTING, Status.TESTING]


def test_an_operator_registers_by_hand_and_his_reason_is_kept(desk):
    order = desk.at_the_carrier()
    worker = desk.worker(Manual())
    worker.do()
    desk.clock.tick(30 * DAY)
    assert worker.do() is False
    moved = desk.do(hosting.move_by_operator, order, Status.TESTING, "the carrier wrote so")
    assert moved.failure_reason is None
    assert worker.do() is True
    assert desk.office.order_now(order.sid).status is Status.COMPLETED
    assert "operator's reason: the carrier wrote so" in desk.office.events(order.sid)


def test_an_operator_sends_an_order_to_its_registration_again(desk):
    order = desk.at_the_carrier(sms_url=SMS_URL)
    worker = desk.worker(Emulated(0), Web(Answer(status=500, whole=True), OK))
    worker.do()
    worker.do()
    failed = desk.office.order_now(order.sid)
    moved = desk.do(hosting.move_by_operator, failed, Status.CARRIER_PROCESSING, "webhook mended")
    assert moved.status is Status.CARRIER_PROCESSING
    worker.do()
    worker.do()
    assert desk.office.order_now(order.sid).status is Status.COMPLETED


def test_a_number_that_another_account_has_in_use_cannot_be_ordered(desk):
    desk.completed()
    with desk.store.write() as tx:
        other, _ = accounts.create(tx, desk.office.keyring, "Other", desk.clock.now())
    with pytest.raises(NotHostable, match="already enabled for messaging"):
        desk.do(ordering.create, other.sid, NUMBER, {})


def test_of_two_accounts_at_the_carrier_the_second_needs_action(desk):
    with desk.store.write() as tx:
        other, _ = accounts.create(tx, desk.office.keyring, "Other", desk.clock.now())
    late = desk.at_the_carrier(account=other)
    desk.clock.tick(-1)
    first = desk.at_the_carrier()
    worker = desk.worker(Emulated(0))
    desk.clock.tick(1)
    while worker.do():
        pass
    ends = {desk.office.order_now(order.sid).status for order in (first, late)}
    assert ends == {Status.COMPLETED, Status.ACTION_REQUIRED}
    reasons = [desk.office.order_now(order.sid).failure_reason for order in (first, late)]
    assert availability.ELSEWHERE in reasons


def test_a_released_number_is_gone_after_three_days_and_can_be_ordered_again(desk):
    order = desk.completed()
    number = desk.number(order)
    released = desk.do(phone_numbers.release, number)
    assert released.status is NumberStatus.RELEASED
    duty = ReleasesDue(desk.store, desk.clock.now)
    desk.clock.tick(3 * DAY - 1)
    assert duty.do() is False
    with pytest.raises(NotHostable, match="being released"):
        desk.do(ordering.create, order.account_sid, NUMBER, {})
    desk.clock.tick(1)
    assert duty.do() is True
    assert duty.do() is False
    assert desk.number(order).status is NumberStatus.GONE
    assert desk.office.order_now(order.sid).deleted_at == desk.clock.now()
    again = desk.completed()
    assert again.sid != order.sid
    assert desk.store.check() == []


def test_only_a_number_in_use_is_released_transferred_ported_or_attached(desk):
    number = desk.number(desk.at_the_carrier())
    with pytest.raises(phone_numbers.NotReleasable, match="take back its order"):
        desk.do(phone_numbers.release, number)
    for act in (
        lambda tx, now: phone_numbers.port(tx, number, False, now),
        lambda tx, now: phone_numbers.attach(tx, number, "MG" + "a" * 32, now),
    ):
        with pytest.raises(phone_numbers.NotInUse):
            desk.do(act)


def test_a_port_is_a_second_number_and_takes_over_the_settings_when_asked(desk):
    order = desk.completed(sms_url=SMS_URL)
    hosted = desk.number(order)
    ported = desk.do(phone_numbers.port, hosted, True)
    assert ported.sid != hosted.sid
    assert (ported.sms_url, ported.voice) == (SMS_URL, True)
    with desk.store.read() as tx:
        held = tx.phone_numbers.of_number(NUMBER)
    assert {one.sid for one in held} == {hosted.sid, ported.sid}
    with pytest.raises(phone_numbers.NumberConflict, match=ported.sid):
        desk.do(phone_numbers.port, hosted, False)
    desk.clock.tick(DAY)
    done = desk.do(phone_numbers.complete_port, ported)
    assert done.status is NumberStatus.IN_USE
    assert desk.number(order).status is NumberStatus.GONE
    with pytest.raises(phone_numbers.NumberConflict):
        desk.do(phone_numbers.complete_port, done)


def test_a_number_in_use_for_voice_is_hosted_by_no_other_account(desk):
    ported = desk.do(phone_numbers.port, desk.number(desk.completed()), False)
    desk.do(phone_numbers.complete_port, ported)
    with desk.store.write() as tx:
        other, _ = accounts.create(tx, desk.office.keyring, "Other", desk.clock.now())
    with pytest.raises(NotHostable, match="in use for voice by another account"):
        desk.do(ordering.create, other.sid, NUMBER, {})
