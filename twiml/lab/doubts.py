"""Between what the unknowns lie, and readings of them: the corners, and any number by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from twiml.lab.unknowns import GREETINGS, Unknowns

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Doubts:
    """The least and the most of each unknown (ms, and words a minute).

    The defaults are what is known of carriers: tones of 100 (WebRTC) to 250 ms (measured on
    Twilio's trunks), gaps from the shortest that a receiver must take up to 100 ms; playing that
    begins with the answer (SendDigits) or after a request of 75 ms and a server that takes as
    long again; speech at 150 to 180 words a minute.

    Raises ValueError for a range that is none, or what no reading may have.
    """

    tone: Range = (100, 250)
    gap: Range = (45, 100)
    # Whether a w is added to the gap, replaces it, or may do either.
    waits_add: tuple[bool, ...] = (True, False)
    answer_delay: Range = (0, 250)
    network_jitter: int = 40
    words_per_minute: Range = (150, 180)
    greetings: tuple[str, ...] = ("day",)

    def __post_init__(self) -> None:
        for name in ("tone", "gap", "answer_delay", "words_per_minute"):
            least, most = getattr(self, name)
            if least > most:
                raise ValueError(f"{name} is {least} to {most}: write the smaller one first")
        if not self.greetings or not self.waits_add:
            raise ValueError(f"greetings is empty: use some of {', '.join(GREETINGS)}")
        for one in self.corners():
            one.timing()

    def middle(self, greeting: str) -> Unknowns:
        """The reading in the middle of everything, without jitter."""
        return Unknowns(
            tone=sum(self.tone) // 2,
            gap=sum(self.gap) // 2,
            waits_add=self.waits_add[0],
            answer_delay=sum(self.answer_delay) // 2,
            words_per_minute=sum(self.words_per_minute) // 2,
            greeting=greeting,
        )

    def corners(self) -> Iterator[Unknowns]:
        """Every combination of least and most."""
        tones, gaps, delays, paces = (
            sorted(set(one))
            for one in (self.tone, self.gap, self.answer_delay, self.words_per_minute)
        )
        times = product(tones, gaps, delays, self.waits_add, paces)
        for greeting, (tone, gap, delay, adds, pace) in product(self.greetings, times):
            yield Unknowns(
                tone=tone,
                gap=gap,
                waits_add=adds,
                answer_delay=delay,
                network_jitter=self.network_jitter,
                words_per_minute=pace,
                greeting=greeting,
            )

    def drawn(self, seed: int, place: int) -> Unknowns:
        """The reading at a place of the endless row that a seed gives; any is drawn alone."""
        source = random.Random(f"{seed} reading {place}")  # noqa: S311  repeatable
        return Unknowns(
            tone=source.randint(*self.tone),
            gap=source.randint(*self.gap),
            waits_add=source.choice(self.waits_add),
            answer_delay=source.randint(*self.answer_delay),
            network_jitter=self.network_jitter,
            words_per_minute=source.randint(*self.words_per_minute),
            greeting=source.choice(self.greetings),
            seed=source.getrandbits(32),
        )

    def describe(self) -> str:
        """Return all of them in one line, with their units."""
        adds = "w adds to the gap" if True in self.waits_add else "w replaces the gap"
        if len(self.waits_add) > 1:
            adds = "w adds to the gap or replaces it"
        return ", ".join(
            (
                f"tone {_span(self.tone)} ms",
                f"gap {_span(self.gap)} ms",
                adds,
                f"playing begins {_span(self.answer_delay)} ms after the answer",
                f"network jitter {_span((0, self.network_jitter))} ms",
                f"{_span(self.words_per_minute)} words per minute",
                f"greeting {' or '.join(self.greetings)}",
            )
        )


def _span(ends: Range) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
