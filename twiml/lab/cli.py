"""The lab as commands: try an extension, write a first model, look at the gallery."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from twiml.lab import exports, measured, page, picture, sound, text, tuning_cli
from twiml.lab.first_model import first_model
from twiml.lab.gallery.menus import MENUS
from twiml.lab.learning import cli as learning
from twiml.lab.listening import cli as listening
from twiml.lab.opening import model_of
from twiml.lab.report import Report
from twiml.lab.trying import try_extension
from twiml.lab.unknowns import GREETINGS, Unknowns
from verification.extension import InvalidExtension

NOT_REACHED = 1
_WIDEST = 140
Command = TypeVar("Command", bound=Callable[..., Any])
_File = partial(click.Path, dir_okay=False, path_type=Path)


@click.group()
def lab() -> None:
    """See, hear and tune the way through an IVR before a call is placed."""


def unknown_options(command: Command) -> Command:
    """Give a command an option for each of the unknowns."""
    usual = Unknowns()
    for option in (
        click.option("--seed", default=usual.seed, help="What is drawn by chance."),
        click.option("--greeting", default=usual.greeting, type=click.Choice(GREETINGS)),
        click.option("--words-per-minute", default=usual.words_per_minute, show_default=True),
        click.option("--network-jitter", default=usual.network_jitter, help="ms, at most."),
        click.option("--answer-jitter", default=usual.answer_jitter, help="ms, at most."),
        click.option("--answer-delay", default=usual.answer_delay, show_default=True, help="ms."),
        click.option(
            "--waits-add/--waits-replace",
            default=lambda: measured.usual().waits_add,
            help="The gap.",
        ),
        click.option(
            "--half-second",
            default=lambda: measured.usual().half_second,
            type=int,
            help="ms of a w.",
        ),
        click.option(
            "--gap",
            default=lambda: measured.usual().gap,
            type=int,
            show_default="70",
            help="ms between two keys.",
        ),
        click.option(
            "--tone",
            default=lambda: measured.usual().tone,
            type=int,
            show_default="250",
            help="ms of one key.",
        ),
    ):
        command = option(command)
    return command


@lab.command("try")
@click.argument("phone")
@click.argument("extension")
@click.option("--reach", help="The number that is wanted; else any person, for the keys.")
@click.option("--phones", "phones_file", type=_File(), envvar="LINEPROOF_PHONES")
@click.option("--auth-token", default="", envvar="TWILIO_AUTH_TOKEN", help="Signs requests.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--svg", type=_File(), help="Write the picture.")
@click.option("--html", type=_File(), help="Write one page: picture, sound, margins.")
@click.option("--wav", type=_File(), help="Write the call as sound.")
@click.option("--labels", type=_File(), help="Write Audacity labels for the WAV.")
@click.option("--junit", type=_File(), help="Write the result for a CI server.")
@unknown_options
def try_(
    phone: str,
    extension: str,
    reach: str | None,
    phones_file: Path | None,
    auth_token: str,
    as_json: bool,
    svg: Path | None,
    html: Path | None,
    wav: Path | None,
    labels: Path | None,
    junit: Path | None,
    **unknowns: Any,
) -> None:
    """Send EXTENSION to PHONE and show what is heard and what is lost.

    PHONE is a number of a phones.toml, a folder of TwiML, a VoiceXML document, the URL of a
    running TwiML application, or gallery:NAME. The exit code is 0 when the wanted person is
    reached, 1 when not.
    """
    model = replace(model_of(phone, phones_file), auth_token=auth_token)
    try:
        report = try_extension(model, extension, Unknowns(**unknowns), reach=reach)
    except (InvalidExtension, ValueError) as error:
        raise click.UsageError(str(error)) from error
    heard = sound.wav(report) if wav or html else b""
    _write(svg, lambda: picture.svg(report).encode())
    _write(html, lambda: page.html(report, heard).encode())
    _write(wav, lambda: heard)
    _write(labels, lambda: exports.labels(report).encode())
    _write(junit, lambda: exports.junit(report).encode())
    _print(report, as_json=as_json)
    if known := measured.told():
        click.echo(known, err=True)
    sys.exit(0 if report.reached else NOT_REACHED)


@lab.command()
@click.option("--menu", required=True, help="The choices that lead through it, such as 2,5,9.")
@click.argument("file", type=_File(), default="menu.vxml")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def new(menu: str, file: Path, as_json: bool) -> None:
    """Write a first model of a menu to FILE (menu.vxml), to be corrected by hand."""
    try:
        document = first_model([choice.strip() for choice in menu.split(",")])
        with file.open("x", encoding="utf-8") as written:
            written.write(document)
    except ValueError as error:
        raise click.UsageError(f"--menu: {error}") from error
    except FileExistsError as error:
        raise click.UsageError(f"{file} exists already: name another file") from error
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error
    first = menu.partition(",")[0].strip()
    following = f"lineproof lab try {file} wwww{first}"
    if as_json:
        click.echo(json.dumps({"file": str(file), "next": following}))
    else:
        click.echo(f"{file} is written. Next: {following}")


@lab.command()
@click.option("--json", "as_json", is_flag=True)
def gallery(as_json: bool) -> None:
    """List the menus that come with the lab; each can be tried as gallery:NAME."""
    if as_json:
        click.echo(json.dumps([{**one._asdict(), "path": str(one.path)} for one in MENUS]))
        return
    for one in MENUS:
        click.echo(f"{click.style(f'{one.name:<11}', bold=True)} {one.about}")
        way = f"lineproof lab try gallery:{one.name} '{one.extension}'"
        click.echo(f"{'':<11} {click.style(way, dim=True)}")


def _write(file: Path | None, made: Callable[[], bytes]) -> None:
    if file is None:
        return
    try:
        file.write_bytes(made())
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from error


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(report.to_json())
        return
    width = min(_WIDEST, shutil.get_terminal_size((100, 24)).columns)
    click.echo(text.timeline(report, width))


for command in (*tuning_cli.COMMANDS, *listening.COMMANDS, *learning.COMMANDS):
    lab.add_command(command)

COMMANDS: list[click.Command] = [lab]
