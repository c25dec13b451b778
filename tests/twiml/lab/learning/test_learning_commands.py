"""`lab learn` and `lab recheck` against menus that the emulator serves, through the real SDK."""

from __future__ import annotations

import json
import re
import shutil
import threading
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from app import main
from twiml.emulator import Emulator, Phones, clock_for
from twiml.emulator.serving import serving
from twiml.lab import open_model, try_extension
from twiml.lab.gallery.menus import HERE, menu

SID, TOKEN = "AC" + "1" * 32, "a-made-up-token-of-a-test"
THEM = "+19029050177"


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Runs ``lineproof lab ...`` in an empty folder, with nothing set."""
    monkeypatch.chdir(tmp_path)
    for name in ("LINEPROOF_PHONES", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments, **options):
        return CliRunner().invoke(main, ["lab", *map(str, arguments)], **options)

    return run


@contextmanager
def real_carrier(monkeypatch, phones, waited=None):
    """What stands for Twilio: another emulator, reached by the settings of a live carrier.

    ``waited`` takes the seconds for which nothing was asked of it.
    """
    waited = [] if waited is None else waited
    emulator = Emulator(
        phones, clock_for(0), account_sid=SID, auth_token=TOKEN, calls_per_second=100
    )
    soon = threading.Event()

    def sleep(seconds):
        waited.append(seconds)
        soon.wait(0.01)

    monkeypatch.setattr("twiml.lab.learning.carrying.sleep", sleep)
    with serving(emulator) as url:
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", SID)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
        monkeypatch.setenv("TWILIO_API_BASE_URL", url)
        yield emulator


def menu_at_their_number():
    phones = Phones.built_in()
    phones.by_number[THEM] = phones.phone(THEM, {"answers": str(HERE / "pharmacy.vxml")})
    return phones


def tried(name, extension):
    """The extension on the gallery's own menu, for the person whom it is meant for."""
    model = menu(name)
    assert model is not None
    return try_extension(f"gallery:{name}", extension, reach=model.reaches)


@pytest.mark.parametrize(
    ("name", "keys", "calls"),
    [("pharmacy", "2", 2), ("dentist", "0", 2), ("airline", "2,1,9", 4), ("bank", "123456#,0", 3)],
)
def test_a_menu_is_learnt_level_by_level_and_its_person_is_reached(lab, name, keys, calls):
    done = lab("learn", f"gallery:{name}", "--keys", keys, "--listen", 16, "--json")
    learnt = json.loads(done.output)
    assert (done.exit_code, learnt["learnt"], learnt["calls"]) == (0, True, calls)
    report = tried(name, learnt["extension"])
    assert report.reached
    first = report.keys[0].margin
    assert first is not None
    assert min(first.earlier, first.later) > 1000
    assert learnt["margin"] > 1000


def test_a_key_that_nobody_heard_is_tried_elsewhere(lab):
    done = lab("learn", "gallery:school", "--keys", "118#", "--listen", 45)
    assert "118# changes nothing after 62 w" in done.output
    assert done.output.splitlines()[-1] == "w" * 22 + "118#"
    assert tried("school", "w" * 22 + "118#").reached


def test_a_key_that_another_menu_has_taken_is_tried_elsewhere(lab):
    done = lab("learn", "gallery:utility", "--keys", "1,3", "--listen", 30)
    assert done.exit_code == 0, done.output
    # 1 at the second menu reports an outage; the choice of language has gone on by itself.
    assert tried("utility", done.output.splitlines()[-1]).reached


def test_the_profile_is_a_model_in_which_the_extension_works(lab):
    lab("learn", "gallery:pharmacy", "--keys", "2", "--listen", 12, "--profile", "shop.vxml")
    model = open_model("shop.vxml")
    extension = "w" * 15 + "2"
    report = try_extension(model, extension)
    assert report.reached
    assert lab("try", "shop.vxml", extension).exit_code == 0
    assert lab("try", "shop.vxml", "ww2").exit_code == 1


def test_an_unchanged_line_has_no_drift_and_one_of_2_s_is_told(lab, tmp_path):
    shutil.copy(HERE / "pharmacy.vxml", tmp_path / "menu.vxml")
    assert lab("learn", "menu.vxml", "--keys", "2", "--listen", 12).exit_code == 0
    same = lab("recheck", "line.vxml", "menu.vxml", "--listen", 12)
    assert (same.exit_code, "as its profile says" in same.output) == (0, True)
    text = (tmp_path / "menu.vxml").read_text()
    longer = re.sub(r"(<prompt[^>]*>)", r'\1<break time="2s"/>', text, count=1)
    told = lab("recheck", "line.vxml", "menu.vxml", "--listen", 12, "--json")
    assert (told.exit_code, json.loads(told.stdout)["drift"]) == (0, [])
    (tmp_path / "menu.vxml").write_text(longer)
    changed = lab("recheck", "line.vxml", "menu.vxml", "--listen", 12, "--json")
    (drift,) = json.loads(changed.output)["drift"][:1]
    assert changed.exit_code == 1
    assert (drift["keys"], 1200 <= drift["by"] <= 2100) == ("2", True)


