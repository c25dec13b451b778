"""The official SDK's numbers, calls and ports: what a customer does once his number is in use."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, request
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from tests.end_to_end.conftest import NUMBER
from tests.end_to_end.sdk_world import at_the_carrier, in_use
from tests.end_to_end.test_journeys import phone
from twiml.emulator.serving import bind, listening, url_of


@pytest.fixture
def customer(serve):
    return serve(phone("person", types="code"))


def verified(customer, **wishes):
    order = customer.orders.create(phone_number=NUMBER, sms_capability=True, **wishes)
    return customer.call(order)


def hosted(customer, **wishes):
    order = verified(customer, **wishes)
    at_the_carrier(customer.house.store, order.sid)
    return order, in_use(customer.client, order.incoming_phone_number_sid)


def refused(act, *arguments, **named):
    with pytest.raises(TwilioRestException) as error:
        act(*arguments, **named)
    return error.value.status, error.value.code


def test_a_number_is_there_from_its_order_on_and_in_use_when_it_is_completed(customer):
    order = verified(customer, sms_application_sid="AP" + "1" * 32, friendly_name="Desk")
    number = customer.client.incoming_phone_numbers(order.incoming_phone_number_sid)
    assert number.fetch().status == "pending"
    assert number.update(sms_fallback_url="https://example.com/f").status == "pending"
    at_the_carrier(customer.house.store, order.sid)
    done = in_use(customer.client, order.incoming_phone_number_sid)
    held = {name: value for name, value in vars(done).items() if not name.startswith("_")}
    account = customer.client.account_sid
    for name in ("date_created", "date_updated"):
        assert abs(datetime.now(UTC) - held.pop(name)) < timedelta(minutes=2)
    assert held == {
        "account_sid": account,
        "address_sid": None,
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"voice": False, "sms": True, "mms": False, "fax": False},
        "friendly_name": "Desk",
        "identity_sid": None,
        "phone_number": NUMBER,
        "origin": "hosted",
        "sid": order.incoming_phone_number_sid,
        "sms_application_sid": "AP" + "1" * 32,
        "sms_fallback_method": "POST",
        "sms_fallback_url": "https://example.com/f",
        "sms_method": "POST",
        "sms_url": None,
        "status_callback": None,
        "status_callback_method": "POST",
        "trunk_sid": None,
        "uri": f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{done.sid}.json",
        "voice_receive_mode": "voice",
        "voice_application_sid": None,
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": None,
        "voice_method": "POST",
        "voice_url": None,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
        "type": "local",
    }
    assert order.fetch().status == "completed"


def test_a_real_message_reaches_the_sms_url_before_the_number_is_in_use(customer):
    shop, heard = Flask("shop"), []

    @shop.post("/sms")
    def sms():
        heard.append((request.url, request.form.to_dict(), request.headers["X-Twilio-Signature"]))
        return "<Response/>", {"Content-Type": "text/xml"}

    with bind(0) as door:
        url = f"{url_of(door)}/sms"
        with listening(shop, door):
            hosted(customer, sms_url=url)
    ((asked, fields, signature),) = heard
    assert fields["To"] == NUMBER
    assert RequestValidator(customer.client.password).validate(asked, fields, signature)


def test_numbers_are_filtered_by_a_part_of_them_by_name_and_by_origin(customer):
    order = customer.orders.create(
        phone_number=NUMBER, sms_capability=True, friendly_name="Front desk"
    )
    numbers = customer.client.incoming_phone_numbers
    for filters in (
        {"phone_number": NUMBER},
        {"phone_number": "902***2034"},
        {"phone_number": "9029"},
        {"friendly_name": "Front desk"},
        {"origin": "hosted", "beta": False},
    ):
        found = [one.sid for one in numbers.list(**filters)]
        assert found == [order.incoming_phone_number_sid], filters
    assert numbers.list(phone_number="+19029052035") == []
    assert numbers.list(origin="twilio") == []
    with pytest.raises(Exception, match="digits of a number"):
        numbers.list(phone_number="%")


def test_the_number_of_an_order_that_was_taken_back_is_nobodys(customer):
    order = customer.orders.create(phone_number=NUMBER, sms_capability=True)
    assert order.delete() is True
    assert customer.client.incoming_phone_numbers.list() == []


def test_settings_are_bounded_and_cleared_by_an_empty_text(customer):
    order = customer.orders.create(
        phone_number=NUMBER, sms_capability=True, sms_url="https://example.com/a", sms_method="GET"
    )
    number = customer.client.incoming_phone_numbers(order.incoming_phone_number_sid)
    cleared = number.update(sms_url="", sms_method="", friendly_name="")
    assert (cleared.sms_url, cleared.sms_method) == (None, "POST")
    assert cleared.friendly_name == "(902) 905-2034"
    for wrong, code in (
        ({"sms_url": "ftp://example.com"}, 22105),
        ({"voice_method": "PUT"}, 22106),
        ({"sms_application_sid": "AP1"}, 22108),
        ({"address_sid": "AD" + "0" * 32}, 22109),
        ({"friendly_name": "x" * 65}, 20002),
        ({"emergency_status": "Active"}, 20001),
        ({"account_sid": "AC" + "0" * 32}, 21471),
    ):
        assert refused(number.update, **wrong) == (400, code), wrong
    assert number.fetch().date_updated == cleared.date_updated
    assert refused(number.delete) == (409, 20409)


def test_a_number_in_use_moves_between_the_accounts_of_one_owner(customer):
    client = customer.client
    branch = client.api.accounts.create(friendly_name="Branch")
    order = verified(customer)
    sid = order.incoming_phone_number_sid
    early = client.incoming_phone_numbers(sid)
    assert refused(early.update, account_sid=branch.sid) == (400, 22121)
    at_the_carrier(customer.house.store, order.sid)
    in_use(client, sid)
    assert early.update(account_sid=branch.sid).account_sid == branch.sid
    assert refused(early.fetch) == (404, 20404)
    there = client.api.accounts(branch.sid).incoming_phone_numbers(sid)
    assert there.fetch().status == "in-use"
    assert there.update(account_sid=client.account_sid).account_sid == client.account_sid


def test_a_number_is_in_one_messaging_service_at_a_time(customer):
    _, number = hosted(customer)
    services = customer.client.messaging.v1.services
    attached = services("MG" + "1" * 32).phone_numbers.create(phone_number_sid=number.sid)
    assert (attached.phone_number, attached.capabilities) == (NUMBER, ["SMS"])
    other = services("MG" + "2" * 32).phone_numbers
    assert refused(other.create, phone_number_sid=number.sid) == (409, 20409)
    assert other.list() == []
    assert attached.delete() is True
    assert other.create(phone_number_sid=number.sid).service_sid == "MG" + "2" * 32


def test_a_port_is_found_by_the_digits_beside_the_hosted_number(customer):
    _, number = hosted(customer)
    client = customer.client
    number.update(sms_url="https://example.com/sms")
    asked = client.request(
        "POST",
        f"{customer.house.base_url}/lineproof/v1/PortRequests",
        data={"PhoneNumberSid": number.sid, "TakeSettings": "true"},
    )
    assert asked.status_code == 201, asked.text
    both = client.incoming_phone_numbers.list(phone_number=NUMBER)
    assert {one.origin for one in both} == {"hosted", "twilio"}
    assert {one.sms_url for one in both} == {"https://example.com/sms"}
    assert len({one.sid for one in both}) == 2


def test_calls_are_read_by_their_filters_and_only_by_their_own_account(customer):
    order = verified(customer)
    customer.quiet()
    (sid,) = order.verification_call_sids
    call = customer.client.calls(sid).fetch()
    assert (call.to, call.to_formatted, call.status) == (NUMBER, "(902) 905-2034", "completed")
    assert call.start_time <= call.end_time
    assert int(call.duration) >= 0
    calls, day = customer.client.calls, timedelta(days=1)
    now = datetime.now(UTC)
    assert [one.sid for one in calls.list(to=NUMBER, status="completed")] == [sid]
    assert [one.sid for one in calls.list(start_time_after=now - day)] == [sid]
    assert [one.sid for one in calls.list(start_time_before=now + day, end_time_after=now - day)]
    assert calls.list(start_time_before=now - day) == []
    assert calls.list(status="busy") == []
    assert refused(calls("CA" + "0" * 32).fetch) == (404, 20404)
    assert refused(calls(sid).update, status="completed")[0] == 405
    branch = customer.client.api.accounts.create(friendly_name="Branch")
    assert refused(customer.client.api.accounts(branch.sid).calls(sid).fetch) == (404, 20404)
