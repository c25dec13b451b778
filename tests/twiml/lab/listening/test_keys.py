"""Keys are found in sound with their times; speech and music have none."""

import re
import subprocess

import numpy as np
import pytest

from tests.twiml.lab.listening.sounds import (
    STORY,
    key,
    mu_law,
    music,
    noise,
    pcm16,
    say,
    seconds,
    tone,
    with_lost_packets,
)
from twiml.lab.listening.frames import at_telephone_rate
from twiml.lab.listening.keys import pressed

ALL = "1234567890*#ABCD"


def typed(names, ms, gap, **how):
    """Keys with the gap between them, the first at 500 ms, and when each begins."""
    parts, onsets, now = [seconds(0.5)], [], 500
    for name in names:
        parts += [key(name, ms, **how), seconds(gap / 1000)]
        onsets.append(now)
        now += ms + gap
    return np.concatenate([*parts, seconds(0.5)]), onsets


def heard(sound):
    return pressed(mu_law(sound))


@pytest.mark.parametrize("ratio", [None, 20, 15, 10])
@pytest.mark.parametrize(("ms", "gap"), [(40, 40), (50, 45), (100, 70), (250, 500)])
def test_all_keys_are_found_to_within_milliseconds_down_to_40_ms_of_tone_and_gap(ms, gap, ratio):
    sound, onsets = typed(ALL + "5566", ms, gap, level=-16)
    if ratio is not None:
        sound = sound + noise(len(sound) / 8000, -16 - ratio)
    found = heard(sound)
    assert "".join(each.key for each in found) == ALL + "5566"
    assert max(abs(each.onset - onset) for each, onset in zip(found, onsets, strict=True)) <= 5
    assert max(abs(each.length - ms) for each in found) <= 8


@pytest.mark.parametrize("level", [-3, -13, -25, -35])
def test_strong_and_weak_keys_are_found(level):
    sound, _ = typed(ALL, 80, 80, level=level - 4)
    assert "".join(each.key for each in heard(sound)) == ALL


@pytest.mark.parametrize(("twist", "wanted"), [(3.5, ALL), (-7.5, ALL), (7, ""), (-12, "")])
def test_twist_is_accepted_as_q24_says_and_no_further(twist, wanted):
    sound, _ = typed(ALL, 80, 80, twist=twist, level=-18)
    assert "".join(each.key for each in heard(sound)) == wanted


@pytest.mark.parametrize(
    ("detune", "wanted"), [(0.014, ALL), (-0.014, ALL), (0.024, ""), (0.035, "")]
)
def test_pitch_is_accepted_as_q24_says_and_no_further(detune, wanted):
    sound, _ = typed(ALL, 100, 80, detune=detune)
    assert "".join(each.key for each in heard(sound)) == wanted


def test_tones_that_are_too_short_are_no_keys():
    assert heard(typed(ALL, 20, 100)[0]) == []


def test_one_tone_alone_is_no_key():
    assert heard(np.concatenate([seconds(0.2), tone([697], 200), tone([1209], 200)])) == []


def test_a_lost_packet_does_not_make_two_keys_of_one():
    sound, _ = typed("5", 300, 100)
    sound[4000 + 800 : 4000 + 960] = 0
    assert [(each.key, abs(each.length - 300) <= 8) for each in heard(sound)] == [("5", True)]


def test_keys_are_found_on_a_line_that_loses_packets():
    sound, _ = typed("2590", 250, 300)
    found = heard(with_lost_packets(sound, 0.03, seed=4))
    assert "".join(each.key for each in found) == "2590"


def test_a_key_pressed_while_the_menu_speaks_is_found():
    voice = say(STORY, level=-26)[: 8000 * 6]
    for at, name in ((1.0, "2"), (3.3, "9"), (4.8, "#")):
        begin = round(at * 8000)
        voice[begin : begin + 1200] += key(name, 150, level=-12)
    assert "".join(each.key for each in heard(voice)) == "29#"


VOICES = ["en-us", "en-us+f3", "en-gb+m3", "de", "fr", "es", "it", "sv", "zh"]


@pytest.mark.parametrize("voice", VOICES)
def test_speech_gives_no_key(voice):
    for pace in (130, 175, 220):
        assert heard(say(STORY, voice, pace, level=-14)) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_music_gives_no_key_though_its_notes_lie_beside_the_tones(seed):
    assert heard(music(150, seed=seed)) == []


@pytest.mark.parametrize("kind", ["white", "hum", "babble"])
def test_noise_gives_no_key(kind):
    assert heard(noise(60, -15, kind=kind)) == []


def test_an_independent_decoder_reads_the_same_keys(tmp_path):
    sound, _ = typed("2590*#1234", 120, 100, level=-10)
    sound = mu_law(sound + noise(len(sound) / 8000, -45))
    # multimon-ng takes raw samples of 16 bits at 22050 a second.
    again = at_telephone_rate_inverse(sound)
    (tmp_path / "keys.raw").write_bytes(pcm16(again))
    ran = subprocess.run(
        ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", str(tmp_path / "keys.raw")],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = "".join(re.findall(r"DTMF: (.)", ran.stdout))
    assert theirs == "".join(each.key for each in pressed(sound)) == "2590*#1234"


def at_telephone_rate_inverse(sound):
    """From 8000 to 22050 samples a second, and back as a check that nothing is lost."""
    at = np.arange(len(sound) * 22050 // 8000) * 8000 / 22050
    up = np.interp(at, np.arange(len(sound)), sound)
    names = [each.key for each in pressed(at_telephone_rate(up.astype(np.float32), 22050))]
    assert "".join(names) == "2590*#1234"
    return up
