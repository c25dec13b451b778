"""Exploring: the keys that lead to a number are found by pressing all of them."""

from __future__ import annotations

from twiml.lab import Unknowns, open_model
from twiml.lab.exploring import MOST_CALLS, explore
from twiml.lab.gallery.menus import MENUS

USUAL = Unknowns()


def test_the_fewest_keys_that_lead_to_a_number_are_found():
    found = explore(open_model("+19029052034"), "+19029050199", USUAL)
    assert found.groups == ("2", "5", "9")


def test_every_person_of_the_gallery_is_found():
    for menu in MENUS:
        found = explore(open_model(f"gallery:{menu.name}"), menu.reaches, USUAL)
        assert found.groups is not None, menu.name
        assert found.calls < 500, menu.name


def test_entries_of_several_keys_are_found_where_the_model_names_them():
    assert explore(open_model("gallery:hospital"), "+12025550172", USUAL).groups == ("4417",)
    school = explore(open_model("gallery:school"), "+12025550118", USUAL)
    assert school.groups in (("118",), ("118#",))


def test_a_number_that_answers_without_any_key_needs_none(tmp_path):
    (tmp_path / "index.xml").write_text("<Response><Dial>+19025550111</Dial></Response>")
    assert explore(open_model(tmp_path), "+19025550111", USUAL).groups == ()


def test_who_is_not_there_is_not_found_and_who_answered_instead_is_told():
    found = explore(open_model("gallery:dentist"), "+12025550199", USUAL)
    assert found.groups is None
    assert found.tried_all
    assert set(found.others) == {"+12025550140", "+12025550141", "+12025550142"}


def test_an_endless_tree_of_menus_is_left_after_a_bounded_number_of_calls(tmp_path):
    (tmp_path / "index.xml").write_text(
        "<Response><Gather numDigits='1' action='next'/></Response>"
    )
    (tmp_path / "next.xml").write_text(
        "<Response><Say>Go on.</Say><Gather numDigits='1' action='next'/></Response>"
    )
    found = explore(open_model(tmp_path), "+12025550199", USUAL)
    assert found.groups is None
    assert found.calls <= MOST_CALLS
