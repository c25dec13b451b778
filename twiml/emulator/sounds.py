"""Who hears what on a line: speech, tones, silence, and keys that nobody heard.

A sound goes to the leg at the other end, through every leg between them that is bridged by a
Dial. While a Dial rings nobody hears. A key is heard at the onset of its tone, and only by a leg
that listens.
"""

from __future__ import annotations

from twiml.emulator.actions import Bridge, Heard, Key, Ring, Say, Tone, Type, Wait
from twiml.emulator.leg import Leg, Line
from verification.extension import WAITS


class Sounds:
    """The sounds of one line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def say(self, leg: Leg, action: Say) -> None:
        """A leg makes a sound; the one who hears it to its end understands it."""
        line = self._line
        if action.keys and leg.carried:
            line.resume(leg, leg.carried.popleft())
            return
        line.note(leg, action.kind, action.text, action.ms)
        listener, turn, began = self._hearer(leg), leg.turn, line.now
        if listener is not None:
            listener.sound_until = max(listener.sound_until, began + action.ms)

        def said() -> None:
            if leg.turn != turn:
                return
            if listener is not None and action.kind == "says":
                self._heard(listener, Heard(action.text, began, line.now))
            if leg.turn == turn:
                line.resume(leg)

        line.at(began + action.ms, said)

    def wait(self, leg: Leg, action: Wait) -> None:
        """A leg waits, for a time, a key, or a sentence."""
        if action.keys and leg.carried:
            self._line.resume(leg, leg.carried.popleft())
        elif action.speech and leg.inbox:
            self._line.resume(leg, leg.inbox.popleft())
        elif action.ms is not None and action.silence:
            self._wait_for_silence(leg, action.ms)
        elif action.ms is not None:
            self._line.resume_at(self._line.now + action.ms, leg)

    def types(self, leg: Leg, action: Type) -> None:
        """A leg begins to send keys."""
        self._line.note(leg, "types", action.keys)
        leg.unsent.clear()
        leg.unsent.extend([key for key in action.keys if key not in WAITS])

    def never_sent(self, leg: Leg, why: str) -> None:
        """Say which keys a leg was about to send and never will."""
        while leg.unsent:
            self._line.note(leg, "missed", f"{leg.unsent.popleft()}: it was never sent, {why}")

    def tone(self, leg: Leg, action: Tone) -> None:
        """A leg sends a key."""
        line = self._line
        if leg.unsent:
            leg.unsent.popleft()
        line.note(leg, "sends", action.key, action.ms)
        line.resume_at(line.now + action.ms, leg)
        towards = leg.beyond if action.outward else leg.peer
        if towards is None:
            return
        target = _through(leg, towards)
        if self._recognised(target, action):
            self._key(target, Key(action.key, line.now))

    def listen(self, leg: Leg, *, now: bool) -> None:
        """A leg begins to listen for keys, or stops; says which keys came too early for it."""
        line = self._line
        leg.listening = now
        if not now:
            leg.deaf_since = line.now
            line.note(leg, "stops listening")
            return
        line.note(leg, "listens")
        for missed in leg.missed:
            early = line.now - missed.at
            line.note(leg, "missed", f"{missed.key}: it came too early, by", early)
        leg.missed.clear()

    def too_late(self, leg: Leg) -> None:
        """Say which keys came after a leg had listened for the last time."""
        for missed in leg.missed:
            if leg.deaf_since is not None and missed.at >= leg.deaf_since:
                late = missed.at - leg.deaf_since
                text = f"{missed.key}: it came too late, by"
                self._line.note(leg, "missed", text, late)
        leg.missed.clear()

    def _heard(self, leg: Leg, heard: Heard) -> None:
        if leg.over:
            return
        if type(leg.doing) is Wait and leg.doing.speech:
            self._line.resume(leg, heard)
        elif leg.inbox is not None:
            leg.inbox.append(heard)

    def _wait_for_silence(self, leg: Leg, ms: int) -> None:
        line, turn = self._line, leg.turn

        def time_out() -> None:
            if leg.turn != turn:
                return
            if leg.sound_until + ms > line.now:
                line.at(leg.sound_until + ms, time_out)
            else:
                line.resume(leg)

        line.at(max(line.now, leg.sound_until) + ms, time_out)

    def _recognised(self, target: Leg, action: Tone) -> bool:
        why, shortest = "", self._line.timing.shortest_tone
        if action.in_band:
            why = "it was sound in the line, not a telephone event"
        elif action.ms < shortest:
            why = f"its tone of {action.ms} ms is shorter than {shortest} ms"
        if why:
            self._line.note(target, "lost", f"{action.key}: {why}")
        return not why

    def _key(self, target: Leg, key: Key) -> None:
        line = self._line
        if target.listening:
            line.note(target, "heard", key.key)
            line.resume(target, key)
            return
        line.note(target, "lost", f"{key.key}: {target.why_deaf()}")
        if line.timing.carry_keys and target.answered:
            target.carried.append(key)
        else:
            target.missed.append(key)

    @staticmethod
    def _hearer(leg: Leg) -> Leg | None:
        if leg.peer is None:
            return None
        target = _through(leg, leg.peer)
        return target if target.answered and type(target.doing) is not Ring else None


def _through(source: Leg, target: Leg) -> Leg:
    """Return who is reached from ``source`` by way of ``target``."""
    while type(target.doing) is Bridge:
        onward = target.beyond if source is target.peer else target.peer
        if onward is None:
            break
        source, target = target, onward
    return target
