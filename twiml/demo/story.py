"""The demo: a customer's program, told beside what the emulator's line carries, on one clock."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from twiml.carrier import HttpClient
from twiml.emulator import Call, Event, Timing

NUMBER = "+19029052034"
EXTENSION = "wwww2wwwwww5wwwwww9"
SPEED = 20.0
LOOK_SECONDS = 0.02
LONGEST_SECONDS = 60.0

Trail = Callable[[str], list[str]]

_ASSUMED = frozenset({"tone", "gap", "waits_add", "latency", "words_per_minute"})

# What happens on the line, without the machinery that carries it.
_TOLD = frozenset(
    {"rings", "answers", "says", "plays", "sends", "heard", "lost", "missed", "types", "hangs up"}
)


class Teller:
    """Prints what each side does as it happens; lines of several threads do not mix."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0

    def assume(self, timing: Timing) -> None:
        """Say what the line takes for granted that no carrier tells."""
        named = [" ".join(line.split()) for line in timing.describe().splitlines()]
        shown = [line for line in named if line.split(" = ")[0] in _ASSUMED]
        self.line(f"Assumed of the line: {', '.join(shown)}")

    def event(self, call: Call, event: Event) -> None:
        """Tell one thing that the emulator's line carries."""
        self._now = event.at_ms
        if event.kind in _TOLD:
            self.line(str(event))

    def side(self, who: str, text: str) -> None:
        """Tell what somebody off the line does, at the line's time."""
        self.line(str(Event(self._now, who, text)))

    def line(self, text: str) -> None:
        """Print one line at once."""
        with self._lock:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    def where(self, database: Path, trouble: str | None) -> None:
        """Say where the result can be read back, and last what it is."""
        self.line("")
        self.line(f"The order and its audit trail are in {database}. To read them back:")
        self.line(f"  DATABASE_URL=sqlite:///{database} {Path(sys.argv[0])} db audit")
        self.line(f"{NUMBER} not verified: {trouble}" if trouble else f"{NUMBER} verified")


def play(
    told: Teller, base_url: str, account: tuple[str, str], extension: str, trail: Trail
) -> str | None:
    """Order the number, ask for the call, follow the order; why it is not verified, or None.

    ``account``: SID and auth token. ``trail``: what Lineproof has written down of an order.
    """
    client = Client(*account, http_client=HttpClient(base_url))
    orders = client.preview.hosted_numbers.hosted_number_orders
    order = orders.create(phone_number=NUMBER, sms_capability=True)
    told.side("customer", f"orders {NUMBER}: {order.sid} is {order.status}")
    try:
        order = order.update(status="pending-verification", extension=extension)
    except TwilioRestException as error:
        return f"{error.msg} (error {error.code})"
    told.side("customer", f"asks for the call, extension {extension}: {order.status}")
    told.side("customer", f"reads the code {order.verification_code} on the screen")
    return _follow(told, order, trail)


def _follow(told: Teller, order: Any, trail: Trail) -> str | None:
    deadline, known = time.monotonic() + LONGEST_SECONDS, 0
    while time.monotonic() < deadline:
        written = trail(order.sid)
        for entry in written[known:]:
            told.side("lineproof", f"writes down: {entry}")
        known = len(written)
        order = order.fetch()
        if order.status != "pending-verification" or order.failure_reason:
            told.side("customer", f"sees the order {order.status}")
            return None if order.status == "verified" else str(order.failure_reason)
        time.sleep(LOOK_SECONDS)
    return f"the order is still {order.status}"
