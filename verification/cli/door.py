"""What every command works with: the database of the settings, opened when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import click

from verification.accounts import Account
from verification.codes import Keyring


class Store(Protocol):
    """The database as these commands use it."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...
    def migrate(self) -> list[str]: ...
    def check(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that has been opened, its keys, and the time in Unix seconds.

    ``base_url``: where the server of this database is reached.
    """

    store: Store
    keyring: Keyring
    now: Callable[[], float]
    base_url: str


@dataclass(frozen=True, slots=True)
class Door:
    """Opens the database of the settings when a command needs it.

    ``existing``: only if it is there already. ``copy``: copies one database to another, by their
    URLs (None: that of the settings), and gives the number of rows by table.
    """

    open: Callable[[], Opened]
    existing: Callable[[], Opened]
    copy: Callable[[str, str | None], dict[str, int]]


@contextmanager
def named_errors() -> Iterator[None]:
    """What the core refuses, as an error of the command line."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def account_of(tx: Any, sid: str) -> Account:
    """The account of a SID that was typed."""
    found: Account | None = tx.accounts.get(sid)
    if found is None:
        raise click.BadParameter(f"there is no account {sid}", param_hint="SID")
    return found


def time_text(at: float) -> str:
    """A time in Unix seconds as it is printed, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
