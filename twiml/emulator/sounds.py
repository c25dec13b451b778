"""Who hears what on a line: speech, tones, silence, and keys that nobody heard.

A sound goes to the leg at the other end, through every leg between them that is bridged by a
Dial. While a Dial rings nobody hears. A key is heard at the onset of its tone, and only by a leg
that listens.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from twiml.emulator.actions import Bridge, Heard, Key, Ring, Say, Send, Wait
from twiml.emulator.leg import Leg, Line

_IN_BAND = "it was sound in the line, not a telephone event"


def say(line: Line, leg: Leg, action: Say) -> None:
    """A leg makes a sound; the one who hears it to its end understands it."""
    if leg.carried and action.keys:
        line.resume(leg, _next_carried(leg))
        return
    kind, ms, began = action.kind, action.ms, line.now
    line.note(leg.name, kind, action.text, ms)
    listener = _hearer(leg)
    if listener is not None and listener.sound_until < began + ms:
        listener.sound_until = began + ms

    def said(line: Line, leg: Leg) -> None:
        if listener is not None and kind == "says":
            turn = leg.turn
            _heard(line, listener, Heard(action.text, began, line.now))
            if leg.turn != turn:
                return
        line.resume(leg)

    line.at_leg(began + ms, leg, said)


def wait(line: Line, leg: Leg, action: Wait) -> None:
    """A leg waits, for a time, a key, or a sentence."""
    ms = action.ms
    if leg.carried and action.keys:
        line.resume(leg, _next_carried(leg))
    elif leg.inbox and action.speech:
        line.resume(leg, leg.inbox.popleft())
    elif ms is not None:
        if action.silence:
            _wait_for_silence(line, leg, ms)
        else:
            line.resume_at(line.now + ms, leg)


def never_sent(line: Line, leg: Leg, why: str) -> None:
    """Say which keys a leg was about to send and never will."""
    for key in leg.unsent:
        line.note(leg.name, "missed", f"{key}: it was never sent, {why}")
    leg.unsent = ""


def send(line: Line, leg: Leg, action: Send) -> None:
    """A leg sends keys."""
    line.note(leg.name, "types", action.text)
    leg.unsent, leg.since = action.keys, line.now
    if action.onsets and not action.onsets[0]:
        _send_next(line, leg)
    else:
        _wait_to_send(line, leg, action)


def _wait_to_send(line: Line, leg: Leg, action: Send) -> None:
    if leg.unsent:
        onset = action.onsets[-len(leg.unsent)]
        line.resume_at(leg.since + onset, leg, _send_next)
    else:
        line.resume_at(leg.since + action.length, leg)


def _send_next(line: Line, leg: Leg) -> None:
    action: Any = leg.doing  # the Send that this moment belongs to
    key, ms = leg.unsent[0], action.tone
    leg.unsent = leg.unsent[1:]
    line.note(leg.name, "sends", key, ms)
    _wait_to_send(line, leg, action)
    towards = leg.beyond if action.outward else leg.peer
    if towards is None:
        return
    target = _through(leg, towards)
    if action.in_band:
        line.note(target.name, "lost", f"{key}: {_IN_BAND}")
    elif ms < line.timing.shortest_tone:
        why = f"its tone of {ms} ms is shorter than {line.timing.shortest_tone} ms"
        line.note(target.name, "lost", f"{key}: {why}")
    else:
        _key(line, target, Key(key, line.now))


def listen(line: Line, leg: Leg, *, now: bool) -> None:
    """A leg begins to listen for keys, or stops; says which keys came too early for it."""
    leg.listening = now
    if not now:
        leg.deaf_since = line.now
        line.note(leg.name, "stops listening")
        return
    line.note(leg.name, "listens")
    if leg.missed:
        for missed in leg.missed:
            early = line.now - missed.at
            line.note(leg.name, "missed", f"{missed.key}: it came too early, by", early)
        leg.missed = ()


def too_late(line: Line, leg: Leg) -> None:
    """Say which keys came after a leg had listened for the last time."""
    for missed in leg.missed:
        if leg.deaf_since is not None and missed.at >= leg.deaf_since:
            late = missed.at - leg.deaf_since
            line.note(leg.name, "missed", f"{missed.key}: it came too late, by", late)
    leg.missed = ()


def _next_carried(leg: Leg) -> Key:
    key, *rest = leg.carried
    leg.carried = tuple(rest)
    return key


def _heard(line: Line, leg: Leg, heard: Heard) -> None:
    if leg.over:
        return
    if type(leg.doing) is Wait and leg.doing.speech:
        line.resume(leg, heard)
    elif leg.inbox is not None:
        leg.inbox.append(heard)


def _wait_for_silence(line: Line, leg: Leg, ms: int) -> None:
    line.at_leg(max(line.now, leg.sound_until) + ms, leg, partial(_silent, ms))


def _silent(ms: int, line: Line, leg: Leg) -> None:
    if leg.sound_until + ms > line.now:
        _wait_for_silence(line, leg, ms)
    else:
        line.resume(leg)


def _key(line: Line, target: Leg, key: Key) -> None:
    if target.listening:
        line.note(target.name, "heard", key.key)
        line.resume(target, key)
        return
    line.note(target.name, "lost", f"{key.key}: {target.why_deaf()}")
    if line.timing.carry_keys and target.answered:
        target.carried += (key,)
    else:
        target.missed += (key,)


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
