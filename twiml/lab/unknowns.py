"""What nobody knows before the call: each a named parameter that every report prints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b

from twiml.emulator import Timing, phones

GREETINGS = ("day", *phones.GREETINGS)
SHORTEST_TONE, LONGEST_TONE = 20, 6000
LONGEST_MS = 60_000


@dataclass(frozen=True, slots=True)
class Unknowns:
    """One reading of the unknowns. Times are milliseconds; the defaults are the emulator's.

    Raises ValueError for a length that no line has, or a greeting that is none of GREETINGS.
    """

    # Of one key: 250 was measured on Twilio's trunks, its browser client sends 160, WebRTC 100.
    tone: int = 250
    gap: int = 70
    # Whether a w is added to the gap between two tones (the slower reading) or replaces it.
    waits_add: bool = True
    # How long a w really waits: half a second, if the carrier keeps it (see lab carrier).
    half_second: int = 500
    # From the answer until the extension begins: Twilio's request (75 ms in the one published
    # log), and a server of one's own that takes as long again.
    answer_delay: int = 150
    # By how much later than that it may begin, from call to call.
    answer_jitter: int = 0
    # By how much later each key, and each answer to a request of the IVR, may arrive.
    network_jitter: int = 0
    words_per_minute: int = 165
    # Which greeting the IVR plays: a model may have one for the night and for holidays.
    greeting: str = "day"
    # What is drawn by chance is drawn from this: the same seed gives the same call.
    seed: int = 0

    def __post_init__(self) -> None:
        if not SHORTEST_TONE <= self.tone <= LONGEST_TONE:
            raise ValueError(f"tone is {self.tone}: {SHORTEST_TONE} to {LONGEST_TONE} ms")
        for name in ("gap", "half_second", "answer_delay", "answer_jitter", "network_jitter"):
            if not 0 <= getattr(self, name) <= LONGEST_MS:
                raise ValueError(f"{name} is {getattr(self, name)}: 0 to {LONGEST_MS} ms")
        if self.greeting not in GREETINGS:
            raise ValueError(f"greeting is {self.greeting!r}: use one of {', '.join(GREETINGS)}")
        self.timing()

    def timing(self) -> Timing:
        """The emulator's parameters of time. Raises ValueError as it does."""
        return _timing(self.tone, self.gap, self.waits_add, self.half_second, self.words_per_minute)

    def describe(self) -> str:
        """Return all of them in one line, with their units."""
        shown = []
        for name, value in asdict(self).items():
            words = name.replace("_", " ")
            if name == "waits_add":
                shown.append("w adds to the gap" if value else "w replaces the gap")
            elif name in ("greeting", "seed", "words_per_minute"):
                shown.append(f"{words} {value}")
            else:
                shown.append(f"{words} {value} ms")
        return ", ".join(shown)


@lru_cache(maxsize=1024)
def _timing(
    tone: int, gap: int, waits_add: bool, half_second: int, words_per_minute: int
) -> Timing:
    return Timing(
        tone=tone,
        gap=gap,
        waits_add=waits_add,
        half_second=half_second,
        words_per_minute=words_per_minute,
    )


class Chances:
    """What is drawn in one call. Each draw has a place of its own, so that a call in which a key
    is moved draws the same for everything else.
    """

    def __init__(self, unknowns: Unknowns) -> None:
        self._unknowns = unknowns

    def answer(self) -> int:
        """How much later the extension begins (ms)."""
        return self._draw("answer", 0, self._unknowns.answer_jitter)

    def key(self, place: int) -> int:
        """How much later a key arrives (ms)."""
        return self._draw("key", place, self._unknowns.network_jitter)

    def request(self, place: int) -> int:
        """How much longer a request of the IVR takes (ms)."""
        return self._draw("request", place, self._unknowns.network_jitter)

    def _draw(self, what: str, place: int, most: int) -> int:
        if not most:
            return 0
        # A hash is drawn faster than a generator is seeded, and a call draws many times.
        name = f"{self._unknowns.seed} {what} {place}".encode()
        return int.from_bytes(blake2b(name, digest_size=8).digest(), "big") % (most + 1)
