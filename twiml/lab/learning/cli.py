"""The commands that call a line: `lab learn`, `lab recheck` and `lab carrier`.

numpy comes with the extra ``lab``: nothing here needs it until a command runs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from twiml import cli as emulating
from twiml.emulator import BadPhones, Phones
from twiml.lab import measured
from twiml.lab.learning.calls import Limits, Prober
from twiml.lab.learning.carrying import chosen as configured
from twiml.lab.learning.carrying import emulated, live
from twiml.lab.listening.cli import Refused, milliseconds, need_numpy, refusing
from twiml.lab.model import BadModel, open_model
from verification import numbers
from verification.extension import InvalidExtension
from verification.settings import Settings

FAILED = 1
_MEASURING_SECONDS = 5
_FILE = click.Path(path_type=Path, dir_okay=False)
Command = TypeVar("Command", bound=Callable[..., Any])


class Failed(Refused):
    """What was asked has been tried, and came to nothing; said in one line."""

    exit_code = FAILED


class _Telling(click.Command):
    """With --json it prints JSON whatever happens.

    Where it is stopped that is ``{"error": why}``, beside the line on stderr. The exit code stays.
    """

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """Read the arguments."""
        with _told(as_json="--json" in args):
            return super().make_context(info_name, args, *rest, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Do what was asked for."""
        with _told(as_json=ctx.params["as_json"]):
            return super().invoke(ctx)


@contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    try:
        yield
    except (click.ClickException, click.Abort) as error:
        if as_json:
            why = "nobody agreed to the call: none was placed"
            if isinstance(error, click.ClickException):
                why = error.format_message()
            click.echo(json.dumps({"error": why}, indent=2))
        raise


