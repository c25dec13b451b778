"""The registrar ``twilio`` against a server of Twilio's shape: our own, as the peer."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from twilio.rest import Client

from tests.end_to_end import story
from tests.end_to_end.conftest import NUMBER
from tests.end_to_end.test_journeys import phone
from tests.receivers import Receiver, answers
from twiml.carrier import HttpClient
from twiml.carriers import Carriers
from twiml.registrar import GONE, LATER_SECONDS, LOOK_SECONDS, NO_LETTER, TwilioRegistrar
from verification import settings
from verification.addresses import Address
from verification.documents import Document, DocumentStatus
from verification.hosting import Registered, Registration, Rejected, Stage, Waiting
from verification.orders import Order
from verification.statuses import Status

NOW = datetime(2027, 1, 15, tzinfo=UTC).timestamp()
ADDRESS = Address(
    sid="AD" + "1" * 32,
    account_sid="AC" + "1" * 32,
    created_at=NOW,
    updated_at=NOW,
    customer_name="Anne-Marie Élise Roy",
    friendly_name="Clinique de l’Érable",
    street="14 Maple Street",
    street_secondary="Suite 2",
    city="Halifax",
    region="NS",
    postal_code="B3J 1A1",
    iso_country="CA",
)
LETTER = Document(
    sid="PX" + "1" * 32,
    account_sid=ADDRESS.account_sid,
    created_at=NOW,
    updated_at=NOW,
    status=DocumentStatus.SIGNED,
    address_sid=ADDRESS.sid,
    email="anne@example.com",
    cc_emails=("front@example.com",),
    contact_phone_number="+19029052030",
    contact_title="Owner",
    language="en",
)
ORDER = Order(
    sid="HR" + "1" * 32,
    account_sid=ADDRESS.account_sid,
    phone_number=NUMBER,
    status=Status.CARRIER_PROCESSING,
    created_at=NOW,
    updated_at=NOW,
    incoming_phone_number_sid="PN" + "1" * 32,
    sms_url="https://example.com/sms",
    sms_method="GET",
    signing_document_sid=LETTER.sid,
)


class Desk:
    """One registration, followed by the registrar as the worker does it."""

    def __init__(self, client, papers=(LETTER, ADDRESS), order=ORDER):
        self.order = order
        self.registrar = TwilioRegistrar(client, lambda _: papers)
        self.registration = Registration(ORDER.sid, NUMBER, Stage.REGISTERING, NOW, NOW)

    def look(self):
        verdict = self.registrar.follow(self.registration, self.order, NOW)
        if isinstance(verdict, Waiting) and verdict.reference:
            self.registration = replace(self.registration, reference=verdict.reference)
        return verdict


@pytest.fixture
def mail_folder(tmp_path):
    return tmp_path / "mails of the peer"


@pytest.fixture
def peer(serve, mail_folder):
    return serve(phone("person", types="code"), LINEPROOF_MAIL_FOLDER=mail_folder)


@pytest.fixture
def desk(peer):
    return Desk(peer.client)


TWIML = b"<Response/>"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 11\r\n\r\n" + TWIML


def there(peer):
    (order,) = peer.client.numbers.v2.hosted_number_orders.list()
    return order


def test_an_order_is_handed_over_with_what_its_letter_says(peer, desk):
    verdict = desk.look()
    order = there(peer)
    assert verdict == Waiting(NOW + LOOK_SECONDS, order.sid)
    assert (order.phone_number, order.friendly_name) == (NUMBER, ORDER.sid)
    assert (order.email, order.cc_emails) == ("anne@example.com", ["front@example.com"])
    assert (order.contact_title, order.contact_phone_number) == ("Owner", "+19029052030")
    (address,) = peer.client.addresses.list()
    assert order.address_sid == address.sid
    shown = (address.customer_name, address.friendly_name, address.street_secondary)
    assert shown == ("Anne-Marie Élise Roy", "Clinique de l’Érable", "Suite 2")
    number = peer.client.incoming_phone_numbers(order.incoming_phone_number_sid).fetch()
    assert (number.sms_url, number.sms_method) == ("https://example.com/sms", "GET")


def test_it_is_followed_through_twilios_own_call_and_letter_to_its_end(peer, mail_folder):
    with Receiver(answers(ANSWER)) as shop:
        desk = Desk(peer.client, order=replace(ORDER, sms_url=shop.url, sms_method="POST"))
        desk.look()
        assert isinstance(desk.look(), Waiting)
        assert there(peer).status == "received"  # until its owner asks for Twilio's call
        order = peer.call(peer.orders(there(peer).sid).fetch())
        assert isinstance(desk.look(), Waiting)
        assert there(peer).status == "pending-loa"
        assert isinstance(desk.look(), Waiting)  # and sends no second letter
        assert len(peer.client.numbers.v2.authorization_documents.list()) == 1
        story.sign(story.signer_of(mail_folder, "anne@example.com"), "Anne-Marie Élise Roy")
        peer.follow(order, lambda now: now.status == "completed")
        assert desk.look() == Registered()


def test_what_was_begun_before_a_crash_is_found_again(peer, desk):
    desk.registrar.follow(desk.registration, ORDER, NOW)
    verdict = desk.registrar.follow(desk.registration, ORDER, NOW)
    assert verdict == Waiting(NOW + LOOK_SECONDS, there(peer).sid)
    assert len(peer.client.addresses.list()) == 1


def test_an_order_that_is_refused_there_is_rejected_with_its_reason(peer):
    peer.order(NUMBER)
    verdict = Desk(peer.client).look()
    assert isinstance(verdict, Rejected)
    assert "(22110)" in verdict.reason
    assert NUMBER not in verdict.reason


def test_the_reason_of_twilio_becomes_the_orders(serve):
    desk = Desk(serve(f'["{NUMBER}"]\nline_type = "mobile"\nanswers = "person"\n').client)
    assert desk.look() == Rejected("Mobile numbers are not supported.")


def test_an_order_that_was_deleted_there_is_gone(peer, desk):
    desk.look()
    there(peer).delete()
    assert desk.look() == Rejected(GONE)


def test_an_order_without_a_letter_is_handed_to_nobody(peer):
    assert Desk(peer.client, papers=None).look() == Rejected(NO_LETTER)
    assert peer.client.numbers.v2.hosted_number_orders.list() == []


@pytest.mark.parametrize(
    ("name", "number", "verdict"),
    [
        ("emulated", NUMBER, Registered()),
        ("manual", NUMBER, Waiting(None)),
        ("twilio", NUMBER, Rejected(NO_LETTER)),
        ("manual", "+12125550100", Registered()),
        ("twilio", "+12125550100", Registered()),
    ],
)
def test_the_setting_chooses_who_registers_but_never_a_fictional_number(
    peer, name, number, verdict
):
    house = peer.house
    chosen = settings.load(
        {
            "TWILIO_ACCOUNT_SID": peer.client.username,
            "TWILIO_AUTH_TOKEN": peer.client.password,
            "TWILIO_API_BASE_URL": house.base_url,
            "PUBLIC_BASE_URL": "https://example.com",
            "LINEPROOF_REGISTRAR": name,
            "LINEPROOF_SPEED": 0,
        }
    )
    registrar = Carriers(chosen, house.keyring, house.base_url).registrar(lambda _: None)
    registration = Registration(ORDER.sid, number, Stage.REGISTERING, NOW, NOW)
    assert registrar.follow(registration, replace(ORDER, phone_number=number), NOW) == verdict


def test_the_letter_is_the_signed_one_of_the_order(serve, mail_folder):
    customer = serve(phone("person", types="code"), LINEPROOF_MAIL_FOLDER=mail_folder)
    sid = str(customer.call(customer.order()).sid)

    def papers():
        with customer.house.store.read() as tx:
            order = tx.orders.get(sid)
        return customer.house.papers(order)

    assert papers() is None
    address = customer.client.addresses.create(
        customer_name="Anne Roy",
        street="14 Maple Street",
        city="Halifax",
        region="NS",
        postal_code="B3J 1A1",
        iso_country="CA",
    )
    customer.client.numbers.v2.authorization_documents.create(
        address_sid=address.sid,
        email="anne@example.com",
        contact_phone_number="+19029052030",
        hosted_number_order_sids=[sid],
    )
    assert papers() is None
    story.sign(story.signer_of(mail_folder, "anne@example.com"), "Anne Roy")
    document, held = papers()
    assert (document.email, held.sid) == ("anne@example.com", address.sid)


def test_a_peer_that_cannot_be_reached_is_asked_again(free_port):
    client = Client(
        "AC" + "1" * 32, "t" * 32, http_client=HttpClient(f"http://127.0.0.1:{free_port}")
    )
    assert Desk(client).look() == Waiting(NOW + LATER_SECONDS)
