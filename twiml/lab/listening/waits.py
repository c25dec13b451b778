"""The waits of an extension, proposed from what a recording proves, with their margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twiml.lab.listening.hearing import Heard
from twiml.lab.listening.stages import NoProposal, Stage, answer, stages
from verification.extension import (
    ORDER_CHARACTERS,
    InvalidExtension,
    Tones,
    check,
    check_order,
    schedule,
)

# Twilio documents none of these: every pair of tone and gap is tried with both meanings of a w
# (facts: sippy_cup measured 250 ms, Twilio's browser client sends 160 and 70, WebRTC 100 and 70).
READINGS = tuple(
    Tones(tone, gap, adds)
    for tone in (100, 160, 250)
    for gap in (45, 70, 100)
    for adds in (True, False)
)
# From the answer to the begin of playing: SendDigits starts at once, <Play digits> after the
# request for the document (75 ms in the one published log) and whatever the server takes.
STARTS = (0, 250)
SEND_DIGITS_LENGTH = 32  # Twilio: Calls, SendDigits
# By how much voices are above the noise (dB), and how far ends are found too early then (ms):
# measured with voices of known length, the worst of 28 (docs/listening.md).
_DOUBTS = ((34, 40), (24, 150), (-200, 220))
_HALF_SECOND = 500
_LONGEST_WAIT = 60_000


@dataclass(frozen=True, slots=True)
class Placed:
    """One group of keys in its pause: margins (ms) are the least over all readings.

    ``pause`` is where the key may lie in the recording; ``before`` is how much earlier it would
    still be taken, ``after`` how much later.
    """

    keys: str
    waits: int
    pause: tuple[int, int]
    before: int
    after: int
    proof: str

    @property
    def margin(self) -> int:
        """The smaller of both margins (ms)."""
        return min(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An extension, each of its groups of keys with margins, and what was assumed."""

    extension: str
    placed: tuple[Placed, ...]
    answered: int
    assumes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def margin(self) -> int:
        """The smallest margin of all keys (ms)."""
        return min(placed.margin for placed in self.placed)


def groups_of(text: str) -> list[str]:
    """Split ``2,5,1234#`` into the keys of each stage. Raises InvalidExtension."""
    groups = [part.strip() for part in text.split(",")]
    for group in groups:
        if not group or check(group, ORDER_CHARACTERS).strip("0123456789*#"):
            raise InvalidExtension(
                f"{text!r} is no list of keys: write the keys of each stage, such as 2,5,1234#"
            )
    return groups


def propose(
    heard: Heard,
    groups: Sequence[str],
    readings: Sequence[Tones] = READINGS,
    answered: int | None = None,
) -> Proposal:
    """Propose an extension that presses each group of keys inside the pause after its prompt.

    ``answered`` is when the line was picked up (ms; None: found from the ringing). The number of
    waits for each is the one whose smallest margin over all readings is the widest. Raises
    NoProposal with the reasons.
    """
    moment = answer(heard) if answered is None else answered
    text, placed = "", []
    doubt = doubt_of(heard)
    for stage in stages(heard, groups, moment):
        best = best_waits(text, stage, readings, doubt)
        if best.margin < 0:
            raise NoProposal(
                f"no number of half seconds puts {stage.keys} between "
                f"{stage.prompt_end / 1000:.2f} s and {stage.taken_until / 1000:.2f} s "
                "of the recording under every reading of tone, gap and w "
                f"(the best one misses by {-best.margin} ms)"
            )
        text += "w" * best.waits + stage.keys
        placed.append(best)
    assumed = _assumed(readings, placed, doubt)
    return Proposal(text, tuple(placed), moment, assumed, _notes(text))


def doubt_of(heard: Heard) -> int:
    """How much later than found a prompt may end (ms): noise hides how it fades."""
    return next(ms for above, ms in _DOUBTS if heard.ivr.background.stands_out >= above)


def best_waits(before: str, stage: Stage, readings: Sequence[Tones], doubt: int) -> Placed:
    """Place a stage's keys behind the string ``before`` with the widest margin.

    ``doubt``: how much later than found the prompt may end (ms). A margin below 0: it cannot be.
    """
    most = min(max(stage.from_begin[1], 0), _LONGEST_WAIT) // _HALF_SECOND + 1
    choices = [_placed(before, waits, stage, readings, doubt) for waits in range(most + 1)]
    return max(choices, key=lambda choice: choice.margin)


def _placed(before: str, waits: int, stage: Stage, readings: Sequence[Tones], doubt: int) -> Placed:
    text = f"{before}{'w' * waits}{stage.keys[0]}"
    early, late = [], []
    for tones in readings:
        keys = schedule(text, tones).keys
        onset = keys[-1].onset
        if len(keys) == 1:
            earliest, latest = stage.from_begin
            early.append(onset + min(STARTS) - earliest)
            late.append(latest - onset - max(STARTS))
            continue
        since = keys[-2].onset
        for zero, (earliest, latest) in (
            (since, stage.from_begin),
            (since + tones.tone, stage.from_end),
        ):
            early.append(onset - zero - earliest)
            late.append(latest - (onset - zero))
    pause = (stage.prompt_end, stage.taken_until)
    return Placed(stage.keys, waits, pause, min(early) - doubt, min(late), stage.proof)


def _assumed(readings: Sequence[Tones], placed: Sequence[Placed], doubt: int) -> tuple[str, ...]:
    tones = sorted({each.tone for each in readings})
    gaps = sorted({each.gap for each in readings})
    adds = {each.waits_add for each in readings}
    meaning = "is added to the gap" if adds == {True} else "replaces the gap"
    if len(adds) == 2:
        meaning = "is added to the gap, or replaces it"
    assumed = [
        f"a tone lasts {_either(tones)} ms, a gap {_either(gaps)} ms",
        f"a w waits {readings[0].half_second} ms and {meaning}",
        f"playing begins {STARTS[0]} to {STARTS[1]} ms after the answer",
        "the next prompt follows the begin of a key or its end: both are kept",
        f"a prompt ends at most {doubt} ms later than it is found to end in this line's noise",
    ]
    if any("after a prompt" in each.proof for each in placed):
        assumed.append(
            "no key is heard in those pauses: it was pressed in the last second of each, "
            "or the menu had waited for all of it"
        )
    return tuple(assumed)


def _either(values: Sequence[int]) -> str:
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}"


def _notes(text: str) -> tuple[str, ...]:
    notes = []
    try:
        check_order(text)
    except InvalidExtension as error:
        notes.append(f"an order cannot carry it: {error}")
    if len(text) > SEND_DIGITS_LENGTH:
        notes.append(
            f"it has {len(text)} characters: <Play digits> takes it, "
            f"Twilio's SendDigits takes {SEND_DIGITS_LENGTH}"
        )
    return tuple(notes)
