"""The console as one blueprint."""

from __future__ import annotations

from flask import Blueprint

from verification.console.order import OrderPage
from verification.console.orders import OrdersTable
from verification.console.room import PATH, Room
from verification.console.signing_in import SigningIn

__all__ = ["PATH", "Room", "blueprint"]


def blueprint(room: Room) -> Blueprint:
    """All of its routes."""
    made = Blueprint("console", __name__)
    for part in (SigningIn(room), OrdersTable(room), OrderPage(room)):
        part.routes(made)
    return made
