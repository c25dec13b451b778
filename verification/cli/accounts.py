"""Commands for accounts and their keys."""

from __future__ import annotations

import click

from verification import accounts
from verification.accounts import AccountStatus
from verification.cli.door import Door, Opened, account_of, named_errors, time_text


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
    with opened.store.write() as tx, named_errors():
        over = account_of(tx, owner) if owner else None
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
            click.echo(
                f"{one.sid}  {time_text(one.created_at)}  {one.status}{kind}  {one.name}{owner}"
            )


@account.command()
@click.argument("sid")
@click.option("--finish", is_flag=True, help="The second token becomes the only one.")
@click.pass_obj
def rotate(door: Door, sid: str, finish: bool) -> None:
    """Give an account a second auth token; both are taken until --finish."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        found = account_of(tx, sid)
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
        with opened.store.write() as tx, named_errors():
            accounts.set_status(tx, account_of(tx, sid), status, opened.now())
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
    with opened.store.write() as tx, named_errors():
        found = account_of(tx, sid)
        key, secret = accounts.create_key(tx, opened.keyring, found, name, opened.now())
    click.echo(f"API_KEY={key.sid}\nAPI_SECRET={secret}")


@keys.command("list")
@click.argument("sid")
@click.pass_obj
def list_keys(door: Door, sid: str) -> None:
    """The keys of the account SID."""
    with door.open().store.read() as tx, named_errors():
        for key in tx.accounts.keys_of(account_of(tx, sid).sid):
            click.echo(f"{key.sid}  {time_text(key.created_at)}  {key.name}")


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
