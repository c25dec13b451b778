"""The storm of callbacks in short; and its judge, which must be able to say no."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def storm(folder: Path, *options: str) -> subprocess.Popen[str]:
    folder.mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.end_to_end.callback_storm",
        "--orders",
        "1",
        "--kills",
        "6",
        *options,
    ]
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_no_callback_is_lost_however_receivers_behave_and_workers_are_killed(short_folder):
    # Side by side: both spend most of their time waiting for receivers that never answer.
    with (
        storm(short_folder / "ours", "--messages", "200") as run,
        storm(short_folder / "forgetful", "--messages", "100", "--forgetful") as wrong,
    ):
        told, _ = run.communicate()
        caught, _ = wrong.communicate()

    assert run.returncode == 0, told
    assert re.search(r"^callbacks +200 written, 0 findings", told, re.M), told
    assert re.search(r"^requests +\d+ received, [1-9]\d* repeats under their first id", told, re.M)
    assert re.search(r"^workers +[1-9]\d* killed", told, re.M), told
    assert wrong.returncode == 1, caught
    assert "is sent and was accepted by nobody" in caught
