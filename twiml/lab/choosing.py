"""Choose the waits: what each number of half seconds keeps, over all the readings so far."""

from __future__ import annotations

from collections.abc import Sequence

from twiml.lab.unknowns import Unknowns
from twiml.lab.ways import Chance, Groups
from verification.extension import InvalidExtension, check_order

MOST_WAITS = 240  # half seconds before a group: two minutes
MOST_MARGIN = 10_000  # ms: no more is looked for, nothing unknown about a line is that large
SEND_DIGITS_LENGTH = 32  # Twilio: Calls, SendDigits
_HALF_SECOND = 500
_NEVER = -(10**9)


class Table:
    """For each group and each number of waits the smallest margin (ms) of all readings.

    A negative one says by how much a reading misses.
    """

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self.readings: list[tuple[Unknowns, list[Chance]]] = []
        self._least = [[MOST_MARGIN] * (MOST_WAITS + 1) for _ in groups]
        self._good = [[0] * (MOST_WAITS + 1) for _ in groups]

    def learn(self, reading: Unknowns, chances: list[Chance]) -> None:
        """Let a reading count."""
        self.readings.append((reading, chances))
        for place, chance in enumerate(chances):
            least, good = self._least[place], self._good[place]
            for waits, margin in enumerate(_margins(place, chance, reading)):
                least[waits] = min(least[waits], margin)
                good[waits] += margin >= 0

    def margin(self, waits: Sequence[int]) -> int:
        """The margin of the whole extension: that of its tightest group."""
        return min(self._least[place][count] for place, count in enumerate(waits))

    def of_reading(self, waits: Sequence[int], reading: Unknowns, chances: list[Chance]) -> int:
        """The same in a single reading."""
        return min(
            _margins(place, chance, reading)[count]
            for place, (count, chance) in enumerate(zip(waits, chances, strict=True))
        )

    def best(self, place: int) -> int:
        """The widest margin that any number of waits gives one group."""
        return max(self._least[place])

    def widest(self) -> tuple[int, ...]:
        """The waits with the widest margin, and of these the fewest.

        One that an order takes goes before all others. Where no waits are good in every reading,
        each group has those that are good in most.
        """
        margins = sorted({one for row in self._least for one in row if one >= 0}, reverse=True)
        possible = [waits for margin in margins if (waits := self._fewest(margin)) is not None]
        fitting = (waits for waits in possible if _order_takes(string(self.groups, waits)))
        return next(fitting, possible[0] if possible else self._most_likely())

    def shortest(self, margin: int) -> tuple[int, ...]:
        """The fewest waits that keep a margin, or the widest if none do."""
        waits = self._fewest(margin)
        return self.widest() if waits is None else waits

    def _fewest(self, margin: int) -> tuple[int, ...] | None:
        found = []
        for row in self._least:
            count = next((count for count, one in enumerate(row) if one >= margin), None)
            if count is None:
                return None
            found.append(count)
        return tuple(found)

    def _most_likely(self) -> tuple[int, ...]:
        return tuple(
            max(range(MOST_WAITS + 1), key=lambda count: (good[count], least[count], -count))
            for good, least in zip(self._good, self._least, strict=True)
        )


def _margins(place: int, chance: Chance, reading: Unknowns) -> list[int]:
    """The margin of each number of waits in one reading.

    A key can come no earlier than without any wait: that bounds its margin too.
    """
    first = chance.zero + (reading.tone + reading.gap if place else 0)
    replaced = reading.gap if place and not reading.waits_add else 0
    found = []
    for waits in range(MOST_WAITS + 1):
        room = waits * _HALF_SECOND - (replaced if waits else 0)
        at = first + room + chance.late
        inside = _NEVER
        for start, end in chance.stretches:  # millions of times in a tuning: without calls
            margin = at - start if at - start < end - 1 - at else end - 1 - at
            if margin > inside:
                inside = margin
        found.append(min(inside, room, MOST_MARGIN))
    return found


def string(groups: Groups, waits: Sequence[int]) -> str:
    """Return the extension: with ``w`` alone, or with ``W`` for two where it grows too long."""
    pairs = list(zip(groups, waits, strict=True))
    text = "".join("w" * count + group for group, count in pairs)
    if len(text) <= SEND_DIGITS_LENGTH:
        return text
    return "".join("W" * (count // 2) + "w" * (count % 2) + group for group, count in pairs)


def doors(text: str) -> list[tuple[str, str]]:
    """Return each way to send an extension, and why it does not take this one, if so."""
    too_long = ""
    if len(text) > SEND_DIGITS_LENGTH:
        too_long = f"it has {len(text)} characters: at most {SEND_DIGITS_LENGTH} are allowed"
    return [
        ("an order's extension", _order_problem(text)),
        ("SendDigits of a call", too_long),
        ("<Play digits>", ""),
    ]


def _order_takes(text: str) -> bool:
    return not _order_problem(text)


def _order_problem(text: str) -> str:
    try:
        check_order(text)
    except InvalidExtension as error:
        return str(error).replace("The extension", "it", 1)
    return ""
