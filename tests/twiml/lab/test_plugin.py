"""The lab in somebody's own tests: the examples of docs/lab.md run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "lab.md").read_text(), re.S)
INDEX = (
    "<Response><Gather numDigits='1' timeout='4' action='main'>"
    "<Say>Welcome. For accounting, press 2.</Say></Gather></Response>"
)
MAIN = INDEX.replace("action='main'", "action='who'")
WHO = "<Response><Dial>+12025550142</Dial></Response>"


@pytest.fixture
def repository(tmp_path):
    """A repository of somebody's own, with an IVR and the test of the document."""
    ivr = tmp_path / "ivr"
    ivr.mkdir()
    for name, text in {"index": INDEX, "main": MAIN, "who": WHO}.items():
        (ivr / f"{name}.xml").write_text(text)
    (tmp_path / "test_ivr.py").write_text(EXAMPLES[0])
    return tmp_path


def pytest_in(repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider"]
    command += [*options, "--rootdir", str(repository), str(repository)]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True)


def test_the_example_passes_with_the_plugin_that_comes_with_the_package(repository):
    done = pytest_in(repository)
    assert "2 passed" in done.stdout, done.stdout


def test_a_menu_that_changed_fails_the_test_and_shows_the_timeline(repository):
    (repository / "ivr" / "main.xml").write_text(
        MAIN.replace("<Response>", "<Response><Say>Our menu has changed. Please listen.</Say>")
    )
    done = pytest_in(repository)
    assert done.returncode == 1
    assert "+12025550142 did not answer" in done.stdout
    assert "too early by" in done.stdout
    assert "“Our menu has changed.”" in done.stdout


def test_the_example_without_the_fixture_runs():
    done = subprocess.run([sys.executable, "-c", EXAMPLES[1]], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr
