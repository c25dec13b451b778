"""The run of two nodes in short, and its judge on its own: it must be able to say no."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end import nodes_judge
from tests.end_to_end.crash_judge import Attempt
from tests.end_to_end.nodes_customers import Look
from tests.end_to_end.nodes_judge import Paced

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 400.0  # a tenth of it on a machine with nothing else to do
FIGURES = (
    r"^done +database restarted 1, server-1 killed [1-9]\d*, server-1 paused [1-9]",
    r"^orders +[1-9]\d* acknowledged, 0 lost, [4-9]\d verified",
    r"^calls +[1-9]\d* placed, 0 attempts dialled twice",
    r"^budgets +[1-9]\d* requests for a call were refused",
    r"^guesses +[12]\d tokens were told to be wrong, [1-9]\d* tries turned away",
    r"^page +[1-9]\d* looks",
)


def attempt(dialled_at: float | None) -> Attempt:
    return Attempt("a" * 32, "HR" + "0" * 32, "done", "verified", None, dialled_at)


def test_two_nodes_lose_nothing_while_each_is_killed_and_paused_in_turn(short_folder):
    command = [sys.executable, "-m", "tests.end_to_end.nodes", "--orders", "48", "--rate", "6"]
    environment = os.environ | {"TMPDIR": str(short_folder)}
    with subprocess.Popen(
        [*command, "--seed", "3"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as run:
        try:
            told, _ = run.communicate(timeout=LONGEST_SECONDS)
        finally:
            run.terminate()

    assert run.returncode == 0, told
    for figure in FIGURES:
        assert re.search(figure, told, re.MULTILINE), told


def test_the_pace_is_measured_at_the_claims_and_at_the_carrier():
    claims = [attempt(at) for at in (10.0, None, 10.5, 10.1)]
    found = nodes_judge.paced(claims, [20.0, 21.0, 22.9, 23.1, 40.0])

    assert found.shortest == pytest.approx(0.1)
    assert found.densest == 3  # within three seconds: from 20.0 to 22.9, or from 21.0 to 23.1


def test_workers_that_do_not_keep_one_pace_together_are_noticed():
    alone = Paced(shortest=0.1, densest=30 + nodes_judge.ON_THEIR_WAY)

    assert nodes_judge.hurried(alone, 10) == []
    assert len(nodes_judge.hurried(Paced(0.05, 60), 10)) == 2


def test_one_call_more_than_a_budget_is_noticed():
    assert nodes_judge.over_budget(["+1", "+2", "+1"], 2, "to") == []
    assert nodes_judge.over_budget(["+1", "+2", "+1"], 1, "to") == [
        "over budget: 2 calls to +1, at most 1 may be made"
    ]


def test_a_guess_more_than_is_allowed_over_both_servers_is_noticed():
    most = nodes_judge.SIGN_INS
    assert nodes_judge.guessed([600.0] * most, turned_away=1) == []
    assert nodes_judge.guessed([600.0] * most + [900.0], turned_away=1) == []
    assert len(nodes_judge.guessed([600.0] * (most + 1), turned_away=1)) == 1
    assert len(nodes_judge.guessed([600.0], turned_away=0)) == 1


def looks(*seen: tuple[float, int]) -> list[Look]:
    return [Look(at, status, status == 200) for at, status in seen]


def test_a_page_that_finds_the_server_lost_for_a_moment_is_no_fault():
    page = nodes_judge.watched(looks((0, 200), (2, 304), (4, 503), (6, 0), (8, 200)))

    assert (page.looks, page.lost, page.longest_blind, page.longest_still) == (5, 2, 6, 8)
    assert nodes_judge.dim(page) == []


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        ([(0, 200), (2, 500), (4, 200)], "page: HTTP 500 1 times"),
        ([(0, 200), (2, 401), (4, 200)], "page: HTTP 401 1 times"),
        ([(0, 200), (10, 503), (20, 200)], "page: no answer for 20.0 s"),
        ([(second, 304) for second in range(90)], "page: no news for 89.0 s"),
        ([], "page: nobody has looked"),
    ],
)
def test_a_page_that_is_not_live_is_noticed(seen, wrong):
    assert wrong in nodes_judge.dim(nodes_judge.watched(looks(*seen)))
