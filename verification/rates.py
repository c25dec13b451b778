"""How often somebody may do something in a span of time, counted over all processes.

Counted is by windows of that span. What was used in the window before still counts, by the share
of it that a span which ends now would cover: else twice as much could pass at once where two
windows meet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``most`` in any ``seconds``. ``name``: of what; it is also said to who is refused."""

    name: str
    most: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Count:
    """What one subject has used of a rate: in the window that begins at ``begins_at`` (Unix
    seconds), and in the one ``earlier``. Nothing depends on it after ``forget_at``.
    """

    name: str
    subject: str
    begins_at: float
    used: int
    earlier: int
    forget_at: float


class Counts(Protocol):
    """The counts of one transaction."""

    def of(self, name: str, subjects: Sequence[str]) -> list[Count]: ...
    def put(self, count: Count) -> None:
        """Write a count, whether or not there is one already."""
        ...


class Transaction(Protocol):
    """What rates need of a transaction."""

    @property
    def counts(self) -> Counts: ...


class TooOften(ValueError):
    """It is too much at present (Twilio error 20429). ``retry_after``: in seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Taken(NamedTuple):
    """So many were granted, to be used before ``until`` (Unix seconds)."""

    granted: int
    until: float


def take(tx: Transaction, rate: Rate, subject: str, now: float, parts: int = 1) -> Taken:
    """Use some of a rate: one, or one of so many ``parts`` of what is left if that is more.

    Raises TooOften.
    """
    (count,) = current(tx, rate, [subject], now)
    left = room(rate, count, now)
    if left < 1:
        raise TooOften(told(rate), wait(rate, count, now))
    granted = max(1, left // parts) if parts > 1 else 1
    add(tx, count, granted)
    return Taken(granted, count.begins_at + rate.seconds)


def add(tx: Transaction, count: Count, used: int) -> Count:
    """Count more, whether or not the rate allows it."""
    more = replace(count, used=count.used + used)
    tx.counts.put(more)
    return more


def current(tx: Transaction, rate: Rate, subjects: Sequence[str], now: float) -> list[Count]:
    """What each of some subjects has used by now."""
    kept = {count.subject: count for count in tx.counts.of(rate.name, subjects)}
    return [_moved_on(rate, subject, kept.get(subject), now) for subject in subjects]


def _moved_on(rate: Rate, subject: str, kept: Count | None, now: float) -> Count:
    begins_at = now // rate.seconds * rate.seconds
    used = earlier = 0
    if kept and begins_at <= kept.begins_at <= begins_at + rate.seconds:
        # Of this window; or of the next one, if the clock was set back: not counted anew.
        begins_at, used, earlier = kept.begins_at, kept.used, kept.earlier
    elif kept and kept.begins_at == begins_at - rate.seconds:
        earlier = kept.used
    return Count(rate.name, subject, begins_at, used, earlier, begins_at + 2 * rate.seconds)


def room(rate: Rate, count: Count, now: float) -> int:
    """How many more there may be now."""
    passed = min(1.0, max(0.0, (now - count.begins_at) / rate.seconds))
    # A wait that was told in whole seconds must not fail by the last bit of a fraction.
    return rate.most - count.used - math.ceil(count.earlier * (1 - passed) - 1e-6)


def wait(rate: Rate, count: Count, now: float) -> int:
    """In how many seconds there is room for one more, if nothing else is used."""
    if count.used < rate.most:
        free_at = count.begins_at + _share(rate.most - count.used, count.earlier) * rate.seconds
    else:
        next_one = count.begins_at + rate.seconds
        free_at = next_one + _share(rate.most, count.used) * rate.seconds
    return max(1, math.ceil(free_at - now))


def told(rate: Rate) -> str:
    """What is allowed, for the one who is refused."""
    span = "a minute" if rate.seconds == 60 else f"{rate.seconds / 60:g} minutes"
    return f"At most {rate.most} {rate.name} are allowed in {span}"


def _share(free: int, earlier: int) -> float:
    """Which share of a window passes until ``earlier`` leaves room for one of ``free``."""
    return max(0.0, 1 - (free - 1) / earlier) if earlier else 0.0
