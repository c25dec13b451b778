"""What an operator does by hand: move an order, accept for a RespOrg, port a number."""

from __future__ import annotations

from typing import Any

import click

from verification import hosting, phone_numbers
from verification.cli.door import Door, named_errors
from verification.numbers import masked
from verification.orders import Order
from verification.phone_numbers import PhoneNumber
from verification.statuses import Status


@click.group()
def order() -> None:
    """Orders, by an operator's hand."""


@order.command("move")
@click.argument("sid")
@click.argument("status", type=click.Choice([str(status) for status in Status]))
@click.option("--reason", required=True, help="Why; kept in the audit trail.")
@click.pass_obj
def move(door: Door, sid: str, status: str, reason: str) -> None:
    """Bring the order SID to STATUS, with what that begins: a registration, or its test."""
    opened = door.open()
    with opened.store.write() as tx, named_errors():
        found = _order(tx, sid)
        now = opened.now()
        moved = hosting.move_by_operator(tx, found, Status(status), _reason(reason), now)
    click.echo(f"{sid} is {moved.status}.")


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


def _reason(text: str) -> str:
    text = text.strip()
    if not text or not text.isprintable():
        raise click.BadParameter("must have printable characters", param_hint="--reason")
    return text


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
