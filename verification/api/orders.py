"""What the families of order resources share: the same orders, in three spellings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from verification import accounts, calling, ordering
from verification.accounts import Account
from verification.api import paging
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked
from verification.api.paging import Page, ShapeT
from verification.api.shapes import HOSTED
from verification.ordering import Place
from verification.orders import Order
from verification.statuses import Mover, MoveRefused, Status, may_move


class Orders(ordering.Orders, Protocol):
    """The orders as the API shows them."""

    def seen(self, account_sid: str, sid: str) -> Order | None: ...
    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Order]: ...


class Transaction(calling.Transaction, Protocol):
    """What the order resources need of a transaction."""

    @property
    def accounts(self) -> accounts.Accounts: ...
    @property
    def orders(self) -> Orders: ...


def create(context: Context, asked: Asked, account_sid: str, wishes: dict[str, Any]) -> Order:
    """Order a number; its line is looked up at once, or by the worker if that fails.

    ``account_sid``: whom the order is for, if not for the one who asks. Raises ApiError 21471.
    """
    phone_number = wishes.pop("phone_number")
    with context.store.write() as tx:
        account = ordering_account(tx, asked, account_sid)
        now = context.now()
        order = ordering.create(
            tx, account.sid, phone_number, wishes, now, account.test, context.policy
        )
    line = context.directory.look_up(phone_number)
    with context.store.write() as tx:
        now = context.now()
        return ordering.settle_eligibility(tx, order.sid, line, context.policy, now) or order


def ordering_account(tx: accounts.Transaction, asked: Asked, account_sid: str) -> Account:
    """Whom an order is for: the account of this SID, or the one who asks. Raises ApiError."""
    account = accounts.acting_for(tx, asked.account, account_sid or asked.account.sid)
    if account is None:
        raise ApiError(21471, 400, "Account not found")
    accounts.check_active(tx, account)
    return account


def own(tx: Transaction, asked: Asked, path: str) -> Order:
    """The order that a path names. Raises ApiError 20404, for a foreign one as for none."""
    order = tx.orders.seen(asked.account.sid, asked.sid)
    if order is None:
        raise ApiError(20404, 404, f"The requested resource {path}/{asked.sid[:64]} was not found")
    return order


def page(
    context: Context,
    asked: Asked,
    path: str,
    filters: dict[str, str],
    shape: Callable[[Transaction, Order], ShapeT],
) -> Page[ShapeT]:
    """The orders that an account sees, the newest first."""
    wish = paging.wish(asked.pairs, context.keyring)
    with context.store.read() as tx:
        return paging.page(
            wish,
            f"{context.base_url}{path}",
            context.keyring,
            lambda place, limit: tx.orders.page(asked.account.sid, filters, place, limit),
            lambda order: shape(tx, order),
        )


def update(
    context: Context, tx: Transaction, order: Order, wishes: dict[str, Any], status: Status | None
) -> Order:
    """Edit an order, and ask for its ownership call if ``status`` is pending-verification.

    Raises ApiError 22112 for every other status.
    """
    calling.refuse_late_changes(tx, order, wishes)
    order = ordering.edit(tx, order, wishes, context.now())
    if status is None:
        return order
    if status is not Status.PENDING_VERIFICATION:
        raise _not_his_to_choose(order, status)
    account = tx.accounts.get(order.account_sid)
    if account is None:
        raise ApiError(21471, 400, "Account not found")
    accounts.check_active(tx, account)
    try:
        return calling.request_call(
            tx, context.keyring, order, account.name, context.now(), context.limits
        )
    except MoveRefused:
        raise _not_his_to_choose(order, status) from None


def delete(context: Context, asked: Asked, path: str) -> None:
    """Take an order back and end its call."""
    with context.store.write() as tx:
        order = own(tx, asked, path)
        ordering.delete(tx, order, context.now())
        calling.abandon(tx, order, context.now())


def common(context: Context, tx: Transaction, order: Order, path: str) -> dict[str, Any]:
    """The fields that every family shows under the same name."""
    calls = [attempt.call_sid for attempt in tx.attempts.of_subject(order.sid)]
    return {
        "sid": order.sid,
        "account_sid": order.account_sid,
        "incoming_phone_number_sid": order.incoming_phone_number_sid,
        "address_sid": order.address_sid,
        "signing_document_sid": order.signing_document_sid,
        "phone_number": order.phone_number,
        "capabilities": HOSTED,
        "friendly_name": order.friendly_name,
        "status": order.status,
        "failure_reason": order.failure_reason,
        "date_created": order.created_at,
        "date_updated": order.updated_at,
        "verification_attempts": order.verification_attempts,
        "email": order.email,
        "cc_emails": order.cc_emails,
        "url": f"{context.base_url}{path}/{order.sid}",
        "verification_type": order.verification_type,
        "verification_code": calling.visible_code(order, context.keyring, context.now()),
        "verification_call_sids": tuple(sid for sid in calls if sid),
        "language": order.language,
    }


def _not_his_to_choose(order: Order, wished: Status) -> ApiError:
    """Why a request may not name this status. The one that any may name asks for the call."""
    call = Status.PENDING_VERIFICATION
    told = f"An order that is {order.status} cannot be moved to {wished} by this request: "
    if order.verified_at is None and may_move(order.status, call, Mover.CUSTOMER):
        told += f"allowed is {call}"
    elif order.status is call:
        told += f"allowed is {call}, for another call"
    else:
        told += "no status can be chosen for it. " + (ordering.next_step(order) or "It is done.")
    return ApiError(22112, 400, told)
