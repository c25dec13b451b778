"""The store on SQLite: one file, one machine, any number of processes and threads.

Every write is a BEGIN IMMEDIATE and durable when it returns: an attempt that a power cut can take
back would be dialled twice. The pragmas and their reasons: facts of reliability, section 4.12.
"""

from __future__ import annotations

import os
import shutil
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from verification.condition import Condition
from verification.store import backups
from verification.store.records import Records
from verification.store.rows import Cursor, Params, Row
from verification.store.schema import MIGRATIONS
from verification.store.together import Together
from verification.store.trouble import StoreBusy, StoreUnclear, StoreUnusable

try:
    import pysqlite3 as sqlite3
except ImportError:  # no wheel for this platform: the interpreter's own
    import sqlite3

APPLICATION_ID = 0x4C50_524F  # "LPRO"
BUSY_SECONDS = 5.0

_PRAGMAS = """
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_size_limit = 67108864;
"""

# An audit row stays as it was written.
_GUARDS = (
    """
    CREATE TRIGGER audit_rows_stay BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'an audit row is never changed'); END
    """,
    """
    CREATE TRIGGER audit_rows_are_kept BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'an audit row is never deleted'); END
    """,
)

_INHERITED: list[Any] = []

# BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: the world's trouble, not the program's.
_PASSING = frozenset({5, 6, 8, 10, 13, 14})
_IOERR = 10


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Whether this SQLite can corrupt a WAL database (fixed in 3.51.3, 3.50.7 and 3.44.6)."""
    if version[:2] in {(3, 50), (3, 44)}:
        return version < ((3, 50, 7) if version[1] == 50 else (3, 44, 6))
    return (3, 7, 0) <= version < (3, 51, 3)


class SqliteStore:
    """Opens transactions on one SQLite file; each thread and process has its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._shared = self._new_shared()
        self._pid = os.getpid()

    @property
    def name(self) -> str:
        """The file."""
        return str(self.path)

    @contextmanager
    def read(self) -> Iterator[Records]:
        """A transaction that sees one state of the data and changes nothing."""
        with self._transaction("BEGIN") as records:
            yield records

    @contextmanager
    def write(self) -> Iterator[Records]:
        """A transaction that is committed as a whole, or not at all if the block raises.

        Raises StoreBusy if the lock is not free within BUSY_SECONDS or there is no space, and
        StoreUnclear if the disk fails at the commit: a crash before the next write may yet bring
        to light what was not acknowledged.
        """
        with self._transaction("BEGIN IMMEDIATE") as records:
            yield records

    def write_together(self) -> AbstractContextManager[Records]:
        """A short ``write`` whose commit other threads of this process may share."""
        if self._pid != os.getpid():  # as with the connection of a thread
            _INHERITED.append(self._shared)
            self._shared, self._pid = self._new_shared(), os.getpid()
        return self._shared.write()

    def migrate(self) -> list[str]:
        """Bring the file to this program's schema; gives the names of the migrations applied.

        Raises StoreUnusable for a file that is not ours, that a newer program has written, or that
        cannot be written now.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        except OSError as error:
            raise StoreUnusable(f"{self.path} cannot be written: {error.strerror}") from None
        try:
            with self.write():
                applied = _apply(self.database())
                self._connection().execute(f"PRAGMA application_id = {APPLICATION_ID}")
        except StoreBusy as error:
            raise StoreUnusable(str(error)) from error
        return applied

    def check(self) -> list[str]:
        """What is wrong with the file's pages, its references and the audit chain; [] is sound."""
        with self.read() as records:
            connection = self._connection()
            wrong = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            wrong = [] if wrong == ["ok"] else wrong
            for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                wrong.append(f"row {rowid} of {table} refers to nothing in {parent}")
            return wrong or records.unsound()

    def condition(self) -> Condition:
        """How SQLite, the file and its disk stand. Raises StoreUnusable."""
        family = [self.path.with_name(f"{self.path.name}{end}") for end in ("", "-wal", "-shm")]
        with self.read():
            return Condition(
                f"SQLite {sqlite3.sqlite_version}",
                tuple(one.name for one in _migrations(self.database()).pending(self.database())),
                journals_safely=not has_wal_reset_bug(sqlite3.sqlite_version_info),
                free_bytes=shutil.disk_usage(self.path.absolute().parent).free,
                readable=tuple(file.name for file in family if _is_open_to_others(file)),
            )

    def now(self) -> float:
        """Unix seconds by this machine's clock: all processes of the file are on it."""
        return time.time()

    def exists(self) -> bool:
        """Whether the file is there and holds anything."""
        return self.path.is_file() and self.path.stat().st_size > 0

    def sweep(self, whole: bool) -> bool:
        """Let what was erased leave the files: the journal is emptied; with ``whole`` every page
        is written anew, while writers wait. False: somebody was reading all the time.

        ``secure_delete`` alone leaves bytes behind where a page was split.
        """
        connection = self._connection()
        try:
            if whole:
                connection.execute("PRAGMA temp_store = FILE")  # else it is all held in memory
                connection.execute("VACUUM")
                connection.execute("PRAGMA temp_store = MEMORY")
            busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if not _is_passing(error):
                raise
            return False
        return not busy

    def backup(self, path: Path, until: float) -> None:
        """Write a backup into a new file while others go on. Raises StoreUnusable."""
        backups.write(self._connection(), path, until)

    def dump(self, table: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        """The columns of a table and all its rows, within this thread's transaction."""
        cursor = self._connection().execute(f"SELECT * FROM {table}")
        return tuple(column[0] for column in cursor.description), iter(cursor)

    def clear(self, table: str) -> None:
        """Take all rows out of a table, within this thread's write transaction."""
        self._connection().execute(f"DELETE FROM {table}")

    def load(self, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Add rows to a table, within this thread's write transaction."""
        connection = self._connection()
        connection.execute("PRAGMA defer_foreign_keys = ON")  # a row may stand before its parent
        values = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"
        connection.executemany(sql, rows)

    def database(self) -> Database:
        """This thread's connection as sqlite-utils knows it, for looking around."""
        return Database(self._connection())

    def close(self) -> None:
        """Close this thread's connection, and that of shared writes."""
        if self._pid == os.getpid():
            self._shared.close()
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Records]:
        connection = self._connection()
        committing = False
        try:
            connection.execute(begin)
            self._local.records.begin()
            yield self._local.records
            committing = begin != "BEGIN"
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._roll_back()
            trouble = self._trouble(error, committing)
            if trouble is None:
                raise
            raise trouble from error
        except BaseException:
            self._roll_back()
            raise

    def _trouble(self, error: BaseException, committing: bool) -> StoreBusy | None:
        """What passing trouble an error of a transaction is; None: it is none."""
        if not _is_passing(error):
            return None
        if committing and _code(error) == _IOERR:
            return StoreUnclear(f"{self.path} failed at a commit: {error}")
        return StoreBusy(f"{self.path} cannot be used now: {error}")

    def _roll_back(self) -> None:
        connection = self._local.connection
        try:
            # A full disk has already rolled the transaction back.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            self.close()  # what cannot be rolled back ends with its connection

    def _connection(self) -> Any:
        # A connection that is carried over a fork would corrupt the file: the child opens its own.
        if getattr(self._local, "pid", None) != os.getpid():
            # Not even closed here: that would touch the files of the parent's connection.
            _INHERITED.append(getattr(self._local, "connection", None))
            self._local.connection = None
            self._local.pid = os.getpid()
        if self._local.connection is None:
            self._local.connection = _open(self.path)
            self._local.records = Records(_Statements(self._local.connection))
        return self._local.connection

    def _new_shared(self) -> Together:
        def connect() -> tuple[Any, Records]:
            connection = _open(self.path, one_thread=False)
            return connection, Records(_Statements(connection))

        return Together(connect, self._trouble, BUSY_SECONDS)


def _open(path: Path, one_thread: bool = True) -> Any:
    """A connection. Raises StoreUnusable for what is not ours, StoreBusy for passing trouble."""
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=one_thread
        )
        try:
            journal = _set_up(connection, path)
            if not one_thread and journal == "WAL":  # then nothing but BEGIN has to wait
                connection.execute("PRAGMA busy_timeout = 0")
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        if _is_passing(error):
            raise StoreBusy(f"{path} cannot be opened now: {error}") from error
        raise StoreUnusable(f"{path} cannot be opened as an SQLite database: {error}") from error
    return connection


