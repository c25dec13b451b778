"""Commands for the database and the audit trail."""

from __future__ import annotations

import click

from verification.cli.door import Door, time_text


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
            head = f"{entry.seq:>6}  {time_text(entry.at)}  {entry.object_sid}"
            click.echo(f"{head}  {entry.actor}: {entry.text}")


@db.command("copy")
@click.argument("from_url")
@click.argument("to_url", required=False)
@click.pass_obj
def copy_database(door: Door, from_url: str, to_url: str | None) -> None:
    """Copy the database FROM_URL to TO_URL, which must be empty: all of it, or nothing.

    Without TO_URL it is that of DATABASE_URL, where no other user of the machine reads the password
    in it. Stop servers and workers first: what they write afterwards stays in the old database.
    """
    copied = door.copy(from_url, to_url)
    for table, rows in copied.items():
        click.echo(f"{rows:>10}  {table}")
    click.echo("Everything is copied, and the audit trail is whole. Keep the same secret keys.")
