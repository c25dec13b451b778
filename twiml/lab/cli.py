"""The extension lab as commands."""

from __future__ import annotations

import click

from twiml.lab.listening import cli as listening


@click.group()
def lab() -> None:
    """See, hear and tune the path through an IVR before a call is placed."""


for command in listening.COMMANDS:
    lab.add_command(command)

COMMANDS: list[click.Command] = [lab]
