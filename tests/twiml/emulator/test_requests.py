"""How Twilio asks a server for documents (rows 25-36)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.twiml.emulator.world import (
    SERVER,
    START,
    THEM,
    TOKEN,
    US,
    World,
    happened,
    ivr,
    moments,
    twiml,
)
from twiml.emulator import NoAnswer, Response, Timing
from twiml.emulator.signing import signature, signed_url

HELLO = twiml("<Say>Hello.</Say>")


def html(status: int, body: str = "", **more) -> Response:
    return Response(status, body.encode(), **more)


def test_row_25_a_request_says_who_calls_whom():
    world = World({"/voice": HELLO})
    call = world.call()
    (form,) = world.forms("/voice")
    assert form["From"] == form["Caller"] == US
    assert form["To"] == form["Called"] == THEM
    assert form["CallSid"] == call.sid
    assert form["AccountSid"] == call.account_sid
    assert form["CallStatus"] == "in-progress"
    assert form["Direction"] == "outbound-api"
    assert form["ApiVersion"] == "2010-04-01"
    assert form["CalledCity"] == ""
    assert list(form) == sorted(form)


FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}


@pytest.mark.parametrize(
    ("url", "form", "expected"),
    [
        ("https://mycompany.com/myapp.php?foo=1&bar=2", FORM, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            {**FORM, "Caller": "+14158675309", "From": "+14158675309"},
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            "https://example.com/myapp.php?foo=1&bar=2",
            {**FORM, "Caller": "+14158675310", "From": "+14158675310"},
            "L/OH5YylLD5NRKLltdqwSvS0BnU=",
        ),
        ("https://mycompany.com/myapp.php?foo=1&bar=2", {}, "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
    ],
)
def test_row_26_signatures_equal_those_of_twilios_sdk(url, form, expected):
    assert signature(url, form, TOKEN) == expected


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://user:pw@host.test:8443/a?b=%2f%2F", "https://host.test/a?b=%2f%2F"),
        ("http://user:pw@host.test:8080/a", "http://host.test:8080/a"),
        ("https://host.test#rc=2", "https://host.test"),
        ("https://host.test/@x:1/", "https://host.test/@x:1/"),
        ("https://[::1]:5000/a", "https://[::1]/a"),
    ],
)
def test_row_26_https_loses_its_port_and_every_other_byte_stays(url, signed):
    assert signed_url(url) == signed


def test_row_28_a_get_carries_its_parameters_in_the_query():
    world = World({"/voice": HELLO})
    call = world.call(Method="GET", Url=f"{SERVER}/voice?a=1")
    (request,) = world.server.asked("/voice")
    assert request.method == "GET"
    assert request.sent_url.startswith(f"{SERVER}/voice?a=1&AccountSid=")
    assert f"CallSid={call.sid}" in request.sent_url
    assert "To=%2B1902" in request.sent_url


def test_row_30_relative_urls_belong_to_the_document_where_it_was_found():
    world = World(
        {
            "/voice": html(302, location="/deep/down/found"),
            "/deep/down/found": twiml("<Redirect>next</Redirect>"),
            "/deep/down/next": HELLO,
        }
    )
    world.call()
    assert len(world.server.asked("/deep/down/next")) == 1


def test_row_30_inline_twiml_has_no_relative_urls():
    world = World()
    call = world.call(Url=None, Twiml=twiml("<Redirect>next</Redirect>"))
    assert world.codes() == [15004]
    assert call.status == "completed"
    assert world.server.requests == []


def test_row_31_cookies_are_kept_for_one_call():
    cookie = html(200, twiml("<Redirect>/second</Redirect>"), cookies=("step=1; Path=/",))
    world = World({"/voice": cookie, "/second": HELLO})
    world.call()
    world.call()
    assert [request.cookie for request in world.server.asked("/second")] == ["step=1", "step=1"]
    assert [request.cookie for request in world.server.asked("/voice")] == ["", ""]


def test_row_32_ten_redirects_are_followed_and_no_more():
    def chain(length: int) -> World:
        pages = {f"/{step}": html(302, location=f"/{step + 1}") for step in range(length)}
        return World({**pages, f"/{length}": HELLO})

    ten, eleven = chain(10), chain(11)
    ten.call(Url=f"{SERVER}/0")
    eleven.call(Url=f"{SERVER}/0")
    assert (ten.codes(), eleven.codes()) == ([], [11215])


def test_row_32_digits_are_lost_when_an_action_is_redirected():
    world = World(
        {
            "/voice": twiml("<Gather numDigits='1' action='/got'/>"),
            "/got": html(307, location="/moved"),
            "/moved": HELLO,
            "/types": twiml("<Play digits='ww5'/>"),
        },
        ivr("/types"),
    )
    world.call()
    assert world.forms("/got")[0]["Digits"] == "5"
    assert world.server.asked("/moved")[0].method == "GET"
    assert "Digits" not in world.forms("/moved")[0]


def test_row_33_no_answer_in_15_seconds_asks_the_fallback():
    world = World({"/voice": (HELLO, 16_000), "/fallback": HELLO})
    call = world.call(FallbackUrl=f"{SERVER}/fallback")
    (form,) = world.forms("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", f"{SERVER}/voice")
    assert moments(call, "says", "caller") == [15_000]
    assert world.codes() == [11200]


def test_row_33_without_a_fallback_an_error_is_spoken_and_the_call_completes():
    world = World({"/voice": html(500)})
    call = world.call()
    assert "application error" in happened(call, "says", "caller")[0].text
    assert call.status == "completed"
    assert call.ended == START + 1 + 5
    assert world.emulator.notifications[0].error


def test_row_33_a_fallback_that_fails_is_not_asked_again():
    world = World({"/voice": html(500), "/fallback": html(500)})
    world.call(FallbackUrl=f"{SERVER}/fallback")
    assert len(world.server.asked("/fallback")) == 1


def test_row_34_a_500_is_not_tried_again_unless_the_url_says_so():
    world = World({"/voice": html(500)})
    world.call()
    world.call(Url=f"{SERVER}/voice#rp=5xx&rc=2")
    assert Counter(request.url for request in world.server.asked("/voice")) == {
        f"{SERVER}/voice": 1,
        f"{SERVER}/voice#rp=5xx&rc=2": 3,
    }
    assert "#" not in world.server.requests[-1].sent_url


def test_row_34_a_failed_connection_is_tried_once_more():
    world = World({"/voice": NoAnswer("ct", "refused", 10)})
    world.call()
    world.call(Url=f"{SERVER}/voice#rc=0")
    assert len(world.server.asked("/voice")) == 3
    assert world.codes() == [11205, 11205]


def test_row_34_a_read_time_out_may_be_shorter_and_tried_again():
    world = World({"/voice": (HELLO, 3000)})
    world.call(Url=f"{SERVER}/voice#rt=2000&rp=rt&rc=3")
    assert len(world.server.asked("/voice")) == 4
    assert world.codes() == [11200]


def test_row_34_all_tries_together_have_15_seconds():
    world = World({"/voice": (html(500), 9000), "/fallback": HELLO})
    call = world.call(Url=f"{SERVER}/voice#rp=5xx&rc=5", FallbackUrl=f"{SERVER}/fallback")
    assert len(world.server.asked("/voice")) == 2
    assert moments(call, "says", "caller") == [15_000]


def test_row_34_a_bad_override_is_warned_of():
    world = World({"/voice": HELLO})
    world.call(Url=f"{SERVER}/voice#rc=9&rp=sometimes")
    assert world.codes() == [11241, 11241]


@pytest.mark.parametrize(
    "kind", ["text/xml", "application/xml; charset=utf-8", "text/html", "text/plain"]
)
def test_row_35_twiml_is_executed_whatever_text_type_it_has(kind):
    world = World({"/voice": html(200, HELLO, content_type=kind)})
    assert [event.text for event in happened(world.call(), "says", "caller")] == ["Hello."]


def test_row_35_plain_text_is_spoken_and_audio_is_played():
    plain = World({"/voice": html(200, "Just words.", content_type="text/plain")}).call()
    audio = World({"/voice": html(200, "RIFF", content_type="audio/wav")}).call()
    assert happened(plain, "says", "caller")[0].text == "Just words."
    assert happened(audio, "plays", "caller")[0].text == f"{SERVER}/voice"


@pytest.mark.parametrize(("kind", "code"), [("image/png", 12300), (None, 11200)])
def test_row_35_other_types_are_errors(kind, code):
    world = World({"/voice": html(200, HELLO, content_type=kind)})
    world.call()
    assert world.codes() == [code]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (twiml("<Say>", "x" * 65_536, "</Say>"), 11750),
        (' <?xml version="1.0"?>' + HELLO, 12100),
        ("", 11770),
        ("Hello", 12100),
        ('<!DOCTYPE r [<!ENTITY a "b">]>' + HELLO, 12100),
        ("<Response>" + "<a>" * 50 + "</a>" * 50 + "</Response>", 12100),
        ("<response/>", 12102),
    ],
)
def test_row_36_a_document_that_cannot_be_read_is_an_error(body, code):
    world = World({"/voice": body})
    call = world.call()
    assert world.codes() == [code]
    assert "application error" in happened(call, "says", "caller")[0].text


@pytest.mark.parametrize("verb", ["<say>No.</say>", "<Sing>No.</Sing>"])
def test_row_36_a_verb_in_the_wrong_case_or_unknown_is_skipped(verb):
    world = World({"/voice": twiml(verb, "<Say>Yes.</Say>")})
    call = world.call()
    assert world.codes() == [12200]
    assert [event.text for event in happened(call, "says", "caller")] == ["Yes."]
    assert "Line 1" in world.emulator.notifications[0].message


def test_basic_auth_of_the_url_is_sent_when_the_server_asks_for_it():
    def guarded(request):
        return HELLO if request.authorize else html(401, challenge='Basic realm="x"')

    world = World({"/voice": guarded})
    world.call(Url="http://me:secret@server.test/voice")
    assert [request.authorize for request in world.server.asked("/voice")] == [False, True]
    assert world.codes() == []


def test_a_loop_of_redirects_ends():
    world = World({"/voice": twiml("<Redirect>/voice</Redirect>")}, timing=Timing(latency=0))
    assert world.call().status == "completed"
    assert len(world.server.asked("/voice")) == 1000
    assert world.codes() == [12400]
