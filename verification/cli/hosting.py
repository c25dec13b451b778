"""What an operator does by hand: move or resume an order, accept for a RespOrg, port a number."""

from __future__ import annotations

from typing import Any

import click

from verification import hosting, operating, phone_numbers
from verification.cli.door import Door, named_errors
from verification.numbers import masked
from verification.operating import Hand
from verification.orders import Order
from verification.phone_numbers import PhoneNumber
from verification.statuses import Status

BY = "command line"  # what the audit trail says of who acts here


@click.group()
def order() -> None:
    """Orders, by an operator's hand."""


@order.command("move")
@click.argument("sid")
@click.argument("status", type=click.Choice([str(status) for status in Status]))
@click.option("--reason", required=True, help="Why; kept in the audit trail.")
@click.pass_obj
def move(door: Door, sid: str, status: str, reason: str) -> None:
    """Bring the order SID to STATUS, as the console does: its calls end, its code dies.

    What that begins follows: a registration, or its test.
    """
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        hand = Hand(BY, opened.now())
        moved = operating.move(tx, _order(tx, sid), Status(status), reason, hand)
    click.echo(f"{sid} is {moved.status}.")


@order.command("resume")
@click.argument("sid")
@click.pass_obj
def resume(door: Door, sid: str) -> None:
    """Let the order SID go on that waits for action, with three new calls."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        resumed = operating.resume(tx, _order(tx, sid), Hand(BY, opened.now()))
    click.echo(f"{sid} is {resumed.status}.")


@order.command("accept")
@click.argument("sid")
@click.pass_obj
def accept(door: Door, sid: str) -> None:
    """The RespOrg of the toll-free order SID accepts its registration."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        hosting.accept(tx, _order(tx, sid), opened.now())
    click.echo(f"The registration of {sid} is accepted.")


@click.group()
def number() -> None:
    """Numbers of accounts."""


@number.command("port")
@click.argument("sid")
@click.option("--take-settings", is_flag=True, help="Begin with the hosted number's settings.")
@click.pass_obj
def port(door: Door, sid: str, take_settings: bool) -> None:
    """Ask for the hosted number SID to be ported; prints the new number's SID."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        ported = phone_numbers.port(tx, _number(tx, sid), take_settings, opened.now())
    click.echo(f"PHONE_NUMBER_SID={ported.sid}")


@number.command("ported")
@click.argument("sid")
@click.pass_obj
def ported(door: Door, sid: str) -> None:
    """The port SID has been carried out; the hosted number ends and it takes over."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        done = phone_numbers.complete_port(tx, _number(tx, sid), opened.now())
    click.echo(f"{sid} ({masked(done.phone_number)}) is {done.status}.")


def _order(tx: Any, sid: str) -> Order:
    found: Order | None = tx.orders.get(sid)
    if found is None or found.deleted_at:
        raise click.BadParameter(f"there is no order {sid}", param_hint="SID")
    return found


def _number(tx: Any, sid: str) -> PhoneNumber:
    found: PhoneNumber | None = tx.phone_numbers.get(sid)
    if found is None:
        raise click.BadParameter(f"there is no number {sid}", param_hint="SID")
    return found
