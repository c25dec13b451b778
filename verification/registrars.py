"""Registrars that need nobody outside: one that takes the time the FAQ names, and an operator."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from verification import numbers
from verification.hosting import Registered, Registrar, Registration, Verdict, Waiting
from verification.orders import Order

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Emulated:
    """Registers everything: a landline in one business day, a toll-free number in two or three.

    Which of the two is the number's own, always the same. A request that the RespOrg accepts is
    done at once. ``speed``: of the emulator's clock; 20 is twenty times faster, 0 instant.
    """

    speed: float

    def follow(self, registration: Registration, order: Order, now: float) -> Verdict:
        """Registered when its time is over."""
        begun = registration.begun_at
        wait = after_business_days(begun, business_days(order.phone_number)) - begun
        done_at = begun + (wait / self.speed if self.speed else 0)
        if registration.accepted_at is not None or done_at <= now:
            return Registered()
        return Waiting(done_at)


@dataclass(frozen=True, slots=True)
class Manual:
    """An operator registers the number somewhere, and moves the order when it is done."""

    def follow(self, registration: Registration, order: Order, now: float) -> Verdict:
        """Nothing happens by itself."""
        return Waiting(None)


@dataclass(frozen=True, slots=True)
class Routed:
    """Fictional numbers are registered by the ``emulated`` registrar, all others by ``real``."""

    real: Registrar
    emulated: Registrar

    def follow(self, registration: Registration, order: Order, now: float) -> Verdict:
        """How far a registration is, by whom it concerns."""
        is_fictional = numbers.is_fictional(order.phone_number)
        chosen = self.emulated if is_fictional else self.real
        return chosen.follow(registration, order, now)


def business_days(phone_number: str) -> int:
    """How many business days a number takes (the FAQ): landline 1, toll-free 2 or 3."""
    if not numbers.is_toll_free(phone_number):
        return 1
    return 2 + hashlib.sha256(phone_number.encode()).digest()[0] % 2


def after_business_days(begun_at: float, days: int) -> float:
    """The same time of the day so many business days later (UTC; holidays are not known)."""
    moment = datetime.fromtimestamp(begun_at, UTC)
    while days:
        moment += timedelta(days=1)
        if moment.weekday() < _SATURDAY:
            days -= 1
    return moment.timestamp()
