"""Into the console by a link, and out of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import TooManyRequests

from verification import operators
from verification.console.room import PATH, Room, Visitor, forget, remember, see_other
from verification.rates import TooOften

HOME = f"{PATH}/orders"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SigningIn:
    """The door of the console."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Its routes."""
        blueprint.add_url_rule(PATH, "home", self.room.guarded(lambda _: see_other(HOME)))
        blueprint.add_url_rule(f"{PATH}/sign-in/<token>", "sign_in", self.sign_in)
        leave = self.room.guarded(self.sign_out)
        blueprint.add_url_rule(f"{PATH}/sign-out", "sign_out", leave, methods=["POST"])

    def sign_in(self, token: str) -> Response:
        """Use up a link. A look ahead by the browser or a HEAD is nobody's click.

        Links that open nothing are wrong sign-ins of the address that they are asked for from.
        """
        if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", ""):
            return self.room.outside(HTTPStatus.SERVICE_UNAVAILABLE)
        room, former = self.room, self.room.visitor()
        try:
            with room.store.read() as tx:
                room.gate.may_sign_in(tx)
        except TooOften as refused:
            raise TooManyRequests(retry_after=refused.retry_after) from None
        with room.store.write() as tx:
            old = former.session if former else None
            session = operators.sign_in(tx, room.keyring, token, old, room.now())
        if session is None:
            log.info("console.link_refused", shut_out=room.gate.wrong_sign_in())
            return room.outside(HTTPStatus.FORBIDDEN, used=True)
        return remember(see_other(HOME), session)

    def sign_out(self, visitor: Visitor) -> Response:
        """End the session everywhere."""
        with self.room.store.write() as tx:
            operators.sign_out(tx, visitor.session, visitor.operator, self.room.now())
        return forget(see_other(PATH))
