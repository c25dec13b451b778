"""What the holder of an owner's link may see and do: be called now or later, or say "not mine".

Each thing is done under the rules of the core: the order's three calls, the code's ten minutes, the
budgets of calls. A page that is behind (another tab, the back button) does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import accounts, calling, orders, owner_links
from verification.accounts import Account, NotActive
from verification.attempts import ATTEMPTS, Attempt, State
from verification.calling import AttemptsUsed, NotCallable
from verification.codes import Keyring
from verification.dialling import Limits, OverBudget, Stopped
from verification.orders import Order
from verification.owner_links import End, OwnerLink, Trouble
from verification.statuses import Mover, MoveRefused, Status

NOT_MINE = "The person who was given the link says that this is not his number."
LATE_SECONDS = 600.0  # a planned call that is later than this is not made: nobody waits for it now
SOONEST_SECONDS = 60.0

_TROUBLES: dict[type[Exception], Trouble] = {
    Stopped: Trouble.STOPPED,
    OverBudget: Trouble.BUDGET,
    AttemptsUsed: Trouble.REFUSED,
    NotCallable: Trouble.REFUSED,
    MoveRefused: Trouble.REFUSED,
    NotActive: Trouble.REFUSED,
}
# From the moment at which the phone may ring, and not before, the code is shown.
_ON = frozenset({State.DIALLED, State.LIVE})


class Stage(StrEnum):
    """Where an order stands for the person at the phone."""

    CHECKING = "checking"  # the line is still being looked at
    READY = "ready"  # a call may be asked for
    PLANNED = "planned"  # a call will be made at a time that was chosen
    CALLING = "calling"  # a call is to come, or on
    STOPPED = "stopped"  # only whoever ordered can go on
    VERIFIED = "verified"


class Transaction(calling.Transaction, owner_links.Transaction, Protocol):
    """What this file needs of a transaction."""


class LinkGone(Exception):
    """The link opens nothing any more. ``end`` None: its time is over, or its order is gone."""

    def __init__(self, end: End | None) -> None:
        super().__init__(end)
        self.end = end


class UnfitTime(ValueError):
    """Nobody can be called at this time under this link."""


@dataclass(frozen=True, slots=True)
class View:
    """What the page of a link shows. ``call``: the latest one. ``code``: only while it is on.

    ``count``: how many calls were asked for so far, which a form must know.
    """

    stage: Stage
    order: Order
    link: OwnerLink
    account: Account
    count: int
    call: Attempt | None
    code: str | None

    @property
    def calls_left(self) -> int:
        """How many calls may still be asked for."""
        return max(0, ATTEMPTS - self.order.verification_attempts)


def look(tx: Transaction, keyring: Keyring, order_sid: str, number: int, now: float) -> View:
    """What the holder of a link sees; changes nothing. Raises LinkGone."""
    link = tx.owner_links.get(order_sid)
    order = tx.subjects.get(order_sid)
    if link is None or not isinstance(order, Order) or link.number != number:
        raise LinkGone(End.TAKEN_BACK)
    account = tx.accounts.get(order.account_sid)
    if not link.is_open(now) or order.deleted_at or account is None:
        raise LinkGone(link.closed)
    calls = tx.attempts.of_subject(order.sid)
    call = calls[-1] if calls else None
    stage = _stage(tx, order, link, call, now)
    on = stage is Stage.CALLING and call is not None and call.state in _ON
    code = calling.visible_code(order, keyring, now) if on else None
    return View(stage, order, link, account, len(calls), call, code)


def ask(tx: Transaction, keyring: Keyring, limits: Limits, view: View, now: float) -> None:
    """Have the number called now. What the rules say against it is kept as the link's trouble."""
    if view.stage not in (Stage.READY, Stage.PLANNED):
        return
    trouble = _call(tx, keyring, limits, view.order, now)
    tx.owner_links.put(replace(view.link, call_at=None, trouble=trouble))


def plan(tx: Transaction, view: View, at: float, zone: str, now: float) -> None:
    """Have the number called at a time. Raises UnfitTime."""
    if not now + SOONEST_SECONDS <= at < view.link.expires_at:
        raise UnfitTime("The time must lie ahead, and within the life of the link")
    if view.stage in (Stage.READY, Stage.PLANNED):
        tx.owner_links.put(replace(view.link, call_at=at, zone=zone, trouble=None))
        _note(tx, view.order, "call planned", now)


def forget_plan(tx: Transaction, view: View, now: float) -> None:
    """Make no call at the time that was chosen."""
    if view.link.call_at is not None:
        tx.owner_links.put(replace(view.link, call_at=None))
        _note(tx, view.order, "planned call given up", now)


def refuse(tx: Transaction, view: View, now: float) -> None:
    """The holder says that the number is not his: the order stops, its calls end, the link dies.

    Nobody is kept from calling the number: who holds a link need not be at its phone.
    """
    if view.stage not in (Stage.READY, Stage.PLANNED, Stage.CALLING):
        return
    tx.owner_links.put(replace(view.link, closed=End.NOT_MINE, call_at=None))
    order = replace(view.order, code=None, code_expires_at=None, due_at=None)
    orders.move(tx, order, Status.ACTION_REQUIRED, Mover.OWNER, now, NOT_MINE)
    calling.abandon(tx, order, now)


def call_as_planned(
    tx: Transaction, keyring: Keyring, limits: Limits, order_sid: str, now: float
) -> None:
    """Make the call that a link's holder planned, if its time has come and the order allows it."""
    link = tx.owner_links.get(order_sid)
    if link is None or link.call_at is None or link.call_at > now:
        return
    try:
        view = look(tx, keyring, order_sid, link.number, now)
    except LinkGone:
        tx.owner_links.put(replace(link, call_at=None))
        return
    if now - link.call_at > LATE_SECONDS:
        tx.owner_links.put(replace(link, call_at=None, trouble=Trouble.LATE))
    elif view.stage is Stage.PLANNED:
        ask(tx, keyring, limits, view, now)
    else:  # somebody else has had it called meanwhile, or the order has moved on
        tx.owner_links.put(replace(link, call_at=None))


def _stage(
    tx: Transaction, order: Order, link: OwnerLink, call: Attempt | None, now: float
) -> Stage:
    if order.verified_at is not None:
        return Stage.VERIFIED
    if order.status is Status.TWILIO_PROCESSING:
        return Stage.CHECKING
    if not owner_links.may_have(order):
        return Stage.STOPPED
    if call is not None and call.outcome is None:
        return Stage.CALLING
    used = order.verification_attempts >= ATTEMPTS
    if used or tx.suppressions.active(order.phone_number, now):
        return Stage.STOPPED
    return Stage.PLANNED if link.call_at is not None else Stage.READY


def _call(
    tx: Transaction, keyring: Keyring, limits: Limits, order: Order, now: float
) -> Trouble | None:
    """Ask for the call; None if it is to come. What refuses it refuses before it writes."""
    account = tx.accounts.get(order.account_sid)
    try:
        if account is None:
            raise MoveRefused("The order's account is gone")
        accounts.check_active(tx, account)
        calling.request_call(tx, keyring, order, account.name, now, limits)
    except tuple(_TROUBLES) as refusal:
        return next(told for kind, told in _TROUBLES.items() if isinstance(refusal, kind))
    _note(tx, order, "call asked for with the owner link", now)
    return None


def _note(tx: Transaction, order: Order, event: str, now: float) -> None:
    tx.audit.append(now, Mover.OWNER, order.account_sid, order.sid, event)
