"""The certificate of a verified order: a page to be printed, the same as a PDF, the signed text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request

from verification import proofs
from verification.certificate_sheet import Sheet, sheet
from verification.console.orders import ORDERS
from verification.console.pages import HEADERS
from verification.console.room import Room, View, Visitor, console_language
from verification.console.words import said

RULE = f"{ORDERS}/<sid>/certificate"
JWS = "application/jose"  # RFC 7515 section 9.2.1
SPELLINGS = ("plain", "pseudonym")
Render = Callable[[Sheet], bytes]


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """The page and its files. ``render`` makes the PDF."""

    room: Room
    render: Render

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        for rule, name, shown in (
            (RULE, "certificate", self._page),
            (f"{RULE}.pdf", "certificate_pdf", self._pdf),
            (f"{RULE}.jws", "certificate_jws", self._jws),
        ):
            blueprint.add_url_rule(rule, name, self.room.guarded(self._view(shown)))

    def _view(self, shown: Callable[[Visitor, proofs.Certificate], Response]) -> View:
        def view(visitor: Visitor, sid: str) -> Response:
            room, number = self.room, request.args.get("number", SPELLINGS[0])
            if number not in SPELLINGS:
                told = "The number is shown as plain or as pseudonym"
                return room.notice(visitor, HTTPStatus.BAD_REQUEST, told)
            try:
                with room.store.write() as tx:
                    order = tx.orders.get(sid)
                    if order is None:
                        told = "There is no such order"
                        return room.notice(visitor, HTTPStatus.NOT_FOUND, told)
                    made = proofs.certify(
                        tx, room.keyring, order, room.base_url, room.now(), number == "pseudonym"
                    )
            except proofs.NotProved:
                told = "This order was never verified: there is nothing to certify"
                return room.notice(visitor, HTTPStatus.NOT_FOUND, told, f"{ORDERS}/{sid}")
            return shown(visitor, made)

        return view

    def _page(self, visitor: Visitor, made: proofs.Certificate) -> Response:
        return self.room.page(
            visitor,
            "certificate.html",
            sheet=_sheet(made),
            number=request.args.get("number", SPELLINGS[0]),
        )

    def _pdf(self, visitor: Visitor, made: proofs.Certificate) -> Response:
        return _file(self.render(_sheet(made)), "application/pdf", f"{made.said['sub']}.pdf")

    def _jws(self, visitor: Visitor, made: proofs.Certificate) -> Response:
        return _file(f"{made.text}\n".encode(), JWS, f"{made.said['sub']}.jws")


def _sheet(made: proofs.Certificate) -> Sheet:
    language = console_language()
    return sheet(made, language, said(language))


def _file(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers.update(HEADERS)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
