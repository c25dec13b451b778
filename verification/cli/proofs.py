"""Commands for certificates: check one offline, replace the key that signs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from verification import certificate_sheet as sheet
from verification import proofs
from verification.cli.door import Door, time_text


@click.group("proof")
def group() -> None:
    """Certificates of verified orders."""


@group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The JWK set of the server that issued it, saved from /.well-known/jwks.json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what it says as JSON.")
@click.pass_obj
def verify(door: Door, file: Path, keys_file: Path | None, as_json: bool) -> None:
    """Check the certificate in FILE without any network; exit code 1 if it is not genuine.

    FILE holds the certificate itself, or the API's answer. Without --keys the keys of this server's
    own database are taken.
    """
    text = file.read_text(encoding="utf-8", errors="replace").strip()
    try:
        said = proofs.verify(_certificate(text), _keys(door, keys_file))
    except proofs.NotGenuine as error:
        click.echo(f"NOT GENUINE: {error}")
        raise SystemExit(1) from None
    click.echo(json.dumps(said, indent=2) if as_json else "\n".join(_told(said)))


@group.command()
@click.pass_obj
def rotate(door: Door) -> None:
    """Let a new key sign from now on; what the old one signed stays valid."""
    opened = door.existing()
    with opened.store.write() as tx:
        key = proofs.rotate(tx, opened.keyring, opened.now())
    click.echo(f"{key.kid} signs from now on.")


@group.command("keys")
@click.pass_obj
def list_keys(door: Door) -> None:
    """The keys, the oldest first."""
    with door.existing().store.read() as tx:
        for key in tx.proof_keys.all():
            until = f"until {time_text(key.retired_at)}" if key.retired_at else "signs now"
            click.echo(f"{key.kid}  {time_text(key.created_at)}  {until}")


def _certificate(text: str) -> str:
    if not text.startswith("{"):
        return text
    try:
        return str(json.loads(text)["certificate"])
    except (ValueError, KeyError):
        raise proofs.NotGenuine("The file holds no certificate") from None


def _keys(door: Door, file: Path | None) -> Any:
    if file is None:
        with door.existing().store.read() as tx:
            return proofs.key_set(tx.proof_keys.all())
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise click.BadParameter(f"{file} is no JWK set", param_hint="--keys") from None


def _told(said: dict[str, Any]) -> list[str]:
    told = [*sheet.facts(said), sheet.audited(said), sheet.issued(said)]
    facts = [f"{label:<14} {text}" for label, text in told]
    return ["GENUINE", *facts, "", *sheet.proves(said)]
