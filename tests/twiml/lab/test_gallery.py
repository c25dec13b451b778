"""The gallery and the first model: what ships is tested to work."""

from __future__ import annotations

from itertools import product

import pytest

from twiml.lab import BadModel, Unknowns, Verdict, open_model, try_extension
from twiml.lab.first_model import PERSON, first_model
from twiml.lab.gallery.menus import MENUS

READINGS = [
    Unknowns(tone=tone, waits_add=adds, answer_delay=delay)
    for tone, adds, delay in product((100, 250), (True, False), (75, 400))
]


def test_ten_menus_are_in_the_gallery_and_each_has_a_name_of_its_own():
    assert len({menu.name for menu in MENUS}) == len(MENUS) == 10


@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: menu.name)
def test_the_extension_of_a_menu_is_heard_and_reaches_its_person_in_every_reading(menu):
    model = open_model(f"gallery:{menu.name}")
    for unknowns in READINGS:
        report = try_extension(model, menu.extension, unknowns, reach=menu.reaches, margins=False)
        assert report.reached, report.ending
        assert all(key.verdict.good for key in report.keys)
        assert report.trouble == ()


@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: menu.name)
def test_a_menu_without_any_key_does_not_reach_that_person(menu):
    quiet = try_extension(open_model(f"gallery:{menu.name}"), "", reach=menu.reaches)
    assert not quiet.reached or menu.name == "queue"  # who waits in a queue is answered there


def test_other_greetings_answer_by_night_and_on_holidays():
    model = open_model("gallery:law-office")
    assert model.greetings == ("day", "night", "holiday")
    day = next(menu.extension for menu in MENUS if menu.name == "law-office")
    assert not try_extension(model, day, Unknowns(greeting="holiday")).reached
    assert try_extension(model, "WWWWWWW8", Unknowns(greeting="night")).reached


def test_digits_of_one_entry_may_not_be_further_apart_than_its_timer():
    report = try_extension("gallery:bank", "WWWWWWWWWw123456#WWW0")
    second = report.keys[1].margin
    assert second is not None
    # Its timer is 4 s from the key before, which is 320 ms ahead of it.
    assert second.later == 4000 - 320 - 1
    late = try_extension("gallery:bank", "WWWWWWWWWw1WWWW23456#WWW0")
    assert late.keys[1].verdict is Verdict.TIMED_OUT


def test_an_unknown_menu_of_the_gallery_is_told_with_those_that_are_there():
    with pytest.raises(BadModel, match="gallery:no is not in the gallery: dentist, bank"):
        open_model("gallery:no")


@pytest.mark.parametrize("keys", [["2", "5", "9"], ["1"], ["204", "*", "#"]])
def test_a_first_model_is_passed_by_its_own_keys(keys, tmp_path):
    (tmp_path / "menu.vxml").write_text(first_model(keys))
    extension = "wwwwww".join(["", *keys])
    report = try_extension(str(tmp_path / "menu.vxml"), extension, reach=PERSON)
    assert report.reached, report


@pytest.mark.parametrize("keys", [[], [""], ["x"], ["123456789"], ["1"] * 21])
def test_a_first_model_of_no_keys_is_refused(keys):
    with pytest.raises(ValueError, match=r"levels|is no choice"):
        first_model(keys)
