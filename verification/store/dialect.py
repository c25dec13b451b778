"""The shared SQL as PostgreSQL takes it.

What is written once for both engines is SQLite's SQL with ``:named`` parameters. What differs is
translated here and nowhere else, so that whoever adds a table or a statement needs to know nothing
of it. One thing cannot be: SQLite puts NULL before all values and PostgreSQL behind them, so rows
are ordered by columns that are never NULL in them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from verification.store.rows import UNTAKEN, Params

# What a colon or a percent sign must not be looked for in: strings, names, comments, casts.
_WORDS = re.compile(
    r"""
    (?P<fixed> '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ | :: )
    | :(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<percent>%)
    """,
    re.VERBOSE | re.DOTALL,
)
_DEFINES = re.compile(r"\s*(CREATE\s+TABLE|ALTER\s+TABLE)\b", re.IGNORECASE)


@lru_cache(maxsize=1000)
def statement(sql: str) -> str:
    """A statement with psycopg's parameters; rows that are claimed are locked, or passed over."""
    return _WORDS.sub(_word, sql.replace(UNTAKEN, "FOR UPDATE SKIP LOCKED"))


def parameters(params: Params) -> Params:
    """The parameters of a statement. PostgreSQL's texts have no NUL: one that has finds nothing."""
    if any(isinstance(value, str) and "\x00" in value for value in params.values()):
        return {
            name: value.replace("\x00", "\ufffd") if isinstance(value, str) else value
            for name, value in params.items()
        }
    return params


def definition(sql: str) -> str:
    """A statement of a migration, with types that hold and order what SQLite's do.

    An INTEGER has 64 bits. Texts are compared by their bytes: no locale decides what comes first
    or what is equal, and no update of the system's locales can break an index.
    """
    sql = sql.replace("{bytes}", "BYTEA")
    if _DEFINES.match(sql):
        sql = re.sub(r"\bINTEGER\b", "BIGINT", sql)
        sql = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', sql)
    return sql


def _word(found: re.Match[str]) -> str:
    if found["name"]:
        return f"%({found['name']})s"
    # psycopg reads percent signs everywhere, in strings too.
    return found[0].replace("%", "%%")
