"""The FAQ's whole story, through nothing but the API, the mails and the signer's page."""

import io

import pypdf
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from tests.conftest import ENGINES
from tests.end_to_end import story
from tests.end_to_end.calendar import turned_by_hand
from tests.end_to_end.conftest import NUMBER
from tests.end_to_end.many_numbers import play
from tests.end_to_end.test_journeys import DEMO_IVR, phone
from tests.end_to_end.test_letters import ADDRESS
from tests.receivers import Receiver, answers

SIGNER, WATCHER = "anne@example.com", "front@example.com"
TWIML = b"<Response><Message>We are open.</Message></Response>"
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(TWIML)}\r\n\r\n"
MANY, CALLED = 100, 20
CHANGES = (
    *("received", "pending-verification", "verified", "pending-loa", "action-required"),
    *("pending-loa", "carrier-processing", "testing", "completed"),
)


@pytest.fixture
def calendar(monkeypatch):
    return turned_by_hand(monkeypatch)


@pytest.fixture
def mail_folder(tmp_path):
    return tmp_path / "mails"


@pytest.fixture
def callbacks():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def shop():
    with Receiver(answers(HEAD.encode() + TWIML)) as receiver:
        yield receiver


def is_now(status):
    return lambda order: order.status == status


def check_callbacks(receiver, token):
    """Each change was reported, and signed in Twilio's way."""
    story.eventually(lambda: len(receiver.asked) == len(CHANGES), "the last callback")
    told = sorted(receiver.asked, key=lambda asked: int(asked.headers["lineproof-sequence"]))
    assert tuple(asked.form["Status"] for asked in told) == CHANGES
    for asked in told:
        signature = asked.headers["x-twilio-signature"]
        assert RequestValidator(token).validate(receiver.url, asked.form, signature)


@pytest.mark.parametrize("engine", ENGINES)
def test_from_the_order_to_a_number_in_use_and_its_release(
    serve, calendar, mail_folder, callbacks, shop
):
    customer = serve(phone(DEMO_IVR, answer_after="1s"), LINEPROOF_MAIL_FOLDER=mail_folder)
    client = customer.client

    # The order, and its eligibility.
    address = client.addresses.create(**ADDRESS)
    order = customer.orders.create(
        phone_number=NUMBER,
        sms_capability=True,
        friendly_name="Front desk",
        address_sid=address.sid,
        email=SIGNER,
        sms_url=shop.url,
        status_callback_url=callbacks.url,
    )
    assert (order.status, order.verification_attempts) == ("received", 0)
    number = client.incoming_phone_numbers(order.incoming_phone_number_sid)
    assert number.fetch().status == "pending"

    # The ownership call: first into the menu's wrong branch, then through it.
    order = customer.call(order, extension="wwww1")
    assert (order.status, order.verification_attempts) == ("pending-verification", 1)
    assert "2 of 3 attempts are left" in order.failure_reason
    order = customer.call(order, extension="wwww2wwwwww5wwwwww9")
    assert (order.status, order.verification_attempts) == ("verified", 2)
    customer.quiet()

    # The letter: nobody signs the first; the second is read and signed.
    documents = client.preview.hosted_numbers.authorization_documents
    letter = {
        "hosted_number_order_sids": [order.sid],
        "address_sid": address.sid,
        "email": SIGNER,
        "cc_emails": [WATCHER],
        "contact_title": "Owner",
        "contact_phone_number": "+19029052030",
    }
    forgotten = documents.create(**letter)
    story.eventually(lambda: story.mails(mail_folder, SIGNER), "a letter")
    calendar.turn(days=7)
    order = customer.follow(order, is_now("action-required"))
    assert forgotten.fetch().status == "failed"
    document = documents.create(**letter)
    story.eventually(lambda: len(story.mails(mail_folder, SIGNER)) == 2, "a second letter")
    browser = story.signer_of(mail_folder, SIGNER)
    assert NUMBER in browser.open().text
    story.sign(browser, "Anne-Marie Élise Roy")
    assert document.fetch().status == "signed"
    *_, copy = story.eventually(
        lambda: len(found := story.mails(mail_folder, WATCHER)) == 3 and found, "a copy"
    )
    (attached,) = copy.iter_attachments()
    pages = pypdf.PdfReader(io.BytesIO(attached.get_content())).pages
    assert NUMBER in "".join(page.extract_text() for page in pages)

    # Registration and the test with a real message; the number is in use.
    order = customer.follow(order, is_now("completed"))
    (message,) = shop.asked
    assert (message.form["To"], message.form["AccountSid"]) == (NUMBER, client.account_sid)
    signature = message.headers["x-twilio-signature"]
    assert RequestValidator(client.password).validate(shop.url, message.form, signature)
    in_use = number.fetch()
    assert (in_use.status, in_use.phone_number, in_use.friendly_name) == (
        "in-use",
        NUMBER,
        "Front desk",
    )
    assert (in_use.capabilities["sms"], in_use.sms_url) == (True, shop.url)
    assert number.update(voice_url="https://example.com/voice").status == "in-use"

    check_callbacks(callbacks, client.password)

    # Released, gone after three days, and ordered again.
    assert number.delete() is True
    assert number.fetch().status == "released"
    with pytest.raises(TwilioRestException) as early:
        customer.order()
    assert early.value.code == 22110
    calendar.turn(days=3)
    story.eventually(lambda: client.incoming_phone_numbers.list() == [], "the end of the release")
    assert customer.order().status == "received"
    assert customer.house.store.check() == []


def test_many_numbers_on_one_letter(serve, mail_folder):
    customer = serve(LINEPROOF_MAIL_FOLDER=mail_folder)
    play(customer.client, customer.house.store, mail_folder, MANY, CALLED)
