"""Why no extension can work, in words: what the line does where a key would be needed."""

from __future__ import annotations

from collections.abc import Iterator

from twiml.emulator import Event
from twiml.lab.choosing import Table
from twiml.lab.model import Model
from twiml.lab.probe import Plan, simulate
from twiml.lab.reading import Documents, ending, spoken
from twiml.lab.unknowns import Unknowns
from twiml.lab.ways import HORIZON_MS, NOBODY, Chance, Groups, Lost, Stretch

_TIMES = 4
_SOUNDS = ("says", "plays")


def no_way(lost: Lost, groups: Groups, greeting: str, reach: str | None) -> str:
    """Say what stopped the groups in one greeting."""
    trace, zero = lost.trace, lost.trace.answered_at
    if zero is None:
        return f"{greeting}: the line is {ending(trace, Documents(trace)).how}"
    key = groups[lost.depth]
    after = f"after {','.join(groups[: lost.depth])}" if lost.depth else "from the answer on"
    if not lost.pieces:
        return f"{greeting}: {after} the line never listens for {key}: {_instead(lost, zero)}"
    first, last = lost.pieces[0].start - zero, lost.pieces[-1].end - zero
    when = f"listens between {_s(first)} and {_s(last)} after the answer"
    who = "no person answers" if reach is None else f"{reach} does not answer"
    if not lost.led:
        return f"{greeting}: {after} the line {when}, but {key} is not taken whole"
    if not lost.tried_all:
        return f"{greeting}: {after} the line {when}; too many ways were tried, and {who}"
    led = ", ".join(sorted({f"“{one.text}”" if one.text else "nothing" for one in lost.led}))
    return f"{greeting}: {after} the line {when}, but {key} leads to {led}, and {who}"


def _instead(lost: Lost, zero: int) -> str:
    trace = lost.trace
    since = max((one.at_ms for one in trace.events if one.kind == "heard"), default=zero)
    said = [one for one in spoken(trace, Documents(trace)) if one.end > since]
    ends = f"the call ends at {_s(trace.length - zero)}"
    if trace.length - since >= HORIZON_MS:
        ends = f"has not listened after {HORIZON_MS // 1000} s"
    if not said:
        return f"it says nothing, and {ends}"
    start, end = said[0].start - zero, said[-1].end - zero
    return (
        f"it speaks from {_s(start)} to {_s(end)} without listening (“{said[0].text}”), and {ends}"
    )


def no_common_wait(table: Table) -> list[str]:
    """Say for which group no number of waits is good in every reading, and what would be."""
    found = []
    for place, group in enumerate(table.groups):
        if table.best(place) >= 0:
            continue
        by_greeting: dict[str, list[tuple[int, int]]] = {}
        for reading, chances in table.readings:
            widest = _widest(chances[place])
            if widest is not None:
                ends = widest.start - chances[place].zero, widest.end - chances[place].zero
                by_greeting.setdefault(reading.greeting, []).append(ends)
        since = f"{table.groups[place - 1][-1]} was sent" if place else "playing begins"
        told = "; ".join(f"{name}: {_within(ends)}" for name, ends in by_greeting.items())
        found.append(
            f"no wait is right for {group} under all the unknowns; counted from when {since}, "
            f"it must come {told or 'never'}"
        )
    return found


def _within(ends: list[tuple[int, int]]) -> str:
    start, end = max(start for start, _ in ends), min(end for _, end in ends)
    after = f"after {_s(start)}"
    return after if end >= HORIZON_MS // 2 else f"{after} and before {_s(end)}"


def _widest(chance: Chance) -> Stretch | None:
    return max(chance.stretches, key=lambda one: one.end - one.start, default=None)


def unsteady(model: Model, unknowns: Unknowns) -> Iterator[str]:
    """Say if the line is not the same from call to call though nothing else differs."""
    plan = Plan("", (), 0, HORIZON_MS)
    first = _heard(simulate(model, plan, unknowns, NOBODY).events)
    for _ in range(_TIMES):
        again = _heard(simulate(model, plan, unknowns, NOBODY).events)
        if again != first:
            pairs = zip(first, again, strict=False)
            one, other = next((pair for pair in pairs if pair[0] != pair[1]), (("", 0), ("", 0)))
            yield (
                f"the line changes from call to call: once it said “{one[0]}” ({_s(one[1])}), once "
                f"“{other[0]}” ({_s(other[1])}); what was run holds for the prompts that came"
            )
            return


def _heard(events: list[Event]) -> list[tuple[str, int]]:
    return [(one.text, one.ms) for one in events if one.kind in _SOUNDS]


def _s(ms: int) -> str:
    return f"{ms / 1000:.2f} s"
