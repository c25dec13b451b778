"""What a run that kills processes says at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.end_to_end.crash_judge import Verdict


def of_calls(verdict: Verdict) -> dict[str, str]:
    """The lines of a verdict about orders and their calls, by name."""
    return {
        "orders": f"{verdict.acknowledged} acknowledged, {verdict.lost_orders} lost, "
        f"{verdict.verified} verified, {verdict.used_up} with their attempts used up",
        "attempts": f"{verdict.attempts}, {verdict.interrupted} with their dialler killed in the "
        f"act, {verdict.given_back} given back, {verdict.lost_though_placed} of these wrongly",
        "calls": f"{verdict.placed} placed, {verdict.doubled} attempts dialled twice",
    }


def say_summary(lines: Mapping[str, str], findings: Sequence[str]) -> None:
    """Print the lines, what was found, and whether the run has passed."""
    for name, line in lines.items():
        say(f"{name:<10}{line}")
    for finding in findings:
        say(f"found     {finding}")
    say("FAILED" if findings else "PASSED")


def say(line: str) -> None:
    """Print a line at once: the run goes on for a while."""
    print(line, flush=True)
