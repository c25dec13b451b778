"""One level at a time: where the next keys may go, and whether they changed what the line said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from twiml.lab.learning.calls import NotCalled
from twiml.lab.listening import waits
from twiml.lab.listening.hearing import KEY, MUSIC, PAUSE, SPEECH, Heard, Segment
from twiml.lab.listening.stages import SHORTEST_PAUSE, Stage
from verification.extension import Tones, schedule

Probe = Callable[[str], Heard]

MOST_TRIES = 3  # of places for the same keys: then a person should listen to the recordings
DIFFERS = 300  # ms: what two calls to the same menu may differ by without a reason
_ALIKE = 0.75  # pauses this much alike wait for a key alike: the first of them is taken
_WAITS_FOR_A_KEY = 2000  # ms: menus wait longer for one, and queues say less between their music
_INTO_MUSIC = 1500
_MUSIC_LISTENS = 4000


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the menu: its keys, and in ms since the key before it (or the answer) when its
    prompt ended, until when it was then silent, and when its keys were pressed.
    """

    keys: str
    prompt: int
    silent: int
    pressed: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was found: ``extension`` is tested as far as ``levels`` reach; ``why`` says what is
    missing, and is empty where nothing is. ``margin`` (ms) is the smallest of all levels.
    ``goes_on``: how long after the last key the line spoke on (ms).
    """

    extension: str
    levels: tuple[Level, ...]
    margin: int
    goes_on: int
    why: str


@dataclass(frozen=True, slots=True)
class _Path:
    """How far a call has got: the extension that a call has tested, what that call sounded like."""

    extension: str
    heard: Heard
    levels: tuple[Level, ...] = ()
    margin: int = 0
    goes_on: int = 0


def learn(
    probe: Probe,
    groups: Sequence[str],
    readings: Sequence[Tones],
    tell: Callable[[str], None] = lambda _: None,
) -> Learnt:
    """Find the waits for the keys of each level, by calls that ``probe`` places.

    ``probe`` takes an extension and gives what was heard of the call, from its answer on. A key
    was taken where the line did something else after it than it did without it. Each call that
    tests a level is the one in which the next level is heard, so that n levels need n + 1 calls
    where nothing goes wrong. Where the next keys are taken nowhere, the key before them may have
    been heard by another menu than the one that was meant (a choice of language that goes on by
    itself, say): it is then tried elsewhere.
    """
    try:
        search = _Search(probe, groups, readings, tell, _Path("", probe("")))
    except NotCalled as error:
        return Learnt("", (), 0, 0, str(error))
    why = ""
    try:
        if not search.reaches_the_end(search.deepest):
            missing = groups[len(search.deepest.levels)]
            why = f"no place was found in which {missing} changes what the line says"
    except NotCalled as error:
        why = str(error)
    found = search.deepest
    return Learnt(found.extension, found.levels, found.margin, found.goes_on, why)


@dataclass(slots=True)
class _Search:
    """Looks for the place of each level's keys, and goes back where it led nowhere."""

    probe: Probe
    groups: Sequence[str]
    readings: Sequence[Tones]
    tell: Callable[[str], None]
    deepest: _Path

    def reaches_the_end(self, path: _Path) -> bool:
        """Whether a way leads on from here to the last keys; ``deepest`` is then that way."""
        if len(path.levels) > len(self.deepest.levels):
            self.deepest = path
        if len(path.levels) == len(self.groups):
            return True
        return any(self.reaches_the_end(longer) for longer in self._longer(path))

    def _longer(self, path: _Path) -> Iterator[_Path]:
        """Each way to have the next keys taken, found by a call when it is asked for."""
        group = self.groups[len(path.levels)]
        since = _last(path.heard, path.extension, self.readings) if path.extension else None
        tried = 0
        for window in places(path.heard, since[1] if since else 0):
            stage = Stage(group, window.begin, window.end, since, "a pause after a prompt")
            best = waits.best_waits(
                path.extension, stage, self.readings, waits.doubt_of(path.heard)
            )
            if best.margin < 0:
                continue
            extension = f"{path.extension}{'w' * best.waits}{group}"
            told = self.probe(extension)
            if _changed(path.heard, told, _last(told, extension, self.readings)[1]):
                self.tell(f"{group} is taken {best.waits} w later: {extension}")
                yield self._tested(path, extension, told, window, best.margin)
            else:
                self.tell(f"{group} changes nothing after {best.waits} w")
            tried += 1
            if tried == MOST_TRIES:
                return

    def _tested(
        self, path: _Path, extension: str, told: Heard, window: Segment, margin: int
    ) -> _Path:
        """The way with one level more."""
        since = _last(path.heard, path.extension, self.readings)[0]
        group = self.groups[len(path.levels)]
        pressed = _first(told, extension, group, self.readings)
        level = Level(group, window.begin - since, window.ms, pressed - since)
        smallest = min(path.margin, margin) if path.levels else margin
        goes_on = _next_sound(told, _last(told, extension, self.readings)[1])[0]
        return _Path(extension, told, (*path.levels, level), smallest, goes_on)


