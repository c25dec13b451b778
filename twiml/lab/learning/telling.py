"""The commands' work: hear probe calls, and tell what was learnt or has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twiml.lab import measured as kept
from twiml.lab.learning import drift, profile
from twiml.lab.learning.calls import NotCalled, Prober
from twiml.lab.learning.drift import Drift
from twiml.lab.learning.levels import Learnt, Probe
from twiml.lab.learning.profile import BadProfile, Profile
from twiml.lab.listening.hearing import Heard, hear
from twiml.lab.listening.measuring import Measured, NotMeasured, measure
from twiml.lab.listening.telling import measured_as_text
from twiml.lab.listening.waits import READINGS, groups_of
from twiml.lab.listening.wav import Unreadable, parse
from verification.extension import Tones

document = profile.written
read_profile = profile.read


def hearing(prober: Prober, number: str, folder: Path | None) -> Probe:
    """Return what calls a number with an extension and hears the recording.

    ``folder``: where each recording is kept, as ``call-1.wav`` and so on; None: nowhere.
    """

    def probe(extension: str) -> Heard:
        sound = prober.record(number, extension)
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"call-{prober.calls}.wav").write_bytes(sound)
            except OSError as error:
                raise NotCalled(f"{folder} cannot be written: {error.strerror}") from None
        try:
            return hear(parse(sound))
        except Unreadable as error:
            raise NotCalled(f"the carrier's recording cannot be read: {error}") from None

    return probe


def readings() -> list[Tones]:
    """Return what was measured of the carrier, else all readings of what nobody knows."""
    known = kept.load()
    return list(READINGS) if known is None else [known]


def measured(found: Measured, *, as_json: bool) -> Iterator[str]:
    """Yield the lines of what was measured."""
    if as_json:
        yield json.dumps(asdict(found), indent=2)
    else:
        yield from measured_as_text(found)


def spent(prober: Prober) -> str:
    """Say how many calls were placed, and how long they lasted."""
    calls = "1 call" if prober.calls == 1 else f"{prober.calls} calls"
    return f"{calls} of at most {prober.limits.most_calls}, {prober.seconds} s in all."


def as_text(learnt: Learnt, prober: Prober, file: Path) -> Iterator[str]:
    """Yield the lines for a terminal; the last is the extension, where all of it was learnt."""
    for level in learnt.levels:
        yield (
            f"{level.keys:>6}  the prompt ends after {level.prompt / 1000:.2f} s, then silence for "
            f"{level.silent / 1000:.2f} s; pressed at {level.pressed / 1000:.2f} s"
        )
    yield spent(prober)
    if learnt.levels:
        yield f"Margin {learnt.margin / 1000:.2f} s under every reading of tone, gap and w."
        yield f"Profile: {file}. Next: lineproof lab try {file} {learnt.extension}"
    if learnt.why:
        reached = f"as far as {learnt.extension}" if learnt.levels else "at all"
        yield f"Not learnt to the end, {reached}: {learnt.why}."
    else:
        yield learnt.extension


def as_json(learnt: Learnt, prober: Prober, file: Path) -> dict[str, Any]:
    """What was learnt, for programs; times in milliseconds, ``seconds`` of calls."""
    return {
        **asdict(learnt),
        "learnt": not learnt.why,
        "profile": str(file) if learnt.levels else None,
        **_counted(prober),
    }


def drifts(known: Profile, heard: Heard, tolerance: int) -> list[Drift]:
    """Return what has changed by more than ``tolerance`` ms."""
    return drift.drifts(known, heard, tolerance, readings()[0])


def drifts_as_text(found: Sequence[Drift], prober: Prober) -> Iterator[str]:
    """Yield the lines for a terminal."""
    yield from map(str, found)
    yield spent(prober)
    yield "The line has changed." if found else "The line is as its profile says."


def drifts_as_json(found: Sequence[Drift], prober: Prober) -> dict[str, Any]:
    """What has changed, for programs; times in milliseconds, ``seconds`` of calls."""
    told = [{**asdict(one), "says": str(one)} for one in found]
    return {"drift": told, **_counted(prober)}


def _counted(prober: Prober) -> dict[str, int]:
    return {"calls": prober.calls, "seconds": prober.seconds}


__all__ = [
    "BadProfile",
    "NotCalled",
    "NotMeasured",
    "as_json",
    "as_text",
    "document",
    "drifts",
    "drifts_as_json",
    "drifts_as_text",
    "groups_of",
    "hearing",
    "measure",
    "measured",
    "read_profile",
    "readings",
    "spent",
]
