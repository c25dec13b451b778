"""Where everything is kept: SQLite for one machine, PostgreSQL for many, the same statements.

``open_store`` is the one door; which engine it is, is decided by the URL alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from verification.condition import Condition
from verification.settings import BadSettings
from verification.store.records import Records
from verification.store.rows import Row
from verification.store.sqlite import SqliteStore

__all__ = ["Store", "open_store"]

SQLITE = "sqlite:///"


class Store(Protocol):
    """What every engine can do."""

    @property
    def name(self) -> str:
        """Where the data is, for people: never with a password."""
        ...

    def read(self) -> AbstractContextManager[Records]:
        """A transaction that sees one state of the data and changes nothing."""
        ...

    def write(self) -> AbstractContextManager[Records]:
        """A transaction that is committed as a whole, or not at all if the block raises.

        Writers take turns, whatever they write: what a block has read stays true until it is
        committed. Raises StoreBusy for passing trouble.
        """
        ...

    def write_together(self) -> AbstractContextManager[Records]:
        """A short ``write`` that is just as durable, but may be committed with those of others.

        For blocks of few statements only: those who share a commit wait for each other.
        """
        ...

    def now(self) -> float:
        """Unix seconds by the one clock that all processes of this database share."""
        ...

    def exists(self) -> bool:
        """Whether there is a database of Lineproof's already. Raises StoreUnusable."""
        ...

    def migrate(self) -> list[str]:
        """Bring it to this program's schema; gives the names of the migrations applied.

        Raises StoreUnusable for what is not ours or what a newer program has written.
        """
        ...

    def check(self) -> list[str]:
        """What is wrong with the database, its references and the audit chain; [] is sound."""
        ...

    def condition(self) -> Condition:
        """How the engine stands; nothing is changed. Raises StoreUnusable."""
        ...

    def sweep(self, whole: bool) -> bool:
        """Let what was erased leave the files too, as far as the engine can without stopping
        anybody; ``whole``: at once, though writers wait. False: it must be tried again later.
        """
        ...

    def backup(self, path: Path, until: float) -> None:
        """Write a backup into a new file while others go on; the file says that it must be deleted
        at ``until``, in Unix seconds. Raises StoreUnusable.
        """
        ...

    def dump(self, table: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        """The columns of a table and all its rows, within this thread's transaction."""
        ...

    def clear(self, table: str) -> None:
        """Take all rows out of a table, within this thread's write transaction."""
        ...

    def load(self, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
        """Add rows to a table, within this thread's write transaction. Raises StoreUnusable."""
        ...

    def close(self) -> None:
        """Close what this thread holds open; the next transaction opens it again."""
        ...


def open_store(url: str) -> Store:
    """The store at ``sqlite:///FILE`` or ``postgresql://...``; nothing is connected to yet.

    Raises BadSettings.
    """
    if url.startswith(SQLITE):
        return SqliteStore(Path(url.removeprefix(SQLITE)))
    try:
        from verification.store.postgres import PostgresStore  # noqa: PLC0415 - an extra
    except ImportError:
        raise BadSettings(
            "DATABASE_URL: PostgreSQL needs its driver: pip install 'lineproof[postgres]'"
        ) from None
    return PostgresStore(url)
