"""Commands for operators of the console."""

from __future__ import annotations

import click

from verification import operators
from verification.cli.door import Door, Opened, named_errors, time_text
from verification.operators import LINK_SECONDS, Role

SIGN_IN = "/console/sign-in/"
FIRST = "admin"


def first_link(opened: Opened) -> str | None:
    """Make the first operator of a database, and a link for him; None if there is one already."""
    with opened.store.write() as tx:
        if tx.operators.all():
            return None
        operators.create(tx, FIRST, Role.ADMIN, opened.now())
        return _link(tx, opened, FIRST)


@click.group()
def operator() -> None:
    """Operators: who may use the console."""


@operator.command("create")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([str(role) for role in Role]),
    default=str(Role.OPERATOR),
    show_default=True,
)
@click.pass_obj
def create_operator(door: Door, name: str, role: str) -> None:
    """Let NAME in, and print a first link to sign in with."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        operators.create(tx, name, Role(role), opened.now())
        _print(_link(tx, opened, name))


@operator.command("link")
@click.argument("name")
@click.pass_obj
def make_link(door: Door, name: str) -> None:
    """Print a link that lets NAME in once."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        _print(_link(tx, opened, name))


@operator.command("list")
@click.pass_obj
def list_operators(door: Door) -> None:
    """All operators by name."""
    with door.open().store.read() as tx:
        for one in tx.operators.all():
            click.echo(f"{one.name}  {one.role}  since {time_text(one.created_at)}")


@operator.command("remove")
@click.argument("name")
@click.pass_obj
def remove_operator(door: Door, name: str) -> None:
    """Shut NAME out at once: every session and link ends."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        operators.remove(tx, name, opened.now())
    click.echo(f"{name} is removed.")


def _link(tx: operators.Transaction, opened: Opened, name: str) -> str:
    token = operators.new_link(tx, opened.keyring, name, opened.now())
    return f"{opened.base_url}{SIGN_IN}{token}"


def _print(link: str) -> None:
    click.echo(f"{link}\nIt works once, within {LINK_SECONDS / 60:.0f} minutes.")
