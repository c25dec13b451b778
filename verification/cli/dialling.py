"""Commands for the switch that stops dialling."""

from __future__ import annotations

import click

from verification import dialling
from verification.cli.door import Door, time_text

OPERATOR = "operator"
_MOST = 1_000_000  # calls that are counted for a status


@click.group("dialling")
def group() -> None:
    """Dialling: stop it for all workers, start it again, see how it stands."""


@group.command()
@click.option("--reason", default="stopped by hand", show_default=True, help="For the audit trail.")
@click.pass_obj
def stop(door: Door, reason: str) -> None:
    """Place no more calls; those under way go on."""
    opened = door.existing()
    with opened.store.write() as tx:
        turned = dialling.stop(tx, OPERATOR, reason, opened.now())
    click.echo("Dialling is stopped." if turned else "Dialling was stopped already.")


@group.command()
@click.pass_obj
def start(door: Door) -> None:
    """Place calls again; the limits count anew from now on."""
    opened = door.existing()
    with opened.store.write() as tx:
        turned = dialling.start(tx, OPERATOR, opened.now())
    click.echo("Dialling is started." if turned else "Dialling was not stopped.")


@group.command()
@click.pass_obj
def status(door: Door) -> None:
    """Whether calls are placed, and how many were in the last hour and day."""
    opened = door.existing()
    with opened.store.read() as tx:
        switch, now = tx.dialling.switch(), opened.now()
        hour = tx.dialling.dialled(now - dialling.HOUR, _MOST)
        day = tx.dialling.dialled(now - dialling.DAY, _MOST)
    if switch.stopped:
        since = time_text(switch.since)
        click.echo(f"Dialling is stopped since {since} by {switch.actor}: {switch.reason}")
    else:
        click.echo("Calls are placed.")
    click.echo(f"Calls in the last hour: {hour}, in the last day: {day}")
