"""What every command works with: the database of the settings, opened when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import click

from verification.accounts import Account
from verification.codes import Keyring
from verification.condition import Condition
from verification.findings import Finding
from verification.retention_duties import RetentionDue
from verification.settings import Settings


class Store(Protocol):
    """The database as these commands use it."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...
    def exists(self) -> bool: ...
    def migrate(self) -> list[str]: ...
    def condition(self) -> Condition: ...
    def now(self) -> float: ...
    def close(self) -> None: ...
    def check(self) -> list[str]: ...
    def sweep(self, whole: bool) -> bool: ...
    def backup(self, path: Path, until: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that has been opened, its keys, and the time in Unix seconds.

    ``base_url``: where the server of this database is reached; ``retention``: what erases its data.
    """

    store: Store
    keyring: Keyring
    now: Callable[[], float]
    base_url: str
    retention: RetentionDue


class Mailer(Protocol):
    """Where mails go."""

    @property
    def place(self) -> str: ...
    def trouble(self) -> str | None: ...


class Reached(Protocol):
    """What came of asking a server by its public URL.

    ``is_ours``: this program answered. ``address``: the network address that the name led to.
    ``certificate_ends``: in Unix seconds, where there is TLS.
    """

    @property
    def is_ours(self) -> bool: ...
    @property
    def address(self) -> str | None: ...
    @property
    def certificate_ends(self) -> float | None: ...
    @property
    def error(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Instruments:
    """What an examination looks with: at the database of a URL, the mail server, a public URL,
    the carrier.
    """

    store: Callable[[str], Store]
    mailer: Callable[[Settings], Mailer]
    reach: Callable[[str], Reached]
    carrier: Callable[[Settings], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Door:
    """Opens the database of the settings when a command needs it.

    ``existing``: only if it is there already. ``copy``: copies one database to another, by their
    URLs (None: that of the settings), and gives the number of rows by table.
    """

    open: Callable[[], Opened]
    existing: Callable[[], Opened]
    copy: Callable[[str, str | None], dict[str, int]]
    instruments: Instruments


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
