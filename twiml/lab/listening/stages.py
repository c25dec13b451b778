"""What a recording proves of each stage of a menu: when its prompt ended, when it took a key.

Two kinds of proof. A key in the recording was pressed by a person, and the menu went on: at that
moment it listened. Without keys (many recorders leave them out) the pauses are all there is: the
menu was silent, and then spoke on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twiml.lab.listening import tones
from twiml.lab.listening.hearing import KEY, MUSIC, NOISE, PAUSE, SPEECH, Heard, Segment
from twiml.lab.listening.keys import Pressed

SHORTEST_PAUSE = 700  # ms: between two sentences a voice is silent for 300 to 600
ANSWERS_WITHIN = 1000  # ms from a key to the next prompt, where the key itself is not heard
GOES_ON = 1000  # ms for which a menu that took a key while it spoke is taken to listen still
_CLEARLY = 1.3  # a pause that waits for a key is longer than the other ones, by this at least
_RATHER = 400  # ms, or by this
_INSIDE = 80  # ms: a prompt that ends this close to a key was stopped by it


class NoProposal(Exception):
    """No extension can be proposed from this recording; each of ``args`` is a reason."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One group of keys, and when its first one is taken (ms).

    ``earliest`` and ``latest`` count from ``since``, the key before it (None: the answer), either
    from its begin or from its end: nobody but the menu knows which, so both are kept.
    """

    keys: str
    prompt_end: int
    taken_until: int
    since: tuple[int, int] | None
    proof: str

    @property
    def from_begin(self) -> tuple[int, int]:
        """Earliest and latest, counted from the begin of the key before."""
        zero = self.since[0] if self.since else 0
        return self.prompt_end - zero, self.taken_until - zero

    @property
    def from_end(self) -> tuple[int, int]:
        """Earliest and latest, counted from the end of the key before."""
        zero = self.since[1] if self.since else 0
        return self.prompt_end - zero, self.taken_until - zero


def stages(heard: Heard, groups: Sequence[str], answered: int) -> list[Stage]:
    """Return a stage for each group of keys. ``answered`` is when the line was picked up (ms).

    Raises NoProposal.
    """
    pressed = [key for key in heard.keys if key.onset >= answered]
    found: list[Stage] = []
    since: tuple[int, int] | None = (answered, answered)
    for index, group in enumerate(groups):
        if not pressed:
            found += _from_pauses(heard, groups[index:], since)
            break
        taken = pressed[: len(group)]
        names = "".join(key.key for key in taken)
        found.append(_from_key(heard, group, taken[0], since))
        last = index == len(groups) - 1
        if names != group and not last:
            raise NoProposal(
                f"the recording goes another way: {names} is pressed at {_s(taken[0].onset)} where "
                f"{group} is wanted, so that what comes after {group} is not in it"
            )
        since, pressed = (taken[-1].onset, taken[-1].end), pressed[len(group) :]
    return found


def answer(heard: Heard) -> int:
    """When the line was picked up (ms): after the last ringing that comes before any speech."""
    moment = 0
    for segment in heard.ivr.segments:
        if segment.kind == tones.RING:
            moment = segment.end
        elif segment.kind not in (PAUSE, NOISE):
            break
    return moment


def _from_key(heard: Heard, group: str, key: Pressed, since: tuple[int, int] | None) -> Stage:
    begin = since[1] if since else 0
    spoken = [
        segment
        for segment in heard.ivr.segments
        if segment.kind in (SPEECH, MUSIC) and begin <= segment.end and segment.begin < key.onset
    ]
    if not spoken:
        proof = "a key was taken here, with no prompt before it"
        return Stage(group, begin, key.onset, since, proof)
    end = min(spoken[-1].end, key.onset)
    if key.onset - end <= _INSIDE:
        proof = "a key was taken here while the menu spoke; it is taken to listen on"
        return Stage(group, key.onset, key.onset + GOES_ON, since, proof)
    return Stage(group, end, key.onset, since, "a key was taken here, in the pause")


def _from_pauses(heard: Heard, groups: Sequence[str], since: tuple[int, int] | None) -> list[Stage]:
    begin = since[1] if since else 0
    pauses = _pauses(heard, begin)
    if len(pauses) < len(groups):
        raise NoProposal(*_why_too_few(heard, pauses, groups))
    ranked = sorted(pauses, key=lambda pause: -pause[1].ms)
    chosen, others = ranked[: len(groups)], ranked[len(groups) :]
    if others:
        shortest, next_one = chosen[-1][1], others[0][1]
        if shortest.ms < next_one.ms * _CLEARLY and shortest.ms - next_one.ms < _RATHER:
            raise NoProposal(
                f"it cannot be told which pauses wait for a key: the one at {_s(shortest.begin)} "
                f"lasts {_s(shortest.ms)}, the one at {_s(next_one.begin)} {_s(next_one.ms)}"
            )
    found = []
    for group, (_, pause, goes_on) in zip(groups, sorted(chosen), strict=True):
        until = pause.end - ANSWERS_WITHIN if goes_on else pause.end
        if until <= pause.begin:
            raise NoProposal(
                f"the pause at {_s(pause.begin)} lasts {_s(pause.ms)}: as the key pressed in it is "
                f"not heard, only what is longer than {_s(ANSWERS_WITHIN)} (a menu's answer) counts"
            )
        found.append(Stage(group, pause.begin, until, since, "a pause after a prompt"))
        # The unheard key lies somewhere in the second before the menu speaks on.
        since = (until, pause.end)
    return found


def _pauses(heard: Heard, begin: int) -> list[tuple[int, Segment, bool]]:
    """The silences behind prompts, each with whether something follows it."""
    found = []
    spoken = 0
    segments = [segment for segment in heard.ivr.segments if segment.end > begin]
    for index, segment in enumerate(segments):
        if segment.kind == SPEECH:
            spoken += segment.ms
        elif segment.kind == PAUSE and segment.ms >= SHORTEST_PAUSE and spoken:
            goes_on = index + 1 < len(segments)
            found.append((segment.begin, segment, goes_on))
        elif segment.kind not in (PAUSE, KEY, NOISE):
            spoken = 0  # music and ringing mean that the menu is over: silence there is no pause
    return found


def _why_too_few(heard: Heard, pauses: Sequence[object], groups: Sequence[str]) -> list[str]:
    ivr = heard.ivr
    reasons = []
    if not ivr.total(SPEECH):
        reasons.append(f"nobody speaks: {line(heard)}")
    else:
        names = ", ".join(groups)
        reasons.append(
            f"{len(pauses)} pauses of {_s(SHORTEST_PAUSE)} or more follow a prompt, "
            f"and {len(groups)} are needed for {names}"
        )
        if ivr.total(MUSIC) > ivr.total(SPEECH):
            reasons.append(f"music plays for {_s(ivr.total(MUSIC))}")
    if 0 < ivr.background.stands_out < 15 and ivr.background.noise > -45:
        reasons.append(
            f"the line is noisy: {ivr.background.noise:g} dBFS, "
            f"{ivr.background.stands_out:.0f} dB below the voices"
        )
    return reasons


def line(heard: Heard) -> str:
    """Name what a line without speech carries."""
    ivr = heard.ivr
    lasting = {segment.kind: ivr.total(segment.kind) for segment in ivr.segments}
    others = [kind for kind in (MUSIC, *tones.NAMES, NOISE) if lasting.get(kind)]
    if others:
        return "there is " + ", ".join(f"{kind} for {_s(lasting[kind])}" for kind in others)
    if ivr.background.noise > -55:
        return f"there is only noise of {ivr.background.noise:g} dBFS"
    return "the line is quiet"


def _s(ms: int) -> str:
    return f"{ms / 1000:.2f} s"
