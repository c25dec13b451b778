"""phones.toml: who answers which number (rows 68 and 70), and what is wrong with a bad file."""

from __future__ import annotations

import pytest

from tests.twiml.emulator.world import World, happened, twiml
from twiml.emulator import BadPhones, Phones, Timing


@pytest.fixture
def load(tmp_path):
    def write(text: str) -> Phones:
        path = tmp_path / "phones.toml"
        path.write_text(text)
        return Phones.load(path)

    return write


EXAMPLE = """
["+19029052034"]
line_type = "landline"
carrier = "Iristel Inc. - ON"
answers = "http://127.0.0.1:3000/ivr/welcome"
answer_after = "2s"

["+19295566487"]
answers = "person"
answer_after = "4s"
types = "code"
"""


def test_the_example_of_the_design_is_read(load):
    phones = load(EXAMPLE)
    menu, person = phones.find("+19029052034"), phones.find("+19295566487")
    assert (menu.kind, menu.url) == ("ivr", "http://127.0.0.1:3000/ivr/welcome")
    assert (menu.line_type, menu.carrier, menu.answer_after) == (
        "landline",
        "Iristel Inc. - ON",
        2000,
    )
    assert (person.kind, person.answer_after, person.types) == ("person", 4000, ("code",))
    assert person.line_type is None


def test_the_built_in_numbers_stay_unless_they_are_listed(load):
    phones = load('["+19029052034"]\nanswers = "busy"')
    assert phones.find("+19029052034").kind == "busy"
    assert phones.find("+19029052032").carrier == "Twilio - SMS-Sybase365/MMS-SVR"


def test_numbers_that_are_not_listed_are_people():
    phones = Phones.built_in()
    anyone, toll_free = phones.find("+14165550100"), phones.find("+18005550100")
    assert (anyone.kind, anyone.line_type, anyone.answer_after) == ("person", "landline", 4000)
    assert (anyone.types, anyone.presses) == (("code",), "asked")
    assert toll_free.line_type is None


@pytest.mark.parametrize(
    ("text", "ms"),
    [('"2s"', 2000), ('"500ms"', 500), ("1.5", 1500), ("3", 3000), ('"1min"', 60_000)],
)
def test_durations_are_texts_with_units_or_seconds(load, text, ms):
    assert load(f'["+19025550100"]\nanswer_after = {text}').find("+19025550100").answer_after == ms


def test_what_is_typed_may_differ_each_time(load):
    phones = load('["+19025550100"]\ntypes = ["wrong", "123456#", "code"]')
    assert phones.find("+19025550100").types == ("wrong", "123456#", "code")


def test_a_folder_is_relative_to_the_file(load, tmp_path):
    (tmp_path / "menu").mkdir()
    (tmp_path / "menu" / "index.xml").write_text(twiml("<Say>Hello.</Say>"))
    phones = load('["+19025550100"]\nanswers = "menu"')
    phone = phones.find("+19025550100")
    assert phone.kind == "ivr"
    assert phones.folder_of(phone.url) is not None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('["9029052034"]\nanswers = "busy"', "E.164"),
        ('["+19025550100"]\nanswer = "busy"', 'unknown key "answer": allowed are answer_after'),
        (
            '["+19025550100"]\nanswers = "nobody"',
            "nor a VoiceXML document (.vxml), nor one of person",
        ),
        ('["+19025550100"]\nanswers = "menu.vxml"', "cannot be opened: No such file"),
        ('["+19025550100"]\nanswers = 5', "a text in quotes"),
        ('["+19025550100"]\nanswer_after = "soon"', 'such as "2s"'),
        ('["+19025550100"]\nanswer_after = true', 'such as "2s"'),
        ('["+19025550100"]\ntypes = "later"', '"code", digits, "wrong"'),
        ('["+19025550100"]\ntypes = []', "empty list"),
        ('["+19025550100"]\npresses = "all"', '"asked", "nothing", or one key'),
        ('["+19025550100"]\nline_type = "cable"', "landline, mobile, voip"),
        ('["+19025550100"]\ngreeting_plays = "la"', '"code", or digits'),
        ('["+19025550100"]\ntones = "loud"', '"events" and "in-band"'),
        ('"+19025550100" = "busy"', "must be a table"),
        ("nonsense", "phones.toml"),
    ],
)
def test_a_bad_file_is_one_clear_error(load, table, said):
    with pytest.raises(BadPhones) as error:
        load(table)
    assert said in str(error.value)
    assert "phones.toml" in str(error.value)


def test_row_68_several_timings_run_in_one_go_and_give_the_set_that_works():
    def works(timing: Timing) -> bool:
        voice = twiml("<Play digits='wwww2wwwww5wwwwww9'/>", "<Pause length='25'/>")
        call = World({"/voice": voice}, timing=timing).call(To="+19029052034")
        return bool(happened(call, "answers", "person"))

    slow, quick = Timing(words_per_minute=165), Timing(words_per_minute=200)
    assert [works(timing) for timing in (slow, quick)] == [False, True]


def test_row_70_a_call_of_a_minute_takes_no_minute_and_is_the_same_each_time():
    def run() -> list[str]:
        world = World({"/voice": twiml("<Pause length='600'/>")})
        return [str(event) for event in world.call().events]

    assert run() == run()
