"""What was heard and proposed, for other programs: JSON, and Audacity's label file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from twiml.lab.listening.hearing import KEY, PAUSE, Heard
from twiml.lab.listening.measuring import Measured
from twiml.lab.listening.prompts import told
from twiml.lab.listening.waits import Proposal
from twiml.lab.listening.wav import Recording


def listened(
    recording: Recording, heard: Heard, proposal: Proposal | None, why: tuple[str, ...]
) -> dict[str, Any]:
    """The whole report, times in milliseconds. ``why`` says why there is no proposal."""
    background = heard.ivr.background
    return {
        "recording": {
            "milliseconds": heard.milliseconds,
            "encoding": recording.encoding,
            "rate": recording.rate,
            "channels": len(recording.channels),
            "ivr_channel": heard.side,
            "noise_dbfs": background.noise,
            "voice_dbfs": background.voice,
            "notes": list(heard.notes),
        },
        "segments": [
            {"kind": segment.kind, "begin": segment.begin, "end": segment.end}
            for segment in heard.ivr.segments
        ],
        "keys": [
            {"key": key.key, "onset": key.onset, "length": key.length, "level_dbfs": key.level}
            for key in heard.keys
        ],
        "proposal": _proposed(proposal) if proposal else None,
        "why": list(why),
    }


def _proposed(proposal: Proposal) -> dict[str, Any]:
    return {
        "extension": proposal.extension,
        "margin": proposal.margin,
        "answered": proposal.answered,
        "keys": [
            {
                "keys": placed.keys,
                "waits": placed.waits,
                "taken_from": placed.pause[0],
                "taken_until": placed.pause[1],
                "margin_before": placed.before,
                "margin_after": placed.after,
                "proof": placed.proof,
            }
            for placed in proposal.placed
        ],
        "assumes": list(proposal.assumes),
        "notes": list(proposal.notes),
    }


def measured(found: Measured) -> dict[str, Any]:
    """What was measured of a carrier, times in milliseconds."""
    return asdict(found)


def labels(heard: Heard, proposal: Proposal | None) -> str:
    """Audacity's label track: begin, end (s) and text, a line each, tabs between them."""
    marks = [
        (s.begin, s.end, s.kind) for s in told(heard.ivr.segments) if s.kind not in (KEY, PAUSE)
    ]
    marks += [(key.onset, key.end, f"key {key.key}") for key in heard.keys]
    if proposal:
        marks += [(*placed.pause, f"press {placed.keys}") for placed in proposal.placed]
    return "".join(
        f"{begin / 1000:.3f}\t{end / 1000:.3f}\t{text}\n" for begin, end, text in sorted(marks)
    )
