"""Commands for the phone bills that customers upload."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from verification import phone_bills
from verification.cli.door import Door, named_errors, time_text


@click.group()
def document() -> None:
    """Phone bills that customers uploaded: look at them, and accept or refuse them."""


@document.command("list")
@click.pass_obj
def list_documents(door: Door) -> None:
    """The documents that nobody has decided on, the oldest first."""
    with door.open().store.read() as tx:
        for one in tx.phone_bills.waiting():
            order = tx.phone_bills.order_of(one.sid)
            of = f"{order.sid} {order.status}" if order else "no order yet"
            kind = f"{one.media_type}, {one.size} bytes"
            click.echo(f"{one.sid}  {time_text(one.created_at)}  {one.account_sid}  {of}  {kind}")


@document.command("show")
@click.argument("sid")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def show_document(door: Door, sid: str, file: Path) -> None:
    """Write the document SID to a new FILE, readable by you alone, and say what it has to prove."""
    opened = door.open()
    with opened.store.read() as tx:
        found = _document(tx, sid)
        content = phone_bills.content(tx, opened.keyring, found)
        order = tx.phone_bills.order_of(sid)
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
    with named_errors(), opened.store.write() as tx:
        order = phone_bills.accept(tx, _document(tx, sid), phone_number, opened.now())
    click.echo(f"{sid} is accepted; {order.sid} is {order.status}.")


@document.command("refuse")
@click.argument("sid")
@click.argument("reason")
@click.pass_obj
def refuse_document(door: Door, sid: str, reason: str) -> None:
    """The bill SID proves nothing. The customer is told the REASON and may upload another."""
    opened = door.open()
    with named_errors(), opened.store.write() as tx:
        order = phone_bills.refuse(tx, _document(tx, sid), reason, opened.now())
    click.echo(f"{sid} is refused" + (f"; {order.sid} is {order.status}." if order else "."))


def _document(tx: Any, sid: str) -> phone_bills.PhoneBill:
    found: phone_bills.PhoneBill | None = tx.phone_bills.get(sid)
    if found is None:
        raise click.BadParameter(f"there is no document {sid}", param_hint="SID")
    return found
