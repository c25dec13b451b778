"""Find the keys that lead to a number by pressing every key at every menu, nearest menus first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from twiml.emulator import Phone
from twiml.emulator.voicexml.dialogs import Ask
from twiml.lab.model import Model
from twiml.lab.probe import Plan, Trace, simulate
from twiml.lab.unknowns import Unknowns
from twiml.lab.ways import (
    HORIZON_MS,
    NOBODY,
    Groups,
    Piece,
    Token,
    arrived,
    last_sent,
    next_onset,
    pieces,
    sent,
    started,
    token,
)
from verification.extension import PHONE_KEYS

MOST_CALLS = 4000
MOST_LEVELS = 8
_MOST_HINTS = 60
_AT_ONE_MENU = 3  # pieces of listening in the same document


@dataclass(frozen=True, slots=True)
class Explored:
    """What exploring gave: the groups of keys (None: not found; empty: no key is needed), how
    many calls it took, whether everything was tried, and who answered instead.
    """

    groups: Groups | None
    calls: int
    tried_all: bool
    others: tuple[str, ...]


def explore(
    model: Model,
    reach: str,
    unknowns: Unknowns,
    progress: Callable[[str, int, int], None] | None = None,
) -> Explored:
    """Look for the fewest groups of keys after which ``reach`` answers.

    Pressed are all single keys, and the longer entries that a VoiceXML document or the names of a
    folder's documents tell. At most MOST_CALLS calls and MOST_LEVELS menus deep.
    """
    return _Explorer(model, reach, unknowns, progress).explored()


class _Explorer:
    def __init__(
        self,
        model: Model,
        reach: str,
        unknowns: Unknowns,
        progress: Callable[[str, int, int], None] | None,
    ) -> None:
        self._model = model
        self._reach = reach
        self._unknowns = unknowns
        self._progress = progress
        self._calls = 0
        self._others: dict[str, None] = {}
        self._entries = (*PHONE_KEYS, *_hints(model, unknowns.greeting))

    def explored(self) -> Explored:
        groups = self._groups()
        whole = self._calls < MOST_CALLS
        return Explored(groups, self._calls, whole, tuple(self._others))

    def _groups(self) -> Groups | None:
        nothing = Plan("", (), 0, HORIZON_MS)
        if arrived(self._call(nothing), nothing, self._reach):
            return ()
        queue: deque[tuple[Groups, tuple[int, ...]]] = deque([((), ())])
        known: set[Token] = set()
        while queue:
            groups, base = queue.popleft()
            for further, onsets, plan, trace in self._pressed(groups, base):
                if arrived(trace, plan, self._reach):
                    return further
                led = token(trace, plan, len(further[-1]))
                if led is not None and led not in known and len(further) < MOST_LEVELS:
                    known.add(led)
                    queue.append((further, onsets))
        return None

    def _pressed(
        self, groups: Groups, base: tuple[int, ...]
    ) -> Iterator[tuple[Groups, tuple[int, ...], Plan, Trace]]:
        """Press every entry behind some groups, in every menu that comes."""
        plan = sent(groups, base, self._unknowns, HORIZON_MS)
        trace = self._call(plan)
        least = next_onset(groups[-1], base[-1], self._unknowns) if groups else 0
        start = started(trace, self._unknowns)
        for piece in _menus(pieces(trace, last_sent(trace, plan))):
            onset = max((piece.start + piece.end) // 2 - start, least)
            if onset >= piece.end - start:
                continue
            for entry in self._entries:
                if self._calls >= MOST_CALLS:
                    return
                further, onsets = (*groups, entry), (*base, onset)
                pressed = sent(further, onsets, self._unknowns, HORIZON_MS // 2)
                yield further, onsets, pressed, self._call(pressed)

    def _call(self, plan: Plan) -> Trace:
        self._calls += 1
        if self._progress is not None and self._calls % 50 == 0:
            self._progress("exploring", self._calls, MOST_CALLS)
        trace = simulate(self._model, plan, self._unknowns, self._reach or NOBODY)
        for one in trace.answers[1:]:
            self._others.setdefault(one.number)
        return trace


def _menus(found: list[Piece]) -> list[Piece]:
    """The first few pieces of each document."""
    kept: dict[tuple[str, str], int] = {}
    menus = []
    for piece in found:
        where = piece.who, piece.name[0]
        kept[where] = kept.get(where, 0) + 1
        if kept[where] <= _AT_ONE_MENU:
            menus.append(piece)
    return menus


def _hints(model: Model, greeting: str) -> tuple[str, ...]:
    """Entries of several keys that the model itself names."""
    phone = model.phones.find(model.number)
    named = dict.fromkeys(
        entry
        for name in (*_choices(model, phone, greeting), *_names(model, phone))
        for entry in (name, f"{name}#")
        if len(entry) > 1 and not set(entry) - set(PHONE_KEYS)
    )
    return tuple(named)[:_MOST_HINTS]


def _choices(model: Model, phone: Phone, greeting: str) -> Iterator[str]:
    document = model.phones.document(phone, "" if greeting == "day" else greeting)
    if document is not None:
        for dialog in document.dialogs.values():
            for item in dialog.items:
                if isinstance(item, Ask):
                    yield from item.grammar.strings


def _names(model: Model, phone: Phone) -> list[str]:
    folder = model.phones.folder_of(phone.url)
    return [] if folder is None else sorted(folder.greetings)
