"""Placing calls through the SDK: asked once, and every answer read for what it is.

Row 14 of the checklist of faithful emulation is the client's half here.
"""

import socket
from contextlib import closing, contextmanager

import pytest
from twilio.rest import Client

from twiml import carrier as twilio_carrier
from twiml import fictional_phones
from twiml.carrier import HttpClient, TwilioCarrier
from twiml.emulator import Emulator, Phones, Virtual
from twiml.emulator.carrier_api import create_carrier_api
from twiml.emulator.serving import bind, listening, url_of
from twiml.webhooks import Links
from verification.calling import CarrierCall, Placed, Postponed, Refused, Unclear
from verification.numbers import Line, LineType

SID, TOKEN, FROM = "AC" + "a" * 32, "t" * 32, "+15005550006"
NUMBER = "+19029052034"
NOW = 1_800_000_000.0


@contextmanager
def at_work(wsgi):
    with closing(bind(0)) as door:
        url = url_of(door)
        with listening(wsgi, door):
            yield url


def carrier_at(url, keyring, from_number=FROM, detect=False):
    client = Client(SID, TOKEN, http_client=HttpClient(url))
    return TwilioCarrier(client, Links(keyring, "https://lineproof.example"), from_number, detect)


@pytest.fixture
def emulator():
    return Emulator(Phones.built_in(), Virtual(NOW), account_sid=SID, auth_token=TOKEN)


@pytest.fixture
def carrier(emulator, keyring):
    with at_work(create_carrier_api(emulator)) as url:
        yield carrier_at(url, keyring)


def place(carrier, number=NUMBER):
    return carrier.place("attempt", number, 260)


def test_a_call_is_placed_with_sealed_urls_limits_and_all_reports(carrier, emulator, keyring):
    answer = place(carrier)
    assert isinstance(answer, Placed)
    placement = emulator.calls[answer.call_sid].placement
    links = Links(keyring, "https://lineproof.example")
    assert placement.url == links.voice("attempt") + "#rc=2&rp=ct,rt,5xx"
    assert placement.fallback_url.startswith(links.fallback("attempt"))
    assert placement.status_callback.startswith(links.status("attempt"))
    assert (placement.timeout, placement.time_limit) == (30_000, 260_000)
    assert set(placement.status_callback_events) == {
        "initiated",
        "ringing",
        "answered",
        "completed",
    }


def test_row_14_a_429_is_postponed_and_nothing_was_placed(carrier, emulator):
    emulator.faults.refuse(1, "429")
    assert isinstance(place(carrier), Postponed)
    assert not emulator.calls
    assert isinstance(place(carrier), Placed)


@pytest.mark.parametrize(("fault", "placed"), [("500", 0), ("place-then-500", 1)])
def test_row_14_a_500_is_unclear_and_the_client_does_not_ask_again(
    carrier, emulator, fault, placed
):
    emulator.faults.refuse(1, fault)
    assert isinstance(place(carrier), Unclear)
    assert len(emulator.calls) == placed


def test_a_connection_that_drops_after_the_call_was_placed_is_unclear(carrier, emulator):
    emulator.faults.refuse(1, "place-then-drop")
    assert isinstance(place(carrier), Unclear)
    assert len(emulator.calls) == 1


def test_an_answer_that_does_not_come_in_time_is_unclear(carrier, emulator, monkeypatch):
    monkeypatch.setattr(twilio_carrier, "ANSWER_SECONDS", 0.05)
    emulator.faults.delay = 0.3
    slow = carrier_at(carrier._client.http_client._base.geturl(), carrier._links.keyring)
    emulator.faults.refuse(1, "delay")
    assert isinstance(place(slow), Unclear)


@pytest.mark.parametrize(
    ("number", "code"),
    [("+15005550001", 21217), ("+15005550002", 21214), ("+15005550003", 21215)],
)
def test_what_the_carrier_refuses_has_its_number(carrier, number, code):
    answer = place(carrier, number)
    assert isinstance(answer, Refused)
    assert answer.code == code


