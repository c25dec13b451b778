"""A clock that was set back: what it wrote while it was ahead does not wait for it to catch up.

No rule lets a row wait, or a code live, for longer than a certain time. What would do so by more
than a minute was written by a clock that has been set back since: it is due now, and what lives
begins to live anew. A clock that is set forward needs nothing of the kind: what is due early is
looked at early, and whether there is a call is asked of the carrier and not told from its age.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import structlog

IDLE_SECONDS = 10.0
SLACK_SECONDS = 60.0  # two machines, or a clock that is put right a little, are left alone

log = structlog.get_logger()


class Ahead(Protocol):
    """What lies further ahead than any rule puts it."""

    def any(self, now: float, slack: float) -> bool: ...
    def bring_back(self, now: float, slack: float) -> int:
        """Bring it back into its bounds; gives how many rows it was."""
        ...


class Transaction(Protocol):
    """What this duty needs of a transaction."""

    @property
    def ahead(self) -> Ahead: ...


class Store(Protocol):
    """Where the rows are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class ClockSetBack:
    """Looks for what a clock ahead has left. ``now`` gives Unix seconds."""

    store: Store
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Bring back what there is; False: then there is nothing left to do."""
        with self.store.read() as tx:  # a look takes no lock
            if not tx.ahead.any(self.now(), SLACK_SECONDS):
                return False
        with self.store.write() as tx:
            rows = tx.ahead.bring_back(self.now(), SLACK_SECONDS)
        log.warning("clock was set back", rows=rows)
        return False
