"""The report as text for a terminal: a strip of the whole call, the keys, and what was said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from twiml.lab.report import KeyReport, Report, Verdict

NARROWEST = 60
_LABEL = 9
_GOOD, _BAD, _DIM, _VOICE, _BOLD = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[36m", "\x1b[1m"
_PLAIN = "\x1b[0m"
_MARKS = {Verdict.HEARD: "✓", Verdict.STOPPED_PROMPT: "✓", Verdict.NEVER_SENT: "–"}


class _Line(NamedTuple):
    at: int
    order: int
    text: str


def timeline(report: Report, width: int = 100) -> str:
    """Return the whole report, with ANSI colours (click removes them where none are wanted).

    Times count from the answer: ringing lies before zero.
    """
    width = max(NARROWEST, width)
    parts = [_head(report), _strip(report, width), _keys(report), _story(report)]
    if report.trouble:
        parts.append("\n".join(_paint(f"! {text}", _BAD) for text in report.trouble))
    parts += [_paint(f"Assumed: {report.unknowns.describe()}.", _DIM), _verdict(report)]
    return "\n\n".join(part for part in parts if part)


def seconds(report: Report, at: int) -> str:
    """Return a moment in seconds since the answer (since dialling, if nobody answered)."""
    return f"{(at - (report.answered or 0)) / 1000:.3f}"


def margin_words(key: KeyReport) -> tuple[str, str]:
    """Return how much earlier and later a key may be sent, as words for a table."""
    if key.margin is None:
        return "", ""
    earlier, later = key.margin.earlier / 1000, key.margin.later / 1000
    return (
        f"{earlier:.3f} s{'+' if key.margin.earlier_open else ''}",
        f"{later:.3f} s{'+' if key.margin.later_open else ''}",
    )


def verdict_words(key: KeyReport) -> str:
    """Return the verdict on a key, and by how much it missed."""
    off = f" by {key.off / 1000:.3f} s" if key.off is not None else ""
    return f"{key.verdict}{off}"


def _head(report: Report) -> str:
    called = report.model if report.model == report.number else f"{report.model} ({report.number})"
    return f"{_paint(called, _BOLD)}  extension {_paint(report.extension or '(none)', _BOLD)}"


def _strip(report: Report, width: int) -> str:
    room = width - _LABEL
    scale = room / max(1, report.length)

    def row(label: str, spans: Iterable[tuple[int, int]], mark: str, colour: str) -> str:
        cells = [" "] * room
        for start, end in spans:
            first = min(room - 1, int(start * scale))
            for place in range(first, max(first + 1, min(room, int(end * scale)))):
                cells[place] = mark
        return f"{label:<{_LABEL}}{_paint(''.join(cells), colour)}".rstrip()

    rows = [
        row("rings", ((one.start, one.end) for one in report.ringing), "·", _DIM),
        row("speaks", ((one.start, one.end) for one in report.spoken), "▒", _VOICE),
        row("listens", ((one.start, one.end) for one in report.listening), "█", _GOOD),
        _sent(report, room, scale),
        _axis(report, room, scale),
    ]
    return "\n".join(rows)


def _sent(report: Report, room: int, scale: float) -> str:
    cells = [" "] * room
    for wait in report.waits:
        for place in range(int(wait.start * scale), min(room, int(wait.end * scale))):
            cells[place] = "w"
    for place, cell in enumerate(cells):
        if cell == "w":
            cells[place] = _paint("-", _DIM)
    for key in report.keys:
        if key.at is not None:
            colour = _GOOD if key.verdict.good else _BAD
            cells[min(room - 1, int(key.at * scale))] = _paint(key.key, colour)
    return f"{'sends':<{_LABEL}}{''.join(cells)}".rstrip()


def _axis(report: Report, room: int, scale: float) -> str:
    zero = report.answered or 0
    step = next(s for s in (1, 2, 5, 10, 20, 60, 300, 3600) if s * 1000 * scale >= 8 or s == 3600)
    cells = [" "] * room
    moment = 0
    while zero + moment * 1000 <= report.length:
        place = int((zero + moment * 1000) * scale)
        text = f"╵{moment}" + (" s" if not moment else "")
        if place + len(text) <= room:
            cells[place : place + len(text)] = text
        moment += step
    return f"{'':<{_LABEL}}{_paint(''.join(cells), _DIM)}".rstrip()


def _keys(report: Report) -> str:
    if not report.keys:
        return ""
    rows = [("key", "sent at", "what became of it", "earlier", "later", "at")]
    for key in report.keys:
        at = f"{seconds(report, key.at)} s" if key.at is not None else ""
        rows.append((key.key, at, verdict_words(key), *margin_words(key), key.document))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = []
    for place, row in enumerate(rows):
        key_, at, became, earlier, later, where = row
        cells = (
            f"{key_:<{widths[0]}}  {at:>{widths[1]}}  {became:<{widths[2]}}  "
            f"{earlier:>{widths[3]}}  {later:>{widths[4]}}  {where}"
        )
        if place == 0:
            lines.append(_paint(f"   {cells}".rstrip(), _DIM))
            continue
        key = report.keys[place - 1]
        mark = _paint(_MARKS.get(key.verdict, "✗"), _GOOD if key.verdict.good else _BAD)
        lines.append(f" {mark} {cells}".rstrip())
    return "\n".join(lines)


def _story(report: Report) -> str:
    lines: list[_Line] = []

    def tell(at: int, order: int, who: str, text: str) -> None:
        lines.append(_Line(at, order, f"{seconds(report, at):>9} s  {who:<9} {text}"))

    for ring in report.ringing:
        tell(ring.start, 0, ring.who, f"rings ({ring.number})")
        if ring.answered:
            tell(ring.end, 1, ring.who, "answers")
    for said in report.spoken:
        cut = _paint("  (cut off)", _DIM) if said.end - said.start < said.whole else ""
        text = f"“{said.text}”" if said.kind == "says" else f"♪ {said.text}"
        tell(said.start, 3, said.who, _paint(text, _VOICE) + cut)
    for one in report.listening:
        end = (one.end - one.start) / 1000
        tell(one.start, 2, one.who, _paint(f"listens for {end:.2f} s", _GOOD))
    for wait in report.waits:
        if wait.start <= report.length:
            text = f"waits {(wait.end - wait.start) / 1000:.2f} s  {wait.text}"
            tell(wait.start, 5, "caller", _paint(text, _DIM))
    for key in report.keys:
        if key.at is not None:
            why = f": {key.why}" if key.why and not key.verdict.good else ""
            text = f"sends {key.key}  {verdict_words(key)}{why}"
            tell(key.at, 4, "caller", _paint(text, _GOOD if key.verdict.good else _BAD))
    tell(report.length, 9, "", report.ending.how)
    return "\n".join(line.text for line in sorted(lines))


def _verdict(report: Report) -> str:
    if report.reached:
        return _paint(f"Reached: {report.why}.", _GOOD)
    where = report.ending.document or report.ending.phone
    return _paint(f"Not reached: {report.why}; the call ended in {where or 'nothing'}.", _BAD)


def _paint(text: str, colour: str) -> str:
    return f"{colour}{text}{_PLAIN}"