def places(heard: Heard, since: int) -> list[Segment]:
    """Where keys may be taken after a moment (ms), the likeliest first: the long pauses behind
    what is said, the first of those that are alike before the others; then music, which comes first
    where no pause is as long as a menu waits.
    """
    pauses, music, spoken = [], [], False
    for one in heard.ivr.segments:
        if one.end <= since or one.kind == KEY:
            continue
        if one.kind == PAUSE and spoken and one.ms >= SHORTEST_PAUSE:
            pauses.append(one._replace(begin=max(one.begin, since)))
        elif one.kind == MUSIC and one.ms > _INTO_MUSIC:
            begin = max(one.begin, since) + _INTO_MUSIC
            music.append(one._replace(begin=begin, end=min(one.end, begin + _MUSIC_LISTENS)))
        spoken = spoken or one.kind in (SPEECH, MUSIC)
    longest = max((pause.ms for pause in pauses), default=0)
    alike = [pause for pause in pauses if pause.ms >= _ALIKE * longest]
    others = sorted((p for p in pauses if p not in alike), key=lambda pause: -pause.ms)
    pauses = [*alike[:1], *others, *alike[1:]]
    return [*music, *pauses] if longest < _WAITS_FOR_A_KEY else [*pauses, *music]


def _changed(without: Heard, with_keys: Heard, ended: int) -> bool:
    """Whether the line went on otherwise after its keys than it did without them."""
    if ended >= with_keys.milliseconds - DIFFERS:
        return False  # the call was over
    after, spoke = _next_sound(with_keys, ended)
    before, speaks = _next_sound(without, ended)
    if (spoke, speaks) == (False, False):
        return with_keys.milliseconds < without.milliseconds - DIFFERS
    if not speaks:  # it is not known what would have come after the end of that recording
        return after < before - DIFFERS
    return spoke != speaks or abs(after - before) > DIFFERS


def _next_sound(heard: Heard, since: int) -> tuple[int, bool]:
    """How long after a moment the next sound begins (ms), and whether there is one."""
    for one in heard.ivr.segments:
        if one.kind not in (PAUSE, KEY) and one.end > since + DIFFERS:
            return max(0, one.begin - since), True
    return heard.milliseconds - since, False


def _last(heard: Heard, extension: str, readings: Sequence[Tones]) -> tuple[int, int]:
    """Begin and end of the last key (ms): as heard, else as it was to be played."""
    keys = [character for character in extension if character not in "wW"]
    if not keys:
        return 0, 0
    if [key.key for key in heard.keys[: len(keys)]] == keys:
        last = heard.keys[len(keys) - 1]
        return last.onset, last.end
    onset = schedule(extension, readings[0]).keys[-1].onset
    return onset, onset + readings[0].tone


def _first(heard: Heard, extension: str, group: str, readings: Sequence[Tones]) -> int:
    """Begin of the first key of the last group (ms)."""
    keys = [character for character in extension if character not in "wW"]
    place = len(keys) - len(group)
    if [key.key for key in heard.keys[: len(keys)]] == keys:
        return heard.keys[place].onset
    return schedule(extension, readings[0]).keys[place].onset
