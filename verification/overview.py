"""What an operator looks for among the orders and numbers of all accounts."""

from __future__ import annotations

from dataclasses import dataclass

from verification.conversation import Reply
from verification.phone_numbers import NumberStatus
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


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """Which numbers are wanted; None asks nothing.

    ``number``: a whole number, or its beginning. ``voice``: whether calls come here as well.
    """

    status: NumberStatus | None = None
    number: str | None = None
    account_sid: str | None = None
    voice: bool | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One step of a call. ``at`` in Unix seconds, None for one of an earlier program."""

    reply: Reply
    at: float | None
