"""Days that pass at once for the servers of a test: no journey sleeps."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from verification import hosting_duties, limits
from verification.store.postgres import PostgresStore
from verification.store.sqlite import SqliteStore

DAY = 86_400.0


@dataclass
class Calendar:
    """How far the servers' clocks are ahead of this machine's, in seconds."""

    ahead: float = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def turn(self, days: float) -> None:
        """Let so many days pass, and a minute."""
        self.ahead += days * DAY + 60


def turned_by_hand(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """Put the servers that are started from here on under a calendar, whatever their engine."""
    calendar = Calendar()
    for store in (SqliteStore, PostgresStore):
        monkeypatch.setattr(store, "now", lambda _: calendar.now())
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(hosting_duties, "RELEASE_IDLE_SECONDS", 0.05)
    return calendar
