"""Commands for callbacks: what was sent, what was answered, once more."""

from __future__ import annotations

from typing import Any

import click

from verification import callback_secrets, callbacks, numbers
from verification.callbacks import Endpoint, Message, State
from verification.cli.door import Door, account_of, time_text

LISTED = 50


@click.group("callbacks")
def group() -> None:
    """Status callbacks: what customers were told, and whether they took it."""


@group.command("list")
@click.option("--state", type=click.Choice([str(state) for state in State]))
@click.option("--account", "account_sid", metavar="SID", help="Of this account only.")
@click.option("--object", "object_sid", metavar="SID", help="Of this order or other object only.")
@click.option("--limit", default=LISTED, show_default=True, type=click.IntRange(1))
@click.pass_obj
def list_messages(
    door: Door, state: str | None, account_sid: str | None, object_sid: str | None, limit: int
) -> None:
    """Callbacks, the newest first."""
    filters = _filters(state, account_sid, object_sid)
    with door.existing().store.read() as tx:
        for one in tx.outbox.latest(filters, limit):
            tries = f"{one.tries} {'try' if one.tries == 1 else 'tries'}"
            line = f"{one.id}  {time_text(one.created_at)}  {one.state}, {tries}"
            answer = f"  {one.answer}" if one.answer else ""
            click.echo(
                f"{line}  {one.event}  {one.object_sid}  {callbacks.origin(one.url)}{answer}"
            )


@group.command()
@click.argument("message_id", metavar="ID")
@click.pass_obj
def show(door: Door, message_id: str) -> None:
    """One callback: where it goes, what it says, what was answered last."""
    with door.existing().store.read() as tx:
        found = _message(tx, message_id)
    facts = {
        "id": found.id,
        "account": found.account_sid,
        "object": f"{found.object_sid}, message {found.sequence} of it",
        "event": found.event,
        "request": f"{found.method} {found.url}",
        "created": time_text(found.created_at),
        "state": f"{found.state} after {found.tries} tries",
        "answer": f"{found.answer} at {_time(found.answered_at)}" if found.answer else "none",
        "next try": _time(found.due_at),
    }
    for name, text in facts.items():
        click.echo(f"{name:>10}  {text}")
    for name, value in found.fields.items():
        click.echo(f"{'field':>10}  {name}={numbers.masked(value) if value[:1] == '+' else value}")


@group.command()
@click.argument("message_ids", metavar="[ID]...", nargs=-1)
@click.option("--state", type=click.Choice([str(State.FAILED), str(State.GONE)]))
@click.option("--account", "account_sid", metavar="SID", help="Of this account only.")
@click.option("--object", "object_sid", metavar="SID", help="Of this order or other object only.")
@click.pass_obj
def resend(
    door: Door,
    message_ids: tuple[str, ...],
    state: str | None,
    account_sid: str | None,
    object_sid: str | None,
) -> None:
    """Send callbacks again, under their first ids: those named, or all that --state names."""
    if bool(message_ids) == bool(state):
        raise click.UsageError("Name the callbacks by their IDs, or else with --state")
    opened = door.existing()
    with opened.store.write() as tx:
        if state:
            chosen = tx.outbox.latest(_filters(state, account_sid, object_sid), None)
        else:
            chosen = [_message(tx, one) for one in message_ids]
        for one in chosen:
            callbacks.resend(tx, one, "operator", opened.now())
    click.echo(f"{len(chosen)} to be sent again.")


@group.command()
@click.pass_obj
def receivers(door: Door) -> None:
    """Where callbacks go, and how it stands there; those that fail come first."""
    with door.existing().store.read() as tx:
        for one in tx.outbox.endpoints():
            click.echo(f"{one.name}  {_health(one)}")


@group.command()
@click.argument("sid", metavar="ACCOUNT_SID")
@click.option("--rotate", is_flag=True, help="A new one; both sign for a day.")
@click.pass_obj
def secret(door: Door, sid: str, rotate: bool) -> None:
    """The secret by which an account's receivers check callbacks (Standard Webhooks)."""
    opened = door.existing()
    with opened.store.write() as tx:
        account = account_of(tx, sid)
        if rotate:
            text = callback_secrets.rotate(tx, opened.keyring, account.sid, opened.now())
        else:
            text = callback_secrets.signing(tx, opened.keyring, account.sid, opened.now())[0]
    click.echo(f"CALLBACK_SECRET={text}")


def _filters(*values: str | None) -> dict[str, Any]:
    names = ("state", "account_sid", "object_sid")
    return {name: value for name, value in zip(names, values, strict=True) if value}


def _message(tx: Any, message_id: str) -> Message:
    found: Message | None = tx.outbox.get(message_id)
    if found is None:
        raise click.BadParameter(f"there is no callback {message_id}", param_hint="ID")
    return found


def _health(endpoint: Endpoint) -> str:
    if endpoint.failures:
        return f"failed {endpoint.failures} times in a row, since {_time(endpoint.failing_since)}"
    return "takes callbacks" if endpoint.proven else "not asked yet"


def _time(at: float | None) -> str:
    return "never" if at is None else time_text(at)
