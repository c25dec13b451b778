"""A recording as text: how loud, what it is, which keys, and where the proposed keys fall."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twiml.lab.listening import tones
from twiml.lab.listening.hearing import KEY, MUSIC, NOISE, PAUSE, SPEECH, Heard
from twiml.lab.listening.prompts import told
from twiml.lab.listening.spectra import STEP
from twiml.lab.listening.waits import Proposal

MARKS = {
    SPEECH: "=",
    MUSIC: "~",
    NOISE: "%",
    KEY: "k",
    PAUSE: ".",
    tones.RING: "R",
    tones.BUSY: "B",
    tones.FAST_BUSY: "b",
    tones.DIAL: "D",
    tones.NO_SERVICE: "S",
    tones.FAX: "F",
    tones.BEEP: "!",
}
_COLUMNS = 72
_STRIPS = 6
_SCALES = (250, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000)  # ms a column
_BARS = " ▁▂▃▄▅▆▇█"
_QUIETEST, _LOUDEST = -60.0, -10.0
_ROWS = 40


def drawn(heard: Heard, proposal: Proposal | None) -> Iterator[str]:
    """Yield the lines of a drawing of at most six strips, and then the table of what was heard."""
    per_column = next(
        (scale for scale in _SCALES if heard.milliseconds <= scale * _COLUMNS * _STRIPS),
        -(-heard.milliseconds // (_COLUMNS * _STRIPS)),
    )
    rows = _rows(heard, proposal, per_column)
    count = max(1, -(-heard.milliseconds // per_column))
    for start in range(0, count, _COLUMNS):
        width = min(_COLUMNS, count - start)
        yield f"        {_axis(start, width, per_column)}"
        for name, row in rows:
            if piece := row[start : start + width].rstrip():
                yield f"{name:>6}  {piece}"
        yield ""
    used = {segment.kind for segment in heard.ivr.segments} | ({KEY} if heard.keys else set())
    legend = "  ".join(f"{mark} {kind}" for kind, mark in MARKS.items() if kind in used)
    yield f"        {legend}" + ("  ( ) where the key is taken" if proposal else "")
    yield ""
    yield from _table(heard)


def _rows(heard: Heard, proposal: Proposal | None, per_column: int) -> list[tuple[str, str]]:
    count = max(1, -(-heard.milliseconds // per_column))
    pressed, proposed = [" "] * count, [" "] * count
    for key in heard.keys:
        _put(pressed, key.onset // per_column, key.key)
    for placed in proposal.placed if proposal else ():
        first, last = (moment // per_column for moment in placed.pause)
        middle = (placed.pause[0] + placed.before + placed.pause[1] - placed.after) // 2
        _put(proposed, first - (first == middle // per_column), "(")
        _put(proposed, last + (last == middle // per_column), ")")
        _put(proposed, middle // per_column, placed.keys[0])
    return [
        ("level", _levels(heard, per_column, count)),
        ("heard", _kinds(heard, per_column, count)),
        ("keys", "".join(pressed)),
        ("press", "".join(proposed)),
    ]


def _put(row: list[str], column: int, mark: str) -> None:
    row[min(max(column, 0), len(row) - 1)] = mark


def _levels(heard: Heard, per_column: int, count: int) -> str:
    level, size = heard.ivr.level, per_column // STEP
    bars = []
    for column in range(count):
        piece = level[column * size : (column + 1) * size]
        loudest = float(np.max(piece, initial=_QUIETEST))
        share = (loudest - _QUIETEST) / (_LOUDEST - _QUIETEST)
        bars.append(_BARS[round(min(max(share, 0), 1) * (len(_BARS) - 1))])
    return "".join(bars)


def _kinds(heard: Heard, per_column: int, count: int) -> str:
    shares = [dict[str, int]() for _ in range(count)]
    for segment in heard.ivr.segments:
        for column in range(segment.begin // per_column, -(-segment.end // per_column)):
            begin, end = column * per_column, (column + 1) * per_column
            inside = min(segment.end, end) - max(segment.begin, begin)
            here = shares[min(column, count - 1)]
            here[segment.kind] = here.get(segment.kind, 0) + inside
    for here in shares:  # a key is short, and what everybody looks for
        if KEY in here:
            here[KEY] += per_column
    return "".join(
        MARKS[max(here, key=lambda kind: here[kind])] if here else " " for here in shares
    )


def _axis(start: int, width: int, per_column: int) -> str:
    every = next(step for step in (8, 12, 10) if step * per_column % 1000 == 0 or step == 10)
    axis = [" "] * (width + 12)
    for column in range(0, width, every):
        label = f"|{_clock((start + column) * per_column)}"
        axis[column : column + len(label)] = label
    return "".join(axis).rstrip()


def _clock(ms: int) -> str:
    minutes, seconds = divmod(ms / 1000, 60)
    return f"{minutes:.0f}:{seconds:02.0f}" if minutes else f"{seconds:g}s"


def _table(heard: Heard) -> Iterator[str]:
    pressed = [(key.onset, key.end, f"key {key.key}") for key in heard.keys]
    others = [(s.begin, s.end, s.kind) for s in told(heard.ivr.segments) if s.kind != KEY]
    rows = sorted(pressed + others)
    for begin, end, kind in rows[:_ROWS]:
        yield f"{begin / 1000:>9.2f} s {end / 1000:>9.2f} s  {kind} ({(end - begin) / 1000:.2f} s)"
    if len(rows) > _ROWS:
        yield f"          ... and {len(rows) - _ROWS} more: --json has all"
