"""What an operator looks for among the orders of all accounts."""

from __future__ import annotations

from dataclasses import dataclass

from verification.statuses import Status

SHORTEST_NUMBER = 8  # the least of a number that is looked for: +1, area code, exchange


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are wanted; None asks nothing. Times in Unix seconds.

    ``number``: a whole number, or its beginning. ``since`` is included, ``until`` is not.
    """

    status: Status | None = None
    number: str | None = None
    since: float | None = None
    until: float | None = None
    reason: str | None = None
