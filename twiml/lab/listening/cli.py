"""The command that works on a recording: `lab listen`.

numpy comes with the extra ``lab``: nothing here needs it until a command runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click

from twiml.lab import measured
from verification.extension import InvalidExtension

USAGE_ERROR = 2
_FILE = click.Path(path_type=Path, dir_okay=False)


class Refused(click.ClickException):
    """What was asked cannot be done; said in one line."""

    exit_code = USAGE_ERROR

    def show(self, file: object = None) -> None:
        """Say it as the other commands do."""
        click.echo(f"lineproof: {self.message}", err=True)


def need_numpy() -> None:
    """Raise Refused where numpy is not installed."""
    if find_spec("numpy") is None:
        raise Refused('this needs numpy: pip install "lineproof[lab]" (or the package numpy)')


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Say in one line what is wrong with a recording. Raises Refused."""
    need_numpy()
    try:
        yield
    except InvalidExtension as error:
        raise Refused(str(error)) from None
    except ValueError as error:
        raise Refused(f"{path}: {error}") from None
    except OSError as error:
        raise Refused(f"{error.filename or path}: {error.strerror}") from None


def milliseconds(seconds: float | None) -> int | None:
    """Seconds as they are typed, in whole milliseconds."""
    return None if seconds is None else round(seconds * 1000)


@click.command()
@click.argument("recording", type=_FILE)
@click.option("--keys", help="The keys of each stage, such as 2,5,9 or 2,1234#.")
@click.option("--channel", type=click.Choice(["left", "right"]), help="Which channel is the IVR.")
@click.option("--answered", type=click.FloatRange(0), help="Seconds to the answer, if not 0.")
@click.option("--tone", type=click.IntRange(40, 6000), help="The carrier's tone (ms), if known.")
@click.option("--gap", type=click.IntRange(0, 6000), help="The carrier's gap (ms), if known.")
@click.option("--waits", type=click.Choice(["add", "replace"]), help="What a w does to the gap.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--svg", type=_FILE, help="Write a picture.")
@click.option("--labels", type=_FILE, help="Write a label track for Audacity.")
def listen(
    recording: Path,
    keys: str | None,
    channel: str | None,
    answered: float | None,
    tone: int | None,
    gap: int | None,
    waits: str | None,
    as_json: bool,
    svg: Path | None,
    labels: Path | None,
) -> None:
    """Hear a recording of the real line and propose the waits for the keys.

    Exit code 0: heard (and proposed, if keys are given); 1: no extension can be proposed, and why;
    2: the recording cannot be read.
    """
    with refusing(recording):
        from twiml.lab.listening import telling  # noqa: PLC0415 - it needs numpy

        told = telling.listen(
            recording,
            keys,
            channel,
            milliseconds(answered),
            telling.readings(tone, gap, waits, measured.load()),
        )
        if svg:
            svg.write_text(told.as_svg(), encoding="utf-8")
        if labels:
            labels.write_text(told.as_labels(), encoding="utf-8")
    if known := measured.told():
        click.echo(known, err=True)
    click.echo(told.as_json() if as_json else "\n".join(told.as_text()))
    raise SystemExit(1 if told.why else 0)


COMMANDS: list[click.Command] = [listen]
