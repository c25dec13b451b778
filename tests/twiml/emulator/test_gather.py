"""Collecting keys (rows 47-60). The far end is a document that plays digits at known times."""

from __future__ import annotations

import pytest

from tests.twiml.emulator.world import DESK, SERVER, World, happened, ivr, moments, twiml
from twiml.emulator import Phone, Timing, windows


def gathered(gather: str, plays: str, timing: Timing | None = None, after: str = "") -> World:
    """Run a Gather against a far end that plays digits from half a second after the answer."""
    timing = timing or Timing(latency=0, setup=0, tone=100, gap=100, waits_add=False)
    world = World(
        {
            "/voice": twiml(gather, after),
            "/types": twiml(f"<Play digits='w{plays}'/>", "<Pause length='60'/>"),
            "/got": twiml(),
        },
        ivr("/types"),
        timing=timing,
    )
    world.trace = world.call()
    return world


def digits(world: World) -> list[str]:
    return [form["Digits"] for form in world.forms("/got")]


def test_row_47_the_timer_starts_when_the_prompt_has_ended():
    world = gathered("<Gather timeout='2' action='/got'><Pause length='3'/></Gather>", "")
    assert world.trace.duration == 5


def test_row_47_or_with_the_first_key():
    world = gathered("<Gather timeout='2' action='/got'><Pause length='9'/></Gather>", "w1")
    assert moments(world.trace, "fetches", "caller")[-1] == 1000 + 2000


def test_row_48_the_first_key_stops_the_prompt():
    prompt = "<Say>One sentence.</Say><Say>Another sentence.</Say>"
    world = gathered(f"<Gather timeout='2' action='/got'>{prompt}</Gather>", "1")
    assert [event.text for event in happened(world.trace, "says", "caller")] == ["One sentence."]


@pytest.mark.parametrize(("tone", "expected"), [(499, "12"), (501, "1")])
def test_row_49_a_key_counts_just_before_the_timeout_and_not_just_after(tone, expected):
    timing = Timing(latency=0, setup=0, tone=tone, waits_add=False)
    world = gathered("<Gather action='/got'/>", "1wwwwwwwww2", timing)
    assert digits(world) == [expected]


def test_row_49_the_timer_runs_again_after_each_key():
    world = gathered("<Gather timeout='2' action='/got'/>", "1www2www3www4")
    assert digits(world) == ["1234"]


def test_row_50_enough_digits_end_at_once():
    world = gathered("<Gather numDigits='3' action='/got'/>", "1234")
    (form,) = world.forms("/got")
    assert (form["Digits"], form["FinishedOnKey"], form["msg"]) == ("123", "", "Gather End")
    assert moments(world.trace, "fetches", "caller")[-1] == 900


def test_row_51_the_finish_key_is_not_among_the_digits():
    (form,) = gathered("<Gather action='/got'/>", "123#").forms("/got")
    assert (form["Digits"], form["FinishedOnKey"]) == ("123", "#")


def test_row_52_a_finish_key_alone_is_no_input():
    world = gathered("<Gather action='/got'/>", "#", after="<Say>Nothing.</Say>")
    assert digits(world) == []
    assert len(happened(world.trace, "says", "caller", "Nothing")) == 1
    with_empty = gathered("<Gather action='/got' actionOnEmptyResult='true'/>", "#")
    assert digits(with_empty) == [""]


def test_row_53_digits_and_then_silence_are_sent():
    world = gathered("<Gather numDigits='6' action='/got'/>", "12")
    assert digits(world) == ["12"]
    assert moments(world.trace, "fetches", "caller")[-1] == 700 + 5000


def test_row_54_silence_goes_on_with_the_next_verb_and_then_ends():
    world = gathered("<Gather timeout='3' action='/got'/>", "", after="<Say>Bye.</Say>")
    assert digits(world) == []
    assert moments(world.trace, "says", "caller") == [3000]
    assert world.trace.status == "completed"


def test_row_55_without_a_finish_key_all_keys_are_collected():
    assert digits(gathered("<Gather finishOnKey='' action='/got'/>", "1#2*")) == ["1#2*"]


