"""How much earlier and later each key would still be heard. Nothing is claimed that was not run.

What became of a key depends on what came before it, so each key is moved in a call that ends with
it. A call without the key shows when the menu listens; both edges are then run, to the
millisecond, and where the guess does not hold they are searched by halves.
"""

from __future__ import annotations

from collections.abc import Callable

from twiml.emulator import Event
from twiml.lab.model import Model
from twiml.lab.probe import Plan, Trace, simulate
from twiml.lab.reading import Documents, listening, taken
from twiml.lab.report import Margin
from twiml.lab.unknowns import Unknowns

LATEST_MS = 30_000  # later than that is not tried
_AFTERWARDS = 20_000
_CONSEQUENCES = ("document", "dials")


def margin(model: Model, plan: Plan, place: int, unknowns: Unknowns) -> Margin | None:
    """Return the margin of the key at a place of the plan (from 0); None if it is not heard."""
    moved = _Moved(model, plan, place, unknowns)
    if moved.consequence(0) is None:
        return None
    start, end = moved.window()
    least = moved.least()
    earlier = _edge(moved.same, 0, least, start)
    later = _edge(moved.same, 0, LATEST_MS, end)
    return Margin(-earlier, later, earlier == least, later == LATEST_MS)


class _Moved:
    """Calls that end with one key, which is moved by so many milliseconds."""

    def __init__(self, model: Model, plan: Plan, place: int, unknowns: Unknowns) -> None:
        self._model = model
        self._plan = plan
        self._place = place
        self._unknowns = unknowns
        self._known: dict[int, tuple[str, ...] | None] = {}

    def least(self) -> int:
        """How far the key can be moved forward: behind the key before it, without a wait."""
        keys = self._plan.keys
        if not self._place:
            return -keys[0].onset
        before = keys[self._place - 1].onset + self._unknowns.tone + self._unknowns.gap
        return min(0, before - keys[self._place].onset)

    def same(self, by: int) -> bool:
        """Whether the moved key is heard and leads where the unmoved one does."""
        found = self.consequence(by)
        return found is not None and found == self.consequence(0)

    def consequence(self, by: int) -> tuple[str, ...] | None:
        """Who hears the moved key, and what came of it first; None if nobody does."""
        if by not in self._known:
            self._known[by] = self._run(by)
        return self._known[by]

    def window(self) -> tuple[int, int]:
        """The first and the last shift with which somebody listens whom the key does not disturb.

        The caller comes last in a millisecond: he is heard as a window opens, not as it closes.
        """
        plan = self._cut(0)
        sent = taken(self._call(plan), plan)[self._place].sent
        at = sent.at_ms if sent is not None else 0
        key = plan.keys[-1]
        trace = self._call(Plan("", plan.keys[:-1], key.onset, LATEST_MS))
        for one in listening(trace, Documents(trace)):
            if one.start <= at < one.end:
                return one.start - at, one.end - 1 - at
        return 0, 0

    def _run(self, by: int) -> tuple[str, ...] | None:
        plan = self._cut(by)
        trace = self._call(plan)
        one = taken(trace, plan)[self._place]
        if one.sent is None or one.outcome is None or one.outcome.kind != "heard":
            return None
        return one.outcome.who, *_came_of(trace, one.outcome)

    def _cut(self, by: int) -> Plan:
        keys = self._plan.keys[: self._place + 1]
        moved = keys[-1]._replace(onset=keys[-1].onset + by)
        return Plan("", (*keys[:-1], moved), moved.onset + self._unknowns.tone, _AFTERWARDS)

    def _call(self, plan: Plan) -> Trace:
        return simulate(self._model, plan, self._unknowns)


def _came_of(trace: Trace, heard: Event) -> tuple[str, ...]:
    """In which document the key was heard, after how many entries given up, and what followed."""
    place = next(n for n, event in enumerate(trace.events) if event is heard)
    before, after = trace.events[:place], trace.events[place + 1 :]
    document = next((event.text for event in reversed(before) if event.kind == "document"), "")
    given_up = sum(event.kind == "times out" for event in before)
    followed = ((event.kind, event.text) for event in after if event.kind in _CONSEQUENCES)
    return document, str(given_up), *next(followed, ())


def _edge(good: Callable[[int], bool], inside: int, outside: int, guess: int) -> int:
    """Return the last good shift on the way from ``inside``, which is good, to ``outside``.

    ``guess`` is tried first. Goodness need not hold all the way: the edge is one beyond which the
    next millisecond was run and was not good.
    """
    step = 1 if outside >= inside else -1
    guess = min(guess, outside) if step > 0 else max(guess, outside)
    if good(guess) and (guess == outside or not good(guess + step)):
        return guess
    if good(outside):
        return outside
    low, high = inside, outside
    while abs(high - low) > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if good(middle) else (low, middle)
    return low
