"""The commands' work: read a recording, hear it, and tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from twiml.lab.listening import measuring, report
from twiml.lab.listening.drawing import drawn
from twiml.lab.listening.hearing import Heard, hear
from twiml.lab.listening.measuring import Measured
from twiml.lab.listening.picture import svg
from twiml.lab.listening.stages import NoProposal, answer
from twiml.lab.listening.waits import READINGS, Proposal, groups_of, propose
from twiml.lab.listening.wav import Recording, Unreadable, read
from verification.extension import Tones


@dataclass(frozen=True, slots=True)
class Told:
    """The outcome of listening: ``why`` has the reasons where keys were asked for in vain."""

    recording: Recording
    heard: Heard
    proposal: Proposal | None
    why: tuple[str, ...]
    name: str

    def as_json(self) -> str:
        """Everything, for programs."""
        content = report.listened(self.recording, self.heard, self.proposal, self.why)
        return json.dumps(content, indent=2, ensure_ascii=False)

    def as_svg(self) -> str:
        """The picture."""
        return svg(self.heard, self.proposal, self.name)

    def as_labels(self) -> str:
        """The label track."""
        return report.labels(self.heard, self.proposal)

    def as_text(self) -> Iterator[str]:
        """Yield the lines for a terminal."""
        background = self.heard.ivr.background
        channel = "mono" if self.heard.side == "mono" else f"{self.heard.side} channel"
        yield (
            f"{self.name}: {self.heard.milliseconds / 1000:.1f} s, {self.recording.encoding}, "
            f"{self.recording.rate} Hz, {channel}; noise {background.noise:g} dBFS, "
            f"loudest voice {background.voice:g} dBFS"
        )
        yield from self.heard.notes
        yield ""
        yield from drawn(self.heard, self.proposal)
        if self.proposal:
            yield from _proposed(self.proposal)
        elif self.why:
            yield ""
            yield "No extension can be proposed:"
            yield from (f"  {reason}" for reason in self.why)


def listen(
    path: Path,
    keys: str | None,
    side: str | None,
    answered: int | None,
    readings: Sequence[Tones] = READINGS,
) -> Told:
    """Hear a recording and, where ``keys`` are given, propose their extension.

    Raises Unreadable, InvalidExtension for keys that are none, ValueError for a channel that there
    is not, OSError.
    """
    groups = groups_of(keys) if keys is not None else None
    recording = read(path)
    heard = hear(recording, side)
    if groups is None:
        return Told(recording, heard, None, (), path.name)
    try:
        proposal = propose(heard, groups, readings, answered)
    except NoProposal as no:
        return Told(recording, heard, None, no.args, path.name)
    return Told(recording, heard, proposal, (), path.name)


def readings(
    tone: int | None, gap: int | None, waits: str | None, known: Tones | None = None
) -> list[Tones]:
    """The readings that are left when some of them are known (ms; "add" or "replace").

    ``known`` was measured, and stands for what is not given.
    """
    if known is not None:
        adds_ = known.waits_add if waits is None else waits == "add"
        return [
            Tones(
                known.tone if tone is None else tone,
                known.gap if gap is None else gap,
                adds_,
                known.half_second,
            )
        ]
    tones = [tone] if tone is not None else sorted({each.tone for each in READINGS})
    gaps = [gap] if gap is not None else sorted({each.gap for each in READINGS})
    adds = [waits == "add"] if waits else [True, False]
    return [Tones(*each) for each in product(tones, gaps, adds)]


def measure(path: Path, extension: str, side: str | None, answered: int | None) -> Measured:
    """Measure a carrier in a recording of its keys. Raises what `listen` does, and NotMeasured."""
    heard = hear(read(path), side)
    moment = answer(heard) if answered is None else answered
    return measuring.measure(extension, heard.keys, moment)


def measured_as_text(found: Measured) -> Iterator[str]:
    """Yield the lines for a terminal."""
    unknown = "not measured"
    adds = {None: unknown, True: "is added to the gap", False: "replaces the gap"}
    yield f"tone   {found.tone} ms"
    yield f"gap    {unknown if found.gap is None else f'{found.gap} ms'}"
    yield f"w      {found.wait:g} ms, {adds[found.waits_add]}"
    yield f"start  {found.start} ms after the answer"
    yield from (f"  {note}" for note in found.notes)


def _proposed(proposal: Proposal) -> Iterator[str]:
    yield ""
    for placed in proposal.placed:
        begin, end = placed.pause
        yield (
            f"{placed.keys:>6}  after {placed.waits} w, taken from {begin / 1000:.2f} s to "
            f"{end / 1000:.2f} s: {placed.before / 1000:.2f} s earlier and "
            f"{placed.after / 1000:.2f} s later would still do ({placed.proof})"
        )
    yield ""
    yield "It is assumed that"
    yield from (f"  {text}" for text in proposal.assumes)
    yield from proposal.notes
    yield ""
    yield f"Margin {proposal.margin / 1000:.2f} s under every one of these readings."
    yield proposal.extension


__all__ = ["Told", "Unreadable", "listen", "measure", "measured_as_text", "readings"]
