"""Where a line speaks and pauses, and what else is on it, each by its name."""

from itertools import pairwise

import numpy as np
import pytest

from tests.twiml.lab.listening.sounds import (
    STORY,
    key,
    mu_law,
    music,
    noise,
    note,
    say,
    seconds,
    tone,
    with_lost_packets,
)
from twiml.lab.listening.hearing import channel, hear
from twiml.lab.listening.prompts import told
from twiml.lab.listening.stages import line
from twiml.lab.listening.wav import Recording

MENU = [
    "Welcome to Fundy Freight. For shipping, press 1. For accounting, press 2.",
    "You have reached accounting. For invoices, press 5.",
    "Please dial the extension of the person you wish to reach.",
]


def spoken(voice="en-us", pauses=(1.5, 3.1, 2.0), level=-20.0):
    """The menu with these pauses after its prompts, and when each prompt begins and ends (ms)."""
    parts, truth, now = [seconds(0.6)], [], 0.6
    for text, pause in zip(MENU, pauses, strict=True):
        voiced = say(text, voice, level=level)
        truth.append((now * 1000, (now + len(voiced) / 8000) * 1000))
        parts += [voiced, seconds(pause)]
        now += len(voiced) / 8000 + pause
    return np.concatenate(parts), truth


def prompts(sound):
    return [each for each in told(channel(mu_law(sound)).segments) if each.kind == "speech"]


def kinds(sound):
    heard = told(channel(mu_law(sound)).segments)
    return [each.kind for each in heard if each.kind != "pause"]


def assert_found(menu, within):
    sound, truth = menu
    found = prompts(sound)
    assert len(found) == len(truth)
    for each, (begin, end) in zip(found, truth, strict=True):
        assert abs(each.begin - begin) <= within
        assert abs(each.end - end) <= within


@pytest.mark.parametrize("voice", ["en-us", "en-gb+f3", "de", "fr"])
def test_the_edges_of_prompts_are_found_to_within_20_ms_on_a_clean_line(voice):
    assert_found(spoken(voice), within=20)


@pytest.mark.parametrize("level", [-40, -10])
def test_weak_and_strong_lines_are_heard_alike(level):
    sound, truth = spoken(level=level)
    assert_found((sound, truth), within=100)


@pytest.mark.parametrize(
    ("kind", "ratio", "within"),
    [
        *(("white", 30, 40), ("white", 20, 140), ("white", 10, 190)),
        *(("hum", 30, 30), ("hum", 10, 30), ("hum", 6, 60)),
        *(("babble", 30, 140), ("babble", 20, 190), ("babble", 15, 220)),
    ],
)
def test_prompts_are_found_in_noise(kind, ratio, within):
    sound, truth = spoken()
    noisy = sound + noise(len(sound) / 8000 + 1, -20 - ratio, kind=kind)[: len(sound)]
    assert_found((noisy, truth), within)


def test_lost_packets_are_no_pauses():
    sound, truth = spoken()
    assert_found((with_lost_packets(sound, 0.05), truth), within=45)


def test_the_noise_of_a_line_may_change_in_the_middle_of_a_call():
    quiet, truth = spoken(pauses=(1.5, 3.1, 15))
    loud = quiet + noise(len(quiet) / 8000 + 1, -40)[: len(quiet)]
    later = [(begin + len(quiet) / 8, end + len(quiet) / 8) for begin, end in truth]
    assert_found((np.concatenate([quiet, loud]), truth + later), within=150)


def test_segments_cover_the_whole_recording_without_a_gap():
    sound = np.concatenate([spoken()[0], music(5), key("5"), seconds(1.234)])
    segments = channel(mu_law(sound)).segments
    assert segments[0].begin == 0
    assert segments[-1].end == len(sound) // 8
    assert all(a.end == b.begin for a, b in pairwise(segments))


def bursts(pitches, on, off, count=4):
    return np.concatenate([tone(pitches, on, -17), seconds(off / 1000)] * count)


SPECIAL = [tone([pitch], 380, -14) for pitch in (985.2, 1428.5, 1776.7)]


