"""Faults on order: what can go wrong between a client and the carrier, for tests and judges."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field

KINDS = ("429", "500", "place-then-500", "place-then-drop", "delay")


@dataclass(slots=True)
class Faults:
    """Which POSTs to Calls go wrong, and which status callbacks come twice or out of order.

    ``next`` is a list of KINDS that the next POSTs meet, in order; ``rates`` gives each kind a
    probability from 0 to 1, drawn from ``seed``. ``delay`` is in real seconds.
    ``shuffle_callbacks`` delivers each callback after a random simulated delay of up to
    Timing.callback_shuffle, so that their order of arrival is not that of firing.
    """

    next: list[str] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)
    delay: float = 1.0
    shuffle_callbacks: bool = False
    duplicate_callbacks: bool = False
    seed: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def refuse(self, times: int, kind: str = "429") -> None:
        """Let the next ``times`` POSTs meet a fault of KINDS."""
        if kind not in KINDS:
            raise ValueError(f"The fault {kind!r} is unknown: use one of {', '.join(KINDS)}")
        with self._lock:
            self.next.extend([kind] * times)

    def shuffle(self, seed: int) -> None:
        """Let status callbacks arrive out of order from now on, the same way for a seed."""
        self.reseed(seed)
        self.shuffle_callbacks = True

    def reseed(self, seed: int) -> None:
        """Begin the series of chances again."""
        with self._lock:
            self._random.seed(seed)

    def draw(self) -> str | None:
        """Return the fault that the present POST meets, or None."""
        with self._lock:
            if self.next:
                return self.next.pop(0)
            for kind, rate in self.rates.items():
                if self._random.random() < rate:
                    return kind
        return None

    def late(self, most_ms: int, anyway: bool = False) -> float:
        """Return by how many simulated seconds the present callback is late."""
        with self._lock:
            shuffled = anyway or self.shuffle_callbacks
            return self._random.random() * most_ms / 1000 if shuffled else 0.0

    def wait(self) -> None:
        """Make a client wait: in real time, for it is a real client that waits."""
        time.sleep(self.delay)
