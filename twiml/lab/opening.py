"""The model that a command line names."""

from __future__ import annotations

from pathlib import Path

import click

from twiml.emulator import BadPhones, Phones
from twiml.lab.model import BadModel, Model, open_model


def model_of(phone: str, phones_file: Path | None) -> Model:
    """Return the model that a command line names. Raises click.UsageError."""
    try:
        return open_model(phone, Phones.load(phones_file) if phones_file else None)
    except (BadModel, BadPhones) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{phones_file} cannot be read: {error.strerror}") from error
