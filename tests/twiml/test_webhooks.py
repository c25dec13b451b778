"""What Twilio asks during a call: genuine requests are answered, all others change nothing.

Rows 27 and 29 of the checklist of faithful emulation are the server's, and stand here.
"""

import re
import time
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

import app
from tests.conftest import CALL, NUMBER
from tests.directories import Unasked
from twiml import signature
from verification import accounts, calling, log, ordering, settings
from verification.calling import Placed
from verification.numbers import Line, LineType
from verification.ordering import Policy
from verification.statuses import Status
from verification.store.sqlite import SqliteStore
from verification.store.trouble import StoreBusy

BASE = "https://lineproof.example"
SID, TOKEN = "AC" + "a" * 32, "t" * 32
FORM = {
    "AccountSid": SID,
    "CallSid": CALL,
    "From": "+15005550006",
    "To": NUMBER,
    "CallStatus": "in-progress",
    "Direction": "outbound-api",
}


class Twilio:
    """Sends signed requests for one live attempt."""

    def __init__(self, house, client):
        self.house, self.client = house, client
        self.links = house.carriers.links
        with house.store.write() as tx:
            account, _ = accounts.create(tx, house.keyring, "Maple <& Dental>", 1.0)
            order = ordering.create(tx, account.sid, NUMBER, {"extension": "ww2"}, 1.0)
            self.subject_sid = order.sid
            line = Line(LineType.LANDLINE, "X")
            received = ordering.settle_eligibility(tx, order.sid, line, Policy(), 1.0)
            assert received
            calling.request_call(tx, house.keyring, received, account.name, time.time())
            attempt = calling.claim(tx, time.time(), 0.0)
            assert attempt
            self.attempt = attempt
            calling.record_answer(tx, attempt.id, Placed(CALL), time.time())

    def post(self, url, form=None, signed=None, headers=None, token=TOKEN, method="POST"):
        """Send what is given; signed is what the signature was made over, if not the same."""
        form = {**FORM, **(form or {})}
        path = url.removeprefix(BASE)
        made = signature.sign(url, form if signed is None else signed, token)
        return self.client.open(
            path,
            method=method,
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded; charset=UTF-8",
            headers={"X-Twilio-Signature": made} if headers is None else headers,
            environ_overrides={"RAW_URI": path},
        )

    def voice(self, **form):
        return self.post(self.links.voice(self.attempt.id), form)

    def keys(self, step, digits):
        return self.post(self.links.keys(self.attempt.id, step), {"Digits": digits})

    def status(self, status, **form):
        return self.post(self.links.status(self.attempt.id), {"CallStatus": status, **form})

    @property
    def challenge(self):
        with self.house.store.read() as tx:
            return tx.attempts.get(self.attempt.id).challenge

    @property
    def order(self):
        with self.house.store.read() as tx:
            return tx.orders.get(self.subject_sid)

    @property
    def code(self):
        return calling.visible_code(self.order, self.house.keyring, time.time())


@pytest.fixture
def twilio(tmp_path):
    chosen = settings.load(
        {
            "DATABASE_URL": f"sqlite:///{tmp_path}/hooks.db",
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_BASE_URL": BASE,
        }
    )
    house = app.open_house(chosen)
    yield Twilio(house, app.create_app(house, Unasked()).test_client())
    house.store.close()


def verbs(answer):
    """The document's verbs with their attributes and texts."""
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/xml")
    return list(ElementTree.fromstring(answer.data))


def test_the_first_document_plays_the_extension_first(twilio):
    first, *rest = verbs(twilio.voice())
    assert (first.tag, first.get("digits")) == ("Play", "ww2")
    assert rest[-1].tag == "Gather"


def test_the_extension_is_played_only_once(twilio):
    twilio.voice()
    assert [verb.tag for verb in verbs(twilio.keys(1, ""))] == ["Say", "Say", "Gather"]


def test_the_purpose_is_said_outside_the_gather_so_that_keys_pressed_into_it_do_not_count(twilio):
    _, purpose, gather = verbs(twilio.voice())
    assert "verify this phone number" in purpose.text
    assert "Maple <& Dental>" in purpose.text
    assert f"press {twilio.challenge}." in gather[0].text
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("1", "")


def test_a_whole_call_verifies_the_order(twilio):
    twilio.voice()
    gather = verbs(twilio.keys(1, twilio.challenge))[-1]
    assert gather.get("numDigits") == "6"
    answer = verbs(twilio.keys(2, twilio.code))
    assert [verb.tag for verb in answer] == ["Say", "Hangup"]
    assert twilio.order.status is Status.VERIFIED


def test_the_action_leads_to_the_next_step(twilio):
    action = verbs(twilio.voice())[-1].get("action")
    assert action == twilio.links.keys(twilio.attempt.id, 1)


def test_a_repeated_request_gets_the_same_document_and_is_counted_once(twilio):
    assert twilio.voice().data == twilio.voice().data
    wrong = twilio.keys(1, "*" if twilio.challenge != "*" else "#")
    assert twilio.keys(1, twilio.challenge).data == wrong.data


