"""Dates and times in the filters of the 2010 API, as bounds in Unix seconds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from verification.api.errors import ApiError

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def bounds(name: str, on: str, until: str, since: str) -> tuple[float | None, float | None]:
    """From when on, and before when: what ``Name=``, ``Name<=`` and ``Name>=`` together ask for.

    A date means the whole of its day (UTC); a time without zone is in UTC. Empty: not asked.
    Raises ApiError 20001.
    """
    spans = {text: _span(name, text) for text in (on, until, since) if text}
    first = [spans[text][0] for text in (on, since) if text]
    last = [spans[text][1] for text in (on, until) if text]
    return max(first, default=None), min(last, default=None)


def _span(name: str, text: str) -> tuple[float, float]:
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text)
            begin = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
            return begin, begin + timedelta(days=1).total_seconds()
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.timestamp(), moment.timestamp() + 1
    except (ValueError, OverflowError):
        raise ApiError(
            20001, 400, f"{name} must be a date or a time such as 2026-01-31T10:00:00Z"
        ) from None
