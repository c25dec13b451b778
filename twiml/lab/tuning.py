"""Tune an extension: the one with the widest safety margin, and the shortest that keeps another.

The waits are chosen from when each group of keys may come under every corner of the unknowns and a
hundred readings drawn by chance. What is then said of an extension is run: all its readings as it
stands, and the corners and every tenth reading with every group of keys moved to both ends of the
margin. A reading that lowers a margin takes part in the choice from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from twiml.lab.choosing import MOST_MARGIN, Table, doors, string
from twiml.lab.doubts import Doubts
from twiml.lab.model import Model
from twiml.lab.probe import Plan, Trace, simulate
from twiml.lab.reading import taken
from twiml.lab.reasons import no_common_wait, no_way, unsteady
from twiml.lab.trying import planned
from twiml.lab.tuned import Door, KeyOdds, Tuned, Tuning
from twiml.lab.unknowns import Unknowns
from twiml.lab.ways import TRIES, Groups, Search, Stretches, Way, arrived
from verification.extension import PHONE_KEYS, InvalidExtension

USUAL_RUNS = 1000
USUAL_MARGIN = 1000
MOST_RUNS = 1_000_000
MOST_GROUPS = 20
_FOR_THE_CHOICE = 100
_ONE_IN = 10  # of the drawn readings is run at both ends of the margin
_CHOICES = 20

Progress = Callable[[str, int, int], None]


def groups_of(text: str) -> Groups:
    """Split ``2,5,1234#`` into the keys of each menu. Raises InvalidExtension."""
    groups = tuple(part.strip() for part in text.split(","))
    bad = next((one for one in groups if not one or set(one) - set(PHONE_KEYS)), None)
    if bad is not None:
        raise InvalidExtension(
            f"{bad!r} in {text!r} are no keys: write the keys 0-9, * and # of each menu, "
            "such as 2,5,1234#"
        )
    if len(groups) > MOST_GROUPS:
        raise InvalidExtension(f"{len(groups)} groups of keys: at most {MOST_GROUPS} are tuned")
    return groups


def _silent(what: str, done: int, of: int) -> None:
    del what, done, of


def tune(
    model: Model,
    groups: Groups,
    doubts: Doubts,
    *,
    reach: str | None = None,
    margin: int = USUAL_MARGIN,
    runs: int = USUAL_RUNS,
    seed: int = 0,
    progress: Progress = _silent,
) -> Tuning:
    """Return the waits for groups of keys, with all that was run to show them.

    ``reach``: the number that is wanted; without it any person. ``margin``: what the shortest
    extension must keep (ms). ``runs``: how many readings are drawn, from ``seed``; the same seed
    gives the same result. ``progress`` is told what is done, how far, and of how much. Raises
    ValueError for a greeting that the model has not, or a number out of range.
    """
    _checked(model, doubts, margin, runs)
    tuning = _Tuner(model, groups, doubts, reach, margin, runs, seed, progress).tuned()
    if not tuning.why or len(tuning.ways) < 2:
        return tuning
    apart = tuple(
        tune(
            model,
            groups,
            replace(doubts, greetings=(greeting,)),
            reach=reach,
            margin=margin,
            runs=runs,
            seed=seed,
            progress=progress,
        )
        for greeting in tuning.ways
    )
    return replace(tuning, apart=apart)


def _checked(model: Model, doubts: Doubts, margin: int, runs: int) -> None:
    strange = next((one for one in doubts.greetings if one not in model.greetings), None)
    if strange is not None:
        known = ", ".join(model.greetings)
        raise ValueError(f"{model.name} has no greeting {strange!r}: it has {known}")
    if not 1 <= runs <= MOST_RUNS:
        raise ValueError(f"runs is {runs}: 1 to {MOST_RUNS} are allowed")
    if not 0 <= margin <= MOST_MARGIN:
        raise ValueError(f"margin is {margin} ms: 0 to {MOST_MARGIN} ms can be asked for")


@dataclass(slots=True)
class _Found:
    """What the runs of one extension showed."""

    margin: int | None
    heard: list[int]
    reached: int = 0
    at_ends: int = 0


