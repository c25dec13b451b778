"""How a database stands, as far as its engine can tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Condition:
    """The engine, and what of it an operator can mend.

    ``pending``: migrations that this program would still apply. ``clock``: Unix seconds by the
    server's own clock; None where that is this machine's. ``journals_safely``: False for an SQLite
    whose WAL can lose data, so that the slower journal is used. ``free_bytes``: what is left beside
    the file. ``readable``: files of the database that others than its owner can read.
    """

    engine: str
    pending: tuple[str, ...]
    clock: float | None = None
    journals_safely: bool = True
    free_bytes: int | None = None
    readable: tuple[str, ...] = ()
