"""Who rings, who answers, and how two sides are connected."""

from __future__ import annotations

from twiml.emulator.actions import Answer, Bridge, Rang, Refuse, Ring
from twiml.emulator.leg import Leg, Line


def ring(line: Line, leg: Leg, action: Ring) -> None:
    """Let the numbers ring; the leg goes on when one answers, all refuse, or time is up."""
    reached = line.now + line.timing.setup
    for number in action.numbers:
        line.note(leg.name, "dials", number)
        called = line.world.connect(number, leg, action)
        called.peer = leg
        leg.ringing += (called,)
        line.at_leg(reached, called, _reach)
    line.at_leg(reached + action.timeout, leg, _time_out)


def answer(line: Line, leg: Leg, _: Answer) -> None:
    """A leg picks up; the other phones that were rung with it stop."""
    dialling = leg.peer
    if dialling is None or leg.answered:
        line.resume(leg)
        return
    leg.answered = True
    line.note(leg.name, "answers")
    dialling.rings_no_more(leg)
    if dialling.ringing:
        stop_ringing(line, dialling)
    if type(dialling.doing) is Ring and dialling.doing.main:
        dialling.peer = leg
        dialling.answered = True
    else:
        dialling.beyond = leg
    _progress(line, leg, "in-progress")
    line.resume(dialling, Rang("answered", leg.sid, leg.kind, leg.greeting))
    if not leg.over:
        line.resume(leg)


def refuse(line: Line, leg: Leg, action: Refuse) -> None:
    """A leg does not pick up."""
    dialling = leg.peer
    line.note(leg.name, "refuses", action.reason)
    line.close(leg)
    line.world.progress(leg, action.reason)
    if dialling is None or leg not in dialling.ringing:
        return
    dialling.rings_no_more(leg)
    if not dialling.ringing:
        line.resume(dialling, Rang(action.reason, leg.sid))


def stop_ringing(line: Line, leg: Leg) -> None:
    """The phones that a leg lets ring stop."""
    for called in leg.ringing:
        line.close(called)
        line.world.progress(called, "no-answer")
    leg.ringing = ()


def bridge(line: Line, leg: Leg, action: Bridge) -> None:
    """A leg connects its two sides, at most for ``limit`` ms."""
    beyond = leg.beyond
    leg.since = line.now
    if beyond is None or beyond.over:
        line.resume(leg, 0)
        return

    def time_over(line: Line, _: Leg) -> None:
        line.end(beyond)

    if action.limit is not None:
        line.at_leg(line.now + action.limit, leg, time_over)


def _reach(line: Line, called: Leg) -> None:
    if called.kind != "busy":
        line.note(called.name, "rings")
        _progress(line, called, "ringing")
    line.resume(called)


def _time_out(line: Line, leg: Leg) -> None:
    stop_ringing(line, leg)
    line.resume(leg, Rang("no-answer"))


def _progress(line: Line, called: Leg, status: str) -> None:
    """Tell of a dialled leg; what the caller's leg dials first is the call itself."""
    line.world.progress(called, status)
    dialling = called.peer
    if dialling is not None and type(dialling.doing) is Ring and dialling.doing.main:
        line.world.progress(dialling, status)
