"""The lab's command line: what it prints, what it writes, how it exits."""

from __future__ import annotations

import json
import re
import wave
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from app import main

DEMO = "+19029052034"
GOOD, BAD = "wwww2wwwwww5wwwwww9", "wwww2wwwww5wwwwww9"


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Runs ``lineproof lab ...`` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINEPROOF_PHONES", raising=False)
    return lambda *arguments: CliRunner().invoke(main, ["lab", *arguments])


def test_a_good_extension_is_shown_and_exits_0(lab):
    done = lab("try", DEMO, GOOD)
    assert done.exit_code == 0
    assert "Reached: +19029050199 answered." in done.output
    assert "“Welcome to Fundy Freight.”" in done.output
    assert re.search(r"✓ 2 +2\.150 s +stopped the prompt +0\.273 s +10\.284 s", done.output)
    assert "w adds to the gap" in done.output
    assert "\x1b" not in done.output


def test_a_lost_key_is_shown_with_its_reason_and_exits_1(lab):
    done = lab("try", DEMO, BAD)
    assert done.exit_code == 1
    assert "✗ 5" in done.output
    assert "too early by 0.077 s: it was speaking and did not listen" in done.output
    assert "Not reached: no person answered; the call ended in office.xml." in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("try", DEMO, "w2x"), "position 3"),
        (("try", "+12025550177", "2"), "is not in the phones.toml"),
        (("try", "nowhere", "2"), "neither a URL, nor a folder"),
        (("try", "gallery:zoo", "2"), "is not in the gallery"),
        (("try", DEMO, "2", "--tone", "1"), "tone is 1: 20 to 6000 ms"),
        (("try", DEMO, "2", "--greeting", "night"), "no greeting 'night'"),
        (("try", DEMO, "2", "--greeting", "noon"), "--greeting"),
        (("try", DEMO, "2", "--svg", "no/such/folder.svg"), "cannot be written"),
        (("try", DEMO, "2", "--phones", "missing.toml"), "cannot be read"),
        (("try", DEMO), "Missing argument"),
        (("new", "--menu", "x"), "is no choice"),
        (("new",), "--menu"),
    ],
)
def test_bad_usage_says_what_is_wrong_and_exits_2(lab, arguments, said):
    done = lab(*arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_json_is_the_whole_report_and_the_same_for_a_seed(lab):
    arguments = ("try", DEMO, GOOD, "--json", "--answer-jitter", "90", "--seed", "7")
    done = lab(*arguments)
    report = json.loads(done.output)
    assert report["reached"] is True
    assert report["unknowns"]["seed"] == 7
    assert [key["verdict"] for key in report["keys"]] == ["stopped the prompt"] * 3
    assert lab(*arguments).output == done.output


def test_every_file_is_written_and_can_be_read(lab, tmp_path):
    names = {"--svg": "a.svg", "--html": "a.html", "--wav": "a.wav", "--labels": "a.txt"}
    files = [part for pair in {**names, "--junit": "a.xml"}.items() for part in pair]
    assert lab("try", DEMO, BAD, *files).exit_code == 1
    svg = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert svg.tag.endswith("svg")
    assert "does not reach" in svg.attrib["aria-label"]
    page = (tmp_path / "a.html").read_text()
    assert "data:audio/wav;base64," in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    with wave.open(str(tmp_path / "a.wav")) as sound:
        length = sound.getnframes() / sound.getframerate()
    labels = [line.split("\t") for line in (tmp_path / "a.txt").read_text().splitlines()]
    assert ["7.470", "7.720", "key 5: too early"] in labels
    assert all(0 <= float(start) <= float(end) <= length + 0.001 for start, end, _ in labels)
    suite = ElementTree.parse(tmp_path / "a.xml").getroot()
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("4", "2")


def test_a_new_model_can_be_tried_at_once_and_is_never_overwritten(lab):
    assert lab("new", "--menu", "2,5,9").exit_code == 0
    assert lab("try", "menu.vxml", GOOD).exit_code == 0
    told = json.loads(lab("new", "--menu", "7", "other.vxml", "--json").output)
    assert told == {"file": "other.vxml", "next": "lineproof lab try other.vxml wwww7"}
    again = lab("new", "--menu", "1", "menu.vxml")
    assert again.exit_code == 2
    assert "menu.vxml exists already" in again.output


def test_the_gallery_lists_ten_menus_with_a_way_through_each(lab):
    lines = lab("gallery").output.splitlines()
    assert len(lines) == 20
    menus = json.loads(lab("gallery", "--json").output)
    assert len(menus) == 10
    one = next(menu for menu in menus if menu["name"] == "utility")
    assert lab("try", "gallery:utility", one["extension"]).exit_code == 0


def test_numbers_of_a_phones_toml_are_tried_with_those_they_dial(lab, tmp_path):
    (tmp_path / "menu.vxml").write_text(
        '<vxml version="2.1"><menu><prompt>Press 1.</prompt><choice dtmf="1" next="#a"/></menu>'
        '<form id="a"><transfer name="t" dest="tel:+12025550101"/></form></vxml>'
    )
    (tmp_path / "phones.toml").write_text(
        '["+12025550100"]\nanswers = "menu.vxml"\n["+12025550101"]\nanswers = "busy"\n'
    )
    done = lab("try", "+12025550100", "ww1", "--phones", "phones.toml")
    assert done.exit_code == 1
    assert "menu.vxml#a" in done.output


def test_names_from_a_document_cannot_break_the_page(lab, tmp_path):
    (tmp_path / "index.xml").write_text(
        '<Response><Say>&lt;script>alert(1)&lt;/script> "quoted" &amp;</Say></Response>'
    )
    lab("try", ".", "1", "--html", "a.html", "--svg", "a.svg")
    assert "<script>alert" not in (tmp_path / "a.html").read_text()
    ElementTree.parse(tmp_path / "a.svg")


def test_tune_prints_the_widest_and_the_shortest_and_exits_0(lab):
    done = lab("tune", DEMO, "--keys", "2,5,9", "--margin", "1.5s", "--runs", "60")
    assert done.exit_code == 0
    assert re.search(r"Widest margin: [wW259]+  margin 3\.\d{3} s", done.output)
    assert re.search(r"Shortest that keeps 1\.500 s: [wW259]+  margin 1\.\d{3} s", done.output)
    assert "reached  100 %: 60 of 60 runs" in done.output
    assert "tone 100 to 250 ms" in done.output
    assert "\x1b" not in done.output
    assert done.stderr == ""


def test_tune_finds_the_keys_of_whom_it_must_reach(lab):
    done = lab("tune", DEMO, "--reach", "+19029050199", "--runs", "20", "--json")
    assert done.exit_code == 0
    assert re.fullmatch(r"Found in \d+ calls: 2,5,9\n", done.stderr)
    assert json.loads(done.stdout)["keys"] == ["2", "5", "9"]


def test_tune_says_why_nothing_works_and_exits_1(lab):
    done = lab("tune", "gallery:law-office", "--keys", "8", "--runs", "20")
    assert done.exit_code == 1
    assert "holiday: from the answer on the line never listens for 8" in done.output
    assert "Only night: " in done.output
    assert "No extension works under all of these." in done.output
    nobody = lab("tune", "gallery:dentist", "--reach", "+12025550199", "--json")
    assert nobody.exit_code == 1
    told = json.loads(nobody.stdout)
    assert told["works"] is False
    assert "No keys were found that reach +12025550199" in told["why"][0]


def test_long_work_shows_how_far_it_is_on_a_terminal_and_nowhere_else(monkeypatch, capsys):
    arguments = ["lab", "tune", DEMO, "--keys", "2,5,9", "--runs", "20"]
    for terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda terminal=terminal: terminal)
        with pytest.raises(SystemExit):
            main(arguments, standalone_mode=False)
        drawn = capsys.readouterr().err
        steps = [int(done) for done in re.findall(r"(\d+)/20 ", drawn)]
        assert steps == sorted(steps)
        assert bool(steps) is terminal
        assert drawn == "" or drawn.endswith("\r\x1b[K")  # and takes it away


