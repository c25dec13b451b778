"""The REST API over real HTTP, with Twilio's own SDK as the client (rows 6 and 14)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from werkzeug.serving import make_server

from tests.twiml.emulator.world import SERVER, SID, START, THEM, TOKEN, US, World, twiml
from twiml.emulator.carrier_api import create_carrier_api


class Carrier:
    """A world behind HTTP."""

    def __init__(self) -> None:
        self.world = World({"/voice": twiml("<Pause length='20'/>")})
        self.emulator = self.world.emulator
        self._server = make_server("127.0.0.1", 0, create_carrier_api(self.emulator), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def client(self, token: str = TOKEN) -> Client:
        client = Client(SID, token, http_client=TwilioHttpClient(timeout=5))
        client.api.base_url = client.lookups.base_url = self.url
        return client

    def get(self, path: str, **more):
        return requests.get(self.url + path, auth=(SID, TOKEN), timeout=5, **more)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def server():
    carrier = Carrier()
    yield carrier
    carrier.close()


@pytest.fixture
def carrier(server):
    """The one server, with an empty exchange behind it."""
    emulator = server.emulator
    emulator.run()
    emulator.calls.clear()
    emulator.notifications.clear()
    emulator.faults.next.clear()
    server.world.server.requests.clear()
    emulator.clock.advance(100)
    return server


def create(client: Client, **more):
    return client.calls.create(**{"to": THEM, "from_": US, "url": f"{SERVER}/voice", **more})


def test_the_sdk_places_and_fetches_and_ends_a_call(carrier):
    client = carrier.client()
    call = create(client)
    assert (call.status, call.direction, call.to, call.queue_time) == (
        "queued",
        "outbound-api",
        THEM,
        "0",
    )
    carrier.emulator.run(until=carrier.emulator.clock.now() + 5)
    assert client.calls(call.sid).fetch().status == "in-progress"
    assert client.calls(call.sid).update(status="completed").status == "completed"
    found = client.calls(call.sid).fetch()
    assert found.duration == "4"
    assert found.end_time - found.start_time == timedelta(seconds=4)


def test_row_6_a_hash_is_sent_escaped_and_a_raw_one_cuts_the_value(carrier):
    call = create(carrier.client(), send_digits="12#w3")
    assert carrier.emulator.call(call.sid).placement.send_digits == "12#w3"
    body = f"To=%2B{THEM[1:]}&From=%2B{US[1:]}&Url={SERVER}/voice&SendDigits=12#3"
    path = f"/2010-04-01/Accounts/{SID}/Calls.json"
    cut = requests.get(f"{carrier.url}{path}?{body}", auth=(SID, TOKEN), timeout=5)
    assert "SendDigits=12&" in cut.json()["uri"]


def test_row_14_a_429_can_be_ordered_and_nothing_is_placed(carrier):
    carrier.emulator.faults.refuse(2)
    for _ in range(2):
        with pytest.raises(TwilioRestException) as error:
            create(carrier.client())
        assert (error.value.status, error.value.code) == (429, 20429)
    assert carrier.emulator.calls == {}
    create(carrier.client())
    assert len(carrier.emulator.calls) == 1


def test_a_call_can_be_placed_and_then_answered_with_500(carrier):
    carrier.emulator.faults.refuse(1, "place-then-500")
    with pytest.raises(TwilioRestException) as error:
        create(carrier.client())
    assert error.value.status == 500
    assert len(carrier.emulator.calls) == 1


def test_a_call_can_be_placed_and_the_connection_dropped(carrier):
    carrier.emulator.faults.refuse(1, "place-then-drop")
    with pytest.raises(requests.exceptions.ConnectionError):
        create(carrier.client())
    assert len(carrier.emulator.calls) == 1


def test_faults_come_at_a_rate_that_a_seed_repeats(carrier):
    faults = carrier.emulator.faults
    faults.rates = {"500": 0.5}

    def drawn() -> list[str | None]:
        faults.reseed(7)
        return [faults.draw() for _ in range(20)]

    first = drawn()
    assert set(first) == {None, "500"}
    assert drawn() == first
    faults.rates = {}


def test_an_error_has_twilios_code_and_says_what_is_allowed(carrier):
    with pytest.raises(TwilioRestException) as error:
        create(carrier.client(), send_digits="1x")
    assert (error.value.status, error.value.code) == (400, 21206)
    assert "'x' at position 2 of SendDigits is not allowed" in error.value.msg


def test_a_wrong_token_is_401_in_twilios_words(carrier):
    with pytest.raises(TwilioRestException) as error:
        create(carrier.client(token="wrong"))
    assert (error.value.status, error.value.code) == (401, 20003)
    body = requests.get(carrier.url + "/emulator/v1/calls", timeout=5).json()
    assert body["detail"] == "Your AccountSid or AuthToken was incorrect."


def test_an_unknown_call_or_path_is_20404(carrier):
    with pytest.raises(TwilioRestException) as error:
        carrier.client().calls("CA" + "f" * 32).fetch()
    assert (error.value.status, error.value.code) == (404, 20404)
    assert carrier.get("/2010-04-01/Nothing.json").json()["code"] == 20404


def test_calls_are_listed_in_pages_and_by_filters(carrier):
    client = carrier.client()
    sids = [create(client).sid for _ in range(5)]
    other = create(client, to="+19025550111")
    carrier.emulator.run()
    listed = [call.sid for call in client.calls.stream(page_size=2)]
    assert sorted(listed) == sorted([*sids, other.sid])
    assert [call.sid for call in client.calls.list(to="+19025550111")] == [other.sid]
    assert len(client.calls.list(status="completed", from_=US)) == 6
    assert client.calls.list(status="busy") == []


def test_calls_are_filtered_by_time_as_the_sdk_sends_it(carrier):
    client = carrier.client()
    create(client)
    carrier.emulator.run()
    (call,) = carrier.emulator.calls.values()
    before = datetime.fromtimestamp(call.started - 60, UTC)
    after = datetime.fromtimestamp(call.started + 60, UTC)
    assert len(client.calls.list(start_time_after=before)) == 1
    assert len(client.calls.list(start_time_before=after)) == 1
    assert client.calls.list(start_time_after=after) == []
    assert client.calls.list(start_time_before=before) == []
    assert len(client.calls.list(start_time=before.date())) == 1
    assert len(client.calls.list(end_time_after=before, end_time_before=after)) == 1
    bad = carrier.get(f"/2010-04-01/Accounts/{SID}/Calls.json?StartTime=yesterday")
    assert (bad.status_code, bad.json()["code"]) == (400, 20001)


def test_a_list_has_only_twilios_top_level_keys(carrier):
    body = carrier.get(f"/2010-04-01/Accounts/{SID}/Calls.json").json()
    assert set(body) == {
        *("calls", "end", "first_page_uri", "next_page_uri", "page", "page_size"),
        *("previous_page_uri", "start", "uri"),
    }


def test_notifications_are_listed_and_fetched(carrier):
    client = carrier.client()
    create(client, url=f"{SERVER}/nowhere")
    carrier.emulator.run()
    (found,) = client.api.v2010.account.notifications.list(log=0)
    assert (found.error_code, found.log) == ("11200", "0")
    assert "nowhere" in found.message_text
    fetched = client.api.v2010.account.notifications(found.sid).fetch()
    assert fetched.request_url == f"{SERVER}/nowhere"
    assert client.api.v2010.account.notifications.list(log=1) == []


def test_lookups_know_line_type_and_carrier(carrier):
    client = carrier.client()
    v1 = client.lookups.v1.phone_numbers("+19029052034").fetch(type=["carrier"])
    assert v1.carrier["type"] == "landline"
    assert v1.carrier["name"] == "Iristel Inc. - ON"
    assert (v1.country_code, v1.national_format) == ("CA", "(902) 905-2034")
    v2 = client.lookups.v2.phone_numbers("+19029052032").fetch(fields="line_type_intelligence")
    assert v2.line_type_intelligence["type"] == "nonFixedVoip"
    assert v2.line_type_intelligence["carrier_name"] == "Twilio - SMS-Sybase365/MMS-SVR"
    assert (
        client.lookups.v1.phone_numbers("+18005550100").fetch(type=["carrier"]).carrier["type"]
        is None
    )
    wrong = client.lookups.v2.phone_numbers("+1902").fetch()
    assert (wrong.valid, wrong.validation_errors) == (False, ["TOO_SHORT"])
    with pytest.raises(TwilioRestException):
        client.lookups.v1.phone_numbers("+1902").fetch()


def test_a_code_can_be_told_to_whoever_answers(carrier):
    url = f"{carrier.url}/emulator/v1/codes/{THEM}"
    told = requests.put(url, json={"code": "123456"}, auth=(SID, TOKEN), timeout=5)
    assert told.status_code == 204
    assert carrier.emulator.code_for(THEM) == "123456"
    wrong = requests.put(url, json={"code": 5}, auth=(SID, TOKEN), timeout=5)
    assert wrong.status_code == 400


def test_the_call_log_has_all_calls_and_their_traces(carrier):
    sid = create(carrier.client()).sid
    carrier.emulator.run()
    (logged,) = carrier.get("/emulator/v1/calls").json()["calls"]
    assert (logged["sid"], logged["to"], logged["status"]) == (sid, THEM, "completed")
    assert logged["url"] == f"{SERVER}/voice"
    assert logged["ended"] - logged["answered"] == 20
    events = carrier.get(f"/emulator/v1/calls/{sid}/events").json()["events"]
    assert events[0]["kind"] == "status"
    assert "answers" in " ".join(event["line"] for event in events)


def test_another_account_has_no_calls_here(carrier):
    client = carrier.client()
    with pytest.raises(TwilioException):
        client.api.v2010.accounts("AC" + "1" * 32).calls.list()


def test_the_clock_has_not_moved_by_itself(carrier):
    assert carrier.emulator.clock.now() >= START


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"TimeLimit": "9" * 5000}, 20001),
        ({"Timeout": "9" * 5000}, 21208),
        ({"Url": "http://["}, 21205),
        ({"FallbackUrl": f"http://{'x' * 64}.test/"}, 21205),
        ({"StatusCallback": "http://[x/"}, 21205),
        ({"MachineDetection": "Enable", "MachineDetectionTimeout": "9" * 5000}, 21263),
    ],
)
def test_nonsense_in_a_form_is_refused_in_twilios_shape(carrier, form, code):
    path = f"{carrier.url}/2010-04-01/Accounts/{SID}/Calls.json"
    whole = {"To": THEM, "From": US, "Url": f"{SERVER}/voice", **form}
    answer = requests.post(path, whole, auth=(SID, TOKEN), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert set(answer.json()) == {"code", "message", "more_info", "status"}
    assert len(answer.json()["message"]) < 200


def test_a_wrong_method_or_path_is_refused_in_twilios_shape(carrier):
    path = f"/2010-04-01/Accounts/{SID}/Calls.json"
    wrong = requests.delete(carrier.url + path, auth=(SID, TOKEN), timeout=5)
    assert (wrong.status_code, wrong.json()["code"]) == (405, 20004)
    assert "POST" in wrong.headers["Allow"]
    assert carrier.get("/nothing").json()["status"] == 404
    assert carrier.get(f"{path}?PageSize=50&Page={'9' * 4299}").status_code == 200


def test_a_mistake_of_the_emulator_itself_is_told_in_twilios_shape(carrier, monkeypatch):
    monkeypatch.setattr(carrier.emulator, "call", lambda sid: 1 / 0)
    with pytest.raises(TwilioRestException) as error:
        carrier.client().calls("CA" + "f" * 32).fetch()
    assert (error.value.status, error.value.code) == (500, 20500)


def test_the_sdk_finds_out_which_numbers_the_account_has(carrier):
    client = carrier.client()
    (number,) = client.incoming_phone_numbers.list(limit=1)
    assert (number.phone_number, number.friendly_name) == (US, "(500) 555-0006")
    assert number.sid.startswith("PN")
    assert number.capabilities["voice"]
    assert number.date_created.timestamp() == START
    assert client.incoming_phone_numbers(number.sid).fetch().phone_number == US
    assert client.incoming_phone_numbers.list(phone_number=THEM) == []
    assert client.outgoing_caller_ids.list() == []
    with pytest.raises(TwilioRestException):
        client.incoming_phone_numbers("PN" + "f" * 32).fetch()


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+19029052034", "CA"),
        ("+12572000000", "CA"),
        ("+19295566487", "US"),
        ("+18005550100", "US"),
        ("+12425550100", "BS"),
        ("+442071838750", "GB"),
    ],
)
def test_lookups_know_the_country_of_an_area_code(carrier, number, country):
    assert carrier.client().lookups.v2.phone_numbers(number).fetch().country_code == country
