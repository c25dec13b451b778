"""What the REST API takes and refuses (voice facts, section 7, rows 1-16)."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import pytest

from tests.twiml.emulator.world import ALL_EVENTS, SERVER, START, THEM, US, World, twiml
from twiml.emulator import Phone, RestError

LISTENING = {"/voice": twiml("<Pause length='30'/>")}


def refused(**form) -> int:
    with pytest.raises(RestError) as error:
        World().place(**form)
    assert error.value.status == 400
    return error.value.code


def test_row_1_a_call_needs_to_from_and_something_to_run():
    assert refused(Url=None) == 21205
    assert refused(To=None) == 21201
    assert refused(From=None) == 21213


def test_row_2_a_new_call_is_queued_and_looks_like_twilios():
    body = World().place().resource()
    assert body["status"] == "queued"
    assert body["queue_time"] == "0"
    assert re.fullmatch("CA[0-9a-f]{32}", body["sid"])
    assert parsedate_to_datetime(body["date_created"]).timestamp() == START
    assert body["date_created"].endswith("+0000")


def test_row_3_twiml_is_ignored_beside_a_url():
    world = World({"/voice": twiml()})
    world.call(Twiml=twiml("<Say>Not me.</Say>"))
    assert len(world.server.asked("/voice")) == 1


def test_row_4_inline_twiml_has_at_most_4000_characters():
    fits = twiml("<!--" + "x" * (4000 - len(twiml()) - 7) + "-->")
    assert len(fits) == 4000
    World().place(Url=None, Twiml=fits)
    assert refused(Url=None, Twiml=fits.replace("<!--", "<!--x")) == 12100


@pytest.mark.parametrize("digits", ["1" * 32, "ABCD", "wW1*#", "W1234#"])
def test_row_5_send_digits_that_may_be_dialled_are_taken(digits):
    assert World().place(SendDigits=digits).placement.send_digits == digits


@pytest.mark.parametrize("digits", ["1" * 33, "1x", "1,2", "p1", "1 2", "a"])
def test_row_5_send_digits_that_may_not_be_dialled_are_refused(digits):
    assert refused(SendDigits=digits) == 21206


def test_row_7_timeout_is_60_seconds_and_at_most_600():
    assert World().place().placement.timeout == 60_000
    assert World().place(Timeout="600").placement.timeout == 600_000
    assert refused(Timeout="601") == 21208
    assert refused(Timeout="soon") == 21208


def test_row_8_status_callback_events_are_repeated_and_default_to_completed():
    assert World().place().placement.status_callback_events == {"completed"}
    place = World().place(StatusCallbackEvent=["ringing", "answered"])
    assert place.placement.status_callback_events == {"ringing", "answered"}
    assert refused(StatusCallbackEvent=["ringing answered"]) == 21626


def test_row_9_a_status_callback_host_has_no_underscore():
    assert refused(StatusCallback="http://my_host.test/status") == 21609


def test_row_10_machine_detection_is_ignored_beside_send_digits():
    world = World({"/voice": twiml()})
    call = world.call(SendDigits="1", MachineDetection="Enable", StatusCallback=f"{SERVER}/status")
    assert call.answered_by is None
    assert all("AnsweredBy" not in form for form in world.forms("/voice") + world.forms("/status"))


def test_row_11_two_posts_make_two_calls():
    world = World({"/voice": twiml()})
    assert world.place().sid != world.place().sid
    world.emulator.run()
    assert len(world.server.asked("/voice")) == 2


def test_row_12_ten_posts_in_the_same_second_start_at_0_to_9_s():
    world = World({"/voice": twiml()})
    calls = [world.place() for _ in range(10)]
    world.emulator.run()
    assert [call.starts - START for call in calls] == list(range(10))
    assert [call.queue_time for call in calls] == [1000 * place for place in range(10)]
    assert all(call.status == "completed" for call in calls)


def test_row_12_the_rate_is_a_setting():
    world = World(calls_per_second=5)
    assert [world.place().starts - START for _ in range(3)] == pytest.approx([0, 0.2, 0.4])


def test_row_13_a_queue_of_more_than_24_hours_is_full():
    world = World(calls_per_second=1 / 50_000)
    world.place()
    world.place()
    with pytest.raises(RestError) as error:
        world.place()
    assert error.value.code == 22005


def test_row_15_a_call_cancelled_while_queued_says_nothing():
    world = World({"/voice": twiml()})
    world.place()
    call = world.place(StatusCallback=f"{SERVER}/status", StatusCallbackEvent=ALL_EVENTS)
    world.emulator.change(call.sid, {"Status": ["canceled"]})
    world.emulator.run()
    assert call.status == "canceled"
    assert world.server.asked("/status") == []


def test_row_15_a_call_cancelled_while_ringing_says_so():
    world = World(LISTENING)
    call = world.place(StatusCallback=f"{SERVER}/status")
    world.emulator.run(until=START + 0.5)
    assert call.status == "ringing"
    world.emulator.change(call.sid, {"Status": ["canceled"]})
    world.emulator.run()
    assert [form["CallStatus"] for form in world.forms("/status")] == ["canceled"]
    assert world.server.asked("/voice") == []


def test_row_15_a_call_in_progress_is_completed_and_not_cancelled():
    world = World(LISTENING)
    call = world.place()
    world.emulator.run(until=START + 5)
    with pytest.raises(RestError) as error:
        world.emulator.change(call.sid, {"Status": ["canceled"]})
    assert error.value.code == 21220
    world.emulator.change(call.sid, {"Status": ["completed"]})
    world.emulator.run()
    assert (call.status, call.duration) == ("completed", 4)
    with pytest.raises(RestError, match="completed"):
        world.emulator.change(call.sid, {"Status": ["completed"]})


def test_a_call_in_progress_takes_another_document():
    world = World({**LISTENING, "/other": twiml("<Say>Hello.</Say>")})
    call = world.place()
    world.emulator.run(until=START + 5)
    world.emulator.change(call.sid, {"Url": [f"{SERVER}/other"]})
    world.emulator.run()
    assert len(world.server.asked("/other")) == 1
    assert call.duration == 5
    assert call.status == "completed"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550002"}, 21210),
        ({"To": "+15005550001"}, 21217),
        ({"To": "+15005550002"}, 21214),
        ({"To": "+15005550003"}, 21215),
        ({"To": "+15005550004"}, 21216),
        ({"To": "902 905 2034"}, 21211),
        ({"To": US}, 21211),
    ],
)
def test_row_16_magic_numbers_give_their_codes(form, code):
    assert refused(**form) == code


def test_an_unreachable_phone_rings_until_its_timeout():
    call = World({}, Phone(THEM, "no-answer")).call(Timeout="15")
    assert call.status == "no-answer"
    assert call.ended == START + 15


def test_the_time_limit_ends_a_call():
    world = World(LISTENING)
    call = world.call(TimeLimit="10")
    assert (call.status, call.duration) == ("completed", 10)
    assert world.codes() == [32015]
