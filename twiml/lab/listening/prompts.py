"""What was heard, as a person would tell it: whole prompts, and silences long enough to matter."""

from __future__ import annotations

from collections.abc import Iterable

from twiml.lab.listening.hearing import PAUSE, SPEECH, Segment
from twiml.lab.listening.stages import SHORTEST_PAUSE


def told(segments: Iterable[Segment]) -> list[Segment]:
    """Return the segments with the breaths inside of speech made part of it."""
    result: list[Segment] = []
    for segment in segments:
        if (
            segment.kind == SPEECH
            and len(result) > 1
            and result[-1].kind == PAUSE
            and result[-1].ms < SHORTEST_PAUSE
            and result[-2].kind == SPEECH
        ):
            result[-2:] = [Segment(SPEECH, result[-2].begin, segment.end)]
        else:
            result.append(segment)
    return result
