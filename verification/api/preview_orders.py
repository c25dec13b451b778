"""Twilio's Preview ``/HostedNumbers/HostedNumberOrders``: create, fetch, list, update, delete."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request

from verification import calling, forms, ordering
from verification.api import auth, errors, paging, parameters
from verification.api.errors import ApiError
from verification.codes import Keyring
from verification.ordering import Directory, Place, Policy
from verification.orders import Order
from verification.statuses import Mover, Status, may_move

PATH = "/HostedNumbers/HostedNumberOrders"


class Orders(ordering.Orders, Protocol):
    """The orders as the API shows them."""

    def owned(self, account_sid: str, sid: str) -> Order | None: ...
    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Order]: ...


class Transaction(calling.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def accounts(self) -> Any: ...
    @property
    def orders(self) -> Orders: ...


class Store(Protocol):
    """Where orders are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class PreviewOrders:
    """The routes of this file. ``now`` in Unix seconds."""

    store: Store
    keyring: Keyring
    directory: Directory
    policy: Policy
    base_url: str
    now: Callable[[], float] = time.time

    def blueprint(self) -> Blueprint:
        """The five operations."""
        routes = Blueprint("preview_orders", __name__, url_prefix=PATH)
        routes.post("")(self.create)
        routes.get("")(self.list_page)
        routes.get("/<sid>")(self.fetch)
        routes.post("/<sid>")(self.update)
        routes.delete("/<sid>")(self.delete)
        routes.register_error_handler(ApiError, errors.answer)
        for kind, _, _ in errors.REFUSALS:
            routes.register_error_handler(kind, errors.answer)
        return routes

    def create(self) -> tuple[Response, int]:
        """Order a number; its line is looked up at once, or by the worker if that fails."""
        account = auth.account(self.store, self.keyring)
        form = parameters.read(parameters.CreateOrder, _body())
        if form.account_sid and form.account_sid != account.sid:
            raise ApiError(21471, 400, "Account not found")
        if form.verification_type == "phone-bill" and not form.verification_document_sid:
            raise ApiError(22118, 400, "VerificationDocumentSid is needed for a phone-bill")
        wishes = form.wishes("phone_number", "sms_capability", "account_sid")
        with self.store.write() as tx:
            order = ordering.create(tx, account.sid, form.phone_number, wishes, self.now())
        line = self.directory.look_up(order.phone_number)
        with self.store.write() as tx:
            ordering.settle_eligibility(tx, order.sid, line, self.policy, self.now())
            return self._answer(tx, tx.orders.get(order.sid) or order), 201

    def fetch(self, sid: str) -> Response:
        """One order of the account."""
        account = auth.account(self.store, self.keyring)
        with self.store.read() as tx:
            return self._answer(tx, _own(tx, account.sid, sid))

    def list_page(self) -> Response:
        """The account's orders, the newest first."""
        account = auth.account(self.store, self.keyring)
        query = forms.read(request.query_string)
        asked = paging.wish(query, self.keyring)
        wanted = parameters.read(parameters.ListOrders, asked.filters).wishes()
        filters = {name: str(value) for name, value in wanted.items() if value}
        with self.store.read() as tx:
            page = paging.page(
                asked,
                f"{self.base_url}{PATH}",
                self.keyring,
                lambda place, limit: tx.orders.page(account.sid, filters, place, limit),
                lambda order: self._shape(tx, order),
            )
        return jsonify(page)

    def update(self, sid: str) -> Response:
        """Edit an order, and ask for its ownership call with Status=pending-verification."""
        account = auth.account(self.store, self.keyring)
        form = parameters.read(parameters.UpdateOrder, _body())
        wishes = form.wishes("status", "verification_code")
        with self.store.write() as tx:
            order = _own(tx, account.sid, sid)
            calling.refuse_late_changes(tx, order, wishes)
            if form.verification_code:
                _refuse_code(order)
            order = ordering.edit(tx, order, wishes, self.now())
            if form.status is Status.PENDING_VERIFICATION:
                order = calling.request_call(tx, self.keyring, order, account.name, self.now())
            elif form.status is not None:
                _refuse_status(order, form.status)
            return self._answer(tx, order)

    def delete(self, sid: str) -> tuple[str, int]:
        """Take an order back and end its call."""
        account = auth.account(self.store, self.keyring)
        with self.store.write() as tx:
            order = _own(tx, account.sid, sid)
            ordering.delete(tx, order, self.now())
            calling.abandon(tx, order, self.now())
        return "", 204

    def _answer(self, tx: Transaction, order: Order) -> Response:
        return jsonify(self._shape(tx, order))

    def _shape(self, tx: Transaction, order: Order) -> dict[str, Any]:
        calls = [attempt.call_sid for attempt in tx.attempts.of_order(order.sid)]
        return {
            "sid": order.sid,
            "account_sid": order.account_sid,
            "incoming_phone_number_sid": order.incoming_phone_number_sid,
            "address_sid": order.address_sid,
            "signing_document_sid": order.signing_document_sid,
            "phone_number": order.phone_number,
            "capabilities": {"sms": True, "mms": False, "voice": False, "fax": False},
            "friendly_name": order.friendly_name,
            "unique_name": order.unique_name,
            "status": order.status,
            "failure_reason": order.failure_reason,
            "date_created": _date(order.created_at),
            "date_updated": _date(order.updated_at),
            "verification_attempts": order.verification_attempts,
            "email": order.email,
            "cc_emails": list(order.cc_emails),
            "url": f"{self.base_url}{PATH}/{order.sid}",
            "verification_type": order.verification_type,
            "verification_document_sid": order.verification_document_sid,
            "extension": order.extension,
            "call_delay": order.call_delay,
            "verification_code": calling.visible_code(order, self.keyring, self.now()),
            "verification_call_sids": [sid for sid in calls if sid],
            "language": order.language,
        }


def _body() -> list[tuple[str, str]]:
    return parameters.read_body(request.get_data(cache=False), request.mimetype)


def _own(tx: Transaction, account_sid: str, sid: str) -> Order:
    order = tx.orders.owned(account_sid, sid)
    if order is None:
        raise ApiError(20404, 404, f"The requested resource {PATH}/{sid[:64]} was not found")
    return order


def _refuse_code(order: Order) -> None:
    if order.status is not Status.PENDING_VERIFICATION:
        raise ApiError(22114, 400, "VerificationCode is taken only while pending-verification")
    raise ApiError(
        22113, 400, "The code is typed on the phone that is called; the API does not take it"
    )


def _refuse_status(order: Order, wished: Status) -> None:
    allowed = [status for status in Status if may_move(order.status, status, Mover.CUSTOMER)]
    raise ApiError(
        22112,
        400,
        f"An order that is {order.status} cannot be moved to {wished} by this request: "
        + (f"allowed is {', '.join(allowed)}" if allowed else "its status cannot be changed"),
    )


def _date(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
