"""Commands for accounts, the database and the audit trail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import click

from verification import accounts, documents
from verification.accounts import AccountStatus
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
    """Open an account; gives its SID and its auth token. Raises BadName."""
    with opened.store.write() as tx:
        account, token = accounts.create(tx, opened.keyring, name, opened.now())
    return account.sid, token


@click.group()
def account() -> None:
    """Accounts: who may order numbers."""


@account.command("create")
@click.argument("name")
@click.option("--owner", metavar="SID", help="Make a subaccount of this account.")
@click.option(
    "--test", is_flag=True, help="A test account: fictional numbers on the emulator only."
)
@click.pass_obj
def create_account(door: Door, name: str, owner: str | None, test: bool) -> None:
    """Open an account. NAME is spoken to whoever answers a call; the token is shown only now."""
    opened = door.open()
    with opened.store.write() as tx, _named_errors():
        over = _account(tx, owner) if owner else None
        made, token = accounts.create(tx, opened.keyring, name, opened.now(), over, test)
    click.echo(f"ACCOUNT_SID={made.sid}\nAUTH_TOKEN={token}")


@account.command("list")
@click.pass_obj
def list_accounts(door: Door) -> None:
    """All accounts, the oldest first."""
    with door.open().store.read() as tx:
        for one in tx.accounts.all():
            owner = f" of {one.owner_sid}" if one.owner_sid else ""
            kind = ", test" if one.test else ""
            click.echo(f"{one.sid}  {_time(one.created_at)}  {one.status}{kind}  {one.name}{owner}")


@account.command()
@click.argument("sid")
@click.option("--finish", is_flag=True, help="The second token becomes the only one.")
@click.pass_obj
def rotate(door: Door, sid: str, finish: bool) -> None:
    """Give an account a second auth token; both are taken until --finish."""
    opened = door.open()
    with opened.store.write() as tx, _named_errors():
        found = _account(tx, sid)
        if finish:
            accounts.finish_rotation(tx, found, opened.now())
            click.echo("The second token is now the only one.")
        else:
            click.echo(f"AUTH_TOKEN={accounts.rotate(tx, opened.keyring, found, opened.now())}")


def _status_command(name: str, status: AccountStatus, help_text: str) -> click.Command:
    @click.argument("sid")
    @click.pass_obj
    def change(door: Door, sid: str) -> None:
        opened = door.open()
        with opened.store.write() as tx, _named_errors():
            accounts.set_status(tx, _account(tx, sid), status, opened.now())
        click.echo(f"{sid} is {status}.")

    return click.command(name, help=help_text)(change)


for _command in (
    _status_command("suspend", AccountStatus.SUSPENDED, "Refuse an account everything for now."),
    _status_command("resume", AccountStatus.ACTIVE, "Let a suspended account work again."),
    _status_command("close", AccountStatus.CLOSED, "Close an account for good."),
):
    account.add_command(_command)


@account.group()
def keys() -> None:
    """API keys of an account."""


@keys.command("create")
@click.argument("sid")
@click.argument("name")
@click.pass_obj
def create_key(door: Door, sid: str, name: str) -> None:
    """Make a key for the account SID; its secret is shown only now."""
    opened = door.open()
    with opened.store.write() as tx, _named_errors():
        found = _account(tx, sid)
        key, secret = accounts.create_key(tx, opened.keyring, found, name, opened.now())
    click.echo(f"API_KEY={key.sid}\nAPI_SECRET={secret}")


@keys.command("list")
@click.argument("sid")
@click.pass_obj
def list_keys(door: Door, sid: str) -> None:
    """The keys of the account SID."""
    with door.open().store.read() as tx, _named_errors():
        for key in tx.accounts.keys_of(_account(tx, sid).sid):
            click.echo(f"{key.sid}  {_time(key.created_at)}  {key.name}")


@keys.command("revoke")
@click.argument("sid", metavar="KEY_SID")
@click.pass_obj
def revoke_key(door: Door, sid: str) -> None:
    """Take a key away at once."""
    opened = door.open()
    with opened.store.write() as tx:
        key = tx.accounts.key(sid)
        if key is None:
            raise click.BadParameter(f"there is no key {sid}", param_hint="KEY_SID")
        accounts.revoke_key(tx, key, opened.now())
    click.echo(f"{sid} is revoked.")


@contextmanager
def _named_errors() -> Iterator[None]:
    """What an account refuses, as an error of the command line."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _account(tx: Any, sid: str) -> accounts.Account:
    found: accounts.Account | None = tx.accounts.get(sid)
    if found is None:
        raise click.BadParameter(f"there is no account {sid}", param_hint="SID")
    return found


@click.group()
def document() -> None:
    """Phone bills that customers uploaded: look at them, and accept or refuse them."""


@document.command("list")
@click.pass_obj
def list_documents(door: Door) -> None:
    """The documents that nobody has decided on, the oldest first."""
    with door.open().store.read() as tx:
        for one in tx.documents.waiting():
            order = tx.documents.order_of(one.sid)
            of = f"{order.sid} {order.status}" if order else "no order yet"
            kind = f"{one.media_type}, {one.size} bytes"
            click.echo(f"{one.sid}  {_time(one.created_at)}  {one.account_sid}  {of}  {kind}")


@document.command("show")
@click.argument("sid")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def show_document(door: Door, sid: str, file: Path) -> None:
    """Write the document SID to a new FILE, readable by you alone, and say what it has to prove."""
    opened = door.open()
    with opened.store.read() as tx:
        found = _document(tx, sid)
        content = documents.content(tx, opened.keyring, found)
        order = tx.documents.order_of(sid)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    with os.fdopen(descriptor, "wb") as written:
        written.write(content)
    asked = f"the number {order.phone_number} of {order.sid}" if order else "no order's number yet"
    click.echo(f"{file}: {found.media_type}, {found.status}. It is to prove {asked}.")


@document.command("accept")
@click.argument("sid")
@click.argument("phone_number")
@click.pass_obj
def accept_document(door: Door, sid: str, phone_number: str) -> None:
    """PHONE_NUMBER stands on the bill SID, in the customer's name: its order is verified."""
    opened = door.open()
    with _named_errors(), opened.store.write() as tx:
        order = documents.accept(tx, _document(tx, sid), phone_number, opened.now())
    click.echo(f"{sid} is accepted; {order.sid} is {order.status}.")


@document.command("refuse")
@click.argument("sid")
@click.argument("reason")
@click.pass_obj
def refuse_document(door: Door, sid: str, reason: str) -> None:
    """The bill SID proves nothing. The customer is told the REASON and may upload another."""
    opened = door.open()
    with _named_errors(), opened.store.write() as tx:
        order = documents.refuse(tx, _document(tx, sid), reason, opened.now())
    click.echo(f"{sid} is refused" + (f"; {order.sid} is {order.status}." if order else "."))


def _document(tx: Any, sid: str) -> documents.Document:
    found: documents.Document | None = tx.documents.get(sid)
    if found is None:
        raise click.BadParameter(f"there is no document {sid}", param_hint="SID")
    return found


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


COMMANDS = (account, document, db)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
