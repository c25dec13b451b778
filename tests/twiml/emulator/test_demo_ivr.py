"""The demo IVR: one extension reaches the desk in every reading of what Twilio leaves open."""

from __future__ import annotations

from itertools import product

import pytest

from tests.twiml.emulator.world import EXACT, World, happened, twiml
from twiml.emulator import Call, Timing, windows

DEMO = "+19029052034"
EXTENSION = "wwww2wwwwww5wwwwww9"
READINGS = [
    Timing(tone=tone, gap=gap, waits_add=add, latency=latency)
    for tone, gap, add, latency in product((100, 160, 250), (40, 70), (True, False), (20, 75, 150))
]


def tried(extension: str, timing: Timing, **form: str) -> Call:
    voice = twiml(f"<Play digits='{extension}'/>", "<Pause length='25'/>")
    world = World({"/voice": voice}, timing=timing, took=timing.latency)
    return world.call(To=DEMO, **form)


@pytest.mark.parametrize("timing", READINGS, ids=str)
def test_the_extension_reaches_a_person_in_every_reading(timing):
    call = tried(EXTENSION, timing)
    assert happened(call, "answers", "person")
    assert not happened(call, "lost")


@pytest.mark.parametrize("timing", READINGS, ids=str)
@pytest.mark.parametrize(
    ("extension", "lost"),
    [
        ("www2wwwwww5wwwwww9", "2"),
        ("wwww2wwwww5wwwwww9", "5"),
        ("wwww2wwwwww5wwwww9", "9"),
    ],
)
def test_one_wait_fewer_loses_the_key_in_every_reading(extension, lost, timing):
    call = tried(extension, timing)
    first = happened(call, "lost", "ivr")[0]
    assert first.text == f"{lost}: it was speaking and did not listen"
    assert not happened(call, "answers", "person")
    missed = happened(call, "missed", "ivr")[0]
    assert missed.text.startswith(f"{lost}: it came ")
    assert 0 < missed.ms < 500


@pytest.mark.parametrize("timing", READINGS, ids=str)
def test_the_second_menu_listens_between_2_5_and_3_s_after_the_first_key(timing):
    call = tried(EXTENSION, timing)
    first_key = happened(call, "heard", "ivr", "2")[0].at_ms
    second_window = [window for window in windows(call.events) if window.who == "ivr"][1]
    assert 2500 <= second_window.start - first_key <= 3000


def test_the_extension_works_as_send_digits_too():
    world = World({"/voice": twiml("<Pause length='20'/>")}, timing=Timing())
    assert happened(world.call(To=DEMO, SendDigits=EXTENSION), "answers", "person")


@pytest.mark.parametrize("extension", ["wwww7", "wwww2wwwwww6", "wwww2wwwwww5wwwwww2"])
def test_a_wrong_key_is_told_so_and_the_call_ends(extension):
    call = tried(extension, Timing())
    assert happened(call, "says", "ivr")[-1].text == "Goodbye."
    assert happened(call, "says", "ivr", "not a valid choice")
    assert happened(call, "hangs up", "ivr")
    assert call.status == "completed"


def test_no_key_ends_in_goodbye():
    call = tried("", Timing())
    assert happened(call, "says", "ivr", "did not receive")
    assert happened(call, "hangs up", "ivr")


def test_the_desk_phone_rings_about_four_seconds():
    call = tried(EXTENSION, EXACT)
    rings, answers = happened(call, "rings", "person")[0], happened(call, "answers", "person")[0]
    assert answers.at_ms - rings.at_ms == 4000
    assert happened(call, "says", "person")[0].text == "Hello?"
