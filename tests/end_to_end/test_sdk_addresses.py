"""The official SDK's addresses and lookups, with only its host changed."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.end_to_end.conftest import NUMBER
from tests.end_to_end.test_journeys import phone

PARTS = {
    "customer_name": "Maple Street Dental",
    "street": "14 Maple Street",
    "city": "Halifax",
    "region": "NS",
    "postal_code": "B3J 1A1",
    "iso_country": "CA",
}


@pytest.fixture
def customer(serve):
    return serve(phone("person", types="code", carrier="Iristel Inc. - ON"))


def is_now(moment):
    """A whole second of this minute, as a time with its zone."""
    assert moment.utcoffset() == timedelta(0)
    assert moment.microsecond == 0
    return abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


def fields(instance):
    """What an instance of the SDK holds."""
    return {name: value for name, value in vars(instance).items() if not name.startswith("_")}


def test_an_address_is_created_with_every_field_of_its_type(customer):
    made = customer.client.addresses.create(
        **PARTS, friendly_name="Main office", emergency_enabled=True, street_secondary="Suite 3"
    )
    held = fields(made)
    assert is_now(held.pop("date_created"))
    assert is_now(held.pop("date_updated"))
    assert held == PARTS | {
        "sid": made.sid,
        "account_sid": customer.client.account_sid,
        "friendly_name": "Main office",
        "street_secondary": "Suite 3",
        "emergency_enabled": True,
        "validated": False,
        "verified": False,
        "uri": f"/2010-04-01/Accounts/{made.account_sid}/Addresses/{made.sid}.json",
    }
    assert fields(made.fetch()) == fields(made)


def test_an_address_is_updated_and_deleted(customer):
    made = customer.client.addresses.create(**PARTS)
    updated = customer.client.addresses(made.sid).update(
        street="1 Elm Street", emergency_enabled=True, auto_correct_address=False
    )
    assert (updated.street, updated.emergency_enabled) == ("1 Elm Street", True)
    assert updated.date_updated >= updated.date_created == made.date_created
    assert updated.delete() is True
    with pytest.raises(TwilioRestException) as gone:
        made.fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)


def test_addresses_are_listed_over_pages_and_by_filters(customer):
    addresses = customer.client.addresses
    made = [
        addresses.create(**PARTS, friendly_name=f"Branch {n}", emergency_enabled=n == 1).sid
        for n in range(5)
    ][::-1]
    assert [address.sid for address in addresses.list(page_size=2)] == made
    assert [address.sid for address in addresses.list(limit=3)] == made[:3]
    assert [address.sid for address in addresses.list(friendly_name="Branch 4")] == made[:1]
    assert [address.sid for address in addresses.list(emergency_enabled=True)] == [made[3]]
    assert len(addresses.list(emergency_enabled=False, iso_country="CA")) == 4
    assert addresses.list(customer_name="Nobody") == []


def test_a_wrong_address_raises_what_twilios_does(customer):
    with pytest.raises(TwilioRestException, match="PostalCode must have") as wrong:
        customer.client.addresses.create(**PARTS | {"postal_code": ""})
    assert (wrong.value.status, wrong.value.code) == (400, 21628)
    assert customer.client.addresses.list() == []


def test_the_numbers_that_depend_on_an_address_are_listed(customer):
    address = customer.client.addresses.create(**PARTS)
    assert address.dependent_phone_numbers.list() == []
    order = customer.orders.create(
        phone_number=NUMBER,
        sms_capability=True,
        address_sid=address.sid,
        friendly_name="Front desk",
        sms_url="https://example.com/sms",
    )
    (number,) = address.dependent_phone_numbers.list()
    assert number.sid == order.incoming_phone_number_sid
    assert (number.phone_number, number.friendly_name) == (NUMBER, "Front desk")
    assert number.sms_url == "https://example.com/sms"
    assert number.capabilities == {"Voice": False, "SMS": True, "MMS": False}
    assert number.voice_caller_id_lookup is False
    assert number.date_created == order.date_created.replace(tzinfo=UTC)
    assert is_now(number.date_updated)
    with pytest.raises(TwilioRestException) as used:
        address.delete()
    assert (used.value.status, used.value.code) == (409, 20409)


def test_an_owner_keeps_addresses_of_his_subaccount(customer):
    branch = customer.client.api.accounts.create(friendly_name="Branch")
    made = customer.client.api.accounts(branch.sid).addresses.create(**PARTS)
    assert made.account_sid == branch.sid
    assert customer.client.addresses.list() == []


def test_lookup_v1_tells_the_carrier(customer):
    number = customer.client.lookups.v1.phone_numbers(NUMBER)
    assert fields(number.fetch(type=["carrier", "caller-name"])) == {
        "caller_name": {"caller_name": None, "caller_type": None, "error_code": None},
        "country_code": "CA",
        "phone_number": NUMBER,
        "national_format": "(902) 905-2034",
        "carrier": {
            "error_code": None,
            "mobile_country_code": None,
            "mobile_network_code": None,
            "name": "Iristel Inc. - ON",
            "type": "landline",
        },
        "add_ons": None,
        "url": f"{customer.house.base_url}/v1/PhoneNumbers/{NUMBER}?Type=carrier&Type=caller-name",
    }
    assert number.fetch().carrier is None
    with pytest.raises(TwilioRestException) as unknown:
        customer.client.lookups.v1.phone_numbers("+1902905203").fetch()
    assert (unknown.value.status, unknown.value.code) == (404, 20404)


def test_lookup_v2_tells_the_line_and_what_is_no_number(customer):
    numbers = customer.client.lookups.v2.phone_numbers
    found = numbers(NUMBER).fetch(fields="line_type_intelligence")
    assert found.valid is True
    assert (found.country_code, found.national_format) == ("CA", "(902) 905-2034")
    assert found.line_type_intelligence["type"] == "landline"
    assert found.line_type_intelligence["carrier_name"] == "Iristel Inc. - ON"
    assert numbers("(902) 905-2034").fetch(country_code="CA").phone_number == NUMBER
    wrong = numbers("+190290520344").fetch(fields="line_type_intelligence")
    assert (wrong.valid, wrong.validation_errors) == (False, ["TOO_LONG"])
