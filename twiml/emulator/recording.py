"""Recordings of calls: what each side was heard to say, from the answer to the end.

What Twilio itself says and plays is the outbound track, what it hears the inbound one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twiml.emulator.audio import file_of, hold_down, mix, murmur, played, ringback
from twiml.emulator.calls import API_VERSION, FINAL, Call, rfc2822
from twiml.emulator.dtmf import RATE, tone
from twiml.emulator.trace import Event

LONGEST_MS = 15 * 60_000
_SOUNDS = ("says", "plays")
_OURS = "caller"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The recording of a call that was placed with Record=true."""

    sid: str
    call: Call

    @property
    def completed(self) -> bool:
        """Whether the call is over, so that it can be fetched."""
        return self.call.status in FINAL

    def resource(self) -> dict[str, Any]:
        """The recording as Twilio's JSON (OpenAPI: api.v2010.account.recording)."""
        call = self.call
        path = f"/{API_VERSION}/Accounts/{call.account_sid}/Recordings/{self.sid}"
        made, changed = rfc2822(call.started), rfc2822(call.ended or call.started)
        return {
            "sid": self.sid,
            "account_sid": call.account_sid,
            "api_version": API_VERSION,
            "call_sid": call.sid,
            "conference_sid": None,
            "date_created": made,
            "date_updated": changed,
            "start_time": made,
            "duration": str(call.duration) if self.completed else "-1",
            "channels": call.placement.recording_channels,
            "source": "OutboundAPI",
            "track": call.placement.recording_track,
            "status": "completed" if self.completed else "in-progress",
            "error_code": None,
            "price": None,
            "price_unit": "USD",
            "encryption_details": None,
            "uri": f"{path}.json",
        }

    def wav(self, channels: int | None = None) -> bytes:
        """Return the sound: mono, or Twilio's side on the left and the other on the right.

        ``channels`` None: as many as were recorded. What was recorded in one stays in one. At
        most LONGEST_MS are given.
        """
        recorded = self.call.placement.recording_channels
        wanted = recorded if channels is None else min(channels, recorded)
        ours, theirs = self._tracks()
        if wanted == 2:
            return file_of([ours, theirs])
        return file_of([[a + b for a, b in zip(ours, theirs, strict=True)]])

    def _tracks(self) -> tuple[list[float], list[float]]:
        events, track = self.call.events, self.call.placement.recording_track
        began = next(
            event.at_ms
            for event in events
            if event.kind == "status" and event.text == "in-progress"
        )
        ended = began + round(((self.call.ended or 0) - (self.call.started or 0)) * 1000)
        length = max(0, min(ended - began, LONGEST_MS))
        ours, theirs = ([0.0] * (length * RATE // 1000) for _ in range(2))
        for place, event in enumerate(events):
            if event.at_ms < began:
                continue
            samples = ours if event.who == _OURS else theirs
            if event.who == _OURS and track == "inbound":
                continue
            if event.who != _OURS and track == "outbound":
                continue
            _sound(samples, events, place, began, ended)
        return ours, theirs


def _sound(samples: list[float], events: list[Event], place: int, began: int, ended: int) -> None:
    event = events[place]
    start = event.at_ms - began
    if event.kind in _SOUNDS:
        sound = murmur if event.kind == "says" else played
        until = min(_stopped(events, place), ended) - began
        mix(samples, start, sound(event.text, event.ms), until - start)
    elif event.kind == "sends":
        hold_down(samples, start, event.ms)
        mix(samples, start, tone(event.text, event.ms), event.ms)
    elif event.kind == "rings":
        ringback(samples, start, _rung(events, place, ended) - began)


def _stopped(events: list[Event], place: int) -> int:
    """When a sound ended (ms): by itself, by a key, or with whoever made it."""
    began = events[place]
    end = began.at_ms + began.ms
    for event in events[place + 1 :]:
        if event.at_ms >= end:
            break
        if event.who == began.who and event.kind in ("heard", "hangs up"):
            return event.at_ms
    return end


def _rung(events: list[Event], place: int, ended: int) -> int:
    who = events[place].who
    later = (event for event in events[place + 1 :] if event.who == who)
    return next((e.at_ms for e in later if e.kind in ("answers", "refuses")), ended)