class _Tuner:
    def __init__(
        self,
        model: Model,
        groups: Groups,
        doubts: Doubts,
        reach: str | None,
        margin: int,
        runs: int,
        seed: int,
        progress: Progress,
    ) -> None:
        self._model = model
        self._groups = groups
        self._doubts = doubts
        self._reach = reach
        self._asked = margin
        self._runs = runs
        self._seed = seed
        self._progress = progress
        self._corners = 0
        self._why: list[str] = []
        self._known: dict[tuple[int, ...], Tuned] = {}

    def tuned(self) -> Tuning:
        notes = tuple(unsteady(self._model, self._doubts.middle(self._doubts.greetings[0])))
        ways = self._ways(TRIES if notes else 1)
        nothing = Tuning(
            model=self._model.name,
            number=self._model.number,
            keys=self._groups,
            wanted=self._reach,
            asked=self._asked,
            doubts=self._doubts,
            seed=self._seed,
            runs=self._runs,
            ways=tuple(ways),
            why=tuple(self._why),
            notes=notes,
        )
        if not ways:
            return nothing
        self._doubts = replace(self._doubts, greetings=tuple(ways))
        self._corners = sum(1 for _ in self._doubts.corners())
        self._stretches = Stretches(self._model, self._groups, ways, steady=not notes)
        self._table = Table(self._groups)
        self._learn(self._sample())
        widest = self._settled(self._table.widest)
        shortest = self._shortest(widest)
        if widest.margin is None:
            self._why += no_common_wait(self._table)
            if notes and not self._why:
                self._why.append("no extension is heard in every run of a line that changes")
        return replace(nothing, widest=widest, shortest=shortest, why=tuple(self._why))

    def _shortest(self, widest: Tuned) -> Tuned | None:
        if widest.margin is None or widest.margin < self._asked:
            return None
        found = self._settled(lambda: self._table.shortest(self._asked))
        # A reading beyond those of the choice may have broken it: the widest keeps what is asked.
        kept = found.margin is not None and found.margin >= self._asked
        return found if kept else widest

    def _ways(self, tries: int) -> dict[str, Way]:
        ways: dict[str, Way] = {}
        for greeting in self._doubts.greetings:
            middle = self._doubts.middle(greeting)
            for left in reversed(range(tries)):
                found = Search(self._model, self._groups, middle, self._reach).way()
                if isinstance(found, Way):
                    ways[greeting] = found
                    break
                if not left:
                    self._why.append(no_way(found, self._groups, greeting, self._reach))
        return ways

    def _sample(self) -> list[Unknowns]:
        return [*self._doubts.corners(), *self._drawn(min(self._runs, _FOR_THE_CHOICE))]

    def _drawn(self, count: int) -> Iterator[Unknowns]:
        return (self._doubts.drawn(self._seed, place) for place in range(count))

    def _learn(self, readings: list[Unknowns]) -> None:
        for reading in readings:
            self._table.learn(reading, self._stretches.of(reading))

    def _settled(self, choose: Callable[[], tuple[int, ...]]) -> Tuned:
        """Choose and run; choose again as soon as a reading shows that another choice is better."""
        for _ in range(_CHOICES):
            waits = choose()
            tuned = self._run(waits, choose)
            if tuned is not None:
                return tuned
        return self._whole(choose())

    def _whole(self, waits: tuple[int, ...]) -> Tuned:
        tuned = self._run(waits, lambda: waits)
        if tuned is None:
            raise RuntimeError("a run that is not given up has a result")
        return tuned

    def _run(self, waits: tuple[int, ...], choose: Callable[[], tuple[int, ...]]) -> Tuned | None:
        """Run an extension; None if what was learnt of a reading led to another choice."""
        if waits in self._known:
            return self._known[waits]
        text = string(self._groups, waits)
        margin = self._table.margin(waits)
        found = _Found(margin if margin >= 0 else None, [0] * len("".join(self._groups)))
        for place, reading in enumerate((*self._doubts.corners(), *self._drawn(self._runs))):
            drawn = place - self._corners
            before = found.margin
            if drawn >= 0:
                self._once(text, reading, found)
                if drawn % 50 == 0:
                    self._progress(text, drawn, self._runs)
            if drawn < 0 or drawn % _ONE_IN == 0:
                self._at_both_ends(text, waits, reading, found)
            if found.margin != before:
                self._learn([reading])
                if choose() != waits:
                    return None
        self._known[waits] = self._told(text, waits, found)
        return self._known[waits]

    def _once(self, text: str, reading: Unknowns, found: _Found) -> None:
        trace, plan = self._call(text, reading, 0)
        _count(found.heard, trace, plan)
        if arrived(trace, plan, self._reach):
            found.reached += 1
        else:
            found.margin = None

    def _at_both_ends(
        self, text: str, waits: tuple[int, ...], reading: Unknowns, found: _Found
    ) -> None:
        """Run a reading with every group that much earlier, and later; lower the margin to what
        it keeps.
        """
        found.at_ends += 1
        if found.margin is None or self._keeps(text, reading, found.margin):
            return
        if not self._keeps(text, reading, 0):
            found.margin = None
            return
        guess = self._table.of_reading(waits, reading, self._stretches.of(reading))
        good, bad = 0, found.margin
        if 0 <= guess < bad and self._keeps(text, reading, guess):
            found.margin = guess
            return
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if self._keeps(text, reading, middle) else (good, middle)
        found.margin = good

    def _keeps(self, text: str, reading: Unknowns, margin: int) -> bool:
        for by in {-margin, margin}:
            trace, plan = self._call(text, reading, by)
            if not arrived(trace, plan, self._reach):
                return False
        return True

    def _call(self, text: str, reading: Unknowns, by: int) -> tuple[Trace, Plan]:
        """Call with each group moved by so much (ms) against the one before it."""
        plan = planned(text, reading)
        if by:
            moved, keys = 0, []
            starts = _starts(self._groups)
            for place, key in enumerate(plan.keys):
                moved += by if place in starts else 0
                keys.append(key._replace(onset=key.onset + moved))
            plan = plan._replace(keys=tuple(keys), length=plan.length + moved)
        return simulate(self._model, plan, reading, self._reach), plan

    def _told(self, text: str, waits: tuple[int, ...], found: _Found) -> Tuned:
        keys = [key for key in text if key in PHONE_KEYS]
        odds = tuple(
            KeyOdds(key, heard, self._runs) for key, heard in zip(keys, found.heard, strict=True)
        )
        length = max(planned(text, one).length for one in self._doubts.corners())
        return Tuned(
            extension=text,
            waits=waits,
            length=length,
            margin=found.margin,
            at_ends=found.at_ends,
            reached=found.reached,
            runs=self._runs,
            keys=odds,
            doors=tuple(Door(*one) for one in doors(text)),
        )


def _starts(groups: Groups) -> set[int]:
    """The places of the keys that begin a group."""
    places, place = set(), 0
    for group in groups:
        places.add(place)
        place += len(group)
    return places


def _count(heard: list[int], trace: Trace, plan: Plan) -> None:
    """Count the keys that were heard, up to the first that was not."""
    for place, one in enumerate(taken(trace, plan)):
        if one.outcome is None or one.outcome.kind != "heard":
            return
        heard[place] += 1
