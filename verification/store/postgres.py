"""The store on PostgreSQL: many machines, any number of processes and threads.

**Writers take turns.** Every write begins by taking one advisory lock of the database, which ends
with the transaction. So a write is alone from its first read to its commit, exactly as with
SQLite's BEGIN IMMEDIATE: what the core has checked is still true when it inserts, the head of the
audit chain has one successor, and no rule needs to be thought of twice, once for each engine. The
chain alone would make writers wait for each other from their first audit row on, and nearly every
write has one; row locks or SERIALIZABLE would add deadlocks and repetitions to that, and no speed.
Reads take no lock: each sees one snapshot, and waits for nobody.

Locks of others (an operator's session, a migration by hand) are still there. The server then takes
a transaction back as a whole, and it is made again as a whole: see turn.py. Claims pass over rows
that somebody else holds. Time-outs end the turn of a process that has stopped in the middle.

A commit whose answer is lost with the connection may have been made: the server is asked, under the
transaction's number, until it knows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, ServerCursor, errors, sql

from verification.condition import Condition
from verification.store import dialect, upkeep
from verification.store.connections import Connections
from verification.store.records import Records
from verification.store.rows import Row
from verification.store.schema import MIGRATIONS
from verification.store.trouble import StoreBusy, StoreUnclear, StoreUnusable
from verification.store.turn import Turn

WRITERS = 0x4C50_524F  # the advisory lock: "LPRO"
CLEARING_SECONDS = 5.0  # how long the server is asked about a commit
CLOCK_SECONDS = 60.0  # how old a look at the server's clock may be

_CLOCK = "extract(epoch FROM clock_timestamp())::float8"
# READ COMMITTED: a snapshot for the whole transaction would be taken before the lock is.
_WRITE = f"""
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SELECT pg_advisory_xact_lock({WRITERS});
    SELECT {_CLOCK}, pg_current_xact_id()::text
"""
_READ = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT {_CLOCK}, NULL"
_PATIENTLY = """
    SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0
