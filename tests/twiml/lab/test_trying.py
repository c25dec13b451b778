"""Trying an extension: verdicts, margins, where the call ends."""

from __future__ import annotations

import pytest

from twiml.lab import BadModel, Unknowns, Verdict, open_model, try_extension
from verification.extension import InvalidExtension

DEMO = "+19029052034"
EXTENSION = "wwww2wwwwww5wwwwww9"


def test_the_wanted_person_is_reached_and_every_key_is_heard():
    report = try_extension(DEMO, EXTENSION)
    assert report.reached
    assert report.ending.phone == "+19029050199"
    assert report.ending.document == "desk.9.xml"
    assert [key.verdict for key in report.keys] == [Verdict.STOPPED_PROMPT] * 3
    assert [key.document for key in report.keys] == ["index.xml", "main.2.xml", "office.5.xml"]


def test_a_key_that_came_too_early_is_said_to_have_by_how_much():
    report = try_extension(DEMO, "wwww2wwwww5wwwwww9")
    assert not report.reached
    key = report.keys[1]
    assert (key.verdict, key.off) == (Verdict.TOO_EARLY, 77)
    assert key.why == "it was speaking and did not listen"
    assert report.ending.how == "ivr hung up"


def test_both_ends_of_a_margin_were_run_and_hold_to_the_millisecond():
    margin = try_extension(DEMO, EXTENSION).keys[0].margin
    assert margin is not None

    def heard(later: int) -> bool:
        moved = Unknowns(answer_delay=150 + later)
        key = try_extension(DEMO, "wwww2", moved, margins=False).keys[0]
        return key.verdict.good and key.document == "index.xml"

    assert heard(margin.later)
    assert not heard(margin.later + 1)
    shorter = try_extension(DEMO, "www2", Unknowns(answer_delay=650 - margin.earlier))
    assert shorter.keys[0].verdict.good
    margin_of_shorter = shorter.keys[0].margin
    assert margin_of_shorter is not None
    assert margin_of_shorter.earlier == 0


@pytest.mark.parametrize(
    ("document", "unknowns", "said"),
    [
        # Listens for the first second; the key comes 3 s and 150 ms after the answer.
        (
            "<Gather numDigits='1' timeout='1' action='to'/><Pause length='9'/>",
            Unknowns(),
            (Verdict.TOO_LATE, 3150 - 1000, "it was pausing and did not listen"),
        ),
        (
            "<Say>We are closed.</Say><Pause length='9'/>",
            Unknowns(),
            (Verdict.NOBODY, None, "it was pausing and did not listen"),
        ),
        (
            "<Gather numDigits='1' timeout='9' action='to'/>",
            Unknowns(tone=30),
            (Verdict.NOT_RECOGNISED, None, "its tone of 30 ms is shorter than 40 ms"),
        ),
    ],
)
def test_a_key_is_lost_in_one_of_the_ways_that_there_are(tmp_path, document, unknowns, said):
    (tmp_path / "index.xml").write_text(f"<Response>{document}</Response>")
    report = try_extension(str(tmp_path), "WWW1", unknowns)
    assert not report.reached
    key = report.keys[0]
    assert (key.verdict, key.off, key.why) == said


def test_keys_after_the_end_of_the_call_were_never_sent():
    report = try_extension(DEMO, "w1" + "W" * 30 + "2")
    assert report.keys[-1].verdict is Verdict.NEVER_SENT
    assert report.keys[-1].at is None


def test_a_person_who_is_put_through_without_the_keys_is_not_reached(tmp_path):
    (tmp_path / "index.xml").write_text(
        "<Response><Say>Welcome to the operator.</Say><Dial>+19025550111</Dial></Response>"
    )
    missed = try_extension(str(tmp_path), "2")
    assert not missed.reached
    assert missed.why == "+19025550111 answered, but not for the keys: 2 was not heard"
    assert try_extension(str(tmp_path), "2", reach="+19025550111").reached
    assert try_extension(str(tmp_path), "").reached


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_report_byte_for_byte(seed):
    loose = Unknowns(answer_jitter=400, network_jitter=60)
    first = try_extension(DEMO, EXTENSION, loose, seed=seed).to_json()
    assert try_extension(DEMO, EXTENSION, loose, seed=seed).to_json() == first
    assert try_extension(DEMO, EXTENSION, loose, seed=seed + 5).to_json() != first


def test_a_line_that_is_busy_is_not_reached():
    report = try_extension("+19029052032", "ww2")
    assert report.ending.how == "not answered: busy"
    assert report.answered is None


@pytest.mark.parametrize("name", ["+19025550188", "no-such-folder", "http://[x/"])
def test_what_is_no_model_is_refused(name):
    with pytest.raises(BadModel):
        open_model(name)


def test_a_string_that_is_no_extension_is_refused():
    with pytest.raises(InvalidExtension, match="position 2"):
        try_extension(DEMO, "wx")


def test_a_greeting_of_another_time_stands_in_for_the_one_of_the_day(tmp_path):
    (tmp_path / "index.xml").write_text(
        "<Response><Say>Hello.</Say><Gather numDigits='1' action='to'/></Response>"
    )
    (tmp_path / "index.night.xml").write_text(
        "<Response><Say>Hello, we are closed until nine o'clock tomorrow.</Say></Response>"
    )
    (tmp_path / "to.xml").write_text("<Response><Dial>+19025550111</Dial></Response>")
    model = open_model(tmp_path)
    assert model.greetings == ("day", "night")
    assert try_extension(model, "wwww1").reached
    assert not try_extension(model, "wwww1", Unknowns(greeting="night")).reached
    with pytest.raises(ValueError, match="no greeting 'holiday': it has day, night"):
        try_extension(model, "wwww1", Unknowns(greeting="holiday"))


@pytest.mark.parametrize(
    "wrong", [{"tone": 5}, {"gap": -1}, {"greeting": "noon"}, {"words_per_minute": 900}]
)
def test_an_impossible_reading_of_the_unknowns_is_refused(wrong):
    with pytest.raises(ValueError, match=r"tone|gap|greeting|words"):
        Unknowns(**wrong)