def test_a_fallback_request_apologises_and_hangs_up(twilio):
    answer = verbs(twilio.post(twilio.links.fallback(twilio.attempt.id), {"ErrorCode": "1"}))
    assert [verb.tag for verb in answer] == ["Say", "Hangup"]


def test_a_fallback_request_apologises_also_when_the_store_cannot_be_read(twilio, monkeypatch):
    def busy(self):
        raise StoreBusy("not now")

    monkeypatch.setattr(SqliteStore, "read", busy)
    answer = verbs(twilio.post(twilio.links.fallback(twilio.attempt.id)))
    assert [verb.tag for verb in answer] == ["Say", "Hangup"]


def test_a_status_report_is_thanked_without_a_body(twilio):
    answer = twilio.status("ringing")
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_machine_is_told_as_voicemail(twilio):
    twilio.voice()
    twilio.status("completed", AnsweredBy="machine_start")
    assert "voicemail" in twilio.order.failure_reason


def test_a_request_of_an_ended_call_hangs_up_without_a_word(twilio):
    twilio.status("busy")
    assert [verb.tag for verb in verbs(twilio.voice())] == ["Hangup"]


def test_row_27_a_wrong_token_a_changed_parameter_and_a_missing_header_are_403(twilio):
    url = twilio.links.voice(twilio.attempt.id)
    wrong_token = twilio.post(url, token="x" * 32)
    changed = twilio.post(url, {"Digits": "1"}, signed=FORM)
    missing = twilio.post(url, headers={})
    for answer in (wrong_token, changed, missing):
        assert (answer.status_code, answer.data) == (403, b"")
    assert twilio.order.verification_attempts == 1


def test_row_29_extra_unknown_parameters_are_accepted(twilio):
    assert verbs(twilio.voice(StirVerstat="A", FutureParameter="é"))[0].tag == "Play"


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto"])
def test_what_a_proxy_says_about_host_and_scheme_plays_no_part(twilio, name):
    url = twilio.links.voice(twilio.attempt.id)
    signed = signature.sign(url, FORM, TOKEN)
    for value in ("evil.example", "http"):
        answer = twilio.post(url, headers={"X-Twilio-Signature": signed, name: value})
        assert answer.status_code == 200


def test_the_url_is_checked_as_it_was_sent_byte_for_byte(twilio):
    url = twilio.links.voice(twilio.attempt.id)
    spelled = url.replace("/voice/", "/v%6Fice/")
    assert twilio.post(spelled).status_code == 200
    signed = signature.sign(url, FORM, TOKEN)
    assert twilio.post(spelled, headers={"X-Twilio-Signature": signed}).status_code == 403


def test_a_token_opens_only_its_own_door(twilio):
    links = twilio.links
    doors = {"voice": links.voice, "status": links.status, "fallback": links.fallback}
    for name, make in doors.items():
        for other in {*doors, "keys"} - {name}:
            url = make(twilio.attempt.id).replace(f"/{name}/", f"/{other}/")
            assert twilio.post(url).status_code == 403


def test_a_genuine_request_of_another_twilio_account_is_403(twilio):
    assert twilio.voice(AccountSid="AC" + "b" * 32).status_code == 403


@pytest.mark.parametrize("sid", ["", "CA1", "CA" + "z" * 32, "XX" + "c" * 32])
def test_a_request_that_names_no_call_is_403(twilio, sid):
    assert twilio.voice(CallSid=sid).status_code == 403


def test_a_field_that_is_repeated_is_403_though_the_signature_fits(twilio):
    url = twilio.links.voice(twilio.attempt.id)
    body = urlencode([*FORM.items(), ("Digits", "1"), ("Digits", "1")])
    answer = twilio.client.post(
        url.removeprefix(BASE),
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature.sign(url, {**FORM, "Digits": "1"}, TOKEN)},
        environ_overrides={"RAW_URI": url.removeprefix(BASE)},
    )
    assert answer.status_code == 403


def test_other_methods_are_405(twilio):
    url = twilio.links.voice(twilio.attempt.id)
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert twilio.post(url, method=method).status_code == 405


def test_while_the_store_is_busy_twilio_is_asked_to_come_again(twilio, monkeypatch):
    def busy(store):
        raise StoreBusy("held")

    monkeypatch.setattr(SqliteStore, "write_together", busy)
    answer = twilio.voice()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"


def test_no_code_no_number_and_no_token_reaches_the_log(twilio, capfd):
    log.to_stderr()
    code = twilio.code
    twilio.voice()
    twilio.keys(1, twilio.challenge)
    twilio.keys(2, code)
    twilio.post(twilio.links.fallback(twilio.attempt.id))
    twilio.post(twilio.links.voice(twilio.attempt.id), headers={})
    said = "".join(capfd.readouterr())
    assert code not in said
    assert TOKEN not in said
    assert not re.search(r"\+1\d{10}", said)
