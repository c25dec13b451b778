"""Who rings, who answers, and how two sides are connected."""

from __future__ import annotations

from functools import partial

from twiml.emulator.actions import Answer, Bridge, Rang, Refuse, Ring
from twiml.emulator.leg import Leg, Line


class Dialling:
    """The dialling on one line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def ring(self, leg: Leg, action: Ring) -> None:
        """Let the numbers ring; the leg goes on when one answers, all refuse, or time is up."""
        line, turn = self._line, leg.turn
        for number in action.numbers:
            line.note(leg, "dials", number)
            called = line.world.connect(number, leg, action)
            called.peer = leg
            leg.ringing.append(called)
            line.at(line.now + line.timing.setup, partial(self._reach, called))

        def time_out() -> None:
            if leg.turn == turn:
                self.stop_ringing(leg)
                line.resume(leg, Rang("no-answer"))

        line.at(line.now + line.timing.setup + action.timeout, time_out)

    def answer(self, leg: Leg, _: Answer) -> None:
        """A leg picks up; the other phones that were rung with it stop."""
        line, dialling = self._line, leg.peer
        if dialling is None or leg.answered:
            line.resume(leg)
            return
        leg.answered = True
        line.note(leg, "answers")
        dialling.ringing.remove(leg)
        self.stop_ringing(dialling)
        if type(dialling.doing) is Ring and dialling.doing.main:
            dialling.peer = leg
            dialling.answered = True
        else:
            dialling.beyond = leg
        self._progress(leg, "in-progress")
        line.resume(dialling, Rang("answered", leg.sid, leg.kind, leg.greeting))
        if not leg.over:
            line.resume(leg)

    def refuse(self, leg: Leg, action: Refuse) -> None:
        """A leg does not pick up."""
        line, dialling = self._line, leg.peer
        line.note(leg, "refuses", action.reason)
        line.close(leg)
        line.world.progress(leg, action.reason)
        if dialling is None or leg not in dialling.ringing:
            return
        dialling.ringing.remove(leg)
        if not dialling.ringing:
            line.resume(dialling, Rang(action.reason, leg.sid))

    def stop_ringing(self, leg: Leg) -> None:
        """The phones that a leg lets ring stop."""
        for called in leg.ringing:
            self._line.close(called)
            self._line.world.progress(called, "no-answer")
        leg.ringing.clear()

    def bridge(self, leg: Leg, action: Bridge) -> None:
        """A leg connects its two sides, at most for ``limit`` ms."""
        line, turn, beyond = self._line, leg.turn, leg.beyond
        leg.bridged_at = line.now
        if beyond is None or beyond.over:
            line.resume(leg, 0)
            return

        def time_over() -> None:
            if leg.turn == turn:
                line.end(beyond)

        if action.limit is not None:
            line.at(line.now + action.limit, time_over)

    def _reach(self, called: Leg) -> None:
        if called.over:
            return
        if called.kind != "busy":
            self._line.note(called, "rings")
            self._progress(called, "ringing")
        self._line.resume(called)

    def _progress(self, called: Leg, status: str) -> None:
        """Tell of a dialled leg; what the caller's leg dials first is the call itself."""
        self._line.world.progress(called, status)
        dialling = called.peer
        if dialling is not None and type(dialling.doing) is Ring and dialling.doing.main:
            self._line.world.progress(dialling, status)
