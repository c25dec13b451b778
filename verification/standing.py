"""How the work stands: what is due, for how long; and how calls and callbacks ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# A worker that is alive has looked at every row by then, even after a store's bad minute.
LATE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Queue:
    """One kind of work: how many rows are due, and for how many seconds the oldest has been."""

    name: str
    due: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """All queues; the finished calls by outcome, the callbacks by state, that are still kept."""

    queues: tuple[Queue, ...]
    calls: Mapping[str, int]
    callbacks: Mapping[str, int]