def test_row_56_without_an_action_the_same_document_is_asked_again():
    world = gathered("<Gather numDigits='1' timeout='1'/>", "1w2")
    assert [form.get("Digits") for form in world.forms("/voice")] == [None, "1", "2"]


def test_row_57_keys_outside_gather_are_lost_unless_they_are_carried():
    voice, plays = "<Pause length='2'/><Gather action='/got' timeout='2'/>", "12"
    lost = gathered(voice, plays)
    assert digits(lost) == []
    assert [event.text for event in happened(lost.trace, "lost", "caller")] == [
        "1: it was pausing and did not listen",
        "2: it was pausing and did not listen",
    ]
    early = happened(lost.trace, "missed", "caller")
    assert [event.ms for event in early] == [1500, 1300]
    timing = Timing(latency=0, setup=0, carry_keys=True)
    assert digits(gathered(voice, plays, timing)) == ["12"]


def test_row_58_a_seventh_key_does_not_spoil_the_next_document():
    world = World(
        {
            "/voice": twiml("<Gather numDigits='6' action='/got'/>"),
            "/types": twiml("<Play digits='w123456#'/>", "<Pause length='20'/>"),
            "/got": (twiml("<Gather numDigits='1' timeout='3' action='/next'/>"), 500),
            "/next": twiml(),
        },
        ivr("/types"),
    )
    call = world.call()
    assert [form["Digits"] for form in world.forms("/got")] == ["123456"]
    assert happened(call, "lost", "caller", "#: it was fetching its next document")
    assert world.server.asked("/next") == []


def test_row_59_hanging_up_inside_gather_asks_no_action():
    leaves = Phone(DESK.number, "person", answer_after=1000, greeting="", hangs_up_after=2000)
    world = World({"/voice": twiml("<Gather timeout='9' action='/got'/>")}, leaves)
    call = world.call(StatusCallback=f"{SERVER}/status")
    assert world.server.asked("/got") == []
    assert world.forms("/status")[0]["CallStatus"] == "completed"
    assert call.duration == 2


def test_row_60_tones_in_the_sound_are_not_collected():
    plays = Phone(DESK.number, "voicemail", greeting="Hi.", greeting_plays="12", tones="in-band")
    world = World({"/voice": twiml("<Gather timeout='20' action='/got'/>")}, plays)
    call = world.call()
    assert world.server.asked("/got") == []
    assert "not a telephone event" in happened(call, "lost", "caller")[0].text


@pytest.mark.parametrize(("tone", "heard"), [(39, 0), (40, 1)])
def test_a_tone_shorter_than_40_ms_is_not_recognised(tone, heard):
    timing = Timing(latency=0, setup=0, tone=tone)
    assert len(digits(gathered("<Gather action='/got'/>", "1", timing))) == heard


def test_a_key_after_the_last_window_is_said_to_be_too_late():
    world = gathered("<Gather timeout='1'/>", "ww1", after="<Pause length='2'/>")
    assert [event.ms for event in happened(world.trace, "missed", "caller")] == [500]


def test_the_trace_says_when_who_listened():
    world = gathered("<Pause/><Gather timeout='1'/>", "")
    assert [(window.who, window.start, window.end) for window in windows(world.trace.events)] == [
        ("caller", 2000, 3000)
    ]


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        ("timeout='0'", 13313),
        ("numDigits='many'", 13314),
        ("finishOnKey='ab'", 13310),
        ("colour='red'", 12200),
    ],
)
def test_a_bad_attribute_is_warned_of_and_ignored(attribute, code):
    world = gathered(f"<Gather {attribute} action='/got'/>", "1")
    assert world.codes() == [code]
    assert digits(world) == ["1"]


def test_a_bad_method_is_warned_of():
    world = gathered("<Gather method='PUT' numDigits='1' action='/got'/>", "1")
    assert world.codes() == [13312]


def test_only_prompts_are_nested_in_a_gather():
    world = gathered("<Gather action='/got' timeout='1'><Dial>+19025550199</Dial></Gather>", "")
    assert world.codes() == [13320]
