"""A new order that an operator makes for an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response

from verification import accounts, extension, order_lists, ordering
from verification.console.orders import ORDERS
from verification.console.room import Room, Visitor, see_other
from verification.operators import Role
from verification.ordering import LANGUAGES
from verification.orders import Order
from verification.refusals import Collected
from verification.statuses import Mover


@dataclass(frozen=True, slots=True)
class NewOrder:
    """The form and what it makes."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        rule = f"{ORDERS}/new"
        form = self.room.guarded(lambda visitor: self.form(visitor, ()), Role.OPERATOR)
        blueprint.add_url_rule(rule, "new_order", form)
        create = self.room.guarded(self.create, Role.OPERATOR)
        blueprint.add_url_rule(rule, "create_order", create, methods=["POST"])

    def form(self, visitor: Visitor, faults: Sequence[str]) -> Response:
        """The form, with all that is wrong with what was sent."""
        with self.room.store.read() as tx:
            owners = [one for one in tx.accounts.all() if accounts.is_active(tx, one)]
        status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
        return self.room.page(
            visitor,
            "new_order.html",
            status,
            owners=owners,
            languages=LANGUAGES,
            faults=faults,
            filled={name: visitor.fields.get(name, "") for name in _FIELDS},
        )

    def create(self, visitor: Visitor) -> Response:
        """Make the order; its line is looked up at once, or by the worker if that fails."""
        filled = {name: visitor.fields.get(name, "").strip() for name in _FIELDS}
        digits = "".join(c for c in filled["number"] if c in "0123456789")
        number = f"+{digits}" if filled["number"].startswith("+") else f"+1{digits[-10:]}"
        room = self.room
        wrong = Collected()
        _check(filled, wrong)
        try:
            with room.store.write() as tx:
                with wrong.also():
                    order = self._ordered(tx, visitor, filled, number)
                wrong.settle()  # in here, so that nothing is ordered
        except ValueError:
            return self.form(visitor, [str(reason) for reason in wrong.reasons])
        line = room.directory.look_up(number)
        with room.store.write() as tx:
            ordering.settle_eligibility(tx, order.sid, line, room.policy, room.now())
        return see_other(f"{ORDERS}/{order.sid}")

    def _ordered(self, tx: Any, visitor: Visitor, filled: dict[str, str], number: str) -> Order:
        account = tx.accounts.get(filled["account"])
        if account is None:
            raise ValueError("Choose an account")
        accounts.check_active(tx, account)
        now, wishes = self.room.now(), _wishes(filled)
        order = ordering.create(tx, account.sid, number, wishes, now, account.test)
        event, by = "ordered in the console", visitor.operator.sid
        tx.audit.append(now, Mover.OPERATOR, account.sid, order.sid, event, by)
        return order


_FIELDS = ("account", "number", "name", "extension", "language")


def _check(filled: dict[str, str], wrong: Collected) -> None:
    """Look at the optional fields of the order."""
    with wrong.also():
        order_lists.check_name(filled["name"])
    with wrong.also():
        if filled["extension"]:
            extension.check_order(filled["extension"])
    with wrong.also():
        if filled["language"] not in LANGUAGES:
            raise ValueError("Choose a language")


def _wishes(filled: dict[str, str]) -> dict[str, object]:
    return {
        "friendly_name": filled["name"] or None,
        "extension": filled["extension"] or None,
        "language": filled["language"],
    }
