"""Commands for certificates: check one offline, replace the key that signs them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

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
    number = said.get("phone_number") or f"(pseudonym) {said.get('number_pseudonym')}"
    at = datetime.fromtimestamp(said["verified_at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    consent = said["consent"]
    asked = (
        f"given, by {consent['random_keys']} random key(s) that were spoken in the call"
        if consent.get("given")
        else "the person was not asked by this method"
    )
    return [
        "GENUINE",
        f"number    {number}",
        f"account   {said['account_sid']} ({said['account_name']})",
        f"order     {said['sub']}, verified {at}",
        f"method    {proofs.METHODS.get(said['method'], said['method'])}",
        f"consent   {asked}",
        f"audit     row {said['audit']['row']}, hash {said['audit']['hash']}",
        f"issuer    {said['iss']}",
        "",
        said["proves"],
        said["proves_not"],
    ]
