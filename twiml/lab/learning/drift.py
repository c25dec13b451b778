"""Whether a line is still as its profile says, judged from one call with its extension."""

from __future__ import annotations

from dataclasses import dataclass

from twiml.lab.learning.profile import Profile
from twiml.lab.listening.hearing import KEY, MUSIC, PAUSE, SPEECH, Heard
from verification.extension import Tones, schedule

_SPOKEN = (SPEECH, MUSIC)
_AT_ONCE = 300  # ms: what ends so soon after a key was being said when it was pressed


@dataclass(frozen=True, slots=True)
class Drift:
    """A level whose prompt ends at another time than in the profile.

    ``by`` is how much later (ms; below 0: earlier), None where nothing was said. ``spare`` is what
    is left of the time between the prompt's end and the key; below 0 or None: the key may be lost.
    """

    keys: str
    by: int | None
    spare: int | None

    def __str__(self) -> str:
        """Say it in a line."""
        if self.by is None:
            return f"before {self.keys} nothing is said"
        how = "later" if self.by > 0 else "earlier"
        text = f"the prompt before {self.keys} ends {abs(self.by) / 1000:.2f} s {how}"
        if self.spare is None:
            return f"the line still speaks when {self.keys} is pressed, {text} or more"
        return f"{text}: {self.spare / 1000:.2f} s are left before the key"


def drifts(profile: Profile, heard: Heard, tolerance: int, tones: Tones) -> list[Drift]:
    """Return what differs by more than ``tolerance`` ms, level by level.

    After the first drift the levels behind it may have been reached at another time, or not at all.
    """
    moments = _moments(profile, heard, tones)
    found, since, place = [], 0, 0
    for level in profile.levels:
        pressed = moments[place][0]
        ends = [
            min(one.end, pressed)
            for one in heard.ivr.segments
            if one.kind in _SPOKEN and one.end > since and one.begin < pressed - _AT_ONCE
        ]
        if not ends:
            found.append(Drift(level.keys, None, None))
        else:
            by = ends[-1] - since - level.prompt
            spare = None if pressed - ends[-1] <= _AT_ONCE // 3 else pressed - ends[-1]
            if abs(by) > tolerance:
                found.append(Drift(level.keys, by, spare))
        place += len(level.keys)
        since = moments[place - 1][0]
    if not _goes_on(heard, moments[-1][1]):
        found.append(Drift("the end", None, None))
    return found


def _moments(profile: Profile, heard: Heard, tones: Tones) -> list[tuple[int, int]]:
    """Begin and end of each key (ms): as heard, else as they were to be played."""
    keys = [character for character in profile.extension if character not in "wW"]
    if [key.key for key in heard.keys[: len(keys)]] == keys:
        return [(key.onset, key.end) for key in heard.keys[: len(keys)]]
    planned = schedule(profile.extension, tones).keys
    return [(key.onset, key.onset + tones.tone) for key in planned]


def _goes_on(heard: Heard, since: int) -> bool:
    return any(
        one.kind not in (PAUSE, KEY) and one.end > since + _AT_ONCE for one in heard.ivr.segments
    )
