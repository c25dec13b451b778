"""The extension: which characters, how long, and when each key is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification import extension
from verification.extension import InvalidExtension, Tones


def test_the_faqs_extension_waits_two_seconds_then_three_then_three():
    keys = extension.schedule("wwww2wwwwww5wwwwww9", Tones(tone=0, gap=0)).keys
    assert [(key.key, key.onset) for key in keys] == [("2", 2000), ("5", 5000), ("9", 8000)]


def test_a_capital_w_waits_a_second():
    assert extension.schedule("W1").keys[0].onset == 1000


@pytest.mark.parametrize(
    ("waits_add", "onset"),
    [(True, 2000 + 250 + 70 + 3000), (False, 2000 + 250 + 3000)],
    ids=["added to the gap", "in place of the gap"],
)
def test_a_wait_between_two_keys_is_added_to_the_gap_or_replaces_it(waits_add, onset):
    tones = Tones(tone=250, gap=70, waits_add=waits_add)
    assert extension.schedule("wwww2wwwwww5", tones).keys[1].onset == onset


def test_keys_without_waits_are_a_tone_and_a_gap_apart():
    schedule = extension.schedule("wwww1234#", Tones(tone=250, gap=70))
    assert [key.onset for key in schedule.keys] == [2000, 2320, 2640, 2960, 3280]
    assert schedule.length == 3530


def test_waits_at_the_end_count_in_the_length():
    assert extension.schedule("1ww", Tones(tone=100, gap=50)).length == 1100


def test_a_key_knows_its_place_in_the_string():
    assert [key.position for key in extension.schedule("ww1w2").keys] == [3, 5]


@pytest.mark.parametrize(
    ("text", "place"), [("ww2,5", 4), ("1 2", 2), ("p1", 1), ("12A", 3), ("12x", 3), ("１", 1)]
)
def test_a_bad_character_is_named_with_its_place_and_what_is_allowed(text, place):
    with pytest.raises(InvalidExtension, match=rf"position {place} .*0-9, \* and #"):
        extension.check_order(text)


def test_an_empty_extension_is_refused():
    with pytest.raises(InvalidExtension, match="empty"):
        extension.check_order("")


def test_an_extension_has_at_most_128_characters_and_60_seconds():
    assert extension.check_order("1" * 128)
    with pytest.raises(InvalidExtension, match="129 characters: at most 128"):
        extension.check_order("1" * 129)
    with pytest.raises(InvalidExtension, match="61 s to play: at most 60"):
        extension.check_order("W" * 61)


def test_letters_of_the_fourth_column_are_played_but_not_ordered():
    assert extension.check("A1D") == "A1D"
    with pytest.raises(InvalidExtension):
        extension.check_order("A1D")


@given(st.text(alphabet="0123456789*#wW", max_size=60), st.booleans())
def test_keys_follow_each_other_and_none_is_lost(text, waits_add):
    schedule = extension.schedule(text, Tones(waits_add=waits_add))
    assert "".join(key.key for key in schedule.keys) == text.replace("w", "").replace("W", "")
    onsets = [key.onset for key in schedule.keys]
    assert onsets == sorted(set(onsets))
    assert schedule.length >= text.count("w") * 500 + text.count("W") * 1000
