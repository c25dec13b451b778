"""The trace: all that happened in a call, enough to draw it, hear it and measure its margins."""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One thing that happened.

    ``at_ms`` counts from the moment of dialling; ``ms`` is its length where it has one (speech,
    tones, waits, requests). ``kind`` is a verb in the third person: dials, rings, answers, says,
    plays, sends, heard, lost, missed, listens, stops listening, times out, waits, fetches,
    document, types, is cut off, hangs up, status, warning.
    """

    at_ms: int
    who: str
    kind: str
    text: str = ""
    ms: int = 0

    def __str__(self) -> str:
        """Return the event as a line of plain text, such as ``  4.075 s  caller  sends 2``."""
        words = f"{self.kind} {self.text}".rstrip()
        if self.kind == "missed" and self.text.endswith(" by"):
            words += f" {self.ms / 1000:.3f} s"
        elif self.ms:
            words += f"  ({self.ms / 1000:.2f} s)"
        return f"{self.at_ms / 1000:8.3f} s  {self.who:<9} {words}"


class Window(NamedTuple):
    """A time in which a leg listened for keys; ``end`` is None while it still does."""

    who: str
    start: int
    end: int | None


def windows(events: list[Event]) -> list[Window]:
    """Return when each leg listened for keys, in order of beginning."""
    found: list[Window] = []
    open_at: dict[str, int] = {}
    for event in events:
        if event.kind == "listens":
            open_at[event.who] = len(found)
            found.append(Window(event.who, event.at_ms, None))
        elif event.kind == "stops listening" and event.who in open_at:
            place = open_at.pop(event.who)
            found[place] = found[place]._replace(end=event.at_ms)
    return found
