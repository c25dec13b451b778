"""Eligibility over HTTP: every answer that can occur here, from the rules that orders follow."""

import json

import pytest

from verification import accounts
from verification.bulk_duties import EligibilityDue
from verification.numbers import Line, LineType
from verification.ordering import Policy

PATH = "/v1/HostedNumber/Eligibility"
BULK = f"{PATH}/Bulk"
NUMBER = "+12124560000"
TOLL_FREE = "+18004560000"


def post(api, path=PATH, numbers=(NUMBER,), **body):
    asked = [one if isinstance(one, dict) else {"phone_number": one} for one in numbers]
    data = json.dumps({"phone_numbers": asked, **body})
    return api.client.post(path, data=data, content_type="application/json", headers=api.auth())


def check(api, number=NUMBER, **body):
    asked = number if isinstance(number, dict) else {"phone_number": number}
    answer = post(api, numbers=[asked], **body)
    assert answer.status_code == 200
    (result,) = answer.get_json()["results"]
    return result


def verdict(result):
    names = ("eligibility_sub_status", "ineligibility_reason", "next_step")
    assert (result["eligibility_status"] == "ELIGIBLE") == (result[names[0]] == "ELIGIBLE")
    return tuple(result[name] for name in names)


def subaccount(api, owner_sid, status=accounts.AccountStatus.ACTIVE):
    with api.house.store.write() as tx:
        owner = tx.accounts.get(owner_sid)
        made, _ = accounts.create(tx, api.house.keyring, "Branch", 1.0, owner)
        accounts.set_status(tx, made, status, 2.0)
    return made.sid


def hosted(api, number=NUMBER):
    """A number that is in use under an order of this account."""
    sid = api.create(number).get_json()["sid"]
    api.house.store.database().execute("UPDATE orders SET status = 'completed'")
    return sid


def test_a_landline_may_be_hosted(api):
    result = check(api)
    assert verdict(result) == ("ELIGIBLE", "ELIGIBLE_FOR_HOSTING", "CREATE_HOSTED_NUMBER_ORDER")
    assert result.pop("date_last_checked").endswith("Z")
    assert {name: value for name, value in result.items() if value is not None} == {
        "phone_number": NUMBER,
        "account_sid": api.sid,
        "hosting_account_sid": api.sid,
        "eligibility_status": "ELIGIBLE",
        "eligibility_sub_status": "ELIGIBLE",
        "ineligibility_reason": "ELIGIBLE_FOR_HOSTING",
        "next_step": "CREATE_HOSTED_NUMBER_ORDER",
        "voice_provider": "Iristel Inc. - ON",
        "phone_number_type": "LOCAL",
        "iso_country_code": "US",
    }


TYPE = ("NUMBER_TYPE_INELIGIBLE", "NUMBER_TYPE_INELIGIBLE", "NUMBER_TYPE_CANNOT_BE_HOSTED")
CARRIER = ("CARRIER_INELIGIBLE", "NUMBERS_PROVIDER_DOES_NOT_ALLOW_TWILIO_TO_HOST_IT")
MISSING = (
    "CARRIER_INELIGIBLE",
    "MISSING_PROVIDER_DATA",
    "CONTACT_SUPPORT_MISSING_PROVIDER_DATA",
)
ERROR = ("INTERNAL_PROCESSING_ERROR", "INTERNAL_PROCESSING_ERROR", "RETRY_THE_ELIGIBILITY_CHECK")
YES = ("ELIGIBLE", "ELIGIBLE_FOR_HOSTING", "CREATE_HOSTED_NUMBER_ORDER")


@pytest.mark.parametrize(
    ("number", "line", "expected", "kind"),
    [
        (NUMBER, Line(LineType.MOBILE, "x"), TYPE, "MOBILE"),
        (NUMBER, Line(LineType.OTHER, "x"), TYPE, "UNKNOWN"),
        (NUMBER, Line(LineType.VOIP, "x"), YES, "LOCAL"),
        (NUMBER, Line(None, None), MISSING, "UNKNOWN"),
        (TOLL_FREE, Line(None, None), YES, "TOLL_FREE"),
        (NUMBER, None, ERROR, "UNKNOWN"),
        (
            NUMBER,
            Line(LineType.LANDLINE, "Acme SMS-Sybase"),
            (*CARRIER, "CONTACT_SUPPORT_INELIGIBLE_CARRIER"),
            "LOCAL",
        ),
    ],
)
def test_the_line_decides(api, number, line, expected, kind):
    api.directory.line = line
    result = check(api, number)
    assert verdict(result) == expected
    assert result["phone_number_type"] == kind


def test_a_carrier_that_routes_messages_is_named_as_their_provider(api):
    api.directory.line = Line(LineType.LANDLINE, "Acme SMS-Sybase")
    assert check(api)["messaging_provider"] == "Acme SMS-Sybase"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("4565433456", ("NUMBER_FORMAT_INELIGIBLE",) * 2 + ("EDIT_INELIGIBLE_NUMBER",)),
        ("+12125551234", ("INVALID_PHONE_NUMBER",) * 2 + ("EDIT_INELIGIBLE_NUMBER",)),
        ("+19004560000", ("INVALID_PHONE_NUMBER",) * 2 + ("EDIT_INELIGIBLE_NUMBER",)),
        ("+442071838750", ("COUNTRY_INELIGIBLE", "COUNTRY_NOT_SUPPORTED", "NONE")),
    ],
)
def test_the_number_itself_decides(api, number, expected):
    result = check(api, number)
    assert verdict(result) == expected
    assert (result["phone_number_type"], result["iso_country_code"]) == (None, None)


