"""All that is wrong with an order or a letter is named at once, at each door of the API."""

import pytest

from tests.verification.api.test_preview_orders import refused
from tests.verification.api.test_rates import limited
from tests.verification.letter_office import PARTS
from verification.api import numbers_v2_bulk
from verification.statuses import Status

OTHER = "AD" + "0" * 32
V2, V3 = "/v2/HostedNumber/Orders", "/v3/HostedNumbers/HostedNumberOrders"
LETTERS = "/HostedNumbers/AuthorizationDocuments"


def ask(api, path, form):
    return api.client.post(path, data=form, headers=api.auth())


def named(answer):
    """The faults of an answer, each by its place and number."""
    found = answer.get_json()
    faults = found["details"]["faults"]
    assert (found["code"], answer.status_code) == (faults[0]["code"], 400)
    assert all(one["message"] in found["message"] for one in faults[:5])
    return [(one["where"], one["code"]) for one in faults]


def test_preview_names_all_parameters_that_are_wrong(api):
    form = {
        "PhoneNumber": "+442071838750",
        "Email": "nobody",
        "CcEmails": ["a@example.com", "b", "c"],
        "SmsUrl": "ftp://example.com",
        "Language": ["en", "de"],
        "UnknownParameter": ["x", "y"],
    }
    answer = ask(api, api.PATH, form)
    assert named(answer) == [
        ("Language", 20001),
        ("PhoneNumber", 22103),
        ("SmsCapability", 20001),
        ("CcEmails", 22104),
        ("SmsUrl", 22105),
        ("Email", 22104),
    ]
    message = answer.get_json()["details"]["faults"][3]["message"]
    assert "'b' is no email" in message
    assert "'c' is no email" in message


def test_v2_and_v3_name_them_by_their_own_names(api):
    assert named(ask(api, V2, {"PhoneNumber": "12", "SmsCapability": "maybe"})) == [
        ("PhoneNumber", 22102),
        ("ContactPhoneNumber", 20001),
        ("AddressSid", 20001),
        ("Email", 20001),
        ("SmsCapability", 20001),
    ]
    assert named(ask(api, V3, {"phoneNumber": "12", "email": "x"})) == [
        ("phoneNumber", 22102),
        ("smsCapability", 20001),
        ("email", 22104),
    ]


def test_all_that_the_account_has_against_an_order_is_named(api):
    api.create(UniqueName="mine")
    answer = api.create(UniqueName="mine", AddressSid=OTHER, VerificationType="phone-bill")
    assert [code for _, code in named(answer)] == [22110, 22115, 22109, 22118]
    assert api.house.store.database()["orders"].count == 1


def test_what_a_wait_mends_gives_its_number_last(api):
    limited(api, number_orders=1)
    assert api.delete(api.create().get_json()["sid"]).status_code == 204
    assert refused(api.create(), 429, 20429)
    assert [code for _, code in named(api.create(AddressSid=OTHER))] == [22109, 20429]


def test_a_bulk_request_names_its_numbers_beside_its_other_parts(api):
    numbers = [{"phone_number": "+442071838750"}, {"phone_number": 7}, {}, "x"]
    body = {"request_items": [{"numbers": numbers, "email": "nobody"}, {"numbers": "+1"}, 3]}
    answer = api.client.post(numbers_v2_bulk.PATH, json=body, headers=api.auth())
    found = named(answer)
    assert found[-1] == ("request_items[0].numbers[0]", 22103)
    assert ("request_items[0].email", 22104) in found
    assert ("request_items[0].numbers[2].phone_number", 20001) in found


def test_a_number_of_a_bulk_request_is_named_with_all_that_stands_against_it(api):
    api.create("+12124567890")
    item = {
        "numbers": [{"phone_number": "+12124567890"}, {"phone_number": "12"}],
        "email": "a@example.com",
        "contact_phone_number": "+19025550123",
        "address_sid": OTHER,
    }
    body = {"request_items": [item]}
    answer = api.client.post(numbers_v2_bulk.PATH, json=body, headers=api.auth())
    first, second = "request_items[0].numbers[0]", "request_items[0].numbers[1]"
    assert named(answer) == [(first, 22110), (first, 22109), (second, 22102), (second, 22109)]


@pytest.fixture
def verified(api):
    sid = api.create().get_json()["sid"]
    with api.house.store.write() as tx:
        tx.orders.move_all([sid], Status.VERIFIED, None, 1.0)
    return sid


def test_a_letter_names_all_parameters_that_are_wrong(api, verified):
    form = {"HostedNumberOrderSids": [verified, "HR1"], "AddressSid": "AD1", "CcEmails": "x"}
    assert named(ask(api, LETTERS, form)) == [
        ("HostedNumberOrderSids", 22101),
        ("AddressSid", 22109),
        ("Email", 20001),
        ("ContactTitle", 20001),
        ("ContactPhoneNumber", 20001),
        ("CcEmails", 22104),
    ]


def test_a_letter_names_its_orders_and_its_address_together(api, verified):
    parts = {name.title().replace("_", ""): value for name, value in PARTS.items()}
    parts |= {"CustomerName": "Anne", "Street": "PO Box 4", "PostalCode": "H2X 1Y4"}
    path = f"/2010-04-01/Accounts/{api.sid}/Addresses.json"
    address = ask(api, path, parts).get_json()["sid"]
    form = {
        "HostedNumberOrderSids": [verified, "HR" + "0" * 32],
        "AddressSid": address,
        "Email": "anne@example.com",
        "ContactTitle": "Owner",
        "ContactPhoneNumber": "+19025550123",
    }
    answer = ask(api, LETTERS, form)
    assert [code for _, code in named(answer)] == [22101, 22109]
    told = answer.get_json()["message"]
    for piece in ("HR000", "CustomerName must", "Street names a post office", "PostalCode is no"):
        assert piece in told
    assert api.house.store.database()["documents"].count == 0
