"""`lab carrier` calls a number of one's own and finds how the carrier plays keys."""

import json

import pytest
from click.testing import CliRunner

from app import main
from twiml import cli
from twiml.emulator import Timing

OWN = "+19025550142"
PHONES = f'["{OWN}"]\nanswers = "person"\n'


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Runs ``lineproof lab ...`` with a file for the carrier's values, on an odd emulator."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINEPROOF_CARRIER_FILE", str(tmp_path / "kept" / "carrier.json"))
    (tmp_path / "phones.toml").write_text(PHONES)
    odd = Timing(tone=180, gap=80, half_second=460, waits_add=False)
    monkeypatch.setattr(cli, "timing", lambda _: odd)
    return lambda *arguments: CliRunner().invoke(main, ["lab", *arguments])


def test_odd_timings_are_measured_kept_and_used(lab, tmp_path):
    done = lab("carrier", OWN, "--phones", "phones.toml")
    assert done.exit_code == 0, done.output
    assert "this carrier does not keep" not in done.output  # by 40 ms: below what is named
    kept = json.loads((tmp_path / "kept" / "carrier.json").read_text())
    for name, ms in (("tone", 180), ("gap", 80), ("half_second", 460)):
        assert abs(kept[name] - ms) <= 5
    assert kept["waits_add"] is False
    assert "carrier.json" in done.output
    tried = lab("try", "gallery:dentist", "ww0", "--json")
    assert "Measured of the carrier" in tried.stderr
    unknowns = json.loads(tried.stdout)["unknowns"]
    assert {name: unknowns[name] for name in kept} == kept


def test_nothing_is_kept_where_it_is_not_wanted(lab, tmp_path):
    assert lab("carrier", OWN, "--phones", "phones.toml", "--no-save").exit_code == 0
    assert not (tmp_path / "kept").exists()


def test_a_broken_file_is_named(lab, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "carrier.json").write_text("[]")
    done = lab("try", "gallery:dentist", "ww0")
    assert done.exit_code == 2
    assert "carrier.json is none of lab carrier" in done.output


def test_either_a_number_or_a_recording_is_needed(lab):
    assert lab("carrier").exit_code == 2
    assert lab("carrier", OWN, "--recording", "phones.toml").exit_code == 2