def _set_up(connection: Any, path: Path) -> str:
    """Set the pragmas; gives the journal's mode."""
    # In this order: what another process has just made was committed together with its owner.
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if tables and owner != APPLICATION_ID:
        raise StoreUnusable(f"{path} is an SQLite database of another program")
    journal = "TRUNCATE" if has_wal_reset_bug(sqlite3.sqlite_version_info) else "WAL"
    connection.execute(f"PRAGMA journal_mode = {journal}")
    connection.executescript(_PRAGMAS)
    return journal


def _is_passing(error: BaseException) -> bool:
    return _code(error) in _PASSING


def _code(error: BaseException) -> int:
    """SQLite's code of an error, 0 for one that is not SQLite's."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


class _Statements:
    """Runs statements on one connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __call__(self, sql: str, params: Params = {}, /) -> Cursor:  # noqa: B006 - never changed
        cursor: Cursor = self._connection.execute(sql, params)
        return cursor

    def many(self, sql: str, params: Iterable[Params], /) -> None:
        self._connection.executemany(sql, params)


def _is_open_to_others(file: Path) -> bool:
    return file.exists() and bool(file.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH))


def _apply(database: Database) -> list[str]:
    """sqlite-utils runs each migration as a savepoint inside our own BEGIN IMMEDIATE."""
    migrations = _migrations(database)
    pending = [migration.name for migration in migrations.pending(database)]
    migrations.apply(database)
    return pending


def _migrations(database: Database) -> Migrations:
    """This program's migrations. Raises StoreUnusable if a newer program has applied its own."""
    migrations = Migrations("lineproof")
    for name, statements in MIGRATIONS:
        migrations(name=name)(_migration(statements))
    known = {name for name, _ in MIGRATIONS}
    newer = [done.name for done in migrations.applied(database) if done.name not in known]
    if newer:
        raise StoreUnusable(f"A newer Lineproof has written this database: {', '.join(newer)}")
    return migrations


def _migration(statements: tuple[str, ...]) -> Any:
    def migrate(database: Database) -> None:
        for statement in statements:
            database.execute(statement.format(bytes="BLOB"))
        if "CREATE TABLE audit" in "".join(statements):
            for guard in _GUARDS:
                database.execute(guard)

    return migrate
