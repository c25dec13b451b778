"""The console as one blueprint."""

from __future__ import annotations

from typing import Protocol

from flask import Blueprint

from verification.console.callbacks import CallbacksTable
from verification.console.letters import LettersTable
from verification.console.many_orders import ManyOrders
from verification.console.new_order import NewOrder
from verification.console.numbers import NumbersTable
from verification.console.order import OrderPage
from verification.console.orders import OrdersTable
from verification.console.room import PATH, Room
from verification.console.signing_in import SigningIn

__all__ = ["PATH", "Room", "blueprint"]


class _Part(Protocol):
    """A few pages."""

    def routes(self, blueprint: Blueprint) -> None: ...


def blueprint(room: Room) -> Blueprint:
    """All of its routes."""
    made = Blueprint("console", __name__)
    for part in _parts(room):
        part.routes(made)
    return made


def _parts(room: Room) -> tuple[_Part, ...]:
    return (
        SigningIn(room),
        OrdersTable(room),
        NewOrder(room),
        ManyOrders(room),
        OrderPage(room),
        LettersTable(room),
        CallbacksTable(room),
        NumbersTable(room),
    )
