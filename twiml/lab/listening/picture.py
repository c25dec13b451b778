"""A recording as a picture: SVG that stands alone, readable without colours."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from twiml.lab.listening import tones
from twiml.lab.listening.hearing import KEY, MUSIC, NOISE, PAUSE, SPEECH, Heard
from twiml.lab.listening.prompts import told
from twiml.lab.listening.spectra import STEP
from twiml.lab.listening.waits import Proposal

_COLOURS = {
    SPEECH: "#2b6cb0",
    MUSIC: "#8e5bb5",
    NOISE: "#8a8f98",
    PAUSE: "#c9ced6",
    KEY: "#c2410c",
    **dict.fromkeys(tones.NAMES, "#b7791f"),
}
_LEFT, _WIDTH, _RIGHT = 24, 1000, 24
_TOP, _WAVE, _BELOW, _BETWEEN = 64, 90, 62, 18
_STRIPS = (20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000)
_MOST_STRIPS = 8
_QUIETEST, _LOUDEST = -60.0, -8.0


def svg(heard: Heard, proposal: Proposal | None, title: str) -> str:
    """Return the picture: strips of time with level, kinds, keys, and where keys are taken."""
    span = next((ms for ms in _STRIPS if heard.milliseconds <= ms * _MOST_STRIPS), _STRIPS[-1])
    if heard.milliseconds < span:
        span = max(heard.milliseconds, 1000)
    count = max(1, -(-heard.milliseconds // span))
    strip = _WAVE + _BELOW + _BETWEEN
    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + count * strip
    said = f"Extension {proposal.extension}" if proposal else "No extension proposed"
    lines = [*_head(width, height, title), *_legend(heard, proposal)]
    lines.append(
        f'<text x="{width - _RIGHT}" y="22" font-size="14" text-anchor="end" '
        f'font-family="monospace">{escape(said)}</text>'
    )
    for index in range(count):
        begin = index * span
        lines += _Strip(begin, min(begin + span, heard.milliseconds), span, index).drawn(
            heard, proposal
        )
    return "\n".join([*lines, "</svg>", ""])


def _head(width: int, height: int, title: str) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="sans-serif" font-size="12" fill="#1a202c">'
    )
    yield f"<title>{escape(title)}</title>"
    yield f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    yield f'<text x="{_LEFT}" y="22" font-size="15" font-weight="bold">{escape(title)}</text>'


def _legend(heard: Heard, proposal: Proposal | None) -> Iterator[str]:
    at = _LEFT
    used = {segment.kind for segment in heard.ivr.segments} | ({KEY} if heard.keys else set())
    names = [(kind, colour) for kind, colour in _COLOURS.items() if kind in used]
    if proposal:
        names.append(("where the key is taken", "#38a169"))
    for name, colour in names:
        yield f'<rect x="{at}" y="36" width="12" height="12" rx="2" fill="{colour}"/>'
        yield f'<text x="{at + 17}" y="46">{name}</text>'
        at += 40 + 7 * len(name)


class _Strip:
    """One row of the picture: a stretch of time between ``begin`` and ``end`` (ms)."""

    def __init__(self, begin: int, end: int, span: int, index: int) -> None:
        self.begin, self.end, self.span = begin, end, span
        self.top = _TOP + index * (_WAVE + _BELOW + _BETWEEN)
        self.base = self.top + _WAVE

    def drawn(self, heard: Heard, proposal: Proposal | None) -> Iterator[str]:
        yield from self._windows(proposal)
        yield from self._wave(heard)
        yield from self._names(heard)
        yield from self._keys(heard)
        yield from self._axis()

    def _x(self, ms: float) -> float:
        inside = min(max(ms, self.begin), self.end)
        return round(_LEFT + (inside - self.begin) * _WIDTH / self.span, 1)

    def _inside(self, begin: int, end: int) -> bool:
        return begin < self.end and end > self.begin

    def _windows(self, proposal: Proposal | None) -> Iterator[str]:
        for placed in proposal.placed if proposal else ():
            begin, end = placed.pause
            if not self._inside(begin, end):
                continue
            x, wide = self._x(begin), max(self._x(end) - self._x(begin), 1)
            yield (
                f'<rect x="{x}" y="{self.top}" width="{wide:.1f}" height="{_WAVE}" '
                'fill="#38a169" fill-opacity="0.16" stroke="#38a169" stroke-dasharray="4 3"/>'
            )
            middle = (begin + placed.before + end - placed.after) / 2
            if not self.begin <= middle < self.end:
                continue
            at = self._x(middle)
            yield (
                f'<line x1="{at}" x2="{at}" y1="{self.top + 24}" y2="{self.base}" '
                'stroke="#22543d" stroke-width="2"/>'
            )
            yield (
                f'<text x="{at}" y="{self.top + 18}" text-anchor="middle" font-size="15" '
                f'font-weight="bold" fill="#22543d">{escape(placed.keys)}</text>'
            )
            yield (
                f'<text x="{at}" y="{self.base + 54}" text-anchor="middle" font-size="11" '
                f'fill="#22543d">-{placed.before / 1000:.2f} / +{placed.after / 1000:.2f} s</text>'
            )

    def _wave(self, heard: Heard) -> Iterator[str]:
        level = heard.ivr.level
        for segment in heard.ivr.segments:
            if not self._inside(segment.begin, segment.end):
                continue
            begin, end = max(segment.begin, self.begin), min(segment.end, self.end)
            points = []
            step = max(STEP, self.span // _WIDTH // STEP * STEP)
            for ms in range(begin, end, step):
                loudest = float(np.max(level[ms // STEP : (ms + step) // STEP], initial=_QUIETEST))
                share = min(max((loudest - _QUIETEST) / (_LOUDEST - _QUIETEST), 0.01), 1)
                points.append(f"{self._x(ms)},{self.base - share * (_WAVE - 24):.1f}")
            points.append(f"{self._x(end)},{points[-1].split(',')[1]}")
            shape = f"{self._x(begin)},{self.base} {' '.join(points)} {self._x(end)},{self.base}"
            yield f'<polygon points="{shape}" fill="{_COLOURS[segment.kind]}"/>'

    def _names(self, heard: Heard) -> Iterator[str]:
        for segment in told(heard.ivr.segments):
            if segment.kind in (PAUSE, KEY) or not self._inside(segment.begin, segment.end):
                continue
            begin, end = self._x(segment.begin), self._x(segment.end)
            yield (
                f'<line x1="{begin}" x2="{end}" y1="{self.base + 4}" y2="{self.base + 4}" '
                f'stroke="{_COLOURS[segment.kind]}" stroke-width="3"/>'
            )
            if end - begin > 7 * len(segment.kind):
                yield (
                    f'<text x="{(begin + end) / 2:.1f}" y="{self.base + 18}" '
                    f'text-anchor="middle" font-size="11">{segment.kind}</text>'
                )

    def _keys(self, heard: Heard) -> Iterator[str]:
        for key in heard.keys:
            if self.begin <= key.onset < self.end:
                at = self._x((key.onset + key.end) / 2)
                yield (
                    f'<circle cx="{at}" cy="{self.base + 14}" r="9" fill="{_COLOURS[KEY]}"/>'
                    f'<text x="{at}" y="{self.base + 18}" text-anchor="middle" '
                    f'font-weight="bold" fill="#ffffff">{key.key}</text>'
                )

    def _axis(self) -> Iterator[str]:
        every = next(
            ms for ms in (1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000) if self.span / ms <= 20
        )
        yield (
            f'<line x1="{_LEFT}" x2="{self._x(self.end)}" y1="{self.base}" y2="{self.base}" '
            'stroke="#4a5568"/>'
        )
        for ms in range(self.begin, self.end + 1, every):
            at = self._x(ms)
            yield (
                f'<line x1="{at}" x2="{at}" y1="{self.base + 25}" y2="{self.base + 29}" '
                'stroke="#4a5568"/>'
                f'<text x="{at}" y="{self.base + 40}" text-anchor="middle" font-size="10" '
                f'fill="#4a5568">{_clock(ms)}</text>'
            )


def _clock(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes}:{seconds:02}" if minutes else f"{seconds} s"
