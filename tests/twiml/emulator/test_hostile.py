"""What a stranger's documents, URLs and servers may try: no call and no stop hangs on it."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from tests.twiml.emulator.world import (
    SERVER,
    SID,
    START,
    THEM,
    TOKEN,
    US,
    World,
    happened,
    ivr,
    twiml,
)
from twiml.emulator import (
    BadPhones,
    Emulator,
    NoAnswer,
    Phone,
    Phones,
    Request,
    Response,
    Timing,
    Virtual,
    clock_for,
)
from twiml.emulator.addresses import ascii_url
from twiml.emulator.overrides import Overrides, overrides_of
from twiml.emulator.web import Web

HUGE = "9" * 5000
LONG_LABEL = f"http://{'x' * 64}.test/"
NO_URLS = ["http://[x/", "//[x", LONG_LABEL, "http://", "http://host.test:99999/", "http://a..b/"]


# A bad URL


@pytest.mark.parametrize("url", NO_URLS)
@pytest.mark.parametrize(
    "verb",
    [
        "<Redirect>{}</Redirect>",
        "<Gather timeout='1' actionOnEmptyResult='true' action='{}'/>",
        "<Record timeout='1' action='{}'/>",
        "<Dial action='{}'>+19025550111</Dial>",
    ],
)
def test_a_document_with_a_url_that_is_none_ends_its_call_with_11100(verb, url):
    world = World({"/voice": twiml(verb.format(url))}, Phone("+19025550111", "busy"), silent())
    call = world.call()
    assert call.status == "completed"
    assert 11100 in world.codes()
    assert "application error" in happened(call, "says", "caller")[-1].text


def silent() -> Phone:
    return Phone(THEM, "person", answer_after=1000, types=("nothing",), greeting="")


def test_a_url_that_is_none_asks_the_fallback_like_any_failed_fetch():
    world = World({"/voice": twiml("<Redirect>http://[x/</Redirect>"), "/fallback": twiml()})
    world.call(FallbackUrl=f"{SERVER}/fallback")
    (form,) = world.forms("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11100", "http://[x/")


@pytest.mark.parametrize("location", ["http://[", LONG_LABEL])
def test_a_redirect_to_no_url_ends_the_call_with_11100(location):
    world = World({"/voice": Response(302, b"", location=location)})
    assert world.call().status == "completed"
    assert world.codes() == [11100]


def test_a_status_callback_that_is_redirected_to_no_url_is_only_a_notification():
    world = World({"/voice": twiml(), "/status": Response(302, b"", location="http://[")})
    world.call(StatusCallback=f"{SERVER}/status")
    assert world.codes() == [11100]


def test_a_path_that_is_not_ascii_is_sent_in_utf_8():
    url = "http://me@b\u00fccher.test:80/men\u00fc/%2f a?q=\u00e9"
    sent = "http://me@xn--bcher-kva.test:80/men%C3%BC/%2f%20a?q=%C3%A9"
    assert ascii_url(url) == sent
    assert Request(url + "#rc=1", "GET").sent_url == sent
    world = World({"/voice": twiml("<Redirect>/men\u00fc</Redirect>"), "/men\u00fc": twiml()})
    world.call()
    assert world.codes() == []


def test_the_web_asks_for_a_path_that_is_not_ascii():
    with raw_server(lambda line: b"HTTP/1.0 200 OK\r\nX: " + line.split()[1] + b"\r\n\r\n") as url:
        web = Web(TOKEN, measured=False, latency=75)
        assert web.fetch(Request(f"{url}/men\u00fc"))[0].status == 200


def test_a_location_that_is_not_ascii_is_followed_byte_for_byte():
    def answer(line: bytes) -> bytes:
        place = "Location: /men\u00fc\r\n".encode()
        return b"HTTP/1.0 302 Found\r\n" + place + b"Content-Length: 0\r\n\r\n"

    with raw_server(answer) as url:
        response, _ = Web(TOKEN, measured=False, latency=75).fetch(Request(url))
    assert response.location == "/men%C3%BC"


@pytest.mark.parametrize("url", [*NO_URLS, "http://host.test/\n", "http://host.test/\x00"])
def test_the_web_gives_no_answer_for_a_url_that_is_none(url):
    with pytest.raises(NoAnswer) as error:
        Web(TOKEN, measured=False, latency=75).fetch(Request(url))
    assert error.value.code == 11100


# A number that is too long


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        ("<Pause length='{}'/>", 13910),
        ("<Gather timeout='{}'/>", 13313),
        ("<Gather timeout='1' numDigits='{}'/>", 13314),
        ("<Record timeout='{}'/>", 13613),
        ("<Record maxLength='{}' timeout='1'/>", 13612),
        ("<Dial timeout='{}'>+19025550111</Dial>", 13213),
        ("<Dial timeLimit='{}'>+19025550111</Dial>", 13214),
        ("<Say loop='{}'>Hello.</Say>", 13510),
    ],
)
def test_a_number_of_5000_digits_is_warned_of_and_ignored(verb, code):
    busy = Phone("+19025550111", "busy")
    world = World({"/voice": twiml(verb.format(HUGE), "<Say>On.</Say>")}, silent(), busy)
    call = world.call()
    assert code in world.codes()
    assert 12400 not in world.codes()
    assert call.status == "completed"
    assert len(world.emulator.notifications[0].message) < 200


def test_an_override_of_5000_digits_is_warned_of():
    assert [code for code, _ in overrides_of(f"{SERVER}/#rt={HUGE}").problems] == [11241]


# Whatever else goes wrong


def test_whatever_is_raised_ends_the_call_as_failed_and_not_the_others():
    def broken(_: Request) -> str:
        raise ZeroDivisionError("not one of ours")

    world = World({"/voice": broken, "/good": twiml()})
    bad = world.place(StatusCallback=f"{SERVER}/status")
    good = world.place(Url=f"{SERVER}/good")
    world.emulator.run()
    assert (bad.status, good.status) == ("failed", "completed")
    assert bad.ended == START + 1
    assert 12400 in world.codes()
    assert "ZeroDivisionError: not one of ours" in happened(bad, "error")[0].text
    assert [form["CallStatus"] for form in world.forms("/status")] == ["failed"]
    assert world.emulator._running == {}


def test_an_ivr_that_fails_ends_the_call_that_reached_it():
    def broken(_: Request) -> str:
        raise ZeroDivisionError

    world = World({"/voice": twiml(), "/ivr": broken}, ivr("/ivr"))
    assert world.call().status == "failed"


def test_a_listener_that_raises_does_not_keep_a_call_for_ever():
    def raises(*_: object) -> None:
        raise ZeroDivisionError

    emulator = Emulator(
        Phones.built_in(), Virtual(START), account_sid=SID, auth_token=TOKEN, on_event=raises
    )
    call = emulator.place({"To": [THEM], "From": [US], "Twiml": [twiml()]})
    emulator.run()
    assert call.status == "failed"
    assert emulator._running == {}


# phones.toml


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('answers = "http://["', "not a valid URL"),
        ('answers = "http://"', "not an absolute"),
        (f'answers = "{LONG_LABEL}"', "not a valid URL"),
        (r'answers = "menu\u0000"', "control characters"),
        (r'answers = "http://host.test/\u0001"', "control characters"),
        (r'carrier = "a\u0000b"', "control characters"),
        (f'answers = "{"x" * 5000}"', "answers"),
        ('answer_after = "25h"', 'such as "2s"'),
        ('answer_after = "86401s"', "24 hours"),
        ("answer_after = 86401", "24 hours"),
        (f'answer_after = "{HUGE}s"', "24 hours"),
        (f"answer_after = {HUGE}", "phones.toml"),
        (f"types = 0x{'f' * 5000}", "too long to be shown"),
    ],
)
def test_a_bad_phone_is_one_short_line(tmp_path, line, said):
    path = tmp_path / "phones.toml"
    path.write_text(f'["+19025550100"]\n{line}')
    with pytest.raises(BadPhones) as error:
        Phones.load(path)
    text = str(error.value)
    assert said in text
    assert "\n" not in text
    assert len(text.replace(str(tmp_path), "")) < 400


def test_a_phone_may_ring_for_a_day(tmp_path):
    path = tmp_path / "phones.toml"
    path.write_text('["+19025550100"]\nanswer_after = "1440min"')
    assert Phones.load(path).find("+19025550100").answer_after == 86_400_000


# A server that drips, or floods


@contextmanager
def raw_server(answer):
    """A server that answers each request by hand: bytes, or a generator of them."""
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(10)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = door.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                line = connection.recv(65_536).split(b"\r\n")[0]
                said = answer(line)
                try:
                    for part in [said] if isinstance(said, bytes) else said:
                        connection.sendall(part)
                        if over.is_set():
                            return
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{door.getsockname()[1]}"
    over.set()
    door.shutdown(socket.SHUT_RDWR)
    door.close()
    thread.join(5)


def drip(text: bytes):
    def answer(_: bytes):
        yield text
        for _step in range(200):
            time.sleep(0.05)
            yield b"x"

    return answer


DRIPS = {
    "header": b"HTTP/1.0 200 OK\r\nX-Slow: ",
    "body": b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n",
    "body of a length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
}


@pytest.mark.parametrize("head", DRIPS.values(), ids=DRIPS)
def test_a_server_that_drips_is_given_up_when_its_time_is_over(head):
    with raw_server(drip(head)) as url:
        start = time.monotonic()
        with pytest.raises(NoAnswer) as error:
            Web(TOKEN, measured=True, latency=75).fetch(
                Request(url, overrides=Overrides(total=200))
            )
        assert 0.15 < time.monotonic() - start < 5  # it would drip for ten
    assert error.value.code == 11200


def test_the_time_for_a_request_is_that_of_the_timing():
    with raw_server(drip(DRIPS["body"])) as url, running(Timing(request_total=200)) as emulator:
        start = time.monotonic()
        call = emulator.place({"To": [THEM], "From": [US], "Url": [url]})
        while call.status != "completed":
            time.sleep(0.005)
            assert time.monotonic() - start < 8  # it would drip for ten
        assert [found.code for found in emulator.notifications] == [11200]


@pytest.mark.parametrize("kind", ["text/xml", "text/plain"])
def test_an_answer_of_100_mb_stops_after_64_kb_with_11750(kind):
    sent = []

    def flood(_: bytes):
        yield f"HTTP/1.0 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()
        for _step in range(1600):
            sent.append(1)
            yield b"x" * 65_536

    with raw_server(flood) as url, running(Timing()) as emulator:
        call = emulator.place({"To": [THEM], "From": [US], "Url": [url]})
        end = time.monotonic() + 5
        while call.status != "completed" and time.monotonic() < end:
            time.sleep(0.005)
        assert [found.code for found in emulator.notifications] == [11750]
    assert len(sent) < 800


# Stopping


@contextmanager
def running(timing: Timing, **options):
    phones = Phones.built_in()
    phones.by_number[THEM] = Phone(THEM, "person", answer_after=1000, greeting="")
    emulator = Emulator(
        phones, clock_for(0), account_sid=SID, auth_token=TOKEN, timing=timing, **options
    )
    emulator.start()
    yield emulator
    emulator.stop()


def left_behind(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in set(threading.enumerate()) - before if "emulator" in thread.name]


@pytest.mark.parametrize("head", [DRIPS["header"], DRIPS["body"]])
def test_stopping_breaks_off_a_server_that_drips(head):
    asked = threading.Event()

    def answer(line: bytes):
        asked.set()
        return drip(head)(line)

    with raw_server(answer) as url:
        before = set(threading.enumerate())
        with running(Timing()) as emulator:
            emulator.place({"To": [THEM], "From": [US], "Url": [url]})
            assert asked.wait(5)
            time.sleep(0.1)
            start = time.monotonic()
            emulator.stop()
            assert time.monotonic() - start < 5  # it would drip for ten
        assert left_behind(before) == []


def test_stopping_does_not_wait_for_an_application_that_hangs():
    asked, forever = threading.Event(), threading.Event()

    class Hangs:
        def fetch(self, request: Request) -> tuple[Response, int]:
            asked.set()
            forever.wait(20)
            return Response(200, b"<Response/>"), 0

    before = set(threading.enumerate())
    with running(Timing(), application_for=lambda _: Hangs()) as emulator:
        emulator.place({"To": [THEM], "From": [US], "Url": [f"{SERVER}/voice"]})
        assert asked.wait(5)
        start = time.monotonic()
        emulator.stop()
        assert time.monotonic() - start < 8  # it would drip for ten
        assert all(thread.daemon for thread in left_behind(before))
        forever.set()
