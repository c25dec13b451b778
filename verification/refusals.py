"""What is wrong with a request, all of it at once: who mends it should need one more try only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


class Refused(ValueError):
    """Several things are wrong; ``reasons`` are what each would be refused with alone."""

    def __init__(self, reasons: Sequence[ValueError]) -> None:
        super().__init__("; ".join(str(reason) for reason in reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Collected:
    """The reasons of checks that are all to be made before anything is refused."""

    reasons: list[ValueError] = field(default_factory=list)

    @contextmanager
    def also(self) -> Iterator[None]:
        """Make a check, whatever the others have said."""
        try:
            yield
        except Refused as several:
            self.reasons.extend(several.reasons)
        except ValueError as reason:
            self.reasons.append(reason)

    def settle(self) -> None:
        """Raise what was collected: a single reason as it is, several as Refused."""
        if len(self.reasons) == 1:
            raise self.reasons[0]
        if self.reasons:
            raise Refused(self.reasons)
