"""Backups of an SQLite database: written while it is in use, marked with their last day, deleted
after it.

``VACUUM INTO`` and not a copy of pages: what was erased leaves bytes in pages that a copy would
take along.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from verification.retention import BACKUP_DAYS, DAY
from verification.store.trouble import StoreUnusable

try:
    import pysqlite3 as sqlite3
except ImportError:  # no wheel for this platform: the interpreter's own
    import sqlite3

_SQLITE, _PG_DUMP = b"SQLite format 3\x00", b"PGDMP"
_DATED = re.compile(r"lineproof-([0-9]{8}T[0-9]{6}Z)\.(db|dump)", re.ASCII)
_TIME = "%Y%m%dT%H%M%SZ"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup in the folder, and when it must be deleted, in Unix seconds."""

    path: Path
    until: float


def write(source: Any, path: Path, until: float) -> None:
    """Write what a connection sees into a new file, readable by its owner alone, and check it.

    ``until``: when the file must be deleted; it says so itself. Raises StoreUnusable.
    """
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            source.execute("VACUUM INTO ?", (str(aside),))  # an empty file is taken, with its mode
            with closing(sqlite3.connect(aside, isolation_level=None)) as made:
                made.execute("UPDATE retention SET backup_until = ?", (until,))
                wrong = [row[0] for row in made.execute("PRAGMA integrity_check")]
                orphans = made.execute("PRAGMA foreign_key_check").fetchall()
                if wrong != ["ok"] or orphans or not _same_rows(source, made):
                    raise StoreUnusable(f"{path}: what was written is not sound, and is not kept")
            _flush(aside)
            path.hardlink_to(aside)  # never in the place of another file
        finally:
            aside.unlink()
    except FileExistsError:
        raise StoreUnusable(f"{path} exists already") from None
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be written: {error.strerror}") from None
    except sqlite3.OperationalError as error:
        raise StoreUnusable(f"{path} cannot be written: {error}") from None


class BackupFolder:
    """The folder that backups are kept in; None: there is none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def new_file(self, now: float) -> Path | None:
        """Where the next backup belongs, by its time; None: there is no folder."""
        name = f"lineproof-{datetime.fromtimestamp(now, UTC).strftime(_TIME)}.db"
        return self._folder / name if self._folder else None

    def all(self) -> list[Backup]:
        """The backups in it, the one to be deleted first before the others.

        A file that is none of Lineproof's backups is left alone.
        """
        files = sorted(self._folder.glob("*")) if self._folder and self._folder.is_dir() else []
        found = [(path, _until(path)) for path in files if path.is_file()]
        kept = [Backup(path, until) for path, until in found if until is not None]
        return sorted(kept, key=lambda backup: backup.until)

    def remove_old(self, now: float) -> int:
        """Delete those whose time is over; gives how many they were."""
        over = [backup for backup in self.all() if backup.until <= now]
        for backup in over:
            try:
                backup.path.unlink(missing_ok=True)
            except OSError as error:
                log.error("backup.not_deleted", file=backup.path.name, reason=error.strerror)
        return len(over)


def _until(path: Path) -> float | None:
    """When a backup must be deleted: it says so itself, or it is told from its day."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
        written = path.stat().st_mtime
    except OSError:
        return None
    if head == _SQLITE:
        return _marked(path)
    if not head.startswith(_PG_DUMP):
        return None
    dated = _DATED.fullmatch(path.name)
    if dated:
        written = datetime.strptime(dated[1], _TIME).replace(tzinfo=UTC).timestamp()
    return written + BACKUP_DAYS * DAY


def _marked(path: Path) -> float | None:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as file:
            row = file.execute("SELECT backup_until FROM retention").fetchone()
    except sqlite3.DatabaseError:  # of another program, or broken
        return None
    return float(row[0]) if row and row[0] is not None else None


def _same_rows(source: Any, made: Any) -> bool:
    """Whether both trails are one: what was written since then is only behind its end."""
    rows = made.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    if rows is None:
        return True
    there = source.execute("SELECT hash FROM audit WHERE seq = ?", (rows[0],)).fetchone()
    return there is not None and there[0] == rows[1]


def _flush(path: Path) -> None:
    for each in _and_folder(path):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _and_folder(path: Path) -> Iterator[Path]:
    yield path
    yield path.parent
