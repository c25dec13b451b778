"""A tuning as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from twiml.lab.tuned import Tuned, Tuning

_GOOD, _BAD, _DIM, _BOLD = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[1m"
_PLAIN = "\x1b[0m"


def text(tuning: Tuning) -> str:
    """Return the whole result, with ANSI colours (click removes them where none are wanted)."""
    return "\n".join(_lines(tuning))


def _lines(tuning: Tuning) -> Iterator[str]:
    called = tuning.model if tuning.model == tuning.number else f"{tuning.model} ({tuning.number})"
    wanted = f", to reach {tuning.wanted}" if tuning.wanted else ""
    yield f"{_paint(called, _BOLD)}  keys {_paint(','.join(tuning.keys), _BOLD)}{wanted}"
    for why in tuning.why:
        yield ""
        yield _paint(f"✗ {why}", _BAD)
    if tuning.widest is not None and (tuning.works or not tuning.apart):
        yield ""
        yield from _one("Widest margin" if tuning.works else "Most likely", tuning.widest)
        yield ""
        yield from _shortest(tuning)
    for alone in tuning.apart:
        yield ""
        name = alone.doubts.greetings[0]
        if alone.widest is not None:
            yield from _one(f"Only {name}", alone.widest)
    yield ""
    for note in tuning.notes:
        yield f"! {note}"
    yield _paint(f"Over: {tuning.doubts.describe()}; seed {tuning.seed}.", _DIM)
    if not tuning.works:
        yield _paint("No extension works under all of these.", _BAD)


def _shortest(tuning: Tuning) -> Iterator[str]:
    asked = seconds(tuning.asked)
    if tuning.shortest is None:
        yield f"No extension keeps a margin of {asked}."
    elif tuning.shortest == tuning.widest:
        yield f"No shorter one keeps a margin of {asked}."
    else:
        yield from _one(f"Shortest that keeps {asked}", tuning.shortest)


def _one(title: str, tuned: Tuned) -> Iterator[str]:
    margin = "no margin" if tuned.margin is None else f"margin {seconds(tuned.margin)}"
    colour = _BAD if tuned.margin is None else _GOOD
    yield f"{title}: {_paint(tuned.extension, _BOLD)}  {_paint(margin, colour)}"
    heard = "  ".join(f"{one.key} {percent(one.heard, one.runs)}" for one in tuned.keys)
    yield f"  heard    {heard}"
    reached = percent(tuned.reached, tuned.runs)
    yield f"  reached  {reached}: {tuned.reached} of {tuned.runs} runs"
    if tuned.margin:
        yield (
            f"  margin   run at both ends in {tuned.at_ends} readings: all keys "
            f"{seconds(tuned.margin)} earlier, and later"
        )
    takes = [door.name for door in tuned.doors if not door.problem]
    plays = f"plays at most {seconds(tuned.length)}"
    yield f"  taken by {', '.join(takes)}; {plays}"
    for door in tuned.doors:
        if door.problem:
            yield f"  not by   {door.name}: {door.problem}"


def seconds(ms: int) -> str:
    """Return a length in seconds, to the millisecond."""
    return f"{ms / 1000:.3f} s"


def percent(part: int, whole: int) -> str:
    """Return a share; what is not quite all is never shown as all."""
    if part == whole:
        return "100 %"
    return f"{min(99.99, int(10_000 * part / whole) / 100):.2f} %"


def _paint(words: str, colour: str) -> str:
    return f"{colour}{words}{_PLAIN}"
