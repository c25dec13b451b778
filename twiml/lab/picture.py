"""The report as a picture: one SVG that needs nothing else, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

from twiml.lab.report import KeyReport, Margin, Report, Verdict
from twiml.lab.text import margin_words, verdict_words

LEFT, RIGHT = 96, 32
_PER_SECOND, _NARROWEST, _WIDEST = 46, 1020, 4000
TOP, LOW = 74, 300  # of what moves with time; above is the title
_LANES = {"rings": 92, "speaks": 116, "listens": 200, "sends": 244}
_UNDER, _STEP = 274, 13  # the first margin's line, and from line to line
_KEPT_TITLE = 56  # what a picture without a title is lower by
_BUBBLE, _KEY, _NARROWEST_KEY = 58, 24, 8.0
_ROOM_FOR_WORDS = 190
_LETTER = 6.1  # of the words in the bubbles, as wide as a common one is

STYLE = """
svg.lab{--paper:#fbfaf7;--ink:#1d2430;--soft:#6b7280;--line:#e2dfd6;--voice:#dbe7f6;--voice-ink:#1f4b82;
--ear:#2f9e63;--ear-soft:#d3efdf;--bad:#c8372d;--bad-soft:#fbdfdc;--ring:#e9c46a;--wait:#b9b4a6;
font-family:ui-sans-serif,system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
@media (prefers-color-scheme:dark){svg.lab{--paper:#14181f;--ink:#eceff4;--soft:#98a2b3;
--line:#2a313c;--voice:#1f3350;--voice-ink:#b9d4f7;--ear:#4cc38a;--ear-soft:#173b2a;--bad:#ff6b5e;
--bad-soft:#47211f;--ring:#b98d2b;--wait:#5b6270}}
.lab .paper{fill:var(--paper)} .lab text{fill:var(--ink);font-size:12px}
.lab .title{font-size:17px;font-weight:650} .lab .lane,.lab .tick{fill:var(--soft);font-size:11px}
.lab .grid{stroke:var(--line);stroke-width:1} .lab .rail{stroke:var(--line);stroke-width:2}
.lab .ring{fill:var(--ring)} .lab .voice{fill:var(--voice)} .lab .voice.person{fill:var(--ear-soft)}
.lab .words{fill:var(--voice-ink);font-size:11px} .lab .ear{fill:var(--ear)}
.lab .cut{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:3 2}
.lab .wait{stroke:var(--wait);stroke-width:2;stroke-dasharray:2 5;stroke-linecap:round}
.lab .margin path{stroke:var(--ear);stroke-width:1.5;fill:none} .lab .margin circle{fill:var(--ear)}
.lab .margin text{font-size:10px;font-weight:700;text-anchor:end;fill:var(--ear)}
.lab .key rect{fill:var(--ear)}
.lab .key.bad rect{fill:var(--bad)}
.lab .key text{fill:#fff;font-size:16px;font-weight:700;text-anchor:middle}
.lab .off{stroke:var(--bad);stroke-width:1.5;fill:none} .lab .said{font-size:11px;fill:var(--soft)}
.lab .said.bad{fill:var(--bad);font-weight:600} .lab .good{fill:var(--ear);font-weight:650}
.lab .not{fill:var(--bad);font-weight:650}
"""


class _Scale:
    def __init__(self, report: Report) -> None:
        seconds = max(1, report.length) / 1000
        wide = min(_WIDEST, max(_NARROWEST, seconds * _PER_SECOND))
        self._per_ms = wide / max(1, report.length)
        self.zero = report.answered or 0
        self.width = round(LEFT + wide + RIGHT)

    def x(self, at: int) -> float:
        return round(LEFT + at * self._per_ms, 1)

    def long(self, ms: int) -> float:
        return round(ms * self._per_ms, 1)


def svg(report: Report, *, titled: bool = True, say: Callable[[str], str] = str) -> str:
    """Return the picture. Time runs from the dialling; zero on its axis is the answer.

    A green key was heard, a red one was lost. The line below a key reaches from the earliest to
    the latest moment at which it would still have been heard. ``say`` gives the words that are
    drawn beside the keys and the lanes in another language.
    """
    scale = _Scale(report)
    rows = sum(key.at is not None for key in report.keys)
    high = _UNDER + _STEP * rows + 40
    top = 0 if titled else _KEPT_TITLE
    box = f"0 {top} {scale.width} {high - top}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lab" viewBox="{box}"',
        f' width="{scale.width}" height="{high - top}" role="img"',
        f' aria-label="{_attribute(_summary(report))}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" y="{top}" width="{scale.width}" height="{high - top}"/>',
        *(_title(report) if titled else ()),
        *_grid(report, scale, high - 26, say),
        *_rings(report, scale),
        *_voices(report, scale),
        *_ears(report, scale),
        *_waits(report, scale),
        *_rows(report, scale, say),
        *_keys(report, scale),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def places(report: Report) -> tuple[list[float | None], float]:
    """Where each key stands in a picture without a title, as a part of its width (None: it was
    never sent), and how far down, as a part of its height.
    """
    scale = _Scale(report)
    at = [None if key.at is None else scale.x(key.at) / scale.width for key in report.keys]
    high = _UNDER + _STEP * sum(one is not None for one in at) + 40 - _KEPT_TITLE
    return at, (_LANES["sends"] - _KEPT_TITLE) / high


def _summary(report: Report) -> str:
    verb = "reaches" if report.reached else "does not reach"
    return f"{report.extension} on {report.model} {verb} the wanted person: {report.why}"


def _title(report: Report) -> list[str]:
    verdict = "reached" if report.reached else "not reached"
    kind = "good" if report.reached else "not"
    return [
        (
            f'<text class="title" x="24" y="36">{escape(report.extension or "no keys")}'
            f'<tspan class="said" dx="12">on {escape(report.model)}</tspan></text>'
        ),
        (
            f'<text x="24" y="58"><tspan class="{kind}">{verdict}</tspan>'
            f'<tspan class="said" dx="8">{escape(report.why)}</tspan></text>'
        ),
    ]


def _grid(report: Report, scale: _Scale, axis: int, say: Callable[[str], str]) -> list[str]:
    found = []
    step = next(s for s in (1, 2, 5, 10, 30, 60, 600) if scale.long(s * 1000) >= 40 or s == 600)
    moment = -(scale.zero // (step * 1000)) * step
    while scale.zero + moment * 1000 <= report.length:
        x = scale.x(scale.zero + moment * 1000)
        found.append(f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{axis}"/>')
        unit = " s" if not moment else ""
        found.append(f'<text class="tick" x="{x - 3}" y="{axis + 16}">{moment}{unit}</text>')
        moment += step
    found += [
        f'<text class="lane" x="24" y="{y + (4 if lane != "speaks" else 33)}">{say(lane)}</text>'
        for lane, y in _LANES.items()
    ]
    y = _LANES["sends"]
    return [
        *found,
        f'<line class="rail" x1="{LEFT}" y1="{y}" x2="{scale.x(report.length)}" y2="{y}"/>',
    ]


def _rings(report: Report, scale: _Scale) -> list[str]:
    y = _LANES["rings"]
    return [
        f'<rect class="ring" x="{scale.x(one.start)}" y="{y - 4}" height="8" rx="4"'
        f' width="{max(4, scale.long(one.end - one.start))}">'
        f"<title>{escape(one.who)} rings: {escape(one.number)}</title></rect>"
        for one in report.ringing
    ]


def _voices(report: Report, scale: _Scale) -> list[str]:
    found, y = [], _LANES["speaks"]
    for one in report.spoken:
        x, wide = scale.x(one.start), max(2.0, scale.long(one.end - one.start) - 2)
        kind = "voice" if one.who.startswith("ivr") else "voice person"
        found.append(
            f'<rect class="{kind}" x="{x}" y="{y}" width="{wide:.1f}" height="{_BUBBLE}" rx="7">'
            f"<title>{escape(one.who)} {one.kind}: {escape(one.text)}</title></rect>"
        )
        found += _words(one.text if one.kind == "says" else f"♪ {one.text}", x + 6, y + 16, wide)
        if one.end - one.start < one.whole:
            end = scale.x(one.end)
            found.append(f'<line class="cut" x1="{end}" y1="{y}" x2="{end}" y2="{y + _BUBBLE}"/>')
    return found


def _words(text: str, x: float, y: float, wide: float) -> list[str]:
    """As many words as fit into three lines of a bubble."""
    most = int((wide - 10) / _LETTER)
    if most < 3:
        return []
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > most:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    lines.append(line)
    if len(lines) > 3:
        lines = [*lines[:2], f"{lines[2]} …"]
    return [
        f'<text class="words" x="{x:.1f}" y="{y + 15 * place}">{escape(_fit(one, most))}</text>'
        for place, one in enumerate(lines)
    ]


def _fit(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(1, most - 1)]}…"


def _ears(report: Report, scale: _Scale) -> list[str]:
    y = _LANES["listens"]
    return [
        f'<rect class="ear" x="{scale.x(one.start)}" y="{y - 7}" height="14" rx="3"'
        f' width="{max(2, scale.long(one.end - one.start))}">'
        f"<title>{escape(one.who)} listens: {escape(one.document)}</title></rect>"
        for one in report.listening
    ]


def _waits(report: Report, scale: _Scale) -> list[str]:
    y = _LANES["sends"]
    return [
        f'<line class="wait" x1="{scale.x(one.start)}" y1="{y}" x2="{scale.x(one.end)}" y2="{y}">'
        f"<title>{escape(one.text)}: {(one.end - one.start) / 1000:.2f} s</title></line>"
        for one in report.waits
        if one.end <= report.length
    ]


def _rows(report: Report, scale: _Scale, say: Callable[[str], str]) -> list[str]:
    """Below each key a line of its own: its margin, or why it was lost."""
    found, y = [], _UNDER
    for key in report.keys:
        if key.at is None:
            continue
        if key.margin is not None:
            found.append(_margin(key, key.at, key.margin, scale, y))
        elif not key.verdict.good:
            text = f"{key.key} {say(verdict_words(key))}"
            # Near the right edge the words end where the key begins.
            late = scale.x(key.at) > scale.width - _ROOM_FOR_WORDS
            anchor = ' text-anchor="end"' if late else ""
            x = scale.x(key.at) + (_KEY if late else 0)
            found.append(
                f'<text class="said bad" x="{x}" y="{y + 4}"{anchor}>{escape(text)}</text>'
            )
        y += _STEP
    return found


def _margin(key: KeyReport, at: int, margin: Margin, scale: _Scale, y: int) -> str:
    start = scale.x(at - margin.earlier)
    end = min(scale.x(at + margin.later), scale.width - RIGHT)
    earlier, later = margin_words(key)
    return (
        f'<g class="margin"><title>{escape(f"{key.key}: {earlier} earlier, {later} later")}</title>'
        f'<path d="M{start} {y - 4} v8 m0 -4 H{end} m0 -4 v8"/>'
        f'<circle cx="{scale.x(at)}" cy="{y}" r="3.5"/>'
        f'<text x="{start - 5}" y="{y + 4}">{escape(key.key)}</text></g>'
    )


def _keys(report: Report, scale: _Scale) -> list[str]:
    """The keys, as wide as there is room before the next one."""
    found: list[str] = []
    sent = [(key, key.at) for key in report.keys if key.at is not None]
    for place, (key, at) in enumerate(sent):
        room = float(_KEY)
        if place + 1 < len(sent):
            room = min(room, scale.long(sent[place + 1][1] - at) - 1)
        found += _key(key, at, max(_NARROWEST_KEY, room), scale)
    return found


def _key(key: KeyReport, at: int, wide: float, scale: _Scale) -> list[str]:
    x, y = scale.x(at), _LANES["sends"]
    kind = "key" if key.verdict.good else "key bad"
    earlier, later = margin_words(key)
    told = f"{verdict_words(key)}{f' ({earlier} earlier, {later} later)' if earlier else ''}"
    found = []
    if key.off:
        there = x + scale.long(key.off) * (1 if key.verdict == Verdict.TOO_EARLY else -1)
        found.append(f'<path class="off" d="M{x} {y - 16} V{y - 24} H{there:.1f} V{y - 35}"/>')
    size = min(16, round(wide * 0.8))
    return [
        *found,
        f'<g class="{kind}"><title>{escape(f"{key.key}: {told}")}</title>',
        f'<rect x="{x}" y="{y - 16}" width="{wide:.1f}" height="32" rx="{min(7, wide / 3):.1f}"/>',
        f'<text x="{x + wide / 2:.1f}" y="{y + 6}" style="font-size:{size}px">',
        f"{escape(key.key)}</text></g>",
    ]


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
