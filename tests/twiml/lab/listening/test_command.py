"""`lab listen` and `lab carrier` as commands: what they print and write, and their exit codes."""

import importlib.util
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.twiml.lab.listening.sounds import RATE, file_of, key, music, say, seconds
from tests.twiml.lab.listening.test_waits import typed
from twiml.lab.cli import lab

ROOT = Path(__file__).parents[4]


def run(*arguments):
    return CliRunner().invoke(lab, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def menu(tmp_path_factory):
    return file_of(tmp_path_factory.mktemp("listen") / "menu.wav", np.concatenate(typed()))


def test_the_last_line_is_the_extension(menu):
    ran = run("listen", menu, "--keys", "2,5,9")
    assert ran.exit_code == 0
    lines = ran.output.splitlines()
    assert lines[-1].replace("w", "") == "259"
    assert "G.711 mu-law, 8000 Hz, mono" in lines[0]
    assert any(line.startswith("Margin 0.4") for line in lines)
    assert any(line.strip().startswith("2  after 13 w") for line in lines)


def test_the_drawing_shows_speech_pauses_and_keys_on_a_time_axis(menu):
    drawing = run("listen", menu).output.splitlines()
    heard = "".join(line[8:].ljust(72) for line in drawing if line.startswith(" heard"))
    keys = "".join(line[8:].ljust(72) for line in drawing if line.startswith("  keys"))
    assert [(name, place * 0.25) for place, name in enumerate(keys) if name != " "] == [
        *(("2", 7.25), ("5", 12.75), ("9", 18.25)),
    ]
    assert heard[4] == "="  # 1 s: the first prompt
    assert heard[27] == "."  # 6.75 s: the pause before the first key
    assert max(map(len, drawing)) <= 100


def test_the_report_as_json(menu):
    ran = run("listen", menu, "--keys", "2,5,9", "--json")
    report = json.loads(ran.output)
    assert report["recording"]["milliseconds"] == len(np.concatenate(typed())) * 1000 // RATE
    assert [each["key"] for each in report["keys"]] == ["2", "5", "9"]
    assert report["proposal"]["extension"].replace("w", "") == "259"
    assert report["proposal"]["margin"] == min(
        min(each["margin_before"], each["margin_after"]) for each in report["proposal"]["keys"]
    )
    assert report["why"] == []
    assert ran.output == run("listen", menu, "--keys", "2,5,9", "--json").output


def test_the_picture_is_well_formed_and_has_the_keys(menu, tmp_path):
    picture = tmp_path / "menu.svg"
    assert run("listen", menu, "--keys", "2,5,9", "--svg", picture).exit_code == 0
    tree = ET.parse(picture)
    texts = [each.text for each in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"2", "5", "9", "speech"} <= set(texts)
    assert any((text or "").startswith("Extension w") for text in texts)


def test_the_labels_are_audacitys(menu, tmp_path):
    labels = tmp_path / "menu.txt"
    run("listen", menu, "--keys", "2,5,9", "--labels", labels)
    rows = [line.split("\t") for line in labels.read_text().splitlines()]
    assert all(len(row) == 3 and float(row[0]) < float(row[1]) for row in rows)
    assert rows == sorted(rows, key=lambda row: float(row[0]))
    assert {"speech", "press 5", "key 9"} <= {row[2] for row in rows}


def test_no_proposal_is_exit_code_1_and_says_why(tmp_path):
    ran = run("listen", file_of(tmp_path / "hold.wav", music(8)), "--keys", "2")
    assert ran.exit_code == 1
    assert "No extension can be proposed:\n  nobody speaks: there is music" in ran.output


def test_a_recording_of_16000_samples_and_two_channels_is_heard(tmp_path):
    wide = [np.repeat(each, 2) for each in (np.concatenate(typed()), seconds(1))]
    path = file_of(tmp_path / "wide.wav", *wide, rate=16000, mu=False)
    ran = run("listen", path, "--keys", "2,5,9", "--json")
    report = json.loads(ran.output)
    assert (report["recording"]["ivr_channel"], report["recording"]["rate"]) == ("left", 16000)
    assert report["proposal"]["extension"].replace("w", "") == "259"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["listen", "none.wav"], "none.wav: No such file"),
        (["listen", "text.wav"], "text.wav: byte 0"),
        (["listen", "good.wav", "--keys", "2,x"], "'x' at position 1"),
        (["listen", "good.wav", "--channel", "right"], "has one channel"),
        (["listen", "good.wav", "--svg", "no/such/folder.svg"], "no/such/folder.svg"),
        (["carrier", "--recording", "good.wav", "--extension", "wwww1"], "has the keys 2"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.wav").write_text("no sound")
    file_of(Path("good.wav"), np.concatenate([say("Hello."), seconds(1), key("2"), seconds(1)]))
    ran = run(*arguments)
    assert ran.exit_code == 2
    assert ran.stderr.startswith("lineproof: ")
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_without_numpy_one_line_says_what_to_install(menu, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "twiml.lab.listening.cli.find_spec", lambda name: None if name == "numpy" else real(name)
    )
    ran = run("listen", menu)
    assert ran.exit_code == 2
    assert 'pip install "lineproof[lab]"' in ran.stderr


def test_the_command_line_itself_needs_no_numpy():
    blocked = "import sys; sys.modules['numpy'] = None; import app; app.main(['lab', '--help'])"
    ran = subprocess.run(
        [sys.executable, "-c", blocked], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert "listen" in ran.stdout


def test_the_carrier_is_measured(tmp_path):
    sound = seconds(12)
    for name, onset in (("1", 4.1), ("2", 4.33), ("3", 5.06), ("4", 6.79)):
        begin = round(onset * RATE)
        tone = key(name, 160)
        sound[begin : begin + len(tone)] += tone
    ran = run("carrier", "--recording", file_of(tmp_path / "far.wav", sound), "--json")
    assert ran.exit_code == 0
    found = json.loads(ran.output)
    assert (abs(found["tone"] - 160) <= 5, abs(found["gap"] - 70) <= 5) == (True, True)
    assert (abs(found["wait"] - 500) <= 3, found["waits_add"]) == (True, True)
    text = run("carrier", "--recording", tmp_path / "far.wav").output
    assert "is added to the gap" in text