def test_a_recheck_that_is_stopped_says_why_in_json_too(lab, monkeypatch, tmp_path):
    lab("learn", "gallery:pharmacy", "--keys", "2", "--listen", 12)
    (tmp_path / "empty.vxml").touch()
    (tmp_path / "bytes.vxml").write_bytes(b"\xff\xfe\x00")
    for code, profile, number, why in (
        (1, "line.vxml", "+19029052032", "not answered: busy"),
        (2, "none.vxml", THEM, "none.vxml: No such file"),
        (2, ".", THEM, "is a directory"),
        (2, "empty.vxml", THEM, "not XML"),
        (2, "bytes.vxml", THEM, "bytes.vxml"),
        (2, HERE / "dentist.vxml", THEM, "write it by lab learn"),
        (2, "line.vxml", "gallery:zoo", "is not in the gallery"),
    ):
        stopped = lab("recheck", profile, number, "--json")
        assert stopped.exit_code == code, stopped.output
        assert why in json.loads(stopped.stdout)["error"]
        assert why in stopped.stderr
    short = lab("recheck", "line.vxml", THEM, "--json", "--tolerance", 3)
    assert (short.exit_code, "--tolerance" in json.loads(short.stdout)["error"]) == (2, True)
    with real_carrier(monkeypatch, menu_at_their_number()):
        declined = lab("recheck", "line.vxml", THEM, "--json", input="n\n")
    assert (declined.exit_code, "nobody agreed" in declined.stdout) == (1, True)
    assert json.loads(declined.stdout)


def test_it_stops_at_the_set_number_of_calls_and_says_what_is_known(lab):
    done = lab("learn", "gallery:airline", "--keys", "2,1,9", "--most-calls", 2, "--listen", 16)
    assert done.exit_code == 1
    assert "2 calls of at most 2" in done.output
    assert "--most-calls allows no more" in done.output


def test_a_real_carrier_is_asked_for_no_call_without_consent(lab, monkeypatch):
    with real_carrier(monkeypatch, menu_at_their_number()) as carrier:
        done = lab("learn", THEM, "--keys", "2", input="n\n")
        assert lab("learn", THEM, "--keys", "2").exit_code == 1
        assert carrier.calls == {}
    assert done.exit_code == 1
    assert "Up to 10 calls are placed" in done.output


def test_with_consent_a_real_carrier_records_the_calls(lab, monkeypatch, tmp_path):
    with real_carrier(monkeypatch, menu_at_their_number()) as carrier:
        done = lab(*("learn", THEM, "--keys", "2", "--yes", "--listen", 12, "--recordings", "kept"))
        placed = [call for call in carrier.calls.values() if call.direction == "outbound-api"]
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "w" * 15 + "2"
    assert [call.to for call in placed] == [THEM, THEM]
    assert all(call.placement.record for call in placed)
    assert sorted(file.name for file in (tmp_path / "kept").iterdir()) == [
        *("call-1.wav", "call-2.wav"),
    ]


def test_calls_on_a_real_carrier_begin_no_faster_than_the_setting_lets_them(lab, monkeypatch):
    monkeypatch.setenv("LINEPROOF_CALLS_PER_SECOND", "0.125")
    waited: list[float] = []
    with real_carrier(monkeypatch, menu_at_their_number(), waited):
        done = lab("learn", THEM, "--keys", "2", "--yes", "--listen", 12)
    assert done.exit_code == 0, done.output
    assert waited.count(8) == 1  # between the two calls


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("learn", "gallery:zoo", "--keys", "2"), "is not in the gallery"),
        (("learn", "gallery:dentist", "--keys", "x"), "at position 1"),
        (("recheck", "none.vxml", THEM), "none.vxml: No such file"),
        (("recheck", str(HERE / "dentist.vxml"), THEM), "write it by lab learn"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(lab, arguments, said):
    done = lab(*arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_a_number_that_may_not_be_called_is_refused_before_anything_is_asked(lab, monkeypatch):
    with real_carrier(monkeypatch, menu_at_their_number()):
        done = lab("learn", "+19025550123", "--keys", "2", "--yes")
    assert done.exit_code == 2
    assert "cannot be hosted" in done.output


def test_a_line_that_is_busy_is_told(lab):
    done = lab("learn", "+19029052032", "--keys", "2")
    assert done.exit_code == 1
    assert "not answered: busy" in done.output
