"""The console as one blueprint."""

from __future__ import annotations

from typing import Protocol

from flask import Blueprint

from verification.console.callbacks import CallbacksTable
from verification.console.certificate import CertificatePage, Render
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


def blueprint(room: Room, certificate_pdf: Render) -> Blueprint:
    """All of its routes. ``certificate_pdf`` makes the PDF of a certificate."""
    made = Blueprint("console", __name__)
    for part in _parts(room, certificate_pdf):
        part.routes(made)
    return made


def _parts(room: Room, certificate_pdf: Render) -> tuple[_Part, ...]:
    return (
        SigningIn(room),
        OrdersTable(room),
        NewOrder(room),
        ManyOrders(room),
        OrderPage(room),
        CertificatePage(room, certificate_pdf),
        LettersTable(room),
        CallbacksTable(room),
        NumbersTable(room),
    )