"""

# The world's trouble, not the program's.
_PASSING = (
    psycopg.OperationalError,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
)

_APPLIED = "lineproof_migrations"
# An audit row stays as it was written.
_GUARDS = (
    """
    CREATE FUNCTION audit_rows_stay() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'an audit row is never changed'; END $$
    """,
    """
    CREATE FUNCTION audit_rows_are_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'an audit row is never deleted'; END $$
    """,
    """
    CREATE TRIGGER audit_rows_stay BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_rows_stay()
    """,
    """
    CREATE TRIGGER audit_rows_are_kept BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_rows_are_kept()
    """,
    """
    CREATE TRIGGER audit_is_kept BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_rows_are_kept()
    """,
)
_GUARD_NAMES = frozenset({"audit_rows_stay", "audit_rows_are_kept", "audit_is_kept"})


class _Look(NamedTuple):
    """The server's clock at a moment of this process's own."""

    server: float
    own: float


class PostgresStore:
    """Opens transactions on one PostgreSQL database; a connection serves one at a time."""

    def __init__(self, url: str) -> None:
        self._connections = Connections(url)
        self._local = threading.local()
        self._look: _Look | None = None

    @property
    def name(self) -> str:
        """The database and its server."""
        return self._connections.name

    @contextmanager
    def read(self) -> Iterator[Records]:
        """A transaction that sees one state of the data and changes nothing."""
        with self._transaction(_READ) as turn:
            yield Records(turn)

    @contextmanager
    def write(self) -> Iterator[Records]:
        """A transaction that is committed as a whole, or not at all if the block raises.

        Raises StoreBusy if its turn does not come within LOCK_SECONDS, or the server is away.
        """
        with self._transaction(_WRITE) as turn:
            yield Records(turn)

    def write_together(self) -> AbstractContextManager[Records]:
        """A ``write``: the server's own commits are not shared by this program."""
        return self.write()

    def now(self) -> float:
        """Unix seconds by the server's clock.

        Each transaction looks at it; in between, time is what has passed here since. So a claim,
        which asks within its transaction, is timed by the server, whatever this machine's own clock
        says or is set to meanwhile.
        """
        if self._look is None or time.monotonic() - self._look.own > CLOCK_SECONDS:
            with self.read():
                pass
        look = self._look
        return look.server + time.monotonic() - look.own if look else time.time()

    def exists(self) -> bool:
        """Whether Lineproof's tables are there."""
        with self._opened() as turn:
            return _is_ours(turn.connection)

    def migrate(self) -> list[str]:
        """Bring the database to this program's schema; gives the names of the migrations applied.

        Raises StoreUnusable for a database that cannot be reached, that is not ours, or that a
        newer program has written.
        """
        with self._opened() as turn:
            connection = turn.connection
            if _is_ours(connection) and not _pending(connection):
                return []
        with self._opened(_WRITE) as turn:
            connection = turn.connection
            connection.execute(_PATIENTLY, prepare=False)
            _take_possession(connection)
            pending = _pending(connection)
            for name, statements in MIGRATIONS:
                if name in pending:
                    _apply(connection, name, statements)
            return pending

    def check(self) -> list[str]:
        """What is wrong with the guards, the references and the audit chain; [] is sound."""
        with self._transaction(_READ) as turn:
            turn.connection.execute(_PATIENTLY, prepare=False)
            wrong = [*_unguarded(turn.connection), *_orphans(turn.connection)]
            return wrong or Records(turn).unsound()

    def condition(self) -> Condition:
        """How the server and its database stand. Raises StoreUnusable."""
        with self._opened() as turn:
            version = turn.connection.info.server_version
            engine = f"PostgreSQL {version // 10_000}.{version % 10_000}"
            return Condition(engine, tuple(_pending(turn.connection)), clock=turn.started[0])

    def sweep(self, whole: bool) -> bool:
        """Clear dead rows away. ``whole`` is ignored: to write tables anew would stop readers."""
        del whole
        return upkeep.sweep(self._connections)

    def backup(self, path: Path, until: float) -> None:
        """Raise StoreUnusable, with PostgreSQL's own command for it."""
        del until
        raise upkeep.no_backup(self._connections, path)

    def dump(self, table: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        """The columns of a table and all its rows, within this thread's transaction."""
        cursor = self._turn().connection.cursor(name=f"dump of {table}")
        cursor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        return tuple(column.name for column in cursor.description or ()), _rows(cursor)

    def clear(self, table: str) -> None:
        """Take all rows out of a table, within this thread's write transaction."""
        self._turn()(f"DELETE FROM {table}")

    def load(self, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Add rows to a table, within this thread's write transaction. Raises StoreUnusable."""
        turn = self._turn()
        turn.cannot_be_repeated()
        turn.connection.execute(_PATIENTLY, prepare=False)
        command = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        try:
            # One statement for the whole table: a row may stand before its parent.
            with turn.connection.cursor() as cursor, cursor.copy(command) as copy:
                for row in rows:
                    copy.write_row(row)
        except psycopg.DataError as error:
            raise StoreUnusable(f"{table} holds what PostgreSQL does not take: {error}") from error

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._connections.close()

    @contextmanager
    def _opened(self, begin: str = _READ) -> Iterator[Turn]:
        """A transaction of the program's start: whoever cannot begin says so in one line."""
        try:
            with self._transaction(begin) as turn:
                yield turn
        except StoreBusy as error:
            raise StoreUnusable(str(error)) from error
        except psycopg.Error as error:
            raise StoreUnusable(f"{self.name} cannot be used: {_line(error)}") from error

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Turn]:
        if getattr(self._local, "turn", None) is not None:
            raise RuntimeError("cannot start a transaction within a transaction")
        turn = self._begin(begin)
        self._local.turn = turn
        try:
            yield turn
            self._commit(turn)
        except _PASSING as error:
            turn.roll_back()
            raise StoreBusy(f"{self.name} cannot be used now: {_line(error)}") from error
        except BaseException:
            turn.roll_back()
            raise
        finally:
            self._local.turn = None
            self._connections.give(turn.connection)

    def _begin(self, begin: str) -> Turn:
        """Start a transaction. Connections that died while nobody used them are passed over."""
        while True:
            try:
                connection, is_new = self._connections.take()
            except psycopg.OperationalError as error:
                raise StoreBusy(f"{self.name} cannot be reached: {_line(error)}") from error
            turn = Turn(connection, begin)
            try:
                turn.start()
            except psycopg.Error as error:
                turn.roll_back()
                is_dead = connection.closed
                self._connections.give(connection)
                if is_new or not is_dead:
                    raise StoreBusy(f"{self.name} cannot be used now: {_line(error)}") from error
            except BaseException:
                connection.close()
                self._connections.give(connection)
                raise
            else:
                self._look = _Look(turn.started[0], time.monotonic())
                return turn

    def _commit(self, turn: Turn) -> None:
        try:
            turn.commit()
        except _PASSING as error:
            number = turn.started[1]
            if not turn.connection.closed or number is None:
                raise
            if not self._was_committed(number):
                raise StoreBusy(f"{self.name} went away: nothing was written") from error

    def _was_committed(self, number: str) -> bool:
        """What became of a transaction. Raises StoreUnclear if the server stays away."""
        until = time.monotonic() + CLEARING_SECONDS
        while time.monotonic() < until:
            try:
                connection, _ = self._connections.take()
            except (psycopg.OperationalError, StoreBusy):
                time.sleep(0.1)
                continue
            try:
                row = connection.execute("SELECT pg_xact_status(%s::xid8)", [number]).fetchone()
                if row and row[0] != "in progress":
                    return bool(row[0] == "committed")
            except psycopg.OperationalError:
                connection.close()
            finally:
                self._connections.give(connection)
            time.sleep(0.1)
        raise StoreUnclear(f"{self.name} went away at a commit, and does not come back")

    def _turn(self) -> Turn:
        turn: Turn = self._local.turn
        return turn


def _is_ours(connection: Connection[Any]) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [_APPLIED]).fetchone()
    return bool(row and row[0])


