"""Test mode: each fictional number plays its story, also on a server whose other calls are live."""

import time

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.end_to_end.conftest import NUMBER, Customer
from twiml.client import HttpClient
from twiml.emulator import Emulator, Phones, clock_for
from twiml.emulator.serving import serving
from verification import accounts, fictional, ordering
from verification.fictional import STORIES

TWILIO_SID = "AC" + "a" * 32
TWILIO_TOKEN = "b" * 32
CALLER = "+14157234000"


def number(story):
    return f"+120255501{story.digits}"


def trial(customer):
    """A customer of the same server with a test account."""
    house = customer.house
    with house.store.write() as tx:
        made = accounts.create(tx, house.keyring, "Trials", time.time(), test=True)
    account, token = made
    return Customer(house, Client(account.sid, token, http_client=HttpClient(house.base_url)))


@pytest.fixture
def live(serve, free_port):
    """A server whose live calls go to somebody else's Twilio, which is never asked here."""
    twilio = Emulator(
        Phones.built_in(),
        clock_for(0),
        account_sid=TWILIO_SID,
        auth_token=TWILIO_TOKEN,
        owned_numbers={CALLER},
    )
    with serving(twilio) as url:
        customer = serve(
            port=free_port,
            PUBLIC_BASE_URL=f"http://127.0.0.1:{free_port}",
            TWILIO_ACCOUNT_SID=TWILIO_SID,
            TWILIO_AUTH_TOKEN=TWILIO_TOKEN,
            TWILIO_FROM_NUMBER=CALLER,
            TWILIO_API_BASE_URL=url,
        )
        yield customer, twilio


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_each_number_plays_its_story(serve, story):
    customer = trial(serve())
    order = customer.order(number(story))
    for _ in range(story.calls):
        wishes = {"extension": story.extension} if story.extension else {}
        order = customer.call(order, **wishes)
    assert order.status == story.ends
    assert order.verification_attempts == story.calls
    assert bool(order.failure_reason) is (order.status != "verified")


def test_the_menu_without_its_extension_reaches_nobody(serve):
    customer = trial(serve())
    menu = next(story for story in STORIES if story.extension)
    assert customer.call(customer.order(number(menu))).status == "pending-verification"


def test_beside_live_calls_the_stories_run_on_the_emulator_and_twilio_sees_none(live):
    customer, twilio = live
    right = trial(customer)
    assert right.call(right.order(number(STORIES[0]))).status == "verified"
    assert twilio.calls == {}
    assert customer.call(customer.order()).status == "pending-verification"
    assert [call.to for call in twilio.calls.values()] == [NUMBER]


def test_a_live_account_cannot_order_a_fictional_number_nor_a_test_account_another(serve):
    customer = serve()
    for who, wanted in [(customer, number(STORIES[0])), (trial(customer), NUMBER)]:
        with pytest.raises(TwilioRestException) as refused:
            who.order(wanted)
        assert (refused.value.status, refused.value.code) == (400, 22102)
        with pytest.raises(TwilioRestException) as refused:
            who.client.validation_requests.create(phone_number=wanted)
        assert (refused.value.status, refused.value.code) == (400, 21421)
        assert who.orders.list() == []


def test_a_number_without_a_story_is_refused_with_those_that_have_one(serve):
    with pytest.raises(TwilioRestException, match="there are 00, 01") as refused:
        trial(serve()).order("+12025550199")
    assert refused.value.code == 22102


def test_every_reason_for_not_being_eligible_has_a_story():
    told = {
        ordering.why_not(number(story), story.line, ordering.Policy(accept_voip=False))
        for story in STORIES
    }
    assert told == {
        None,
        ordering.MOBILE,
        ordering.ALREADY_ENABLED,
        ordering.NO_CARRIER_INFORMATION,
        ordering.OTHER_TYPE,
        ordering.VOIP,
    }


def test_two_stories_never_share_their_digits():
    assert len({story.digits for story in STORIES}) == len(STORIES)
    assert all(fictional.story(number(story)) is story for story in STORIES)
