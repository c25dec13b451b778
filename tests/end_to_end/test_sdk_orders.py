"""The order and account resources, each operation driven with Twilio's official SDK over HTTP."""

from datetime import UTC, datetime

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.end_to_end.conftest import NUMBER
from twiml.carrier import HttpClient

OTHER = "+12124567890"


@pytest.fixture
def customer(serve):
    return serve()


def today(moment):
    return isinstance(moment, datetime) and abs((datetime.now(UTC) - moment).total_seconds()) < 600


def address(client):
    return client.addresses.create(
        customer_name="Maple Street Dental",
        street="1 Maple Street",
        city="Halifax",
        region="NS",
        postal_code="B3J 1A1",
        iso_country="CA",
    )


def test_preview_orders(customer):
    orders = customer.orders
    made = orders.create(
        phone_number=NUMBER,
        sms_capability=True,
        friendly_name="Front desk",
        unique_name="front",
        cc_emails=["a@example.com", "b@example.com"],
    )
    assert (made.status, made.friendly_name, made.unique_name) == (
        "received",
        "Front desk",
        "front",
    )
    assert made.cc_emails == ["a@example.com", "b@example.com"]
    assert made.capabilities["sms"] is True
    assert (made.verification_attempts, made.call_delay) == (0, 0)
    assert today(made.date_created)
    assert today(made.date_updated)
    assert orders(made.sid).fetch().sid == made.sid
    assert [order.sid for order in orders.list(unique_name="front")] == [made.sid]
    assert orders(made.sid).update(friendly_name="Back desk").friendly_name == "Back desk"
    assert orders(made.sid).delete() is True
    with pytest.raises(TwilioRestException) as gone:
        orders(made.sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)


def test_numbers_v2_orders_are_the_same_orders(customer):
    orders = customer.client.numbers.v2.hosted_number_orders
    made = orders.create(
        phone_number=NUMBER,
        contact_phone_number="+19029050000",
        address_sid=address(customer.client).sid,
        email="owner@example.com",
        contact_title="Manager",
    )
    assert made.status == "received"
    assert made.next_step.startswith("Request the verification call")
    assert (made.contact_title, made.contact_phone_number) == ("Manager", "+19029050000")
    assert today(made.date_created)
    called = orders(made.sid).update(
        status="pending-verification",
        verification_call_delay=60,
        verification_call_extension="ww2",
    )
    assert (called.verification_call_delay, called.verification_call_extension) == (60, "ww2")
    assert called.verification_attempts == 1
    assert len(called.verification_code) == 6
    assert customer.orders(made.sid).fetch().verification_code == called.verification_code
    assert [order.sid for order in orders.list(status="pending-verification")] == [made.sid]
    assert orders(made.sid).delete() is True


def test_numbers_v3_creates(customer):
    made = customer.client.numbers.v3.hosted_number_orders.create(
        phone_number=NUMBER, sms_capability=True, friendly_name="x"
    )
    assert (made.status, made.friendly_name) == ("received", "x")
    assert customer.orders(made.sid).fetch().phone_number == NUMBER


def test_a_long_list_is_read_to_its_end_page_by_page(customer):
    made = [customer.order(f"+1212456{n:04d}").sid for n in range(7)]
    assert [order.sid for order in customer.orders.stream(page_size=3)] == made[::-1]


def test_accounts_and_their_subaccounts(customer):
    client = customer.client
    own = client.api.accounts(client.account_sid).fetch()
    assert (own.friendly_name, own.status, own.owner_account_sid) == ("Acme", "active", own.sid)
    assert today(own.date_created)
    made = client.api.accounts.create(friendly_name="Branch")
    assert made.owner_account_sid == own.sid
    assert {one.sid for one in client.api.accounts.list()} == {own.sid, made.sid}
    branch = Client(made.sid, made.auth_token, http_client=HttpClient(customer.house.base_url))
    order = branch.preview.hosted_numbers.hosted_number_orders.create(
        phone_number=OTHER, sms_capability=True
    )
    assert customer.orders(order.sid).fetch().account_sid == made.sid
    assert client.api.accounts(made.sid).update(status="suspended").status == "suspended"
    with pytest.raises(TwilioRestException) as refused:
        branch.api.accounts(made.sid).fetch()
    assert refused.value.code == 20005
    assert client.api.accounts(made.sid).update(status="closed").status == "closed"


def test_one_line_for_each_domain_changes_the_host(customer):
    client = Client(customer.client.username, customer.client.password)
    for domain in (client.api, client.lookups, client.numbers, client.preview):
        domain.base_url = customer.house.base_url
    assert client.api.accounts(str(client.account_sid)).fetch().friendly_name == "Acme"
    assert client.lookups.v2.phone_numbers(NUMBER).fetch().country_code == "CA"
    assert client.numbers.v2.hosted_number_orders.list() == []
    assert client.preview.hosted_numbers.hosted_number_orders.list() == []