def _take_possession(connection: Connection[Any]) -> None:
    if _is_ours(connection):
        return
    tables = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm')"
    ).fetchone()
    if tables is None or tables[0]:
        raise StoreUnusable("The database holds the tables of another program")
    connection.execute(
        f"CREATE TABLE {_APPLIED} (name TEXT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL)"
    )


def _pending(connection: Connection[Any]) -> list[str]:
    rows = connection.execute(f"SELECT name FROM {_APPLIED} ORDER BY name").fetchall()
    applied, known = [row[0] for row in rows], [name for name, _ in MIGRATIONS]
    newer = [name for name in applied if name not in known]
    if newer:
        raise StoreUnusable(f"A newer Lineproof has written this database: {', '.join(newer)}")
    return [name for name in known if name not in applied]


def _apply(connection: Connection[Any], name: str, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(dialect.definition(statement), prepare=False)
    if "CREATE TABLE audit" in "".join(statements):
        for guard in _GUARDS:
            connection.execute(guard)
    connection.execute(f"INSERT INTO {_APPLIED} VALUES (%s, now())", [name])


def _unguarded(connection: Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgenabled = 'O'"
    ).fetchall()
    missing = sorted(_GUARD_NAMES - {row[0] for row in rows})
    return [f"the audit trail's guard {name} is gone or switched off" for name in missing]


def _orphans(connection: Connection[Any]) -> list[str]:
    """Rows whose references lead nowhere; and the indexes that no longer keep their promise."""
    wrong = []
    references = connection.execute("""
        SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, string_agg(
            format('parent.%I = child.%I', there.attname, here.attname), ' AND '), string_agg(
            format('child.%I IS NOT NULL', here.attname), ' AND ')
        FROM pg_constraint AS c CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (here, there)
        JOIN pg_attribute AS here ON here.attrelid = c.conrelid AND here.attnum = k.here
        JOIN pg_attribute AS there ON there.attrelid = c.confrelid AND there.attnum = k.there
        WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace
        GROUP BY c.oid, c.conrelid, c.confrelid ORDER BY 1, 2
    """).fetchall()
    for table, parent, same, given in references:
        orphans = sql.SQL(
            f"SELECT count(*) FROM {table} AS child WHERE {given}"
            f" AND NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE {same})"
        )
        row = connection.execute(orphans).fetchone()
        if row and row[0]:
            wrong.append(f"{row[0]} of the rows of {table} refer to nothing in {parent}")
    broken = connection.execute("""
        SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON oid = indrelid
        WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready)
    """).fetchall()
    return [*wrong, *(f"the index {row[0]} is not valid" for row in broken)]


def _rows(cursor: ServerCursor[Any]) -> Iterator[Row]:
    with cursor:
        yield from cursor


def _line(error: Exception) -> str:
    """PostgreSQL's message without its further lines."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
