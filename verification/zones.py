"""The time zones of the United States and Canada as people choose among them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

USUAL = "America/New_York"  # of a number that is at home nowhere, such as a toll-free one
_NAMES = (
    *("America/St_Johns", "America/Halifax", USUAL, "America/Chicago", "America/Regina"),
    *("America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Whitehorse"),
    *("America/Anchorage", "Pacific/Honolulu", "UTC"),
)
_SPREAD = 3  # a number that may be in more zones than this tells nothing
_SEASONS = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))
_FORM = "%Y-%m-%dT%H:%M"


class NoSuchTime(ValueError):
    """The text is no time of this zone's clocks."""


class LeftOut(NoSuchTime):
    """The clocks are put forward over this time."""


@cache
def names() -> tuple[str, ...]:
    """The zones to choose from, by their IANA names: those that this machine knows."""
    return tuple(name for name in _NAMES if _is_known(name))


def of_number(number: str) -> str:
    """The zone in which a number (E.164) is at home, as far as its area code tells."""
    homes = timezone.time_zones_for_number(phonenumbers.parse(number))
    if len(homes) <= _SPREAD:
        clocks = {_clock(home) for home in homes if _is_known(home)}
        for name in names():
            if _clock(name) in clocks:
                return name
    return USUAL if USUAL in names() else names()[-1]


def moment(text: str, name: str) -> float:
    """Unix seconds of a time such as ``2026-11-28T14:30`` on a zone's clocks.

    Of an hour that comes twice, in the autumn, it is the first. Raises NoSuchTime, and
    LeftOut in the hour that is missing in the spring.
    """
    if name not in names():
        raise NoSuchTime("There is no such time zone in the list")
    try:
        read = datetime.strptime(text[: len("2026-11-28T14:30")], _FORM)  # noqa: DTZ007 - below
        there = read.replace(tzinfo=ZoneInfo(name))
        at = there.timestamp()
    except (ValueError, OverflowError):
        raise NoSuchTime("A time is written as 2026-11-28T14:30") from None
    if datetime.fromtimestamp(at, there.tzinfo).replace(tzinfo=None) != read:
        raise LeftOut("The clocks are put forward over this time")
    return at


def local(at: float, name: str) -> datetime:
    """What a zone's clocks show at a moment (Unix seconds)."""
    return datetime.fromtimestamp(at, ZoneInfo(name) if name in names() else UTC)


def form(at: datetime) -> str:
    """A time as ``moment`` reads it."""
    return at.strftime(_FORM)


def _is_known(name: str) -> bool:
    try:
        return name == "UTC" or bool(ZoneInfo(name).key)
    except ZoneInfoNotFoundError:
        return False


def _clock(name: str) -> tuple[object, ...]:
    """How a zone's clocks stand in both halves of the year: alike for those that people mix up."""
    return tuple(season.astimezone(ZoneInfo(name)).utcoffset() for season in _SEASONS)
