"""Commands for the database and the audit trail."""

from __future__ import annotations

from pathlib import Path

import click

from verification import resealing
from verification.cli.door import Door, time_text
from verification.retention import BACKUP_DAYS, DAY


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
    """Print the audit trail, or what happened to the object SID and was done with the key SID.

    Behind a customer stands what he signed in with: an API key (SK...), or his account (AC...) for
    its token.
    """
    with door.existing().store.read() as tx:
        for entry in tx.audit.about(sid) if sid else tx.audit.all():
            head = f"{entry.seq:>6}  {time_text(entry.at)}  {entry.object_sid}"
            click.echo(f"{head}  {entry.who}: {entry.text}")


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


@db.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def backup(door: Door, file: Path | None) -> None:
    """Write the database to a new FILE, readable by you alone; servers and workers go on.

    Without FILE it goes into LINEPROOF_BACKUP_FOLDER, where the worker deletes it in time. The file
    says itself when it must be deleted. The secret keys are not in it.
    """
    opened = door.existing()
    now = opened.now()
    path = file or opened.retention.backups.new_file(now)
    if path is None:
        raise click.UsageError("Name a FILE, or set LINEPROOF_BACKUP_FOLDER")
    until = now + BACKUP_DAYS * DAY
    opened.store.backup(path, until)
    click.echo(f"{path}: checked. Delete it by {time_text(until)}.")


@db.command()
@click.pass_obj
def reseal(door: Door) -> None:
    """Seal everything anew with the newest of the secret keys, so that older ones can be dropped.

    Servers and workers go on, but all of them must know the newest key already. It may be stopped
    and run again. Exit code 1: no key opens some of the values.
    """
    opened = door.existing()
    result = resealing.reseal(opened.store, opened.keyring, opened.now())
    for name, count in result.resealed.items():
        click.echo(f"{count:>8}  {name}")
    for name, count in result.lost.items():
        click.echo(f"{count:>8}  {name}: no key opens them", err=True)
    if not opened.store.sweep(True):
        click.echo("The database was busy: run it again, so that no old bytes stay in its file.")
    if result.lost:
        raise SystemExit(1)
    click.echo("Everything is sealed with the newest key.")