def test_tune_exits_1_where_no_extension_keeps_the_margin_that_was_asked_for(lab):
    done = lab("tune", DEMO, "--keys", "2,5,9", "--margin", "9s", "--runs", "20")
    assert done.exit_code == 1
    assert "No extension keeps a margin of 9.000 s." in done.output


def test_tune_gives_the_same_bytes_for_a_seed(lab):
    arguments = ("tune", DEMO, "--keys", "2,5,9", "--runs", "40", "--seed", "8", "--json")
    done = lab(*arguments)
    assert json.loads(done.output)["works"] is True
    assert lab(*arguments).output == done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tune", DEMO), "name the keys (--keys 2,5,9), or whom they must reach"),
        (("tune", DEMO, "--keys", "2,x"), "'x' in '2,x' are no keys"),
        (("tune", DEMO, "--keys", "2", "--margin", "soon"), "is no length of time"),
        (("tune", DEMO, "--keys", "2", "--margin", "11s"), "at most 10s"),
        (("tune", DEMO, "--keys", "2", "--tone", "250-100"), "write the smaller one first"),
        (("tune", DEMO, "--keys", "2", "--tone", "1-x"), "is no range"),
        (("tune", DEMO, "--keys", "2", "--greeting", "night"), "no greeting 'night'"),
        (("tune", DEMO, "--keys", "2", "--network-jitter", "-5"), "network_jitter is -5"),
        (("tune", DEMO, "--keys", "2", "--runs", "0"), "--runs"),
    ],
)
def test_tune_says_what_is_wrong_and_exits_2(lab, arguments, said):
    done = lab(*arguments)
    assert done.exit_code == 2
    assert said in done.output
