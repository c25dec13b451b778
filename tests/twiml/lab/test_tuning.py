"""Tuning: menus whose best extension is reckoned by hand, odds, reasons, and what is claimed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from twiml.emulator import Response
from twiml.lab import Unknowns, model_of, open_model, try_extension
from twiml.lab.doubts import Doubts
from twiml.lab.tuned_text import text
from twiml.lab.tuning import groups_of, tune
from verification.extension import InvalidExtension

EXACT = Doubts(
    tone=(100, 100),
    gap=(45, 45),
    waits_add=(True,),
    answer_delay=(0, 0),
    network_jitter=0,
    words_per_minute=(165, 165),
)
_PROMPTS = ("Hello.", "Hello, and a very good morning to all of you.")
SAME = Unknowns(tone=100, gap=45, answer_delay=0)


@pytest.fixture
def line(tmp_path):
    """Makes a line of levels: so many ms in which nothing is heard, so many of listening."""

    def made(*levels, name="line.vxml"):
        parts = []
        for place, (key, deaf, listens) in enumerate(levels):
            to = f"m{place + 1}" if place + 1 < len(levels) else "person"
            parts.append(
                f'<menu id="m{place}"><prompt bargein="false" timeout="{listens}ms">'
                f'<break time="{deaf}ms"/></prompt><choice dtmf="{key}" next="#{to}"/>'
                "<noinput><disconnect/></noinput></menu>"
            )
        parts.append('<form id="person"><transfer name="t" dest="tel:+12025550199"/></form>')
        path = tmp_path / name
        path.write_text(f'<vxml version="2.1">{"".join(parts)}</vxml>')
        return open_model(path)

    return made


def test_the_widest_margin_is_in_the_middle_of_the_listening(line):
    # Listened to from 2000 to 6999 ms: nine waits are 2500 ms behind the one end, 2499 before
    # the other; six waits are 1000 behind the first.
    tuning = tune(line(("1", 2000, 5000)), ("1",), EXACT, runs=20)
    assert tuning.widest is not None
    assert tuning.shortest is not None
    assert (tuning.widest.extension, tuning.widest.margin) == ("wwwwwwwww1", 2499)
    assert (tuning.shortest.extension, tuning.shortest.margin) == ("wwwwww1", 1000)


def test_a_later_key_is_counted_from_the_one_before_it(line):
    # The second is listened to from 2500 to 7499 ms after the first, and comes 145 ms + n waits
    # after it: ten are 2354 ms before the end. The first keeps 2499 with nine.
    tuning = tune(line(("1", 2000, 5000), ("2", 2500, 5000)), ("1", "2"), EXACT, runs=20)
    assert tuning.widest is not None
    assert (tuning.widest.waits, tuning.widest.margin) == ((9, 10), 2354)


def test_the_margin_holds_over_the_whole_range_of_every_unknown(line):
    # Playing begins 0 to 250 ms late, a tone lasts 100 to 250 ms, a gap of 45 to 100 ms may be
    # replaced by the wait: the first key comes at 4500 to 4750, so 2249 ms before the end; the
    # second 100 + 500 n to 350 + 500 n after it, so with nine 2100 ms behind the begin.
    doubts = replace(
        EXACT, tone=(100, 250), gap=(45, 100), waits_add=(True, False), answer_delay=(0, 250)
    )
    tuning = tune(line(("1", 2000, 5000), ("2", 2500, 5000)), ("1", "2"), doubts, runs=50)
    assert tuning.widest is not None
    assert tuning.widest.margin == 2149
    assert tuning.widest.waits == (9, 10)
    assert tuning.widest.reached == 50


def test_what_is_claimed_is_what_a_try_finds_to_the_millisecond(line):
    model = line(("1", 2130, 3210), ("7", 1700, 4440), ("4", 900, 2900))
    tuning = tune(model, ("1", "7", "4"), EXACT, runs=10)
    assert tuning.widest is not None
    keys = try_extension(model, tuning.widest.extension, SAME).keys
    margins = [key.margin for key in keys if key.margin is not None]
    assert min(min(one.earlier, one.later) for one in margins) == tuning.widest.margin


def test_the_margin_holds_for_who_speaks_slowly_and_for_who_speaks_fast(tmp_path):
    (tmp_path / "index.xml").write_text(
        "<Response><Say>Welcome to the office of the harbour master, who is out today.</Say>"
        "<Gather numDigits='1' timeout='6' action='to'/></Response>"
    )
    (tmp_path / "to.xml").write_text("<Response><Dial>+19025550111</Dial></Response>")
    model = open_model(tmp_path)
    widest = []
    for paces in ((165, 165), (120, 220)):
        tuning = tune(model, ("1",), replace(EXACT, words_per_minute=paces), runs=10)
        assert tuning.widest is not None
        keys = [
            try_extension(model, tuning.widest.extension, replace(SAME, words_per_minute=pace))
            for pace in paces
        ]
        margins = [report.keys[0].margin for report in keys]
        ends = [end for one in margins if one is not None for end in (one.earlier, one.later)]
        assert (len(ends), min(ends)) == (4, tuning.widest.margin)
        widest.append(min(ends))
    known, unknown = widest
    assert unknown < known - 500


def test_no_other_number_of_waits_has_a_wider_margin(line):
    model = line(("1", 1300, 2400), ("2", 700, 1900))
    tuning = tune(model, ("1", "2"), EXACT, runs=5)
    found = []
    for first in range(9):
        for second in range(9):
            report = try_extension(model, "w" * first + "1" + "w" * second + "2", SAME)
            margins = [key.margin for key in report.keys if key.margin is not None]
            if report.reached:
                found.append(min(min(one.earlier, one.later) for one in margins))
    assert tuning.widest is not None
    assert tuning.widest.margin == max(found)


def test_how_likely_a_key_is_heard_is_counted_over_the_runs(line):
    # 100 ms of listening, and a start that varies by 250: 40 in a hundred.
    model = line(("1", 2000, 100))
    tuning = tune(model, ("1",), replace(EXACT, answer_delay=(0, 250)), runs=2000)
    assert not tuning.works
    assert tuning.widest is not None
    assert tuning.widest.margin is None
    assert tuning.shortest is None
    assert 0.36 < tuning.widest.keys[0].heard / 2000 < 0.44
    assert tuning.widest.keys[0].heard == tuning.widest.reached
    # Playing that begins with the answer is too early before 2.00 s; the latest, after 1.85 s.
    assert tuning.why[0].startswith("no wait is right for 1 under all the unknowns")
    assert tuning.why[0].endswith("it must come day: after 2.00 s and before 1.85 s")


def test_a_line_that_never_listens_is_said_to_speak(tmp_path):
    (tmp_path / "index.xml").write_text("<Response><Say>We are closed.</Say></Response>")
    tuning = tune(open_model(tmp_path), ("1",), EXACT)
    assert tuning.widest is None
    assert "never listens for 1: it speaks from" in tuning.why[0]
    assert "without listening (“We are closed.”), and the call ends at" in tuning.why[0]


def test_a_second_menu_that_never_listens_is_named_by_the_key_before_it(tmp_path):
    (tmp_path / "index.xml").write_text("<Response><Gather numDigits='1' action='b'/></Response>")
    (tmp_path / "b.xml").write_text("<Response><Say>Please hold.</Say><Pause/></Response>")
    tuning = tune(open_model(tmp_path), ("1", "2"), EXACT)
    assert tuning.why[0].startswith("day: after 1 the line never listens for 2: it speaks from")


def test_keys_that_lead_elsewhere_are_said_to(line):
    tuning = tune(line(("1", 500, 3000)), ("3",), EXACT)
    assert "but 3 leads to “Sorry, that is not a valid choice.”, and no person" in tuning.why[0]


def test_a_line_that_is_busy_cannot_be_tuned():
    assert tune(open_model("+19029052032"), ("1",), EXACT).why == (
        "day: the line is not answered: busy",
    )


def test_a_prompt_that_differs_from_call_to_call_is_noticed():
    class Changing:
        def __init__(self):
            self._chance = random.Random(5)  # noqa: S311  repeatable

        def fetch(self, request):
            to = request.parameters.get("Digits")
            body = (
                "<Response><Dial>+19025550111</Dial></Response>"
                if to
                else f"<Response><Say>{self._chance.choice(_PROMPTS)}</Say>"
                "<Gather numDigits='1' timeout='1'/></Response>"
            )
            return Response(200, body.encode()), 75

    tuning = tune(model_of(Changing()), ("1",), EXACT, runs=40)
    assert not tuning.works
    assert "the line changes from call to call: once it said “Hello" in tuning.notes[0]
    assert tuning.widest is not None
    assert 0 < tuning.widest.reached < 40


def test_greetings_that_no_extension_serves_together_are_tuned_apart():
    tuning = tune(
        open_model("gallery:law-office"),
        ("8",),
        replace(EXACT, greetings=("day", "night", "holiday")),
        runs=30,
    )
    assert not tuning.works
    assert tuning.why[0].startswith("holiday: from the answer on the line never listens for 8")
    day = try_extension("gallery:law-office", "", SAME)
    begins = (day.listening[0].start - (day.answered or 0)) / 1000
    assert f"must come day: after {begins:.2f} s; night: after" in tuning.why[1]
    assert [one.ways for one in tuning.apart] == [("day",), ("night",)]
    assert all(one.works for one in tuning.apart)


def test_one_extension_serves_two_greetings_where_it_can():
    doubts = replace(EXACT, greetings=("day", "night"))
    tuning = tune(open_model("gallery:dentist"), ("0",), doubts, runs=30)
    assert tuning.works
    assert tuning.widest is not None
    for greeting in doubts.greetings:
        at = replace(SAME, greeting=greeting)
        assert try_extension("gallery:dentist", tuning.widest.extension, at).reached


def test_the_door_that_still_takes_a_long_extension_is_named(line):
    long = tune(line(("1", 40_000, 5000), ("2", 1000, 2000)), ("1", "2"), EXACT, runs=5)
    assert long.widest is not None
    problems = {door.name: door.problem for door in long.widest.doors}
    assert problems["an order's extension"] == ""
    assert problems["SendDigits of a call"].endswith("at most 32 are allowed")
    assert "taken by an order's extension, <Play digits>; plays" in text(long)
    assert "not by   SendDigits of a call: it has" in text(long)
    longer = tune(line(("1", 40_000, 5000), ("2", 30_000, 2000)), ("1", "2"), EXACT, runs=5)
    assert longer.widest is not None
    problems = {door.name: door.problem for door in longer.widest.doors}
    assert problems["an order's extension"].endswith("at most 60 s are allowed")
    assert problems["<Play digits>"] == ""


def test_several_keys_of_one_menu_are_sent_together():
    tuning = tune(open_model("gallery:bank"), ("123456#", "0"), EXACT, runs=20)
    assert tuning.works
    assert tuning.widest is not None
    assert [one.heard for one in tuning.widest.keys] == [20] * 8


def test_a_menu_in_the_same_document_that_means_another_thing_is_told_apart(tmp_path):
    (tmp_path / "index.xml").write_text(
        "<Response><Gather numDigits='1' timeout='3' action='first'/><Pause length='2'/>"
        "<Gather numDigits='1' timeout='4' action='second'/></Response>"
    )
    (tmp_path / "first.xml").write_text("<Response><Hangup/></Response>")
    (tmp_path / "second.xml").write_text("<Response><Dial>+19025550111</Dial></Response>")
    # The second listens from 5000 to 8999 ms: fourteen waits are 1999 before its end.
    tuning = tune(open_model(tmp_path), ("1",), EXACT, runs=5)
    assert tuning.widest is not None
    assert (tuning.widest.extension, tuning.widest.margin) == ("w" * 14 + "1", 1999)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(line):
    model, doubts = line(("1", 2000, 3000)), Doubts()
    first = tune(model, ("1",), doubts, runs=60, seed=3).to_json()
    assert tune(model, ("1",), doubts, runs=60, seed=3).to_json() == first
    assert tune(model, ("1",), doubts, runs=60, seed=4).to_json() != first


@pytest.mark.parametrize("wrong", [{"runs": 0}, {"margin": -1}, {"margin": 10_001}])
def test_what_is_out_of_range_is_refused(line, wrong):
    with pytest.raises(ValueError, match=r"allowed|can be asked for"):
        tune(line(("1", 500, 500)), ("1",), EXACT, **wrong)


def test_a_greeting_that_the_line_has_not_is_refused(line):
    with pytest.raises(ValueError, match="no greeting 'night': it has day"):
        tune(line(("1", 500, 500)), ("1",), replace(EXACT, greetings=("night",)))


@pytest.mark.parametrize("text", ["", "2,,5", "2w,5", "a", ",".join("1" * 21)])
def test_what_are_no_groups_of_keys_is_refused(text):
    with pytest.raises(InvalidExtension):
        groups_of(text)


def test_no_margin_is_wider_than_the_wait_before_the_key():
    # It listens from the answer on: without waits a key could not come any earlier.
    tuning = tune(open_model("gallery:hospital"), ("4417",), EXACT, runs=5)
    assert tuning.shortest is not None
    assert (tuning.shortest.extension, tuning.shortest.margin) == ("ww4417", 1000)
