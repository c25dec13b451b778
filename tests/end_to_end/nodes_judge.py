"""The judge of a run of two nodes, for what concerns both: pace, budgets, rates, the page.

That no order is lost and no attempt dialled twice is judged by ``crash_judge``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.end_to_end.crash_judge import Attempt
from tests.end_to_end.nodes_customers import Look
from verification.gate import SIGN_IN_SECONDS

WINDOW_SECONDS = 3.0
# Calls in a window beyond the rate: the one at its edge, and each worker's last claim before it.
# One that was killed may have left another on its way.
ON_THEIR_WAY = 5
CLOCK_SECONDS = 0.001
SIGN_INS = 20  # wrong ones of an address, as the settings have them (docs/abuse.md)
BLIND_SECONDS = 15.0
STILL_SECONDS = 60.0
_SHOWN, _UNCHANGED = 200, 304
# What the page itself handles: it says that the server is lost, and looks again.
_LOST = frozenset({0, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Paced:
    """How densely calls came: the shortest time between two claims, the most in a window."""

    shortest: float
    densest: int


def paced(attempts: Iterable[Attempt], arrivals: Iterable[float]) -> Paced:
    """Measure the claims that the database holds, and the carrier's own log."""
    claims = sorted(attempt.dialled_at for attempt in attempts if attempt.dialled_at is not None)
    shortest = min((later - earlier for earlier, later in pairwise(claims)), default=0.0)
    came = sorted(arrivals)
    densest, first = 0, 0
    for last, at in enumerate(came):
        while came[first] <= at - WINDOW_SECONDS:
            first += 1
        densest = max(densest, last - first + 1)
    return Paced(shortest, densest)


def hurried(found: Paced, rate: float) -> list[str]:
    """What is wrong with the pace, at ``rate`` calls a second for all workers together."""
    wrong = []
    if found.shortest < 1 / rate - CLOCK_SECONDS:
        wrong.append(f"hurried: two claims within {found.shortest:.4f} s at {rate:g} a second")
    most = int(rate * WINDOW_SECONDS) + ON_THEIR_WAY
    if found.densest > most:
        wrong.append(
            f"hurried: {found.densest} calls reached the carrier within {WINDOW_SECONDS:g} s, "
            f"at most {most} may"
        )
    return wrong


def over_budget(called: Iterable[str], budget: int, whose: str) -> list[str]:
    """Whoever got more calls than his budget by the carrier's log, one entry a call."""
    return [
        f"over budget: {count} calls {whose} {one}, at most {budget} may be made"
        for one, count in sorted(Counter(called).items())
        if count > budget
    ]


def guessed(told_wrong: Iterable[float], turned_away: int) -> list[str]:
    """What is wrong with how a guesser was treated, who was told so often that he was wrong.

    ``told_wrong``: Unix seconds. The windows of a rate are those of the clock.
    """
    windows = Counter(at // SIGN_IN_SECONDS for at in told_wrong)
    wrong = [
        f"guesses: {count} in {SIGN_IN_SECONDS:g} s, at most {SIGN_INS} may be"
        for count in windows.values()
        if count > SIGN_INS
    ]
    return wrong if turned_away else [*wrong, "guesses: nobody was turned away"]


@dataclass(frozen=True, slots=True)
class Watched:
    """What became of the page: looks, those that found the server lost, the longest of both."""

    looks: int
    lost: int
    longest_blind: float
    longest_still: float
    others: Mapping[int, int]


def watched(looks: Sequence[Look]) -> Watched:
    """Measure the looks at a page during which there always was news to come."""
    good = [look.at for look in looks if look.status in (_SHOWN, _UNCHANGED)]
    news = [look.at for look in looks if look.is_news]
    others = Counter(
        look.status for look in looks if look.status not in {*_LOST, _SHOWN, _UNCHANGED}
    )
    edges = [looks[0].at, looks[-1].at] if looks else []
    return Watched(
        looks=len(looks),
        lost=sum(look.status in _LOST for look in looks),
        longest_blind=_longest(edges, good),
        longest_still=_longest(edges, news),
        others=dict(others),
    )


def dim(found: Watched) -> list[str]:
    """What is wrong with the page."""
    wrong = [f"page: HTTP {status} {count} times" for status, count in found.others.items()]
    if not found.looks:
        wrong.append("page: nobody has looked")
    if found.longest_blind > BLIND_SECONDS:
        wrong.append(f"page: no answer for {found.longest_blind:.1f} s")
    if found.longest_still > STILL_SECONDS:
        wrong.append(f"page: no news for {found.longest_still:.1f} s")
    return wrong


def _longest(edges: Sequence[float], moments: Sequence[float]) -> float:
    return max((b - a for a, b in pairwise(sorted([*edges, *moments]))), default=0.0)
