"""Commands for accounts, the database and the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import click

from verification import accounts
from verification.codes import Keyring


class Store(Protocol):
    """The database as these commands use it."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...
    def migrate(self) -> list[str]: ...
    def check(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that has been opened, its keys, and the time in Unix seconds."""

    store: Store
    keyring: Keyring
    now: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Door:
    """Opens the database of the settings when a command needs it.

    ``existing``: only if it is there already.
    """

    open: Callable[[], Opened]
    existing: Callable[[], Opened]


def new_account(opened: Opened, name: str) -> tuple[str, str]:
    """Open an account; gives its SID and its auth token. Raises ValueError for a bad name."""
    with opened.store.write() as tx:
        account, token = accounts.create(tx, opened.keyring, name, opened.now())
    return account.sid, token


@click.group()
def account() -> None:
    """Accounts: who may order numbers."""


@account.command("create")
@click.argument("name")
@click.pass_obj
def create_account(door: Door, name: str) -> None:
    """Open an account. NAME is spoken to whoever answers a call; the token is shown only now."""
    try:
        sid, token = new_account(door.open(), name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NAME") from None
    click.echo(f"ACCOUNT_SID={sid}\nAUTH_TOKEN={token}")


@account.command("list")
@click.pass_obj
def list_accounts(door: Door) -> None:
    """All accounts, the oldest first."""
    with door.open().store.read() as tx:
        for one in tx.accounts.all():
            click.echo(f"{one.sid}  {_time(one.created_at)}  {one.status}  {one.name}")


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def migrate(door: Door) -> None:
    """Bring the database to this program's schema. The other commands do so too."""
    door.open()
    click.echo("The database has this program's schema.")


@db.command()
@click.pass_obj
def check(door: Door) -> None:
    """Check the file, its references and the audit trail; exit code 1 if anything is wrong."""
    wrong = door.existing().store.check()
    for line in wrong:
        click.echo(line)
    if wrong:
        raise SystemExit(1)
    click.echo("The database is sound, and its audit trail is whole.")


@db.command()
@click.argument("sid", required=False)
@click.pass_obj
def audit(door: Door, sid: str | None) -> None:
    """Print the audit trail, or what happened to the order or account SID."""
    with door.existing().store.read() as tx:
        for entry in tx.audit.of_object(sid) if sid else tx.audit.all():
            head = f"{entry.seq:>6}  {_time(entry.at)}  {entry.object_sid}"
            click.echo(f"{head}  {entry.actor}: {entry.text}")


COMMANDS = (account, db)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
