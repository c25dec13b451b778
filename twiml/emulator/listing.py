"""Which calls a list shows: the filters of GET Calls, as the official SDKs send them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from twiml.emulator.calls import Call
from twiml.emulator.placing import RestError

_DAY = 86_400
_FIELDS = {"StartTime": "started", "EndTime": "ended"}


class _Span(NamedTuple):
    """A span of Unix seconds, end excluded, for one time of a call."""

    field: str
    start: float
    end: float


class Filters(NamedTuple):
    """Equal values by field, and spans of time."""

    equal: Mapping[str, str]
    spans: tuple[_Span, ...]

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """Read the query of GET Calls.

        ``StartTime`` is a day or a second; ``StartTime<`` and ``StartTime>`` (the SDK's names;
        in a raw URL ``StartTime>=2026-01-01`` comes to the same) include the given second. Raises
        RestError 20001 for what is no date.
        """
        equal = {field: query[name] for name, field in _EQUAL.items() if query.get(name)}
        spans = tuple(
            _span(name, field, sign, query[name + sign])
            for name, field in _FIELDS.items()
            for sign in ("", "<", ">")
            if query.get(name + sign)
        )
        return cls(equal, spans)


_EQUAL = {"To": "to", "From": "from_", "Status": "status", "ParentCallSid": "parent_call_sid"}


def matching(call: Call, filters: Filters) -> bool:
    """Whether a call passes all filters."""
    for field, value in filters.equal.items():
        if getattr(call, field) != value:
            return False
    for span in filters.spans:
        moment = getattr(call, span.field) or call.ended  # as the resource shows it
        if moment is None or not span.start <= moment < span.end:
            return False
    return True


def _span(name: str, field: str, sign: str, text: str) -> _Span:
    start = _moment(name, text)
    if sign == ">":
        return _Span(field, start, float("inf"))
    # The SDK sends a day as its midnight: equal means within that day, before includes it.
    end = start + (_DAY if start % _DAY == 0 and not sign else 1)
    return _Span(field, float("-inf") if sign else start, end)


def _moment(name: str, text: str) -> float:
    for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"):
        with suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
    raise RestError(400, 20001, f"{name} is {text}: write 2026-01-31 or 2026-01-31T12:00:00Z")
