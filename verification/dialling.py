"""What may be dialled at all: budgets of calls, and the switch that stops dialling.

The switch is for toll fraud: once more calls or more money have gone than a limit allows, no worker
dials until an operator says so. Calls are counted by the attempts that were dialled, so that the
counts hold over all workers and servers, and whatever is killed when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from verification import orders
from verification.rates import TooOften

HOUR = 3_600.0
DAY = 86_400.0
STOPPED_RETRY_SECONDS = 300
SWITCH = "dialling"  # what the audit trail calls it
LINEPROOF = "lineproof"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls may be made; None: no limit.

    ``per_hour``, ``per_day`` of everybody, ``spend_per_day`` in the money of ``price_per_minute``:
    reaching one stops dialling. ``number_day``, ``account_day``: calls to one number for all
    accounts, and calls of one account, in 24 hours; a request for one more is refused.
    """

    per_hour: int | None = None
    per_day: int | None = None
    spend_per_day: float | None = None
    price_per_minute: float = 0.0
    number_day: int | None = None
    account_day: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether calls are dialled: since when (Unix seconds), who decided it and why."""

    stopped: bool
    since: float
    actor: str
    reason: str


class OverBudget(TooOften):
    """A budget of calls is used up (Twilio error 20429)."""


class Stopped(OverBudget):
    """Dialling is stopped; nothing was changed (Twilio error 20503)."""


class Dialling(Protocol):
    """The switch, and the calls that were dialled."""

    def switch(self) -> Switch: ...
    def set(self, switch: Switch) -> None: ...
    def dialled(self, since: float, most: int) -> int:
        """How many calls were dialled after a time, counted up to ``most``."""
        ...

    def talked(self, since: float, now: float) -> tuple[int, float]:
        """The calls dialled after a time and the seconds for which they were answered."""
        ...

    def nth_latest(self, column: str, value: str, since: float, nth: int) -> float | None:
        """When the ``nth`` latest call with a value was asked for; None: fewer after ``since``.

        Calls that ended before they were dialled are not counted.
        """
        ...


class Transaction(Protocol):
    """What this file needs of a transaction."""

    @property
    def dialling(self) -> Dialling: ...
    @property
    def audit(self) -> orders.Audit: ...


def stop(tx: Transaction, actor: str, reason: str, now: float) -> bool:
    """Stop dialling; calls under way go on. False if it was stopped already."""
    return _turn(tx, Switch(True, now, actor, reason))


def start(tx: Transaction, actor: str, now: float) -> bool:
    """Dial again. The counts begin anew, else the next call would stop it. False: it dials."""
    return _turn(tx, Switch(False, now, actor, ""))


def watch(tx: Transaction, limits: Limits, now: float) -> str | None:
    """Stop dialling if a limit is reached; gives the reason when it was this that stopped it."""
    switch = tx.dialling.switch()
    reason = None if switch.stopped else _reached(tx, limits, switch, now)
    if reason:
        stop(tx, LINEPROOF, reason, now)
    return reason


def check(tx: Transaction, limits: Limits, account_sid: str, number: str, now: float) -> None:
    """Whether one more call may be asked for. Raises Stopped, OverBudget; changes nothing."""
    if tx.dialling.switch().stopped:
        raise Stopped("No calls are placed at present: nothing was changed", STOPPED_RETRY_SECONDS)
    _check_budget(tx, "number", number, limits.number_day, now, "to this number")
    _check_budget(tx, "account_sid", account_sid, limits.account_day, now, "of this account")


def _check_budget(
    tx: Transaction, column: str, value: str, most: int | None, now: float, whose: str
) -> None:
    if most is None:
        return
    at = tx.dialling.nth_latest(column, value, now - DAY, most)
    if at is not None:
        # Its place is free when the oldest call that counts is a day old.
        wait = max(1, int(at + DAY - now) + 1)
        raise OverBudget(f"At most {most} verification calls {whose} are allowed in a day", wait)


def _turn(tx: Transaction, switch: Switch) -> bool:
    if tx.dialling.switch().stopped == switch.stopped:
        return False
    tx.dialling.set(switch)
    event = "dialling stopped" if switch.stopped else "dialling started"
    tx.audit.append(switch.since, switch.actor, "", SWITCH, event, switch.reason)
    return True


def _reached(tx: Transaction, limits: Limits, switch: Switch, now: float) -> str | None:
    # An operator whose clock was ahead has not lifted the limits until it is right again.
    since = switch.since if switch.since <= now else 0.0
    for most, span, name in ((limits.per_hour, HOUR, "hour"), (limits.per_day, DAY, "day")):
        if most is not None and tx.dialling.dialled(max(now - span, since), most) >= most:
            return f"The limit of {most} calls in one {name} is reached"
    if limits.spend_per_day is None:
        return None
    calls, seconds = tx.dialling.talked(max(now - DAY, since), now)
    # Carriers bill each minute that has begun: never less than one more minute for each call.
    spent = (seconds / 60 + calls) * limits.price_per_minute
    if spent >= limits.spend_per_day:
        return f"The spend limit of {limits.spend_per_day:g} in one day is reached"
    return None