def test_a_number_in_the_hosting_process_names_its_order(api):
    sid = api.create(NUMBER).get_json()["sid"]
    result = check(api)
    assert verdict(result) == (
        "ALREADY_IN_TWILIO",
        "ALREADY_IN_TWILIO_AND_IN_HOSTING_PROCESS",
        "MANAGE_HOSTING_ORDER",
    )
    assert (result["hosting_order_sid"], result["hosting_order_status"]) == (sid, "received")
    api.delete(sid)
    assert verdict(check(api)) == YES


def test_a_hosted_number_names_its_order_to_its_account_only(api):
    sid = hosted(api)
    result = check(api)
    assert verdict(result) == (
        "ALREADY_IN_TWILIO",
        "ALREADY_HOSTED_IN_TWILIO",
        "MANAGE_HOSTING_ORDER",
    )
    assert (result["hosting_order_sid"], result["hosting_order_status"]) == (sid, "completed")
    assert (result["inventory_status"], result["inventory_account_sid"]) == ("in-use", api.sid)
    foreign = check(api.another("Other"))
    assert verdict(foreign) == (
        "ALREADY_IN_TWILIO",
        "ALREADY_IN_TWILIO_OWNED_BY_OTHER_ACCOUNT",
        "CONTACT_SUPPORT_INTERNAL_TRANSFER",
    )
    assert foreign["hosting_order_sid"] is None
    assert foreign["inventory_account_sid"] is None


def test_a_number_that_another_account_has_only_ordered_is_not_given_away(api):
    api.create(NUMBER)
    assert verdict(check(api.another("Other"))) == YES


def test_the_hosting_account_is_the_askers_own_or_a_subaccount_of_it(api):
    def asked(sid):
        return check(api, {"phone_number": NUMBER, "hosting_account_sid": sid})

    own = subaccount(api, api.sid)
    result = asked(own)
    assert verdict(result) == YES
    assert result["account_sid"] == result["hosting_account_sid"] == own
    wrong = ("INVALID_HOSTING_ACCOUNT_SID", "UPDATE_HOSTING_ACCOUNT_SID")
    foreign = "HOSTING_ACCOUNT_SID_DOES_NOT_BELONG_TO_YOUR_ACCOUNT"
    unknown = "HOSTING_ACCOUNT_SID_DOES_NOT_EXIST"
    closed = subaccount(api, api.sid, accounts.AccountStatus.CLOSED)
    assert verdict(asked("AC" + "0" * 32)) == (wrong[0], unknown, wrong[1])
    assert verdict(asked(closed)) == (wrong[0], unknown, wrong[1])
    assert verdict(asked(api.another("Other").sid)) == (wrong[0], foreign, wrong[1])


@pytest.mark.parametrize(
    ("path", "numbers", "body", "code"),
    [
        (PATH, [], {}, 22124),
        (PATH, [NUMBER, TOLL_FREE], {}, 22125),
        (PATH, [""], {}, 22102),
        (PATH, [{}], {}, 22102),
        (PATH, [{"phone_number": 7}], {}, 20001),
        (PATH, [{"phone_number": NUMBER, "hosting_account_sid": "AC1"}], {}, 21470),
        (PATH, [NUMBER], {"friendly_name": "x" * 129}, 22116),
        (PATH, [NUMBER], {"phone_numbers": NUMBER}, 20001),
        (PATH, [NUMBER], {"phone_numbers": None}, 22124),
        (BULK, [NUMBER], {}, 22127),
        (BULK, [NUMBER], {"friendly_name": ""}, 22127),
        (BULK, [], {"friendly_name": "x"}, 22124),
        (BULK, [NUMBER] * 1001, {"friendly_name": "x"}, 22125),
    ],
)
def test_a_wrong_request_is_refused(api, path, numbers, body, code):
    refused = post(api, path, numbers, **body)
    assert (refused.status_code, refused.get_json()["code"]) == (400, code)


def test_many_numbers_are_answered_in_slices_and_in_their_order(api, clock):
    asked = ["456", "+442071838750", *(f"+1212456{n:04d}" for n in range(28))]
    made = post(api, BULK, asked, friendly_name="All desks")
    assert made.status_code == 202
    sid = made.get_json()["request_id"]
    expected = {
        "request_id": sid,
        "friendly_name": "All desks",
        "status": "QUEUED",
        "date_completed": None,
        "url": f"http://localhost{BULK}/{sid}",
        "results": [],
    }
    assert {name: made.get_json()[name] for name in expected} == expected

    def fetch():
        return api.client.get(f"{BULK}/{sid}", headers=api.auth()).get_json()

    assert fetch() == made.get_json()
    due = EligibilityDue(api.house.store, api.directory, Policy(), clock.now)
    assert due.do()
    assert (fetch()["status"], len(fetch()["results"])) == ("PROCESSING", 20)
    assert due.do()
    whole = fetch()
    assert (whole["status"], whole["date_completed"]) == ("SUCCESSFUL", "2027-01-15T08:00:00Z")
    assert [one["phone_number"] for one in whole["results"]] == asked
    kinds = {one["eligibility_sub_status"] for one in whole["results"][2:]}
    assert kinds == {"ELIGIBLE"}
    assert not due.do()
    foreign = api.another("Other")
    refused = foreign.client.get(f"{BULK}/{sid}", headers=foreign.auth())
    assert refused.get_json()["code"] == 20404


def test_asking_orders_nothing(api):
    check(api)
    assert api.list().get_json()["items"] == []
    with api.house.store.read() as tx:
        assert tx.orders.open_for(api.sid, NUMBER) is None
