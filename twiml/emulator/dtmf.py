"""The keys as sound: two sines each, as ITU-T Q.23 pairs them."""

from __future__ import annotations

import math

RATE = 8000  # samples a second, as G.711 has it
LOW = (697, 770, 852, 941)
HIGH = (1209, 1336, 1477, 1633)
_ROWS = ("123A", "456B", "789C", "*0#D")
FREQUENCIES = {
    key: (LOW[row], HIGH[column])
    for row, keys in enumerate(_ROWS)
    for column, key in enumerate(keys)
}
# The high group 2 dB above the low one, for the line takes more from it; receivers allow 4 to 8 dB
# of such twist. The level is usual for a sender: about -8 dB below the full scale for both.
_LOW_LEVEL = 0.25
_HIGH_LEVEL = _LOW_LEVEL * 10 ** (2 / 20)
_RAMP_MS = 2  # no click at its ends, and still an edge to the millisecond


def tone(key: str, ms: int) -> list[float]:
    """Return the samples of a key, from -1 to 1; it lasts ``ms``."""
    low, high = (2 * math.pi * frequency / RATE for frequency in FREQUENCIES[key])
    length = ms * RATE // 1000
    ramp = max(1, _RAMP_MS * RATE // 1000)
    return [
        (_LOW_LEVEL * math.sin(low * n) + _HIGH_LEVEL * math.sin(high * n))
        * min(1.0, (n + 1) / ramp, (length - n) / ramp)
        for n in range(length)
    ]
