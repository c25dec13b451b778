"""Try an extension on a model: what is heard, what is lost, who is reached."""

from __future__ import annotations

from dataclasses import replace

from twiml.lab.margins import margin
from twiml.lab.model import Model, open_model
from twiml.lab.probe import Plan, Trace, simulate
from twiml.lab.reading import (
    Documents,
    ending,
    key_reports,
    listening,
    ringing,
    spoken,
    trouble,
    waits,
)
from twiml.lab.report import KeyReport, Report
from twiml.lab.unknowns import Unknowns
from verification.extension import check, schedule

STAY_MS = 60_000
USUAL = Unknowns()


def try_extension(
    model: Model | str,
    extension: str,
    unknowns: Unknowns = USUAL,
    *,
    seed: int | None = None,
    reach: str | None = None,
    stay: int = STAY_MS,
    margins: bool = True,
) -> Report:
    """Call a model, send an extension, and return what became of each key.

    ``model``: as :func:`twiml.lab.model.open_model` takes it. ``seed`` stands in for that of the
    unknowns. ``reach``: the number that is wanted; without it any person is, but then every key
    must have been heard, for who is put through to by a time-out is not whom the keys lead to.
    ``stay``: how long the line is held after the last key (ms). Without ``margins`` the call is
    run just once.

    Raises BadModel, InvalidExtension, and ValueError for a greeting that the model has not.
    """
    line = open_model(model) if isinstance(model, str) else model
    given = unknowns if seed is None else replace(unknowns, seed=seed)
    if given.greeting not in line.greetings:
        known = ", ".join(line.greetings)
        raise ValueError(f"{line.name} has no greeting {given.greeting!r}: it has {known}")
    plan = planned(extension, given, stay)
    trace = simulate(line, plan, given, reach)
    report = read(line, plan, trace, given, reach)
    return with_margins(line, plan, report) if margins else report


def planned(extension: str, unknowns: Unknowns, stay: int = STAY_MS) -> Plan:
    """Return when each key of an extension is sent. Raises InvalidExtension."""
    scheduled = schedule(check(extension), unknowns.timing().tones)
    return Plan(extension, scheduled.keys, scheduled.length, stay)


def read(
    model: Model, plan: Plan, trace: Trace, unknowns: Unknowns, reach: str | None = None
) -> Report:
    """Return the report of a call that was run, without margins."""
    documents = Documents(trace)
    keys = key_reports(trace, plan, documents)
    reached, why = _reached(trace, keys, reach)
    begins = next((event.at_ms for event in trace.events if event.kind == "types"), 0)
    return Report(
        model=model.name,
        number=model.number,
        extension=plan.text,
        wanted=reach,
        unknowns=unknowns,
        reached=reached,
        why=why,
        answered=trace.answered_at,
        length=trace.length,
        ending=ending(trace, documents),
        keys=keys,
        waits=waits(plan, begins, unknowns.tone),
        spoken=spoken(trace, documents),
        listening=listening(trace, documents),
        ringing=ringing(trace),
        trouble=trouble(trace),
    )


def with_margins(model: Model, plan: Plan, report: Report) -> Report:
    """Return a report with the margin of each key that was heard; each is a few calls more."""
    keys = tuple(
        replace(key, margin=margin(model, plan, place, report.unknowns))
        if key.verdict.good
        else key
        for place, key in enumerate(report.keys)
    )
    return replace(report, keys=keys)


def _reached(trace: Trace, keys: tuple[KeyReport, ...], reach: str | None) -> tuple[bool, str]:
    if reach is not None:
        if any(one.number == reach for one in trace.answers):
            return True, f"{reach} answered"
        return False, f"{reach} did not answer"
    person = next((one for one in trace.answers if one.kind == "person"), None)
    if person is None:
        return False, "no person answered"
    bad = next((key for key in keys if not key.verdict.good), None)
    if bad is not None:
        return False, f"{person.number} answered, but not for the keys: {bad.key} was not heard"
    return True, f"{person.number} answered"
