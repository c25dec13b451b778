"""In the background: threads, clocks, real HTTP, prompt stops."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from tests.twiml.emulator.world import ALL_EVENTS, SID, START, THEM, TOKEN, US
from twiml.emulator import Emulator, Instant, NoAnswer, Phone, Phones, Request, Virtual, clock_for
from twiml.emulator.overrides import Overrides
from twiml.emulator.web import Web


class Site(Flask):
    """A TwiML application on loopback that checks signatures with Twilio's SDK."""

    url = ""
    emulator: Emulator

    def __init__(self) -> None:
        super().__init__("site")
        self.statuses: list[tuple[str, str]] = []
        self.slow = threading.Event()


@pytest.fixture(scope="module")
def site():
    app = Site()

    @app.before_request
    def check():
        given = request.headers.get("X-Twilio-Signature", "")
        form = request.form if request.method == "POST" else {}
        url = request.host_url[:-1] + request.environ["REQUEST_URI"]
        if not RequestValidator(TOKEN).validate(url, form, given):
            return "unsigned", 403
        return None

    @app.route("/voice", methods=["GET", "POST"])
    def voice():
        return Response("<Response><Say>Hello.</Say><Pause/></Response>", mimetype="text/xml")

    @app.post("/never")
    def never():
        app.slow.wait(20)
        return ""

    @app.post("/hangs-up")
    def hangs_up():
        app.emulator.change(request.form["CallSid"], {"Status": ["completed"]})
        return Response("<Response/>", mimetype="text/xml")

    @app.post("/status")
    def status():
        app.statuses.append((request.form["CallSid"], request.form["CallStatus"]))
        return "", 204

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    app.url = f"http://127.0.0.1:{server.server_port}"
    yield app
    app.slow.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def running(site):
    """Start an emulator with a clock of some speed; it is stopped at the end."""
    started = []

    def start(speed: float, **options) -> Emulator:
        phones = Phones.built_in()
        phones.by_number[THEM] = Phone(THEM, "person", answer_after=1000, greeting="")
        options = {"calls_per_second": 1000, **options}
        emulator = Emulator(phones, clock_for(speed), account_sid=SID, auth_token=TOKEN, **options)
        emulator.start()
        started.append(emulator)
        site.emulator = emulator
        site.statuses.clear()
        return emulator

    yield start
    for emulator in started:
        emulator.stop()


def place(emulator: Emulator, site, path: str = "/voice"):
    form = {
        "To": [THEM],
        "From": [US],
        "Url": [site.url + path],
        "StatusCallback": [site.url + "/status"],
        "StatusCallbackEvent": ALL_EVENTS,
    }
    return emulator.place(form)


def until(condition, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.005)


def test_row_70_an_instant_clock_runs_many_calls_at_once(running, site):
    emulator = running(0)
    calls = [place(emulator, site) for _ in range(20)]
    until(lambda: all(call.status == "completed" for call in calls))
    until(lambda: len(site.statuses) == 80)
    assert all(call.duration == 2 for call in calls)
    assert emulator.notifications == []


def test_row_70_a_clock_may_run_faster_than_the_real_one(running, site):
    emulator = running(50)
    start = time.monotonic()
    call = place(emulator, site)
    until(lambda: call.status == "completed")
    assert 0.03 < time.monotonic() - start < 2
    until(lambda: len(site.statuses) == 4)


def test_row_70_the_real_clock_is_an_option(running, site):
    emulator = running(1)
    call = place(emulator, site)
    until(lambda: call.status == "ringing")
    emulator.change(call.sid, {"Status": ["canceled"]})
    assert call.status == "canceled"
    until(lambda: (call.sid, "canceled") in site.statuses)


def test_a_server_may_end_the_call_that_asks_it(running, site):
    emulator = running(0)
    call = place(emulator, site, "/hangs-up")
    until(lambda: call.status == "completed")
    until(lambda: (call.sid, "completed") in site.statuses)


def test_queued_calls_need_no_threads(running, site):
    emulator = running(1, calls_per_second=0.001)
    before = threading.active_count()
    calls = [place(emulator, site) for _ in range(60)]
    until(lambda: calls[0].status != "queued")
    assert threading.active_count() - before < 10


def test_stopping_is_prompt_and_joins_all_threads(running, site):
    before = set(threading.enumerate())
    emulator = running(0)
    place(emulator, site, "/never")
    until(lambda: next(iter(emulator.calls.values())).status == "in-progress")
    start = time.monotonic()
    emulator.stop()
    assert time.monotonic() - start < 2
    ours = [thread for thread in set(threading.enumerate()) - before if "emulator" in thread.name]
    assert ours == []


def test_an_emulator_may_be_started_again(running, site):
    emulator = running(0)
    emulator.stop()
    emulator.start()
    call = place(emulator, site)
    until(lambda: call.status == "completed")


def test_run_needs_a_clock_that_can_be_moved():
    emulator = Emulator(Phones.built_in(), Instant(), account_sid=SID, auth_token=TOKEN)
    with pytest.raises(TypeError, match="Virtual"):
        emulator.run()


def test_a_virtual_clock_moves_only_when_it_is_told():
    clock = Virtual(START)
    assert clock.now() == clock.now() == START
    clock.advance(1.5)
    assert clock.now() == START + 1.5
    clock.advance_to(START)
    assert clock.now() == START + 1.5


def test_a_clock_has_no_negative_speed():
    with pytest.raises(ValueError, match="above 0"):
        clock_for(-1)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_web_signs_what_it_sends_byte_for_byte(site, method):
    url = f"{site.url}/voice?a=%2f%2F&b=c%20d+e#rc=2"
    request = Request(url, method, {"CallSid": "CA1", "To": "+1902 é"}, token="t")
    response, _ = Web(TOKEN, measured=True, latency=75).fetch(request)
    assert response.status == 200


def test_the_web_makes_no_request_once_it_is_closed(site):
    web = Web(TOKEN, measured=True, latency=75)
    web.close()
    with pytest.raises(NoAnswer, match="the emulator stops"):
        web.fetch(Request(site.url + "/voice"))
    web.open()
    assert web.fetch(Request(site.url + "/voice"))[0].status == 200


def test_the_web_says_why_there_is_no_answer(site):
    web = Web(TOKEN, measured=False, latency=75)
    with pytest.raises(NoAnswer) as refused:
        web.fetch(Request("http://127.0.0.1:9/voice"))
    assert (refused.value.kind, refused.value.elapsed_ms) == ("ct", 75)
    with pytest.raises(NoAnswer) as silent:
        web.fetch(Request(site.url + "/never", overrides=Overrides(read=100)))
    assert (silent.value.kind, silent.value.elapsed_ms) == ("rt", 100)
    with pytest.raises(NoAnswer) as nonsense:
        web.fetch(Request("ftp://host.test/"))
    assert nonsense.value.code == 11100
