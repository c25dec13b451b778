"""The crash run in short, and the judge on its own: it must be able to say no."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.crash_customer import VERIFIED, fit_numbers
from tests.end_to_end.crash_judge import Attempt, Evidence, Placed, complaints, judge
from verification import numbers

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 400.0
ONE, TWO = "a" * 32, "b" * 32
ORDER = "HR" + "0" * 32
CALL, OTHER = "CA" + "1" * 32, "CA" + "2" * 32

SOUND = Evidence(
    log=[Placed(CALL, ONE)],
    attempts=[Attempt(ONE, ORDER, "done", "verified", CALL, 1.0)],
    orders={ORDER: VERIFIED},
    acknowledged={ORDER: VERIFIED},
    answered={ONE},
)


@contextmanager
def crash_run(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, as ``make crash`` runs it, with its files in ``folder``."""
    command = [sys.executable, "-m", "tests.end_to_end.crash", "--orders", "40", *options]
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as run:
        try:
            yield run
        finally:
            run.terminate()


def processes_of(folder: Path) -> list[str]:
    """Every process that was started by a run in ``folder``, by its environment."""
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has just ended, or is somebody else's
            if f"TMPDIR={folder}".encode() in file.read_bytes().split(b"\0"):
                found.append(file.parent.name)
    return found


def begun(run: subprocess.Popen[str]) -> bool:
    """Wait until it says that the killing has begun."""
    return any("is being killed" in line for line in run.stdout or ())


def gone(folder: Path) -> bool:
    """Wait until no process of a run in ``folder`` is left."""
    until = time.monotonic() + LONGEST_SECONDS
    while processes_of(folder):
        if time.monotonic() > until:
            return False
    return True


def test_no_attempt_is_dialled_twice_however_often_everything_is_killed(short_folder):
    ours, naive = short_folder / "ours", short_folder / "naive"
    ours.mkdir()
    naive.mkdir()

    # Side by side: both spend most of their time waiting for calls that were never placed.
    with (
        crash_run(ours, "--cycles", "8", "--seed", "5") as run,
        crash_run(naive, "--cycles", "2", "--seed", "2", "--naive") as blind,
    ):
        told, _ = run.communicate(timeout=LONGEST_SECONDS)
        caught, _ = blind.communicate(timeout=LONGEST_SECONDS)

    assert run.returncode == 0, told
    assert re.search(r"^orders +[1-9]\d* acknowledged, 0 lost, [1-9]\d* verified", told, re.M), told
    assert re.search(r"^calls +[1-9]\d* placed, 0 attempts dialled twice", told, re.M), told
    assert blind.returncode == 1, f"a blind retry was not noticed: {caught}"
    assert re.search(r"^calls .* [1-9]\d* attempts dialled twice", caught, re.M), caught


def test_nor_is_any_on_postgresql(short_folder, postgres):
    url = postgres.url("postgres")
    with crash_run(short_folder, "--cycles", "4", "--seed", "5", "--database-url", url) as run:
        told, _ = run.communicate(timeout=LONGEST_SECONDS)

    assert run.returncode == 0, told
    assert re.search(r"^orders +[1-9]\d* acknowledged, 0 lost, [1-9]\d* verified", told, re.M), told
    assert re.search(r"^calls +[1-9]\d* placed, 0 attempts dialled twice", told, re.M), told


def test_a_crash_run_that_is_ended_in_whatever_way_leaves_no_process_behind(short_folder):
    asked, killed = short_folder / "asked", short_folder / "killed"
    asked.mkdir()
    killed.mkdir()

    with crash_run(asked, "--cycles", "1000") as polite, crash_run(killed) as rude:
        assert begun(polite)
        assert begun(rude)
        polite.send_signal(signal.SIGTERM)
        rude.send_signal(signal.SIGKILL)

    assert gone(asked)
    assert gone(killed)
    assert list(asked.iterdir()) == []


def test_the_judge_lets_a_sound_run_pass():
    verdict = judge(SOUND)

    assert verdict.findings == []
    assert (verdict.acknowledged, verdict.verified, verdict.placed) == (1, 1, 1)
    assert (verdict.doubled, verdict.lost_orders, verdict.interrupted) == (0, 0, 0)


ATTEMPT = SOUND.attempts[0]
WRONGS = {
    "dialled twice": replace(SOUND, log=[Placed(CALL, ONE), Placed(OTHER, ONE)]),
    "is not in the database": replace(SOUND, orders={}),
    "was verified and is received": replace(SOUND, orders={ORDER: "received"}),
    "is still pending-verification": replace(
        SOUND,
        orders={ORDER: "pending-verification"},
        acknowledged={ORDER: "pending-verification"},
    ),
    "is still dialling": replace(SOUND, attempts=[ATTEMPT._replace(state="dialling")]),
    "given up though placed": replace(
        SOUND, attempts=[ATTEMPT._replace(outcome="lost", call_sid=None)]
    ),
    "was not placed for attempt": replace(SOUND, attempts=[ATTEMPT._replace(call_sid=OTHER)]),
    "knows nothing of its call": replace(SOUND, attempts=[ATTEMPT._replace(call_sid=None)]),
    "which is unknown": replace(SOUND, log=[Placed(CALL, ONE), Placed(OTHER, TWO)]),
    "names no attempt": replace(SOUND, log=[Placed(CALL, ONE), Placed(OTHER, None)]),
    "a broken page": replace(SOUND, unsound=["integrity_check: a broken page"]),
    "HTTP 500": replace(SOUND, odd=["order: HTTP 500"]),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_the_judge_names_what_is_wrong(wrong):
    assert any(wrong in finding for finding in judge(WRONGS[wrong]).findings)


def test_the_judge_counts_the_attempts_whose_dialler_was_killed_in_the_act():
    assert judge(replace(SOUND, answered=set())).interrupted == 1


def test_an_error_in_a_log_is_a_finding_and_an_ordinary_line_is_none(tmp_path):
    log = tmp_path / "server.log"
    log.write_text("[ERROR] Exception on /tw/v1/voice\n" + '{"event": "dialled"}\n')

    assert complaints(log) == ["server.log: [ERROR] Exception on /tw/v1/voice"]


def test_customers_never_run_out_of_different_numbers_that_may_be_ordered():
    taken = list(itertools.islice(fit_numbers(1), 5000))

    assert len(set(taken)) == 5000
    assert all(numbers.check(number) for number in taken)
