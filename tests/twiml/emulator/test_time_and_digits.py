"""What takes how long, and when which key is sent (rows 37-46)."""

from __future__ import annotations

import inspect
import re

import pytest

from tests.twiml.emulator.world import (
    EXACT,
    SERVER,
    THEM,
    World,
    happened,
    ivr,
    moments,
    twiml,
)
from twiml.emulator import Phone, Timing

END = twiml()


def test_row_37_the_first_request_leaves_75_ms_after_the_answer():
    assert moments(World({"/voice": END}, timing=Timing()).call(), "fetches", "caller") == [75]
    slow = World({"/voice": END}, timing=Timing(latency=300))
    assert moments(slow.call(), "fetches", "caller") == [300]


def test_row_38_send_digits_end_before_the_first_request():
    world = World({"/voice": END}, timing=EXACT)
    call = world.call(SendDigits="ww12")
    assert moments(call, "sends", "caller") == [1000, 1320]
    assert moments(call, "fetches", "caller") == [1570]


def test_row_38_speech_while_digits_are_sent_is_heard_by_nobody():
    world = World(
        {
            "/voice": twiml("<Gather input='speech' action='/said' timeout='3'/>"),
            "/talks": twiml("<Say>Welcome. Please say your name.</Say>", "<Pause length='9'/>"),
        },
        ivr("/talks"),
    )
    world.call(SendDigits="WWWWWWWW")
    assert world.server.asked("/said") == []
    world.call()
    assert world.forms("/said")[0]["SpeechResult"] == "Welcome."


@pytest.mark.parametrize(
    ("timing", "onsets"),
    [
        (Timing(latency=0, tone=250, gap=70), [0, 820, 2140]),
        (Timing(latency=0, tone=250, gap=70, waits_add=False), [0, 750, 2000]),
        (Timing(latency=0, tone=100, gap=50), [0, 650, 1800]),
    ],
)
def test_row_39_waits_tones_and_gaps_are_parameters_that_are_printed(timing, onsets):
    world = World({"/voice": twiml("<Play digits='1w2W3'/>")}, timing=timing)
    assert moments(world.call(), "sends", "caller") == onsets
    assert f"tone = {timing.tone} ms" in timing.describe()
    assert f"waits_add = {'yes' if timing.waits_add else 'no'}" in timing.describe()


def test_row_40_digits_are_played_at_any_place_but_not_inside_gather():
    world = World(
        {
            "/voice": twiml(
                "<Pause/><Play digits='1'/><Say>And.</Say><Play digits='2'/>",
                "<Gather timeout='1'><Play digits='3'/></Gather>",
            )
        }
    )
    call = world.call()
    assert [event.text for event in happened(call, "sends", "caller")] == ["1", "2"]
    assert world.codes() == [13420]


def test_row_41_an_invalid_digit_is_a_warning_and_nothing_is_played():
    world = World({"/voice": twiml("<Play digits='12x'/>", "<Say>On.</Say>")})
    call = world.call()
    assert world.codes() == [13430]
    assert happened(call, "sends") == []
    assert len(happened(call, "says", "caller")) == 1


@pytest.mark.parametrize("waits", range(5))
def test_row_42_leading_waits_move_the_first_tone_by_half_seconds(waits):
    world = World({"/voice": twiml(f"<Play digits='{'w' * waits}1'/>")})
    assert moments(world.call(), "sends", "caller") == [waits * 500]


def test_row_43_speech_recordings_and_pauses_take_their_time():
    world = World(
        {
            "/voice": twiml(
                "<Say>Ten.</Say><Say>A sentence that is longer.</Say>",
                "<Play>/a.wav</Play><Pause/><Pause length='3'/><Say>End.</Say>",
            )
        }
    )
    call = world.call()
    short, long, *_ = happened(call, "says", "caller")
    assert 0 < short.ms < long.ms
    start = short.ms + long.ms
    assert moments(call, "plays", "caller") == [start]
    assert moments(call, "waits", "caller") == [start + 3000, start + 4000]
    assert moments(call, "says", "caller", "End")[0] == start + 7000


@pytest.mark.parametrize("length", ["0", "1.5", "-1", "long"])
def test_row_43_a_pause_without_a_whole_length_is_skipped(length):
    world = World({"/voice": twiml(f"<Pause length='{length}'/>")})
    assert world.call().duration == 0
    assert world.codes() == [13910]


def test_row_44_loop_0_ends_after_1000_times_or_with_the_call():
    world = World({"/voice": twiml("<Say loop='0'>Ho.</Say>")})
    assert len(happened(world.call(), "says", "caller")) == 1000
    assert len(happened(world.call(TimeLimit="5"), "says", "caller")) < 20


