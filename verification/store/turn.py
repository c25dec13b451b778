"""One transaction on PostgreSQL, which can be made again as a whole.

A server that finds a deadlock (40P01) or two histories that do not fit together (40001) takes a
transaction back and leaves it to its client to begin again. The code of a transaction is a ``with``
block and cannot be run twice; but all that it has learnt are the results of its statements. So the
statements are made again, in a new transaction, and each result is held against the one that the
block has seen: if all are equal, the block's conclusions still hold, and it goes on without having
noticed. If one differs, the block knows something that is no longer true, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, errors
from psycopg.pq import ExecStatus

from verification.store import dialect
from verification.store.rows import Cursor, Params, Row
from verification.store.trouble import StoreBusy

TRIES = 3  # times that a transaction is made again
FEW = 100  # rows that are written one by one
SLICE = 500  # rows that are made ready while the server waits
MOST_REMEMBERED = 1000  # statements: a longer transaction is not made again

TAKEN_BACK = (errors.SerializationFailure, errors.DeadlockDetected)

_NOTHING: Params = {}


class Seen(NamedTuple):
    """What a statement gave."""

    rowcount: int
    rows: list[Row]


class Step(NamedTuple):
    """One statement of a transaction and what it gave."""

    sql: str
    params: Params
    seen: Seen


@dataclass(slots=True)
class Result:
    """What a statement gave, as it is read row by row."""

    seen: Seen
    read: int = 0

    @property
    def rowcount(self) -> int:
        """How many rows were changed or found."""
        return self.seen.rowcount

    def fetchone(self) -> Any:
        """The next row, None behind the last."""
        if self.read >= len(self.seen.rows):
            return None
        self.read += 1
        return self.seen.rows[self.read - 1]

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        left, self.read = self.seen.rows[self.read :], len(self.seen.rows)
        return left


@dataclass(slots=True)
class Turn:
    """A transaction on ``connection``. ``begin``: the statements that start it.

    ``started``: what the last of these gave.
    """

    connection: Connection[Any]
    begin: str
    started: Row = ()
    _steps: list[Step] | None = field(default_factory=list)
    _taken_back: bool = False
    _tries: int = 0

    def start(self) -> None:
        """Begin the transaction."""
        cursor = self.connection.execute(self.begin, prepare=False)
        while cursor.nextset():
            pass
        self.started = cursor.fetchone() or ()

    def __call__(self, sql: str, params: Params = _NOTHING, /) -> Cursor:
        """Run one statement of the program. Raises StoreBusy, psycopg's errors."""
        translated, given = dialect.statement(sql), dialect.parameters(params)
        seen = self._persist(lambda: self._run(translated, given))
        if self._steps is not None:
            self._steps.append(Step(translated, given, seen))
            if len(self._steps) > MOST_REMEMBERED:
                self._steps = None
        return Result(seen)

    def many(self, sql: str, params: Iterable[Params], /) -> None:
        """Run one statement for each of ``params``; of very many nothing is remembered.

        Those are made a slice at a time, as they are written: the server, which cuts off who says
        nothing for IDLE_SECONDS, is kept waiting for no more than a slice.
        """
        left = iter(params)
        first = list(islice(left, FEW + 1))
        if len(first) <= FEW:
            for one in first:
                self(sql, one)
            return
        self.cannot_be_repeated()
        left, translated = chain(first, left), dialect.statement(sql)
        with self.connection.cursor() as cursor:
            while given := [dialect.parameters(one) for one in islice(left, SLICE)]:
                cursor.executemany(translated, given)

    def commit(self) -> None:
        """Commit. Raises StoreBusy, psycopg's errors."""
        self._persist(self._commit)

    def roll_back(self) -> None:
        """Undo everything; a connection that cannot even do that is closed."""
        try:
            self.connection.execute("ROLLBACK", prepare=False)
        except psycopg.Error:
            self.connection.close()

    def cannot_be_repeated(self) -> None:
        """From here on the transaction does what no step of it tells."""
        self._steps = None

    def _persist(self, act: Callable[[], Any]) -> Any:
        while True:
            try:
                if self._taken_back:
                    self._repeat()
                return act()
            except TAKEN_BACK:
                self._tries += 1
                self._taken_back = True
                if self._tries > TRIES or self._steps is None:
                    raise

    def _repeat(self) -> None:
        self.connection.execute("ROLLBACK", prepare=False)
        self.start()
        for step in self._steps or ():
            if self._run(step.sql, step.params) != step.seen:
                raise StoreBusy("What a transaction had read was changed while it was repeated")
        self._taken_back = False

    def _run(self, sql: str, params: Params) -> Seen:
        cursor = self.connection.execute(sql, params)
        found = cursor.pgresult
        has_rows = found is not None and found.status == ExecStatus.TUPLES_OK
        return Seen(cursor.rowcount, cursor.fetchall() if has_rows else [])

    def _commit(self) -> None:
        done = self.connection.execute("COMMIT", prepare=False).statusmessage
        if done != "COMMIT":
            raise RuntimeError("a statement of the transaction had failed, and nobody said so")