def _calling(command: Command) -> Command:
    """Give a command the options of those that place calls."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="The result as JSON."),
        click.option("--recordings", type=click.Path(path_type=Path, file_okay=False)),
        click.option("--yes", is_flag=True, help="Do not ask before calls on a real carrier."),
        click.option("--phones", "phones_file", type=_FILE, envvar="LINEPROOF_PHONES"),
        click.option(
            *("--listen", "listen_seconds"),
            default=45,
            show_default=True,
            type=click.IntRange(5, 300),
            help="Seconds to listen after the last key.",
        ),
    ):
        command = option(command)
    return command


@contextmanager
def calling(
    number: str, phones_file: Path | None, limits: Limits, *, yes: bool
) -> Iterator[tuple[Prober, str]]:
    """Give what places calls, and the number that it calls, after asking where calls are real.

    On the emulator a number may also be what `lab try` takes. Raises Refused, click.Abort.
    """
    need_numpy()
    chosen = configured()
    if not chosen.live:
        phones, called = _emulated(number, phones_file)
        with emulated(phones, emulating.timing(chosen), limits) as prober:
            yield prober, called
        return
    try:
        numbers.check(number)
    except numbers.UnfitNumber as error:
        raise Refused(str(error)) from None
    _ask(number, limits, chosen, yes=yes)
    yield live(chosen, limits), number


def _emulated(number: str, phones_file: Path | None) -> tuple[Phones, str]:
    try:
        known = Phones.load(phones_file) if phones_file else Phones.built_in()
        model = open_model(number, known)
    except (BadModel, BadPhones) as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{phones_file} cannot be read: {error.strerror}") from None
    return model.phones, model.number


def _ask(number: str, limits: Limits, chosen: Settings, *, yes: bool) -> None:
    where = chosen.twilio_api_base_url or "Twilio"
    click.echo(
        f"Up to {limits.most_calls} calls are placed to {number} through {where}, at your "
        f"expense, each at least {limits.listen_seconds} s long, and each is recorded. "
        "Call only a number that is yours, or whose owner allows both.",
        err=True,
    )
    if not yes:
        click.confirm("Place them?", abort=True, err=True)


@click.command(cls=_Telling)
@click.argument("number")
@click.option("--keys", required=True, help="The keys of each level, such as 2,5,9 or 2,1234#.")
@click.option("--most-calls", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--profile", type=_FILE, default=Path("line.vxml"), show_default=True)
@_calling
def learn(
    number: str,
    keys: str,
    most_calls: int,
    profile: Path,
    listen_seconds: int,
    phones_file: Path | None,
    yes: bool,
    recordings: Path | None,
    as_json: bool,
) -> None:
    """Learn the extension of NUMBER by calls to it, one level at a time.

    Each call plays what is known so far and records the line. Ends with an extension that was
    tested by a call, and a profile (VoiceXML) for lab try. Exit code 0: learnt to the last key;
    1: not, and why; 2: the command was wrong.
    """
    limits = Limits(most_calls, configured().calls_per_second, listen_seconds)
    if profile.exists():
        raise Refused(f"{profile} exists already: name another file with --profile")
    with calling(number, phones_file, limits, yes=yes) as (prober, called):
        from twiml.lab.learning import levels, telling  # noqa: PLC0415 - they need numpy

        try:
            groups = telling.groups_of(keys)
        except InvalidExtension as error:
            raise Refused(str(error)) from None
        hear = telling.hearing(prober, called, recordings)
        learnt = levels.learn(hear, groups, telling.readings(), lambda said: _say(said, as_json))
    if learnt.levels:
        _save(profile, telling.document(learnt))
    if as_json:
        click.echo(json.dumps(telling.as_json(learnt, prober, profile), indent=2))
    else:
        click.echo("\n".join(telling.as_text(learnt, prober, profile)))
    raise SystemExit(FAILED if learnt.why else 0)


@click.command(cls=_Telling)
@click.argument("profile", type=_FILE)
@click.argument("number")
@click.option("--tolerance", default=500, show_default=True, type=click.IntRange(100, 60_000))
@_calling
def recheck(
    profile: Path,
    number: str,
    tolerance: int,
    listen_seconds: int,
    phones_file: Path | None,
    yes: bool,
    recordings: Path | None,
    as_json: bool,
) -> None:
    """Call NUMBER once with the extension of PROFILE, and say what has changed since.

    Exit code 0: nothing by more than --tolerance (ms); 1: what differs, or no call; 2: the
    command was wrong.
    """
    need_numpy()
    from twiml.lab.learning import telling  # noqa: PLC0415 - it needs numpy

    try:
        known = telling.read_profile(profile)
    except (telling.BadProfile, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Refused(f"{profile}: {why}") from None
    limits = Limits(1, configured().calls_per_second, listen_seconds)
    with calling(number, phones_file, limits, yes=yes) as (prober, called):
        try:
            heard = telling.hearing(prober, called, recordings)(known.extension)
        except telling.NotCalled as error:
            raise Failed(str(error)) from None
    found = telling.drifts(known, heard, tolerance)
    if as_json:
        click.echo(json.dumps(telling.drifts_as_json(found, prober), indent=2))
    else:
        click.echo("\n".join(telling.drifts_as_text(found, prober)))
    raise SystemExit(FAILED if found else 0)


def _say(text: str, quietly: bool) -> None:
    if not quietly:
        click.echo(text)


def _save(file: Path, content: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as made:
            made.write(content)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from None


@click.command(cls=_Telling)
@click.argument("number", required=False)
@click.option("--recording", type=_FILE, help="The far end's sound, as WAV, in place of a call.")
@click.option("--extension", default="wwwwwwww12w3www4", show_default=True, help="What is played.")
@click.option("--channel", type=click.Choice(["left", "right"]), help="The far end's channel.")
@click.option("--answered", type=click.FloatRange(0), help="Seconds to the answer, if not 0.")
@click.option("--save/--no-save", default=True, help="Keep the values for the lab's commands.")
@_calling
def carrier(
    number: str | None,
    recording: Path | None,
    extension: str,
    channel: str | None,
    answered: float | None,
    save: bool,
    listen_seconds: int,
    phones_file: Path | None,
    yes: bool,
    recordings: Path | None,
    as_json: bool,
) -> None:
    """Measure how long the carrier's w, tone and gap really are.

    Calls NUMBER, which must be your own and be answered, plays the extension, and finds the keys in
    the recording. With --recording nothing is called, and nothing is kept.
    """
    if (number is None) == (recording is None):
        raise click.UsageError("give the NUMBER to call, or a --recording of what was played")
    if recording is not None:
        with refusing(recording):
            from twiml.lab.listening import telling as listening  # noqa: PLC0415 - needs numpy

            found = listening.measure(recording, extension, channel, milliseconds(answered))
    else:
        limits = Limits(1, configured().calls_per_second, min(listen_seconds, _MEASURING_SECONDS))
        with calling(str(number), phones_file, limits, yes=yes) as (prober, called):
            found = _measured(prober, called, extension, recordings)
    from twiml.lab.learning import telling  # noqa: PLC0415 - it needs numpy

    click.echo("\n".join(telling.measured(found, as_json=as_json)))
    if recording is None and save:
        try:
            file = measured.save(found.tones())
        except OSError as error:
            raise Refused(f"{measured.path()} cannot be written: {error.strerror}") from None
        click.echo(f"Kept in {file}: lab try, listen and learn use it from now on.", err=as_json)


def _measured(prober: Prober, called: str, extension: str, recordings: Path | None) -> Any:
    from twiml.lab.learning import telling  # noqa: PLC0415 - it needs numpy

    try:
        heard = telling.hearing(prober, called, recordings)(extension)
        return telling.measure(extension, heard.keys)
    except (telling.NotCalled, telling.NotMeasured) as error:
        raise Failed(str(error)) from None
    except InvalidExtension as error:
        raise Refused(str(error)) from None


COMMANDS: list[click.Command] = [learn, recheck, carrier]
