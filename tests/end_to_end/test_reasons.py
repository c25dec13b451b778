"""The FAQ's reasons, each reached from outside, and how the owner goes on from there."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

import app
from tests import receivers
from tests.end_to_end import story
from tests.end_to_end.calendar import turned_by_hand
from tests.end_to_end.conftest import NUMBER, Customer
from tests.end_to_end.test_journeys import phone
from tests.end_to_end.test_letters import ADDRESS
from tests.mail_server import mail_server
from tests.receivers import Receiver
from twiml.carrier import HttpClient
from verification import cli

OTHER = "+12124567890"
NOT_SIGNED = "The Letter of Authorization was not signed within seven days."
IDLE = "The Hosted Number Order was idle in the verification process for seven days."
USED_UP = "The Hosted Number Order has reached the maximum number of verification attempts."
NO_CARRIER = "Twilio cannot host the phone number because carrier information is unavailable."
ENABLED = "The number is already enabled for messaging by another provider."
PROBLEM = "There was a problem processing your Hosted Number Order"


@pytest.fixture
def calendar(monkeypatch):
    return turned_by_hand(monkeypatch)


@pytest.fixture
def mail_folder(tmp_path):
    return tmp_path / "mails"


@pytest.fixture
def customer(calendar, serve, mail_folder):
    phones = phone("person", types="code") + phone("busy", OTHER)
    return serve(phones, LINEPROOF_MAIL_FOLDER=mail_folder)


def is_now(status):
    return lambda order: order.status == status


def letter(customer, order, email="anne@example.com"):
    return customer.client.numbers.v2.authorization_documents.create(
        hosted_number_order_sids=[order.sid],
        address_sid=customer.client.addresses.create(**ADDRESS).sid,
        email=email,
        contact_phone_number="+19029052030",
    )


def shown(customer, order):
    """What the other family says of an order: its reason, and what its owner can do."""
    found = customer.client.numbers.v2.hosted_number_orders(order.sid).fetch()
    return found.failure_reason, found.next_step


def refused(order, **wishes):
    with pytest.raises(TwilioRestException) as error:
        order.update(**wishes)
    return error.value.status, error.value.code


def test_idle_in_verification(customer, calendar):
    with Receiver() as receiver:
        order = customer.orders.create(
            phone_number=NUMBER, sms_capability=True, status_callback_url=receiver.url
        )
        calendar.turn(days=7)
        order = customer.follow(order, is_now("action-required"))
        assert order.failure_reason == IDLE
        customer.follow(order, lambda _: len(receiver.asked) == 2)
        told = [asked.form for asked in receiver.asked]
    assert [(form["Status"], form.get("FailureReason")) for form in told] == [
        ("received", None),
        ("action-required", IDLE),
    ]
    reason, step = shown(customer, order)
    assert reason == IDLE
    assert "Status=pending-verification" in step
    order = customer.call(order)
    assert (order.status, order.failure_reason) == ("verified", None)


def test_after_seven_more_days_the_order_fails_with_its_reason_and_a_new_one_can_be_made(
    customer, calendar
):
    order = customer.order()
    for status in ("action-required", "failed"):
        calendar.turn(days=7)
        order = customer.follow(order, is_now(status))
        assert order.failure_reason == IDLE
    assert refused(order, status="pending-verification") == (400, 22112)
    assert customer.call(customer.order()).status == "verified"


def test_verified_and_left_for_thirty_days(customer, calendar):
    order = customer.call(customer.order())
    customer.quiet()
    calendar.turn(days=30)
    order = customer.follow(order, is_now("failed"))
    assert order.failure_reason == "The Hosted Number Order was idle for more than thirty days."


def test_the_letter_is_not_signed(customer, calendar):
    order = customer.call(customer.order())
    customer.quiet()
    document = letter(customer, order)
    calendar.turn(days=7)
    order = customer.follow(order, is_now("action-required"))
    assert order.failure_reason == NOT_SIGNED
    assert document.fetch().status == "failed"
    reason, step = shown(customer, order)
    assert reason == NOT_SIGNED
    assert "AuthorizationDocument" in step
    assert refused(order, status="pending-verification") == (400, 22112)
    again = letter(customer, order)
    order = order.fetch()
    assert (order.status, order.failure_reason) == ("pending-loa", None)
    assert order.signing_document_sid == again.sid


def test_the_attempts_are_used_up(customer):
    order = customer.order(OTHER)
    for _ in range(3):
        order = customer.call(order)
    assert (order.status, order.failure_reason) == ("action-required", USED_UP)
    assert refused(order, status="pending-verification") == (400, 22100)


def test_the_person_does_not_want_to_be_called(serve):
    customer = serve(phone("person", types="refuse"))
    order = customer.call(customer.order())
    assert order.status == "action-required"
    assert "declined" in order.failure_reason
    assert refused(order, status="pending-verification") == (400, 22123)


def test_no_carrier_information(serve):
    customer = serve(f'["{OTHER}"]\nanswers = "person"\n')
    order = customer.order(OTHER)
    assert (order.status, order.failure_reason) == ("failed", NO_CARRIER)


def test_enabled_by_another_provider(customer):
    order = customer.order("+19029052032")  # the FAQ's own
    assert (order.status, order.failure_reason) == ("failed", ENABLED)


def test_a_problem_with_the_letter(serve):
    with mail_server() as inbox:
        inbox.to_recipient = "550 no such user"
        customer = serve(
            phone("person", types="code"),
            LINEPROOF_SMTP_URL=f"smtp://127.0.0.1:{inbox.port}",
            LINEPROOF_MAIL_FROM="letters@lineproof.example",
        )
        order = customer.call(customer.order())
        letter(customer, order)
        order = customer.follow(order, is_now("action-required"))
    assert order.failure_reason.startswith(PROBLEM)


def test_enabled_by_another_account_while_both_had_it_registered(customer, mail_folder):
    house = customer.house
    opened = app._opened(house)
    sid, token = cli.new_account(opened, "Another shop")
    other = Customer(house, Client(sid, token, http_client=HttpClient(house.base_url)))
    orders = []
    for buyer, email in ((customer, "anne@example.com"), (other, "roy@example.com")):
        order = buyer.call(buyer.order())
        buyer.quiet()
        letter(buyer, order, email)
        orders.append(order)
    for email in ("anne@example.com", "roy@example.com"):
        story.sign(story.signer_of(mail_folder, email), "Anne-Marie Élise Roy")
    first = customer.follow(orders[0], is_now("completed"))
    second = other.follow(orders[1], is_now("action-required"))
    assert (first.failure_reason, second.failure_reason) == (None, ENABLED)


def test_a_problem_with_the_inbound_test_and_another_letter_after_it(customer, mail_folder):
    with Receiver(receivers.status(500)) as shop:
        order = customer.orders.create(phone_number=NUMBER, sms_capability=True, sms_url=shop.url)
        order = customer.call(order)
        letter(customer, order)
        story.sign(story.signer_of(mail_folder, "anne@example.com"), "Anne-Marie Élise Roy")
        order = customer.follow(order, is_now("action-required"))
    assert order.failure_reason.startswith(PROBLEM)
    assert "the SmsUrl answered with HTTP 500" in order.failure_reason
    number = customer.client.incoming_phone_numbers(order.incoming_phone_number_sid)
    number.update(sms_url="")
    letter(customer, order, "boss@example.com")
    story.sign(story.signer_of(mail_folder, "boss@example.com"), "Anne-Marie Élise Roy")
    customer.follow(order, is_now("completed"))
    assert number.fetch().status == "in-use"
