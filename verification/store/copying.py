"""A whole database from one engine to another: all of it, checked, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from verification.store import Store
from verification.store.rows import Row
from verification.store.schema import MIGRATIONS
from verification.store.trouble import StoreUnusable

_CREATE = re.compile(r"\s*CREATE TABLE (\w+)")
_DROP = re.compile(r"\s*DROP TABLE (\w+)")
_RENAME = re.compile(r"\s*ALTER TABLE (\w+) RENAME TO (\w+)")
_SOW = re.compile(r"\s*INSERT INTO (\w+)\b.*\bVALUES\b", re.DOTALL)

_SCHEMA = [statement for _, statements in MIGRATIONS for statement in statements]


def _tables() -> tuple[str, ...]:
    tables: list[str] = []
    for statement in _SCHEMA:
        if made := _CREATE.match(statement):
            tables.append(made[1])
        elif dropped := _DROP.match(statement):
            tables.remove(dropped[1])
        elif renamed := _RENAME.match(statement):
            tables[tables.index(renamed[1])] = renamed[2]
    return tuple(tables)


# In the order in which they were made: what a table refers to stands before it.
TABLES = _tables()
# These have rows from the beginning.
_SOWN = frozenset(sown[1] for statement in _SCHEMA if (sown := _SOW.match(statement)))


def copy(source: Store, target: Store) -> dict[str, int]:
    """Copy everything into an empty database; gives the number of rows of each table.

    Nobody writes to either meanwhile. Raises StoreUnusable if there is nothing to copy, if the
    source is not sound, or if the target holds anything; StoreBusy if one of them is in use.
    """
    if not source.exists():
        raise StoreUnusable(f"There is no database of Lineproof's: {source.name}")
    source.migrate()
    target.migrate()
    wrong = source.check()
    if wrong:
        raise StoreUnusable(f"{source.name} is not sound, and is not copied: {wrong[0]}")
    with source.write() as old, target.write() as new:
        for table in TABLES:
            if table not in _SOWN and _rows(target, table):
                raise StoreUnusable(f"{target.name} is not empty: it has {table}")
        copied = {table: _copy(source, target, table) for table in TABLES}
        different = [table for table in TABLES if _rows(target, table) != copied[table]]
        if different or new.unsound() or new.audit.head() != old.audit.head():
            raise StoreUnusable(f"{target.name} did not become what {source.name} is")
    return copied


def _copy(source: Store, target: Store, table: str) -> int:
    target.clear(table)
    columns, rows = source.dump(table)
    counted = _Counted(rows)
    target.load(table, columns, counted)
    return counted.number


def _rows(store: Store, table: str) -> int:
    return sum(1 for _ in store.dump(table)[1])


class _Counted:
    """Rows, and how many of them have gone by."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.number += 1
            yield row
