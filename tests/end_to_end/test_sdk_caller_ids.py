"""The official SDK's validation request: the second use of the ownership call."""

from datetime import UTC

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.end_to_end.conftest import NUMBER
from tests.end_to_end.test_journeys import phone


@pytest.fixture
def customer(serve):
    return serve(phone("person", types="code"))


def appeared(customer):
    """The caller ID, once the call has made it."""
    for _ in range(2000):
        found = customer.client.outgoing_caller_ids.list(phone_number=NUMBER)
        if found:
            return found[0]
    raise AssertionError("no caller ID appeared")


def test_a_number_becomes_a_caller_id_by_a_call(customer):
    asked = customer.client.validation_requests.create(phone_number=NUMBER, friendly_name="Desk")
    assert (asked.account_sid, asked.phone_number) == (customer.client.account_sid, NUMBER)
    assert asked.friendly_name == "Desk"
    assert asked.validation_code.isdigit()
    made = appeared(customer)
    assert (made.phone_number, made.friendly_name) == (NUMBER, "Desk")
    assert made.account_sid == customer.client.account_sid
    assert made.date_created.tzinfo is UTC or made.date_created.utcoffset().total_seconds() == 0
    assert made.uri.endswith(f"/OutgoingCallerIds/{made.sid}.json")
    assert made.fetch().sid == made.sid
    assert made.update(friendly_name="Reception").friendly_name == "Reception"
    with pytest.raises(TwilioRestException) as twice:
        customer.client.validation_requests.create(phone_number=NUMBER)
    assert (twice.value.status, twice.value.code) == (400, 21450)
    assert made.delete() is True
    assert customer.client.outgoing_caller_ids.list() == []


def test_an_order_of_the_same_account_skips_the_call(customer):
    customer.client.validation_requests.create(phone_number=NUMBER)
    appeared(customer)
    order = customer.order()
    assert (order.status, order.verification_attempts) == ("verified", 0)
    assert customer.client.outgoing_caller_ids.list() == []
