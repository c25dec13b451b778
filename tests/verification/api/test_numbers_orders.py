"""Twilio's Numbers v2 and v3 orders: the same orders as Preview's, in other spellings."""

import json

import pytest

from tests.verification.api.test_preview_orders import refused
from verification import ordering
from verification.statuses import Status

V2, V3 = "/v2/HostedNumber/Orders", "/v3/HostedNumbers/HostedNumberOrders"
FORM = {
    "PhoneNumber": "+19029052034",
    "ContactPhoneNumber": "+19029050000",
    "AddressSid": "AD" + "a" * 32,  # stands for an address of the account
    "Email": "owner@example.com",
}


@pytest.fixture
def v2(api):
    address = api.address()

    def ask(method, path="", form=None):
        if form and form.get("AddressSid") == FORM["AddressSid"]:
            form = form | {"AddressSid": address}
        return api.client.open(f"{V2}{path}", method=method, data=form, headers=api.auth())

    return ask


def test_a_v2_order_has_every_field_of_twilios_schema(v2, shared_specs):
    schemas = json.loads((shared_specs / "twilio_numbers_v2.json").read_text())["components"]
    names = [name for name in schemas["schemas"] if name.endswith(".hosted_number_order")]
    wanted = schemas["schemas"][next(n for n in names if "dependent" not in n)]["properties"]
    order = v2("POST", form=FORM).get_json()
    assert set(order) - set(wanted) == {"language"}
    assert set(wanted) <= set(order)


def test_a_v2_order_is_preview_s_order(api, v2):
    made = v2("POST", form=FORM | {"ContactTitle": "Manager"}).get_json()
    assert made["status"] == "received"
    assert made["url"] == f"http://localhost{V2}/{made['sid']}"
    assert (made["contact_title"], made["contact_phone_number"]) == ("Manager", "+19029050000")
    preview = api.get(made["sid"]).get_json()
    assert preview["phone_number"] == made["phone_number"]
    assert preview["url"].endswith(f"{api.PATH}/{made['sid']}")


@pytest.mark.parametrize("name", FORM)
def test_what_v2_requires_is_named_when_it_is_missing(v2, name):
    form = {key: value for key, value in FORM.items() if key != name}
    assert name in refused(v2("POST", form=form), 400, 20001)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"ContactPhoneNumber": "call me"}, 22102),
        ({"AddressSid": "AD1"}, 22109),
        ({"AddressSid": "AD" + "0" * 32}, 22109),
        ({"Email": "nobody"}, 22104),
        ({"Email": ""}, 20001),
        ({"AddressSid": ""}, 20001),
        ({"PhoneNumber": "+18765552034"}, 22103),
        ({"SmsCapability": "false"}, 22119),
        ({"ContactTitle": "x" * 129}, 20001),
    ],
)
def test_each_wrong_v2_parameter_has_its_error(v2, form, code):
    refused(v2("POST", form=FORM | form), 400, code)


def test_v2_ignores_what_only_preview_has(v2):
    form = FORM | {"UniqueName": "x", "VerificationType": "phone-bill"}
    assert v2("POST", form=form).get_json()["verification_type"] == "phone-call"


def test_a_v2_update_asks_for_the_call_with_its_own_names(v2):
    path = f"/{v2('POST', form=FORM).get_json()['sid']}"
    form = {
        "Status": "pending-verification",
        "VerificationCallDelay": "15",
        "VerificationCallExtension": "789",
    }
    order = v2("POST", path, form).get_json()
    assert order["verification_call_delay"] == 15
    assert order["verification_call_extension"] == "789"
    assert order["verification_attempts"] == 1
    assert len(order["verification_code"]) == 6
    assert v2("GET", path).get_json() == order


def test_a_v2_update_needs_a_status_and_takes_no_code(v2):
    path = f"/{v2('POST', form=FORM).get_json()['sid']}"
    assert "Status" in refused(v2("POST", path, {}), 400, 20001)
    refused(v2("POST", path, {"Status": "verified"}), 400, 22112)
    refused(
        v2("POST", path, {"Status": "pending-verification", "VerificationCallExtension": "x"}),
        400,
        22117,
    )
    order = v2("POST", path, {"Status": "pending-verification"}).get_json()
    code = order["verification_code"]
    form = {"Status": "pending-verification", "VerificationCode": code}
    assert v2("POST", path, form).get_json()["status"] == "pending-verification"


def test_v2_lists_filter_by_capability_too(api, v2):
    v2("POST", form=FORM)
    api.create("+12124567890")
    assert len(v2("GET", "?SmsCapability=true").get_json()["items"]) == 2
    assert v2("GET", "?SmsCapability=false").get_json()["items"] == []
    refused(v2("GET", "?SmsCapability=maybe"), 400, 20001)
    assert len(v2("GET", "?PhoneNumber=%2B12124567890").get_json()["items"]) == 1


def test_v2_deletes_and_names_unknown_orders_without_its_version(v2):
    path = f"/{v2('POST', form=FORM).get_json()['sid']}"
    assert v2("DELETE", path).status_code == 204
    assert refused(v2("GET", path), 404, 20404).startswith(
        "The requested resource /HostedNumber/Orders/"
    )


def test_every_status_has_its_next_step():
    assert set(ordering.NEXT_STEPS) == set(Status)


def test_v3_creates_in_camel_case_both_ways(api, shared_specs):
    form = {
        "phoneNumber": "+19029052034",
        "smsCapability": "true",
        "ccEmails": ["a@example.com", "b@example.com"],
    }
    answer = api.client.post(V3, data=form, headers=api.auth())
    order = answer.get_json()
    schemas = json.loads((shared_specs / "twilio_numbers_v3.json").read_text())["components"]
    wanted = schemas["schemas"]["numbers.v3.hostedNumbers.hostedNumberOrder"]["properties"]
    assert answer.status_code == 201
    assert set(order) - {"language", "codeEntry"} == set(wanted)
    assert order["ccEmails"] == ["a@example.com", "b@example.com"]
    assert order["dateCreated"] == api.get(order["sid"]).get_json()["date_created"]
    refused(api.client.get(V3, headers=api.auth()), 405, 20004)
    pascal = {"PhoneNumber": "+19029052034", "smsCapability": "true"}
    refused(api.client.post(V3, data=pascal, headers=api.auth()), 400, 20001)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/HostedNumbers/HostedNumberOrders/Bulk", 404, 20404),
        ("POST", "/HostedNumbers/HostedNumberOrders/Bulk", 404, 20404),
        ("POST", "/v2/HostedNumber/AuthorizationDocuments/PX" + "0" * 32, 405, 20004),
        ("GET", "/v3/HostedNumbers/HostedNumberOrders", 405, 20004),
        ("GET", "/v3/HostedNumbers/HostedNumberOrders/HR" + "0" * 32, 404, 20404),
        ("GET", "/v1/HostedNumber/Orders", 404, 20404),
        ("POST", "/HostedNumbers/Eligibility", 404, 20404),
    ],
)
def test_what_a_family_lacks_is_answered_as_an_unknown_thing(api, method, path, status, code):
    answer = api.client.open(path, method=method, headers=api.auth())
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert set(answer.get_json()) == {"code", "message", "more_info", "status"}