@pytest.mark.parametrize("ratio", [None, 20])
@pytest.mark.parametrize(
    ("name", "count", "sound"),
    [
        ("ring-back", 4, bursts([440, 480], 2000, 4000)),
        ("ring-back", 4, bursts([425], 1000, 4000)),
        ("ring-back", 4, bursts([400, 450], 400, 2000)),
        ("busy", 4, bursts([480, 620], 500, 500)),
        ("busy", 4, bursts([425], 500, 500)),
        ("fast busy", 4, bursts([480, 620], 250, 250)),
        ("fast busy", 4, bursts([425], 250, 250)),
        ("dial tone", 1, tone([350, 440], 6000, -17)),
        ("dial tone", 1, tone([425], 6000, -17)),
        ("special information", 1, np.concatenate([seconds(1), *SPECIAL, seconds(1)])),
        ("fax", 1, np.concatenate([seconds(1), tone([2100], 3000), seconds(1)])),
        ("fax", 3, bursts([1100], 500, 3000, 3)),
        ("beep", 1, np.concatenate([seconds(1), tone([1000], 400), seconds(1)])),
    ],
)
def test_the_tones_of_the_network_are_named(name, count, sound, ratio):
    if ratio is not None:
        sound = sound + noise(len(sound) / 8000 + 1, -17 - ratio)[: len(sound)]
    assert kinds(sound) == [name] * count


def test_a_message_after_three_tones_is_speech():
    sound = np.concatenate([*SPECIAL, seconds(0.4), say("This number is not in service.")])
    assert kinds(sound) == ["special information", "speech"]


@pytest.mark.parametrize("ratio", [None, 30, 15])
def test_hold_music_is_music_and_its_edges_are_near(ratio):
    sound = np.concatenate([say(MENU[0]), seconds(2), music(12, seed=3), seconds(3)])
    begin = (len(say(MENU[0])) / 8000 + 2) * 1000
    if ratio is not None:
        sound = sound + noise(len(sound) / 8000 + 1, -20 - ratio)[: len(sound)]
    found = told(channel(mu_law(sound)).segments)
    (playing,) = [each for each in found if each.kind == "music"]
    assert abs(playing.begin - begin) < 600
    assert abs(playing.end - (begin + 11_500)) < 1500
    assert [each.kind for each in found if each.kind not in ("pause", "music")] == ["speech"]


@pytest.mark.parametrize("length", [0.1, 0.25, 0.6])
def test_music_of_single_notes_fast_or_slow_is_no_speech(length):
    notes = [440, 554, 659, 880, 740, 988] * round(3 / length)
    sound = 0.1 * np.concatenate([note(pitch, length) for pitch in notes])
    assert set(kinds(sound)) == {"music"}


@pytest.mark.parametrize("voice", ["en-us", "en-us+f3", "de", "fr", "es", "it", "zh"])
def test_speech_is_never_taken_for_music_or_tones(voice):
    assert set(kinds(np.concatenate([say(STORY, voice), seconds(1)]))) == {"speech"}


def test_a_burst_of_noise_is_named():
    sound = np.concatenate([seconds(2), noise(1.5, -25), seconds(2), spoken()[0]])
    assert kinds(sound) == ["noise", "speech", "speech", "speech"]


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (seconds(5), "the line is quiet"),
        (noise(8, -70), "the line is quiet"),
        (noise(8, -30), "there is only noise of -3"),
        (noise(20, -25, kind="babble"), "there is only noise of -2"),
        (noise(8, -25, kind="hum"), "there is only noise of -4"),
        (music(15), "there is music for 1"),
        (bursts([440, 480], 2000, 4000), "there is ring-back for 8"),
        (seconds(0.01), "the line is quiet"),
    ],
)
def test_a_line_without_speech_is_named(sound, said):
    heard = hear(Recording((mu_law(sound),), 8000, ""))
    assert line(heard).startswith(said)


def two_channels(left, right):
    longest = max(len(left), len(right))
    both = [mu_law(np.pad(each, (0, longest - len(each)))) for each in (left, right)]
    return Recording(tuple(both), 8000, "")


def test_of_two_channels_the_one_that_talks_is_the_ivr_and_keys_come_from_both():
    menu = spoken()[0]
    caller = np.concatenate([seconds(8), key("2"), seconds(2), say("Hello?"), seconds(1)])
    heard = hear(two_channels(caller, menu))
    assert heard.side == "right"
    assert [each.key for each in heard.keys] == ["2"]
    assert len([each for each in told(heard.ivr.segments) if each.kind == "speech"]) == 3
    assert hear(two_channels(caller, menu), "left").side == "left"


def test_a_key_that_echoes_into_the_other_channel_is_one_key():
    pressed = np.concatenate([seconds(2), key("5", 120), seconds(1)])
    echo = 0.1 * np.concatenate([seconds(0.03), pressed])
    heard = hear(two_channels(np.concatenate([seconds(3.2), spoken()[0]]), pressed + 0))
    both = hear(two_channels(echo, pressed))
    assert [each.key for each in heard.keys] == [each.key for each in both.keys] == ["5"]
    assert both.keys[0].level > -15


def test_when_both_channels_speak_alike_it_is_said():
    heard = hear(two_channels(spoken()[0], spoken("en-gb+f3")[0]))
    assert any("--channel" in note for note in heard.notes)
