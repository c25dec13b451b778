"""What the doctor asks the carrier, through the real SDK."""

import json
from typing import NamedTuple

import pytest
from twilio.rest import Client

from tests.twiml.test_carrier import FROM, SID, TOKEN, at_work
from twiml import examining
from twiml.carrier import HttpClient
from twiml.emulator import Emulator, Phones, Virtual
from twiml.emulator.carrier_api import create_carrier_api
from verification import settings
from verification.findings import State


class Clock(NamedTuple):
    at: float

    def time(self):
        return self.at


KEY = {"TWILIO_API_KEY": "SK" + "b" * 32, "TWILIO_API_SECRET": "s" * 32}


@pytest.fixture
def emulator():
    phones, owned = Phones.built_in(), {FROM}
    return Emulator(phones, Virtual(0), account_sid=SID, auth_token=TOKEN, owned_numbers=owned)


@pytest.fixture
def examined(emulator):
    """The findings at the emulator, by their checks."""
    with at_work(create_carrier_api(emulator)) as url:

        def examine(**given):
            given = {
                "TWILIO_ACCOUNT_SID": SID,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_API_BASE_URL": url,
                "PUBLIC_BASE_URL": "https://lineproof.example",
                **given,
            }
            return {one.check: one for one in examining.examine(settings.load(given))}

        yield examine


def client(httpserver):
    base_url = httpserver.url_for("").rstrip("/")
    return Client(SID, TOKEN, http_client=HttpClient(base_url))


def test_all_is_well_at_the_emulator_and_no_call_is_placed(examined, emulator):
    findings = examined(TWILIO_FROM_NUMBER=FROM)
    assert list(findings) == ["twilio", "time", "number", "dialling US", "dialling CA"]
    assert {one.state for one in findings.values()} == {State.OK}
    assert not emulator.calls


def test_neither_the_token_nor_a_whole_number_is_told(examined):
    told = json.dumps([str(one) for one in examined(TWILIO_FROM_NUMBER=FROM).values()])
    assert FROM[-4:] in told
    assert not [secret for secret in (TOKEN, FROM) if secret in told]


def test_without_credentials_nothing_is_asked():
    assert list(examining.examine(settings.load({}))) == []


def test_a_wrong_token_is_trouble_and_says_where_the_right_one_is(examined):
    finding = examined(TWILIO_AUTH_TOKEN="w" * 32)["twilio"]
    assert finding.state is State.TROUBLE
    assert "refused with status 401, code 20003" in finding.found
    assert "Console" in finding.remedy


def test_a_wrong_key_is_told_apart_from_a_wrong_token(examined):
    findings = examined(**KEY)
    assert (findings["twilio"].state, findings["api key"].state) == (State.OK, State.TROUBLE)


def test_a_number_that_is_not_the_accounts_is_trouble(examined):
    finding = examined(TWILIO_FROM_NUMBER="+15005550009")["number"]
    assert (finding.state, "...0009 is not the account's" in finding.found) == (State.TROUBLE, True)


def test_without_a_number_in_the_settings_the_accounts_first_one_calls(examined, emulator):
    assert examined()["number"].state is State.OK
    emulator.owned_numbers = frozenset()
    assert examined()["number"].state is State.TROUBLE


def test_hosting_at_twilio_is_asked_for_where_twilio_registers(examined):
    finding = examined(LINEPROOF_REGISTRAR="twilio")["hosting"]  # the emulator hosts nothing
    assert (finding.state, "status 404" in finding.found) == (State.TROUBLE, True)


def test_a_carrier_that_is_not_there_is_trouble(examined):
    findings = examined(TWILIO_API_BASE_URL="http://127.0.0.1:1")
    assert findings["twilio"].state is State.TROUBLE
    assert "time" not in findings


@pytest.mark.parametrize(
    ("account", "state", "word"),
    [
        ({"status": "suspended", "type": "Full"}, State.TROUBLE, "suspended"),
        ({"status": "closed", "type": "Full"}, State.TROUBLE, "closed"),
        ({"status": "active", "type": "Trial"}, State.WARNING, "trial"),
    ],
)
def test_an_account_that_cannot_call_everybody_is_told(httpserver, account, state, word):
    path = f"/2010-04-01/Accounts/{SID}.json"
    httpserver.expect_request(path).respond_with_json({"sid": SID, **account})
    finding = examining.of_account(client(httpserver), SID)
    assert (finding.state, word in finding.found) == (state, True)


@pytest.mark.parametrize(
    ("low", "special", "fraud", "state"),
    [
        (True, False, False, State.OK),
        (False, False, False, State.TROUBLE),
        (True, True, False, State.WARNING),
        (True, False, True, State.WARNING),
    ],
)
def test_dialling_permissions_are_read(httpserver, low, special, fraud, state):
    flags = {
        "low_risk_numbers_enabled": low,
        "high_risk_special_numbers_enabled": special,
        "high_risk_tollfraud_numbers_enabled": fraud,
    }
    path = "/v1/DialingPermissions/Countries/CA"
    httpserver.expect_request(path).respond_with_json({"iso_code": "CA", **flags})
    assert examining.of_permission(client(httpserver), "CA").state is state


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_permission_that_cannot_be_asked_for_is_no_trouble(httpserver, status):
    httpserver.expect_request("/v1/DialingPermissions/Countries/US").respond_with_json(
        {"code": 20003, "message": f"of {FROM}", "status": status}, status=status
    )
    finding = examining.of_permission(client(httpserver), "US")
    assert (finding.state, FROM in finding.found) == (State.WARNING, False)


def test_a_number_without_voice_cannot_call(httpserver):
    owned = {"phone_number": FROM, "sid": "PN1", "capabilities": {"voice": False}}
    accounts = f"/2010-04-01/Accounts/{SID}"
    for name, rows in (("IncomingPhoneNumbers", [owned]), ("OutgoingCallerIds", [])):
        key = "incoming_phone_numbers" if rows else "outgoing_caller_ids"
        page = {key: rows, "next_page_uri": None, "page": 0}
        httpserver.expect_request(f"{accounts}/{name}.json").respond_with_json(page)
    finding = examining.of_number(client(httpserver), None)
    assert (finding.state, "voice" in finding.found) == (State.TROUBLE, True)


@pytest.mark.parametrize(
    ("apart", "state"), [(0.0, State.OK), (29, State.OK), (-31, State.WARNING)]
)
def test_the_carriers_clock_is_held_against_this_machines(apart, state):
    assert examining.of_clock(apart).state is state


def test_the_clock_is_read_from_the_header_of_an_answer(httpserver, monkeypatch):
    httpserver.expect_request("/").respond_with_data("{}")
    monkeypatch.setattr(examining, "time", Clock(1_000_000_000.0))
    http = examining._Dated()
    http.request("GET", httpserver.url_for("/"))
    assert http.apart is not None
    assert http.apart > 1_000_000
