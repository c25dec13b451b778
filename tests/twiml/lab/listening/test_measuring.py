"""A carrier's w, tone and gap are measured in a recording of what it played."""

import numpy as np
import pytest

from tests.twiml.lab.listening.sounds import key, mu_law, noise, seconds
from twiml.lab.listening.keys import pressed
from twiml.lab.listening.measuring import SUGGESTED, NotMeasured, measure
from verification.extension import Tones


def played(extension, tones, start=0, half_second=500):
    """The sound of a carrier that plays an extension so, ``start`` ms after the answer."""
    sound, now, waited, first = seconds(16), start, 0, True
    for character in extension:
        if character in "wW":
            waited += half_second * (2 if character == "W" else 1)
            continue
        now += waited + (tones.gap if not first and (tones.waits_add or not waited) else 0)
        tone = key(character, tones.tone)
        sound[round(now * 8) : round(now * 8) + len(tone)] += tone
        now, waited, first = now + tones.tone, 0, False
    return pressed(mu_law(sound + noise(16, -45)))


@pytest.mark.parametrize("half_second", [250, 500, 620])
@pytest.mark.parametrize("adds", [True, False])
@pytest.mark.parametrize(("tone", "gap"), [(100, 70), (160, 70), (250, 45)])
def test_everything_is_measured_to_within_5_ms(tone, gap, adds, half_second):
    found = measure(SUGGESTED, played(SUGGESTED, Tones(tone, gap, adds), 120, half_second))
    assert abs(found.tone - tone) <= 5
    assert abs(found.gap - gap) <= 5
    assert abs(found.wait - half_second) <= 3
    assert found.waits_add is adds
    assert abs(found.start - 120) <= 25
    assert any("does not keep" in note for note in found.notes) is (half_second != 500)


def test_one_key_tells_the_tone_and_the_wait_if_playing_begins_with_the_answer():
    found = measure("wwwwwwww1", played("wwwwwwww1", Tones(160, 70, True)))
    assert (found.gap, found.waits_add) == (None, None)
    assert abs(found.wait - 500) <= 2
    assert abs(found.tone - 160) <= 5
    assert any(SUGGESTED in note for note in found.notes)
    assert found.tones().gap == Tones().gap


def test_w_of_a_second_counts_twice():
    found = measure("WWWW12W3Www4", played("WWWW12W3Www4", Tones(160, 70, True)))
    assert abs(found.wait - 500) <= 3


@pytest.mark.parametrize(
    ("extension", "sounded", "why"),
    [
        ("wwww1", "2", "has the keys 2, the extension 1"),
        ("wwww1", "", "has the keys none"),
        ("12", "12", "no w to be measured"),
    ],
)
def test_what_cannot_be_compared_is_refused(extension, sounded, why):
    with pytest.raises(NotMeasured, match=why):
        measure(extension, played(sounded, Tones()))


def test_the_answer_may_come_later_than_the_recording():
    heard = played("wwww1", Tones(), start=2000)
    assert abs(measure("wwww1", heard, answered=2000).wait - 500) <= 2
    assert np.isclose(measure("wwww1", heard).wait, 1000, atol=2)