def test_when_nobody_listens_at_the_carrier_nothing_was_asked_for(keyring):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        carrier = carrier_at(url, keyring)
        assert isinstance(place(carrier), Postponed)
        assert carrier.calls_to(NUMBER, NOW) is None
        assert carrier.call("CA" + "0" * 32, NUMBER) is None
        assert carrier.look_up(NUMBER) is None
        assert not carrier.end("CA" + "0" * 32, NUMBER)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"sid": null}', b"\xff\xfe"])
def test_an_answer_that_makes_no_sense_is_unclear(keyring, body):
    def nonsense(environ, start_response):
        start_response("201 Created", [("Content-Type", "application/json")])
        return [body]

    with at_work(nonsense) as url:
        carrier = carrier_at(url, keyring)
        assert isinstance(place(carrier), Unclear)
        assert carrier.look_up(NUMBER) is None or carrier.look_up(NUMBER) == Line(None, None)


def test_the_seconds_of_a_retry_after_are_kept(keyring):
    def busy(environ, start_response):
        start_response("429 Too Many Requests", [("Retry-After", "17")])
        return [b'{"code": 20429, "message": "slow", "status": 429}']

    with at_work(busy) as url:
        assert place(carrier_at(url, keyring)) == Postponed(17.0)


def test_without_a_number_to_call_from_the_accounts_own_is_asked_for(keyring):
    asked = []

    def owns(environ, start_response):
        asked.append(environ["PATH_INFO"].rsplit("/", 1)[1])
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"incoming_phone_numbers": [], "outgoing_caller_ids": [], "page": 0}']

    with at_work(owns) as url:
        answer = place(carrier_at(url, keyring, from_number=None))
    assert isinstance(answer, Refused | Postponed)
    assert "IncomingPhoneNumbers.json" in asked


def test_the_carriers_list_and_its_single_calls_are_read(carrier):
    placed = place(carrier)
    assert carrier.calls_to(NUMBER, NOW - 60) == [CarrierCall(placed.call_sid, "queued")]
    assert carrier.calls_to(NUMBER, NOW + 60) == []
    assert carrier.calls_to("+12124567890", NOW - 60) == []
    assert carrier.call(placed.call_sid, NUMBER) == CarrierCall(placed.call_sid, "queued")


def test_hanging_up_a_call_that_has_ended_is_no_trouble(carrier, emulator):
    placed = place(carrier)
    assert carrier.end(placed.call_sid, NUMBER)
    assert carrier.end(placed.call_sid, NUMBER)


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (NUMBER, Line(LineType.LANDLINE, "Iristel Inc. - ON")),
        ("+18002345678", Line(None, "Emulated Telephone Company")),
    ],
)
def test_lookup_tells_line_type_and_carrier(carrier, number, line):
    assert carrier.look_up(number) == line


def test_the_faqs_unfit_number_is_voip_with_a_messaging_carrier(carrier):
    line = carrier.look_up("+19029052032")
    assert line.carrier == "Twilio - SMS-Sybase365/MMS-SVR"
    assert line.type is LineType.VOIP


def test_a_process_without_an_emulator_says_of_each_line_what_the_emulators_lookup_says(
    carrier, emulator, tmp_path
):
    file = tmp_path / "phones.toml"
    file.write_text(
        '["+12124567890"]\nanswers = "busy"\nline_type = "mobile"\ncarrier = "Bell"\n'
        '["+12124567891"]\nanswers = "busy"\n'
    )
    phones = emulator.phones = fictional_phones.install(Phones.load(file))
    listed = fictional_phones.Listed(phones)
    unlisted = ("+13105550123", "+18005551212", "+12025550120", "+12025550124")
    for number in (*phones.by_number, *unlisted):
        assert listed.look_up(number) == carrier.look_up(number), number
    assert listed.look_up("+12124567890") == Line(LineType.MOBILE, "Bell")


@pytest.mark.parametrize(
    ("word", "line_type"),
    [
        ("landline", LineType.LANDLINE),
        ("mobile", LineType.MOBILE),
        ("fixedVoip", LineType.VOIP),
        ("nonFixedVoip", LineType.VOIP),
        ("tollFree", LineType.TOLL_FREE),
        ("unknown", None),
        (None, None),
        ("pager", LineType.OTHER),
        ("premium", LineType.OTHER),
    ],
)
def test_every_word_of_lookup_v2_is_known(word, line_type):
    assert twilio_carrier._line_type(word) is line_type
