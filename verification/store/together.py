"""Short writes of several threads in one commit of SQLite.

A commit with synchronous FULL waits for the disk, and SQLite lets one transaction at a time do so.
So threads that write at the same moment share one: their blocks run in a common transaction, one
after another, each behind the first within a savepoint, and the last of them commits for all.
Nobody is told that his block was written before that commit has returned; if it fails, it fails for
all. Whoever is alone commits at once: nothing is ever delayed to wait for company.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from verification.store.records import Records
from verification.store.trouble import StoreBusy, StoreUnclear

MOST_BLOCKS = 32  # in one commit
LONGEST_SECONDS = 0.05  # from the first block to the commit: other processes wait for the file too
_LOOK_AGAIN_SECONDS = 0.25  # then whoever waits for a commit makes sure himself that it comes
_TAKEN = frozenset({5, 6})  # SQLITE_BUSY and SQLITE_LOCKED: another process writes
_RETRY_SECONDS = 0.001  # SQLite's own waits grow to a tenth of a second


@dataclass(slots=True)
class _Group:
    """Blocks that are committed together. ``trouble``: why they were not."""

    begun: float
    blocks: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    trouble: BaseException | None = None


class Together:
    """The shared transactions of one process, on a connection of their own.

    ``connect`` gives the connection, which must not wait for the file's lock itself, and the
    records on it. ``trouble``: what passing trouble an error is, told also whether it came at the
    commit; None if it is the program's. ``busy_seconds``: how long a block may wait for its turn.
    """

    def __init__(
        self,
        connect: Callable[[], tuple[Any, Records]],
        trouble: Callable[[BaseException, bool], StoreBusy | None],
        busy_seconds: float,
    ) -> None:
        self._connect = connect
        self._trouble = trouble
        self._busy_seconds = busy_seconds
        self._turn = threading.Lock()  # whose holder uses the connection and the group
        self._count = threading.Lock()
        self._waiting = 0
        self._connection: Any = None
        self._records: Any = None
        self._group: _Group | None = None

    @contextmanager
    def write(self) -> Iterator[Records]:
        """A short transaction; it is durable when this returns. Raises StoreBusy, StoreUnclear."""
        self._take_turn()
        try:
            group = self._joined()
            try:
                yield self._records
                if group.blocks:
                    self._connection.execute("RELEASE block")
                group.blocks += 1
            except BaseException as error:
                self._undo(group, error)
                raise
            finally:
                if self._group is not None and self._is_full(group):
                    self._commit(group)
        except BaseException as error:
            trouble = self._trouble(error, False)
            if trouble is None:
                raise
            raise trouble from error
        finally:
            self._turn.release()
        self._wait_for(group)

    def close(self) -> None:
        """Close the connection, unless it is in use."""
        if self._turn.acquire(timeout=self._busy_seconds):
            try:
                if self._connection is not None and self._group is None:
                    self._connection.close()
                    self._connection = None
            finally:
                self._turn.release()

    def _take_turn(self) -> None:
        with self._count:
            self._waiting += 1
        try:
            got = self._turn.acquire(timeout=self._busy_seconds)
        finally:
            with self._count:
                self._waiting -= 1
        if not got:
            raise StoreBusy("The database cannot be used now: other threads write for too long")

    def _joined(self) -> _Group:
        """The group of this turn, begun if there is none.

        Its first block is the transaction itself; those that follow have a savepoint each.
        """
        if self._connection is None:
            self._connection, self._records = self._connect()
        if self._group is None:
            self._begin()
            self._group = _Group(time.monotonic())
        else:
            self._save_point(self._group)
        self._records.begin()
        return self._group

    def _save_point(self, group: _Group) -> None:
        try:
            self._connection.execute("SAVEPOINT block")
        except BaseException as error:
            self._lose(group, error)
            raise

    def _begin(self) -> None:
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except BaseException as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if code not in _TAKEN or time.monotonic() >= deadline:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return

    def _is_full(self, group: _Group) -> bool:
        """Whether there is nobody to leave the commit to, or no time to wait for him."""
        late = time.monotonic() - group.begun >= LONGEST_SECONDS
        return self._waiting == 0 or group.blocks >= MOST_BLOCKS or late

    def _undo(self, group: _Group, error: BaseException) -> None:
        """Take back one block; the others stand unless SQLite has taken back everything."""
        if not group.blocks:
            self._lose(group, error)
            return
        try:
            self._connection.execute("ROLLBACK TO block")
            self._connection.execute("RELEASE block")
        except BaseException:  # noqa: BLE001 - the error of the block is raised
            self._lose(group, error)

    def _commit(self, group: _Group) -> None:
        try:
            self._connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - raised to every thread of the group
            self._lose(group, error, committing=True)
        else:
            self._group = None
            group.done.set()

    def _lose(self, group: _Group, error: BaseException, *, committing: bool = False) -> None:
        """Nothing of the group was acknowledged; each of its blocks is told why."""
        try:
            # A full disk has already rolled the transaction back.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except BaseException:  # noqa: BLE001 - what cannot be rolled back ends with its connection
            self._connection.close()
            self._connection = None
        self._group = None
        group.trouble = self._trouble(error, committing) or error
        group.done.set()

    def _wait_for(self, group: _Group) -> None:
        while not group.done.wait(_LOOK_AGAIN_SECONDS):
            # Whom the commit was left to has given up in that very moment.
            if self._turn.acquire(timeout=self._busy_seconds):
                try:
                    if self._group is group:
                        self._commit(group)
                finally:
                    self._turn.release()
        match group.trouble:
            case None:
                return
            case StoreUnclear():
                raise StoreUnclear(str(group.trouble)) from group.trouble
            case _:
                raise StoreBusy(str(group.trouble)) from group.trouble
