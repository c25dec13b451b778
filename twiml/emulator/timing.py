"""What Twilio leaves undocumented about time, each under a name of its own.

A run that hides such a number proves nothing: every report prints :meth:`Timing.describe`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from verification.extension import Tones

SLOWEST, FASTEST = 60, 400


@dataclass(frozen=True, slots=True)
class Timing:
    """Lengths in milliseconds where nothing else is said. The defaults are assumptions.

    Raises ValueError for ``words_per_minute`` outside SLOWEST to FASTEST, or a negative length.
    """

    # Of one key. Twilio names none; sippy_cup measured about 250 on Twilio's SIP trunks, Amazon
    # Chime sends 250. Twilio's browser client sends 160, WebRTC 100: try these too.
    tone: int = 250
    # Silence between two keys: what Twilio's own browser client uses, and WebRTC's default.
    gap: int = 70
    # Whether a w is added to the gap (as Amazon Chime does it) or replaces it (Bandwidth). Twilio
    # does not say; adding is the slower reading, so that the last key comes later than it must.
    waits_add: bool = True
    # How long a w really waits: Twilio says half a second. A carrier was found in 2026 that had not
    # kept its waits for years.
    half_second: int = 500
    # The shortest tone that a receiver must recognise: ITU-T Q.24, quoted by RFC 4733 2.5.2.1.
    shortest_tone: int = 40
    # Whether keys pressed before a Gather count for it. Twilio documents none as kept: it says to
    # nest the prompt so that keys are accepted at any time. True models an IVR with type-ahead.
    carry_keys: bool = False
    # From the answer to the first request and, where it is not measured, what a request takes:
    # from the one published log that shows both moments.
    latency: int = 75
    # From dialling to the first ring. Real networks need longer, and no rule depends on how long:
    # half a second keeps "initiated" and "ringing" apart.
    setup: int = 500
    # The pace of speech: the middle of the 150 to 180 that English is planned with.
    words_per_minute: int = 165
    # Digits are read singly and slower than words: the middle of 0.3 to 0.5 s.
    spoken_digit: int = 400
    # The breath at a comma, as speech synthesis makes it for a weak break.
    comma: int = 200
    # The breath between two sentences, somewhat longer than that at a comma.
    full_stop: int = 350
    # What a <Play> of a URL lasts: nothing is downloaded, so its length cannot be known.
    media: int = 3000
    # The beep before <Record>, as long as an answering machine's.
    record_beep: int = 500
    # How long Twilio's "an application error has occurred" takes to say: one sentence, slowly.
    error_message: int = 5000
    # When machine detection has made up its mind. A person says hello in a second and waits for
    # an answer: the silence that betrays him ends about three seconds after he picked up.
    amd_human: int = 3000
    # A machine keeps talking: it takes a second more to be sure that nobody waits.
    amd_machine: int = 4000
    # Twilio gives a webhook 15 s for all its tries together (Webhook connection overrides, tt).
    request_total: int = 15_000
    # How late a callback may be when callbacks are shuffled on order: enough that one of a status
    # comes after that of the next, which is the fault that it is there to show.
    callback_shuffle: int = 5000

    def __post_init__(self) -> None:
        pace = self.words_per_minute
        if not SLOWEST <= pace <= FASTEST:
            raise ValueError(
                f"words_per_minute is {pace}: people speak {SLOWEST} to {FASTEST} words a minute"
            )
        for name in self.__slots__:
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}: no length is negative")

    @property
    def tones(self) -> Tones:
        """How a string of digits is played."""
        return Tones(self.tone, self.gap, self.waits_add, self.half_second)

    def describe(self) -> str:
        """Return all parameters as one block: a line ``name = value`` each, with its unit."""
        names = [field.name for field in fields(self)]
        width = max(map(len, names))
        return "\n".join(f"{name:>{width}} = {_value(name, getattr(self, name))}" for name in names)


def _value(name: str, value: int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if name == "words_per_minute" else f"{value} ms"
