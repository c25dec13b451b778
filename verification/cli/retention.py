"""Commands for what is held of people: how much and until when, and to erase it."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from verification import erasing, numbers, retention
from verification.cli.door import Door, Opened, named_errors, time_text
from verification.retention import DAY, RULES, Standing

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
LATE_SECONDS = DAY  # the worker erases each hour


@click.group("retention")
def group() -> None:
    """What is held of people, and until when."""


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def report(door: Door, as_json: bool) -> None:
    """What is held, kind by kind, and until when; exit code 1 if anything is overdue by a day."""
    opened = door.existing()
    keep, now = opened.retention.keep, opened.now()
    with opened.store.read() as tx:
        standings = list(retention.report(tx, keep))
        purged_at = tx.retention.progress().purged_at
    late = [one.kind for one in standings if one.next_at and one.next_at < now - LATE_SECONDS]
    backups = opened.retention.backups.all()
    if as_json:
        kinds = [_as_json(one, keep) for one in standings]
        files = [{"file": one.path.name, "until": one.until} for one in backups]
        whole = {"kinds": kinds, "backups": files, "purged_at": purged_at, "overdue": late}
        click.echo(json.dumps(whole, indent=2))
    else:
        click.echo(f"{'':20} {'held':>8} {'in use':>8}  {'next is erased at':20}  after")
        for one in standings:
            click.echo(_line(one, keep))
        for backup in backups:
            click.echo(f"backup {backup.path.name} until {time_text(backup.until)}")
        last = time_text(purged_at) if purged_at else "never: start a worker"
        click.echo(f"Everything due was last erased: {last}")
    if late:
        click.echo(f"OVERDUE: {', '.join(late)}. Does a worker run?", err=True)
        raise SystemExit(1)


@group.command()
@click.pass_obj
def purge(door: Door) -> None:
    """Erase now what is due, and write an SQLite file anew; the worker does so by itself."""
    erased = door.existing().retention.at_once()
    for kind, count in erased.items():
        if count:
            click.echo(f"{count:>8}  {kind}")
    click.echo("What was due is erased.")


@click.command("erase")
@click.argument("number")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def erase(door: Door, number: str, yes: bool) -> None:
    """Erase what is held about NUMBER and its person, now; exit code 1 if anything stays.

    What is under way for it is stopped. A number in use must be released first.
    """
    number = numbers.read(number)
    if not _E164.fullmatch(number):
        raise click.BadParameter("must be a number such as +19025550123", param_hint="NUMBER")
    opened = door.existing()
    with opened.store.read() as tx:
        held = erasing.held(tx, number)
    told = ", ".join(f"{kind}: {count}" for kind, count in held.items()) or "nothing by itself"
    click.echo(f"Held about {numbers.masked(number)}: {told}")
    if not yes:
        click.confirm("Erase it, and stop what is under way for it?", abort=True)
    with named_errors(), opened.store.write() as tx:
        erased = erasing.erase(tx, opened.keyring, number, opened.now())
    if erased.waiting:
        click.echo("A call to the number is being ended. Nothing is erased yet: ask again then.")
        raise SystemExit(1)
    files = opened.retention.mail_files.remove(erased.mail_ids)
    swept = opened.store.sweep(True)
    _tell(opened, erased, files)
    if not swept:
        click.echo("The database was busy: run lineproof retention purge, so that no bytes stay.")
    if erased.kept or not swept:
        raise SystemExit(1)


def _tell(opened: Opened, erased: erasing.Erased, files: int) -> None:
    for kind, count in erased.counts.items():
        click.echo(f"{count:>8}  {kind}")
    click.echo(f"{files:>8}  mail files")
    for what in erased.kept:
        click.echo(f"Stays: {what}")
    for backup in opened.retention.backups.all():
        until = time_text(backup.until)
        click.echo(
            f"The backup {backup.path.name} may hold it until {until}: delete it if you must"
        )


def _line(one: Standing, keep: float) -> str:
    until = time_text(one.next_at) if one.next_at else "-"
    days = f"{retention.seconds(one.kind, keep) / DAY:g}"
    rule = f"{days} days after {RULES[one.kind].counts_from}"
    return f"{one.kind:20} {one.held:>8} {one.in_use:>8}  {until:20}  {rule}"


def _as_json(one: Standing, keep: float) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "held": one.held,
        "in_use": one.in_use,
        "next_at": one.next_at,
        "days": retention.seconds(one.kind, keep) / DAY,
        "counts_from": RULES[one.kind].counts_from,
    }
