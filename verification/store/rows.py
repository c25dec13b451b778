"""Between the core's records and a table's rows: one column for each field, of the same name."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from verification.ordering import Place

Record = TypeVar("Record")
Params = dict[str, Any]
Row = tuple[Any, ...]

# Behind the rows that a claim selects: those that another transaction holds are passed over. Only
# the engine knows how to say it; to SQLite, whose writers take turns anyway, it is a comment.
UNTAKEN = "/* rows that nobody else holds */"

# The accounts that an account may act for: itself and its subaccounts.
SEEN = "(SELECT sid FROM accounts WHERE sid = :mine OR owner_sid = :mine)"

_MOST_AT_ONCE = 500  # values of one statement: every SQLite takes 999 of them


class Cursor(Protocol):
    """What a statement gives back."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Execute(Protocol):
    """Runs one statement with ``:named`` parameters inside the transaction; ``many``: for each."""

    def __call__(self, sql: str, params: Params = ..., /) -> Cursor: ...
    def many(self, sql: str, params: Iterable[Params], /) -> None: ...


class Table(Generic[Record]):
    """One table whose columns are the fields of a frozen dataclass."""

    def __init__(self, record: type[Record], name: str, key: str) -> None:
        self.name = name
        self._record = record
        self.columns = tuple(field.name for field in fields(record))  # type: ignore[arg-type]
        hints = typing.get_type_hints(record)
        readers = [(place, _reader(hints[name])) for place, name in enumerate(self.columns)]
        # Most columns are read and written as they are.
        self._readers = tuple((place, reader) for place, reader in readers if reader)
        self._written = frozenset(self.columns[place] for place, _ in self._readers)
        listed = ", ".join(self.columns)
        values = ", ".join(f":{column}" for column in self.columns)
        self._key = key
        self.select = f"SELECT {listed} FROM {name}"
        self.returning = f"RETURNING {listed}"
        self._insert = f"INSERT INTO {name} ({listed}) VALUES ({values})"

    def insert(self, execute: Execute, record: Record) -> None:
        """Add one row."""
        execute(self._insert, self.params(record))

    def insert_all(self, execute: Execute, records: Iterable[Record]) -> None:
        """Add a row for each."""
        execute.many(self._insert, map(self.params, records))

    def save(self, execute: Execute, record: Record, before: Record | None = None) -> None:
        """Write the row with the record's key.

        ``before``: the record as this transaction has last seen or written it. Then only what has
        changed is written, and only the indexes of that.
        """
        changed = [
            name
            for name in self.columns
            if name != self._key
            and (before is None or getattr(record, name) != getattr(before, name))
        ]
        if not changed:
            return
        values = {name: self._value(record, name) for name in (*changed, self._key)}
        changes = ", ".join([f"{name} = :{name}" for name in changed])
        execute(f"UPDATE {self.name} SET {changes} WHERE {self._key} = :{self._key}", values)

    def one(self, row: Sequence[Any] | None) -> Record | None:
        """The record of a row, None for none."""
        return None if row is None else self._read(row)

    def all(self, rows: Iterable[Sequence[Any]]) -> list[Record]:
        """The records of rows."""
        return [self._read(row) for row in rows]

    def _read(self, row: Sequence[Any]) -> Record:
        values = list(row)
        for place, reader in self._readers:
            values[place] = reader(values[place])
        return self._record(*values)

    def params(self, record: Record) -> Params:
        """A record as the parameters of a statement."""
        return {name: self._value(record, name) for name in self.columns}

    def _value(self, record: Record, name: str) -> object:
        value = getattr(record, name)
        return _write(value) if name in self._written else value


def _write(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, tuple | dict):
        return json.dumps(value)
    return str(value) if isinstance(value, StrEnum) else value


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    """How a column's value becomes the field's; None: it is already that."""
    optional = isinstance(hint, types.UnionType)
    if optional:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if typing.get_origin(hint) is tuple:
        return _read_tuple
    if typing.get_origin(hint) is dict:
        return json.loads
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        members: dict[str | None, StrEnum | None] = {str(member): member for member in hint}
        return (members | {None: None}).__getitem__ if optional else members.__getitem__
    return bool if hint is bool else None


def _read_tuple(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def paged(
    execute: Execute,
    table: Table[Record],
    where: str,
    params: Params,
    filters: Mapping[str, object],
    place: Place | None,
    limit: int,
) -> list[Record]:
    """Rows from a place in a list on, the newest first, by ``created_at`` and ``sid``.

    A place that says ``before`` is read towards the newer ones, the nearest first. ``filters``:
    columns and the values they must have.
    """
    wanted = "".join(f" AND {column} = :{column}" for column in sorted(filters))
    given: Params = {**params, **filters, "limit": limit}
    order, behind = "DESC", ""
    if place:
        comparison, order = (">", "ASC") if place.before else ("<", "DESC")
        behind = f" AND (created_at, sid) {comparison} (:place_time, :place_sid)"
        given |= {"place_time": place.created_at, "place_sid": place.sid}
    sql = (
        f"{table.select} WHERE {where}{wanted}{behind}"
        f" ORDER BY created_at {order}, sid {order} LIMIT :limit"
    )
    return table.all(execute(sql, given).fetchall())


def among(column: str, values: Sequence[str]) -> Iterator[tuple[str, Params]]:
    """``column IN (...)`` for any number of values, a condition and its parameters a slice."""
    for start in range(0, len(values), _MOST_AT_ONCE):
        params: Params = {
            f"v{n}": value for n, value in enumerate(values[start : start + _MOST_AT_ONCE])
        }
        yield f"{column} IN ({', '.join(f':{name}' for name in params)})", params
