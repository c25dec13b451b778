"""Which numbers an account cannot order because this server has them in use already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verification import numbers
from verification.phone_numbers import NumberStatus, PhoneNumber, Transaction

VOICE_ELSEWHERE = (
    "The number is in use for voice by another account of this server: only that account can "
    "host it for messaging."
)
LEAVING = "The number is being released: it can be ordered again when its three days are over."
ELSEWHERE = "The number is already enabled for messaging by another provider."


def why_taken(tx: Transaction, account_sid: str, phone_number: str) -> str | None:
    """Why an account cannot order a number that is on this server already; None if it can.

    A fictional number is every test account's.
    """
    return _why(tx.phone_numbers.of_number(phone_number), account_sid)


def taken_of(tx: Transaction, account_sid: str, ordered: Sequence[str]) -> dict[str, str]:
    """Why an account cannot order some of many numbers, by number, as ``why_taken``."""
    standing: dict[str, list[PhoneNumber]] = {}
    for number in tx.phone_numbers.of_numbers(ordered):
        standing.setdefault(number.phone_number, []).append(number)
    reasons = {number: _why(held, account_sid) for number, held in standing.items()}
    return {number: reason for number, reason in reasons.items() if reason}


def _why(standing: Iterable[PhoneNumber], account_sid: str) -> str | None:
    for held in standing:
        foreign = held.account_sid != account_sid and not numbers.is_fictional(held.phone_number)
        if held.account_sid != account_sid and not foreign:
            continue
        if foreign and held.voice and held.status is NumberStatus.IN_USE:
            return VOICE_ELSEWHERE
        if foreign and held.status in (NumberStatus.IN_USE, NumberStatus.RELEASED):
            return ELSEWHERE
        if held.status is NumberStatus.RELEASED:
            return LEAVING
    return None
