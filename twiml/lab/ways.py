"""The way that groups of keys take through a line: where each is wanted, and when it may come.

A time of listening is cut into pieces wherever something else is said or another document begins.
What a group of keys leads to is found by sending it into each piece, once; pieces that lead the
same way are then put together again. So a menu that is asked twice is one stretch if it listens
all along, and a key that means something else after a time-out is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from twiml.emulator import Event
from twiml.lab.model import Model
from twiml.lab.probe import Plan, Trace, simulate
from twiml.lab.reading import Documents, listening, taken
from twiml.lab.unknowns import Chances, Unknowns
from verification.extension import Key

HORIZON_MS = 120_000  # how long a line is listened to for another chance to press a key
MOST_PIECES = 40
TRIES = 12  # at a line that changes from call to call
NOBODY = ""  # no number is that: the call goes on whoever answers
_WIDE = 8_000  # ms: into a stretch as wide as this a key is sent no deeper
MOST_CALLS = 3000  # for one way
_AFTERWARDS = 20_000
_NEWS = ("says", "plays", "document")
_FOLLOWS = ("document", "dials", "says", "plays")

Groups = tuple[str, ...]


class Piece(NamedTuple):
    """A time of listening (ms) with nothing new in it. ``name`` is the same in every reading."""

    start: int
    end: int
    who: str
    name: tuple[str, str, int]


class Token(NamedTuple):
    """What a group of keys led to: who heard it, and the first thing that followed."""

    who: str
    kind: str
    text: str


class Stretch(NamedTuple):
    """A time (ms since dialling) in which the keys do what they are meant to."""

    start: int
    end: int


class Chance(NamedTuple):
    """When a group may come in one reading: the stretches, when the key before it was due (for
    the first group: when playing begins), and by how much later than due its first key arrives.
    """

    stretches: tuple[Stretch, ...]
    zero: int
    late: int


@dataclass(frozen=True, slots=True)
class Way:
    """Where each group is pressed in the middle reading (ms from the start of playing), and what
    it leads to; ``base`` are the moments.
    """

    tokens: tuple[Token, ...]
    base: tuple[int, ...]


class Lost(NamedTuple):
    """No way was found: how many groups were taken, the call that ends with them, when somebody
    then listens, what the next group led to, and whether everything was tried.
    """

    depth: int
    trace: Trace
    pieces: tuple[Piece, ...]
    led: tuple[Token, ...]
    tried_all: bool


def keys_of(groups: Groups, onsets: tuple[int, ...], unknowns: Unknowns) -> tuple[Key, ...]:
    """Return the keys of groups whose first keys begin at moments (ms)."""
    step = unknowns.tone + unknowns.gap
    return tuple(
        Key(key, 0, onset + place * step)
        for group, onset in zip(groups, onsets, strict=True)
        for place, key in enumerate(group)
    )


def sent(groups: Groups, onsets: tuple[int, ...], unknowns: Unknowns, stay: int) -> Plan:
    """Return the plan that sends groups at moments, and then stays (ms)."""
    keys = keys_of(groups, onsets, unknowns)
    return Plan("", keys, keys[-1].onset + unknowns.tone if keys else 0, stay)


def pieces(trace: Trace, since: int) -> list[Piece]:
    """Return when somebody listens after a moment, cut wherever something new begins."""
    documents = Documents(trace)
    found: list[Piece] = []
    seen: dict[tuple[str, str], int] = {}
    every = [one for one in trace.events if one.kind in _NEWS]
    for window in listening(trace, documents):
        news = [one for one in every if one.who == window.who]
        edges = {window.start, window.end}
        edges |= {at for one in news for at in (one.at_ms, one.at_ms + one.ms)}
        inside = sorted(at for at in edges if window.start <= at <= window.end)
        for start, end in pairwise(inside):
            name = documents.at(window.who, start + 1), _said(news, start)
            seen[name] = seen.get(name, 0) + 1
            if end > since:
                found.append(Piece(max(start, since), end, window.who, (*name, seen[name])))
    return found[:MOST_PIECES]


def _said(news: list[Event], moment: int) -> str:
    """What is being said at a moment; nothing, if it is silent."""
    for one in news:
        if one.kind != "document" and one.at_ms <= moment < one.at_ms + one.ms:
            return one.text
    return ""


def token(trace: Trace, plan: Plan, length: int) -> Token | None:
    """Return what the last ``length`` keys of a plan led to; None if one of them was not heard."""
    outcomes = [one.outcome for one in taken(trace, plan)]
    heard = [one for one in outcomes if one is not None and one.kind == "heard"]
    if len(heard) < len(plan.keys):
        return None
    last = heard[-1]
    place = next(n for n, event in enumerate(trace.events) if event is last)
    if length > 1 and any(
        event.kind == "times out" and heard[-length].at_ms < event.at_ms <= last.at_ms
        for event in trace.events
    ):
        return None
    after = trace.events[place + 1 :]
    follows = ((event.kind, event.text) for event in after if event.kind in _FOLLOWS)
    return Token(last.who, *next(follows, ("", "")))


def arrived(trace: Trace, plan: Plan, reach: str | None) -> bool:
    """Whether every key was heard and the wanted person answered.

    Without one, any person is, but then no entry may have been given up between two keys.
    """
    outcomes = [one.outcome for one in taken(trace, plan)]
    heard = [one.at_ms for one in outcomes if one is not None and one.kind == "heard"]
    if len(heard) < len(plan.keys):
        return False
    if reach is not None:
        return any(one.number == reach for one in trace.answers)
    given_up = (one.at_ms for one in trace.events if one.kind == "times out")
    if heard and any(heard[0] <= at <= heard[-1] for at in given_up):
        return False
    return any(one.kind == "person" for one in trace.answers)


class Search:
    """Looks for the way of the groups in one reading, from the first group on."""

    def __init__(self, model: Model, groups: Groups, unknowns: Unknowns, reach: str | None) -> None:
        self._model = model
        self._groups = groups
        self._unknowns = unknowns
        self._reach = reach
        self._calls = 0
        self._lost: Lost | None = None

    def way(self) -> Way | Lost:
        """Return the earliest way, or how far the keys came."""
        found = self._from((), ())
        if found is not None:
            return found
        if self._lost is None:
            raise RuntimeError("a search that finds no way knows where it was lost")
        return self._lost

    def _from(self, base: tuple[int, ...], tokens: tuple[Token, ...]) -> Way | None:
        depth = len(base)
        done = self._groups[:depth]
        if depth == len(self._groups):
            plan = sent(done, base, self._unknowns, HORIZON_MS)
            trace = self._call(plan, self._reach)
            return Way(tokens, base) if arrived(trace, plan, self._reach) else None
        plan = sent(done, base, self._unknowns, HORIZON_MS)
        trace = self._call(plan)
        chances = pieces(trace, last_sent(trace, plan))
        known: set[Token] = set()
        for onset, led in self._tried(trace, base, chances):
            if led in known or self._calls > MOST_CALLS:
                continue
            known.add(led)
            way = self._from((*base, onset), (*tokens, led))
            if way is not None:
                return way
        if self._lost is None or depth > self._lost.depth:
            whole = self._calls <= MOST_CALLS
            self._lost = Lost(depth, trace, tuple(chances), tuple(sorted(known)), whole)
        return None

    def _tried(
        self, trace: Trace, base: tuple[int, ...], chances: list[Piece]
    ) -> Iterator[tuple[int, Token]]:
        """Press the next group in the middle of each piece, as the pieces come."""
        depth = len(base)
        groups = self._groups[: depth + 1]
        least = next_onset(self._groups[depth - 1], base[-1], self._unknowns) if depth else 0
        start = started(trace, self._unknowns)
        for piece in chances:
            onset = max((piece.start + piece.end) // 2 - start, least)
            if onset >= piece.end - start:
                continue
            plan = sent(groups, (*base, onset), self._unknowns, _AFTERWARDS)
            led = token(self._call(plan), plan, len(groups[-1]))
            if led is not None:
                yield onset, led

    def _call(self, plan: Plan, reach: str | None = NOBODY) -> Trace:
        self._calls += 1
        return simulate(self._model, plan, self._unknowns, reach)


def next_onset(group: str, onset: int, unknowns: Unknowns) -> int:
    """The earliest that a key can follow a group which begins at a moment (ms)."""
    return onset + len(group) * (unknowns.tone + unknowns.gap)


def started(trace: Trace, unknowns: Unknowns) -> int:
    """When playing begins (ms since dialling)."""
    return (trace.answered_at or 0) + unknowns.answer_delay + Chances(unknowns).answer()


def last_sent(trace: Trace, plan: Plan) -> int:
    """When the last key of a plan was sent, or the call was answered (ms since dialling)."""
    last = taken(trace, plan)[-1].sent if plan.keys else None
    return (trace.answered_at or 0) if last is None else last.at_ms


class Stretches:
    """When a group may come, in any reading. What each piece leads to is tried once."""

    def __init__(
        self, model: Model, groups: Groups, ways: dict[str, Way], *, steady: bool = True
    ) -> None:
        self._model = model
        self._groups = groups
        self._ways = ways
        self._tries = 1 if steady else TRIES
        self._good: dict[tuple[str, int, tuple[str, str, int]], bool] = {}

    def of(self, unknowns: Unknowns) -> list[Chance]:
        """Return for every group when it may come, each call being made once.

        The groups before it are sent in the middle of their own stretches. Where one cannot be
        sent at all, those behind it cannot either.
        """
        base: tuple[int, ...] = ()
        every: list[Chance] = []
        for place in range(len(self._groups)):
            chance, start = self._measured(place, base, unknowns)
            every.append(chance)
            if not chance.stretches:
                nothing = Chance((), 0, 0)
                return every + [nothing] * (len(self._groups) - len(every))
            widest = max(chance.stretches, key=lambda one: min(one.end - one.start, _WIDE))
            middle = min((widest.start + widest.end) // 2, widest.start + _WIDE)
            base = (*base, max(middle - start - chance.late, self._least(place, base, unknowns)))
        return every

    def _least(self, place: int, base: tuple[int, ...], unknowns: Unknowns) -> int:
        return next_onset(self._groups[place - 1], base[-1], unknowns) if place else 0

    def _measured(
        self, place: int, base: tuple[int, ...], unknowns: Unknowns
    ) -> tuple[Chance, int]:
        plan = sent(self._groups[:place], base, unknowns, HORIZON_MS)
        trace = simulate(self._model, plan, unknowns, NOBODY)
        start = started(trace, unknowns)
        joined: list[Stretch] = []
        for piece in pieces(trace, last_sent(trace, plan)):
            if not self._leads(place, base, piece, start, unknowns):
                continue
            if joined and joined[-1].end == piece.start:
                joined[-1] = Stretch(joined[-1].start, piece.end)
            else:
                joined.append(Stretch(piece.start, piece.end))
        chances, count = Chances(unknowns), len(plan.keys)
        zero = last_sent(trace, plan) - chances.key(count - 1) if place else start
        return Chance(tuple(joined), zero, chances.key(count)), start

    def _leads(
        self, place: int, base: tuple[int, ...], piece: Piece, start: int, unknowns: Unknowns
    ) -> bool:
        key = (unknowns.greeting, place, piece.name)
        known = self._good.get(key)
        if known is None:
            groups = self._groups[: place + 1]
            onset = max((piece.start + piece.end) // 2 - start, self._least(place, base, unknowns))
            plan = sent(groups, (*base, onset), unknowns, _AFTERWARDS)
            meant = self._ways[unknowns.greeting].tokens[place]
            known = self._good[key] = any(
                token(simulate(self._model, plan, unknowns, NOBODY), plan, len(groups[-1])) == meant
                for _ in range(self._tries)
            )
        return known
