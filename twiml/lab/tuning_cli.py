"""The command `lab tune`."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from twiml.lab.choosing import MOST_MARGIN
from twiml.lab.doubts import Doubts, Range
from twiml.lab.exploring import explore
from twiml.lab.model import Model
from twiml.lab.opening import model_of
from twiml.lab.tuned_text import text
from twiml.lab.tuning import MOST_RUNS, USUAL_RUNS, groups_of, tune
from twiml.lab.unknowns import GREETINGS
from twiml.lab.ways import Groups
from verification.extension import InvalidExtension

NO_EXTENSION = 1
_BAR = 30
_READINGS = {"add": (True,), "replace": (False,), "either": (True, False)}
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s)?")
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_File = partial(click.Path, dir_okay=False, path_type=Path)


class Span(click.ParamType[Range]):
    """A number, or two with a hyphen: 160, or 100-250."""

    name = "ms or ms-ms"

    def convert(self, value: Any, param: Any, ctx: Any) -> Range:
        """Return the least and the most."""
        if isinstance(value, tuple):
            return value[0], value[1]
        found = _RANGE.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is no range: write 160, or 100-250", param, ctx)
        return int(found[1]), int(found[2] or found[1])


class Duration(click.ParamType[int]):
    """A length of time: 1.5s, 1500ms, or 1.5 (seconds)."""

    name = "seconds"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Return milliseconds."""
        if isinstance(value, int):
            return value
        found = _DURATION.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is no length of time: write 1.5s or 1500ms", param, ctx)
        ms = round(float(found[1]) * (1 if found[2] == "ms" else 1000))
        if ms > MOST_MARGIN:
            self.fail(f"{value} is too much: at most {MOST_MARGIN // 1000}s", param, ctx)
        return ms


_USUAL = Doubts()


@click.command("tune")
@click.argument("phone")
@click.option("--keys", help="The keys of each menu, such as 2,5,9 or 2,1234#.")
@click.option("--reach", help="The number that is wanted; alone, its keys are looked for.")
@click.option("--margin", type=Duration(), help="What the shortest must keep; 1s.")
@click.option("--runs", type=click.IntRange(1, MOST_RUNS), default=USUAL_RUNS, show_default=True)
@click.option("--seed", default=0, help="What the runs are drawn from.")
@click.option("--tone", type=Span(), default=_USUAL.tone, help="ms of one key; 100-250.")
@click.option("--gap", type=Span(), default=_USUAL.gap, help="ms between two keys; 45-100.")
@click.option("--waits", type=click.Choice(list(_READINGS)), default="either", help="The gap.")
@click.option("--answer-delay", type=Span(), default=_USUAL.answer_delay, help="ms; 0-250.")
@click.option("--network-jitter", default=_USUAL.network_jitter, help="ms, at most; 40.")
@click.option("--words-per-minute", type=Span(), default=_USUAL.words_per_minute, help="150-180.")
@click.option("--greeting", multiple=True, type=click.Choice(GREETINGS), help="Else all it has.")
@click.option("--phones", "phones_file", type=_File(), envvar="LINEPROOF_PHONES")
@click.option("--auth-token", default="", envvar="TWILIO_AUTH_TOKEN", help="Signs requests.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def tune_(
    phone: str,
    keys: str | None,
    reach: str | None,
    margin: int | None,
    runs: int,
    seed: int,
    waits: str,
    greeting: tuple[str, ...],
    phones_file: Path | None,
    auth_token: str,
    as_json: bool,
    **ranges: Any,
) -> None:
    """Find the extension with the widest safety margin, and the shortest that keeps --margin.

    PHONE is what `lab try` takes. The exit code is 0 when an extension works under all the
    unknowns (and keeps --margin, where one is asked for), 1 when none does, and why is said.
    """
    model = replace(model_of(phone, phones_file), auth_token=auth_token)
    bar = _Bar()
    try:
        doubts = Doubts(**ranges, waits_add=_READINGS[waits], greetings=greeting or model.greetings)
        groups = groups_of(keys) if keys else _explored(model, reach, doubts, bar, as_json)
        asked = 1000 if margin is None else margin
        tuning = tune(
            model, groups, doubts, reach=reach, margin=asked, runs=runs, seed=seed, progress=bar
        )
    except (InvalidExtension, ValueError) as error:
        raise click.UsageError(str(error)) from error
    finally:
        bar.clear()
    click.echo(tuning.to_json() if as_json else text(tuning))
    kept = margin is None or tuning.shortest is not None
    sys.exit(0 if tuning.works and kept else NO_EXTENSION)


def _explored(model: Model, reach: str | None, doubts: Doubts, bar: _Bar, as_json: bool) -> Groups:
    if not reach:
        raise click.UsageError("name the keys (--keys 2,5,9), or whom they must reach (--reach)")
    found = explore(model, reach, doubts.middle(doubts.greetings[0]), bar)
    bar.clear()
    if found.groups:
        click.echo(f"Found in {found.calls} calls: {','.join(found.groups)}", err=True)
        return found.groups
    if found.groups is not None:
        told = f"{reach} answers without any key: no extension is needed."
        click.echo(json.dumps({"works": True, "keys": [], "notes": [told]}) if as_json else told)
        sys.exit(0)
    others = ", ".join(found.others) or "nobody"
    end = "every menu was tried" if found.tried_all else "the search was stopped there"
    why = (
        f"No keys were found that reach {reach} ({found.calls} calls; {end}). These answered: "
        f"{others}. An entry of several keys can only be found where the model names it: "
        "give it with --keys."
    )
    click.echo(json.dumps({"works": False, "why": [why]}) if as_json else why)
    sys.exit(NO_EXTENSION)


class _Bar:
    """Shows how far long work is, on a terminal's standard error; elsewhere nothing."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._drawn = False

    def __call__(self, what: str, done: int, of: int) -> None:
        if self._shown:
            full = "█" * (_BAR * done // of)
            sys.stderr.write(f"\r\x1b[K{full:░<{_BAR}} {done}/{of}  {what}")
            sys.stderr.flush()
            self._drawn = True

    def clear(self) -> None:
        """Take it away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False


COMMANDS: list[click.Command] = [tune_]
