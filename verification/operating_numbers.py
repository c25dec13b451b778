"""What an operator may do with a number by hand: release it, or move it within its family."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from verification import accounts, phone_numbers
from verification.accounts import Account, is_active
from verification.operating import Hand, NotAllowed
from verification.phone_numbers import NumberStatus, Origin, PhoneNumber
from verification.statuses import Mover


class NumberAct(StrEnum):
    """What can be done with a number."""

    RELEASE = "release"
    TRANSFER = "transfer"


class Accounts(accounts.Accounts, Protocol):
    """The accounts of one transaction."""

    def all(self) -> Sequence[Account]: ...


class Transaction(phone_numbers.Transaction, Protocol):
    """What operating numbers needs of a transaction."""

    @property
    def accounts(self) -> Accounts: ...


def allowed(tx: Transaction, number: PhoneNumber) -> list[NumberAct]:
    """What may be done with a number as it stands."""
    if number.status is NumberStatus.IN_USE:
        return [NumberAct.RELEASE, *([NumberAct.TRANSFER] if homes(tx, number) else [])]
    port_under_way = number.status is NumberStatus.PENDING and number.origin is Origin.PORTED
    return [NumberAct.RELEASE] if port_under_way else []


def homes(tx: Transaction, number: PhoneNumber) -> list[Account]:
    """The other accounts of the number's owner that can take it: his own and his subaccounts."""
    holder = tx.accounts.get(number.account_sid)
    if holder is None:
        return []
    owner = holder.owner_sid or holder.sid
    return [
        one
        for one in tx.accounts.all()
        if one.sid != holder.sid and owner in (one.sid, one.owner_sid) and is_active(tx, one)
    ]


def release(tx: Transaction, number: PhoneNumber, by: Hand) -> PhoneNumber:
    """Give a number up for its account. Raises NotAllowed."""
    _check(tx, number, NumberAct.RELEASE)
    _note(tx, number, "release asked for", by)
    return phone_numbers.release(tx, number, by.now)


def transfer(tx: Transaction, number: PhoneNumber, to_sid: str, by: Hand) -> PhoneNumber:
    """Give a number to another account of the same owner. Raises NotAllowed, NumberConflict."""
    _check(tx, number, NumberAct.TRANSFER)
    to = next((one for one in homes(tx, number) if one.sid == to_sid), None)
    if to is None:
        raise NotAllowed("Choose an account of the same owner")
    _note(tx, number, "transfer asked for", by)
    return phone_numbers.transfer(tx, number, to, by.now)


def _check(tx: Transaction, number: PhoneNumber, act: NumberAct) -> None:
    if act not in allowed(tx, number):
        raise NotAllowed(f"A number that is {number.status} does not allow this now")


def _note(tx: Transaction, number: PhoneNumber, event: str, by: Hand) -> None:
    tx.audit.append(by.now, Mover.OPERATOR, number.account_sid, number.sid, event, by.operator_sid)
