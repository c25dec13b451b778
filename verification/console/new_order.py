"""A new order that an operator makes for an account."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response

from verification import accounts, extension, order_lists, ordering
from verification.accounts import NotActive
from verification.console.orders import ORDERS
from verification.console.room import Room, Visitor, see_other
from verification.numbers import UnfitNumber
from verification.operators import Role
from verification.ordering import LANGUAGES, NotHostable
from verification.statuses import Mover


@dataclass(frozen=True, slots=True)
class NewOrder:
    """The form and what it makes."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        rule = f"{ORDERS}/new"
        form = self.room.guarded(lambda visitor: self.form(visitor, ""), Role.OPERATOR)
        blueprint.add_url_rule(rule, "new_order", form)
        create = self.room.guarded(self.create, Role.OPERATOR)
        blueprint.add_url_rule(rule, "create_order", create, methods=["POST"])

    def form(self, visitor: Visitor, fault: str) -> Response:
        """The form, with what is wrong with what was sent."""
        with self.room.store.read() as tx:
            owners = [one for one in tx.accounts.all() if accounts.is_active(tx, one)]
        status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
        return self.room.page(
            visitor,
            "new_order.html",
            status,
            owners=owners,
            languages=LANGUAGES,
            fault=fault,
            filled={name: visitor.fields.get(name, "") for name in _FIELDS},
        )

    def create(self, visitor: Visitor) -> Response:
        """Make the order; its line is looked up at once, or by the worker if that fails."""
        filled = {name: visitor.fields.get(name, "").strip() for name in _FIELDS}
        digits = "".join(c for c in filled["number"] if c in "0123456789")
        number = f"+{digits}" if filled["number"].startswith("+") else f"+1{digits[-10:]}"
        room = self.room
        try:
            wishes = _wishes(filled)
            with room.store.write() as tx:
                account = tx.accounts.get(filled["account"])
                if account is None:
                    raise ValueError("Choose an account")
                accounts.check_active(tx, account)
                now = room.now()
                order = ordering.create(tx, account.sid, number, wishes, now, account.test)
                event, by = "ordered in the console", visitor.operator.sid
                tx.audit.append(now, Mover.OPERATOR, account.sid, order.sid, event, by)
        except (UnfitNumber, NotHostable, NotActive, ValueError) as refusal:
            return self.form(visitor, str(refusal))
        line = room.directory.look_up(number)
        with room.store.write() as tx:
            ordering.settle_eligibility(tx, order.sid, line, room.policy, room.now())
        return see_other(f"{ORDERS}/{order.sid}")


_FIELDS = ("account", "number", "name", "extension", "language")


def _wishes(filled: dict[str, str]) -> dict[str, object]:
    """The optional fields of the order. Raises ValueError."""
    name, keys = filled["name"], filled["extension"]
    order_lists.check_name(name)
    if keys:
        extension.check_order(keys)
    if filled["language"] not in LANGUAGES:
        raise ValueError("Choose a language")
    return {
        "friendly_name": name or None,
        "extension": keys or None,
        "language": filled["language"],
    }