def test_row_45_twiml_does_not_wait_for_the_far_end_to_stop_speaking():
    world = World(
        {
            "/voice": twiml("<Say>Now.</Say>"),
            "/talks": twiml("<Say>I speak for quite a long time, and on, and on.</Say>"),
        },
        ivr("/talks"),
    )
    assert moments(world.call(), "says", "caller", "Now") == [0]


AMD = {
    "MachineDetection": "Enable",
    "StatusCallback": f"{SERVER}/status",
}


@pytest.mark.parametrize(
    ("phone", "mode", "found"),
    [
        (Phone(THEM, "person"), "Enable", "human"),
        (Phone(THEM, "voicemail"), "Enable", "machine_start"),
        (Phone(THEM, "voicemail"), "DetectMessageEnd", "machine_end_beep"),
        (Phone(THEM, "fax"), "Enable", "fax"),
        (Phone(THEM, "ivr", "http://them.test/silent"), "Enable", "machine_start"),
        (Phone(THEM, "person", greeting=""), "Enable", "unknown"),
    ],
)
def test_row_46_synchronous_detection_delays_the_request_and_says_who_answered(phone, mode, found):
    world = World({"/voice": END}, phone)
    call = world.call(**{**AMD, "MachineDetection": mode})
    assert world.forms("/voice")[0]["AnsweredBy"] == found
    assert world.forms("/status")[0]["AnsweredBy"] == found
    assert call.answered_by == found
    assert moments(call, "fetches", "caller")[0] >= 3000


def test_row_46_detection_gives_up_after_its_timeout():
    long = Phone(THEM, "voicemail", greeting="We are closed today. " * 10)
    world = World({"/voice": END}, long)
    call = world.call(MachineDetection="DetectMessageEnd", MachineDetectionTimeout="5")
    assert world.forms("/voice")[0]["AnsweredBy"] == "unknown"
    assert moments(call, "fetches", "caller") == [5000]


def test_row_46_asynchronous_detection_delays_nothing_and_posts_its_own_callback():
    world = World({"/voice": twiml("<Pause length='10'/>")}, Phone(THEM, "person"))
    call = world.call(**AMD, AsyncAmd="true", AsyncAmdStatusCallback=f"{SERVER}/detected")
    assert moments(call, "fetches", "caller") == [0]
    assert "AnsweredBy" not in world.forms("/voice")[0]
    assert world.forms("/detected") == [
        {
            "AccountSid": call.account_sid,
            "AnsweredBy": "human",
            "CallSid": call.sid,
            "MachineDetectionDuration": "3000",
        }
    ]


HANGS_UP = Phone(THEM, "person", answer_after=1000, greeting="", hangs_up_after=1500)


def test_keys_that_the_end_of_the_line_cut_off_are_missed():
    world = World({"/voice": twiml("<Play digits='1ww2ww3'/>")}, HANGS_UP)
    call = world.call()
    assert [event.text for event in happened(call, "sends", "caller")] == ["1", "2"]
    (missed,) = happened(call, "missed", "caller")
    assert (missed.text, missed.ms) == ("3: it was never sent, the line had ended", 0)
    assert str(missed).endswith("missed 3: it was never sent, the line had ended")


def test_send_digits_that_are_cut_off_are_missed_and_a_finished_string_is_not():
    world = World({"/voice": END}, HANGS_UP)
    cut, whole = world.call(SendDigits="WW4w5"), world.call(SendDigits="45")
    assert [event.text[0] for event in happened(cut, "missed", "caller")] == ["4", "5"]
    assert happened(whole, "missed", "caller") == []


def test_keys_that_another_document_cut_off_are_missed():
    world = World({"/voice": twiml("<Play digits='WWWWW6'/>"), "/other": END})
    call = world.place()
    world.emulator.run(until=world.emulator.clock.now() + 3)
    world.emulator.change(call.sid, {"Url": [f"{SERVER}/other"]})
    world.emulator.run()
    (missed,) = happened(call, "missed", "caller")
    assert missed.text == "6: it was never sent, another document took over"


@pytest.mark.parametrize("pace", [59, 401, 0, -1])
def test_nobody_speaks_at_an_impossible_pace(pace):
    with pytest.raises(ValueError, match="60 to 400 words a minute"):
        Timing(words_per_minute=pace)


def test_a_timing_is_described_in_a_line_for_each_parameter():
    lines = Timing(words_per_minute=400).describe().splitlines()
    assert "words_per_minute = 400" in lines
    assert len(lines) == len(Timing.__slots__)
    assert len({line.index("=") for line in lines}) == 1


def test_each_parameter_of_time_has_its_reason_written_above_it():
    above = ""
    for line in inspect.getsource(Timing).splitlines():
        if re.match(r"    [a-z_]+: (int|bool) = ", line):
            assert above.strip().startswith("#"), line
        above = line
