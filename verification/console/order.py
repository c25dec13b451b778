"""One order: its way, its calls, its trail, and the buttons that its status allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response

from verification import operating, owner_links, signing
from verification.accounts import NotActive
from verification.calling import AttemptsUsed, NotCallable
from verification.console import process
from verification.console.orders import ORDERS, when
from verification.console.room import Room, Visitor, see_other
from verification.documents import Immutable, Incomplete, UnfitOrders
from verification.operating import Act, Hand, NotAllowed
from verification.operators import Role
from verification.ordering import NotDeletable, UnknownAddress, next_step
from verification.orders import Order
from verification.owner_links import NoOwnerLink, TooManyMails
from verification.statuses import MoveRefused, Status

# What the core says no with; its words are shown.
REFUSED = (
    *(NotAllowed, NotDeletable, MoveRefused, AttemptsUsed, NotCallable, NotActive),
    *(Immutable, Incomplete, UnfitOrders, UnknownAddress, NoOwnerLink, TooManyMails),
)
_NEEDED = {Act.MOVE: Role.ADMIN}
# What needs nothing but the order.
_PLAIN: dict[Act, Callable[[Any, Order, Hand], object]] = {
    Act.RESUME: operating.resume,
    Act.CANCEL: operating.cancel,
    Act.MAIL_OWNER: partial(operating.owner_link, mailed=True),
    Act.CLOSE_OWNER: operating.close_owner_link,
}


@dataclass(frozen=True, slots=True)
class OrderPage:
    """The page, and what its buttons do."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Its routes."""
        rule = f"{ORDERS}/<sid>"
        blueprint.add_url_rule(rule, "order", self.room.guarded(self.show))
        act = self.room.guarded(self.act, Role.OPERATOR)
        blueprint.add_url_rule(rule, "act", act, methods=["POST"])

    def show(self, visitor: Visitor, sid: str) -> Response:
        """The order as it stands."""
        with self.room.store.read() as tx:
            order = tx.orders.get(sid)
            if order is None:
                return self._none(visitor)
            return self._page(visitor, tx, order)

    def act(self, visitor: Visitor, sid: str) -> Response:
        """Do what a button says, if the order still allows it."""
        wished = visitor.fields.get("act", "")
        if wished not in set(Act):
            return self.room.notice(visitor, HTTPStatus.BAD_REQUEST, "There is no such button")
        act = Act(wished)
        if not visitor.operator.may(_NEEDED.get(act, Role.OPERATOR)):
            told = "Your role does not allow this"
            return self.room.notice(visitor, HTTPStatus.FORBIDDEN, told)
        try:
            with self.room.store.write() as tx:
                order = tx.orders.get(sid)
                if order is None or order.deleted_at:
                    return self._none(visitor)
                hand = Hand(visitor.operator.sid, self.room.now())
                shown = self._do(tx, order, act, hand, visitor)
                if act is Act.SHOW_CODE:
                    return self._page(visitor, tx, order, code=shown)
                if act is Act.OWNER_LINK:
                    return self._page(visitor, tx, order, owner_url=shown)
        except REFUSED as refusal:
            back = f"{ORDERS}/{sid}"
            return self.room.notice(visitor, HTTPStatus.CONFLICT, str(refusal), back)
        return see_other(f"{ORDERS}/{sid}")

    def _do(self, tx: Any, order: Order, act: Act, hand: Hand, visitor: Visitor) -> str | None:
        """Do it; gives the code or the owner's link where that was asked for."""
        keyring = self.room.keyring
        if act is Act.SHOW_CODE:
            return operating.show_code(tx, keyring, order, hand)
        if act is Act.OWNER_LINK:
            link = operating.owner_link(tx, order, hand)
            return owner_links.url(keyring, self.room.base_url, link)
        if act is Act.MOVE:
            self._move(tx, order, hand, visitor)
        elif act is Act.RESEND:
            document = tx.documents.get(order.signing_document_sid or "")
            if document is None:
                raise NotAllowed("The order has no letter")
            operating.resend(tx, keyring, document, hand)
        elif act is Act.CALL:
            operating.call(tx, keyring, order, hand)
        else:
            _PLAIN[act](tx, order, hand)
        return None

    def _move(self, tx: Any, order: Order, hand: Hand, visitor: Visitor) -> None:
        to = visitor.fields.get("to", "")
        if to not in set(Status):
            raise NotAllowed("There is no such status")
        operating.move(tx, order, Status(to), visitor.fields.get("reason", ""), hand)

    def _page(
        self,
        visitor: Visitor,
        tx: Any,
        order: Order,
        code: str | None = None,
        owner_url: str | None = None,
    ) -> Response:
        now = self.room.now()
        account = tx.accounts.get(order.account_sid)
        calls = [
            (call, process.verdict(call), process.timeline(call, tx.console.replies(call.id)))
            for call in tx.attempts.of_subject(order.sid)
        ]
        sid = order.signing_document_sid
        document = tx.documents.get(sid) if sid else None
        acts = operating.allowed(tx, order, now) if visitor.may(Role.OPERATOR) else []
        names = {one.sid: one.name for one in tx.operators.all()}
        link = tx.owner_links.get(order.sid)
        live = order.code_expires_at is not None and order.code_expires_at > now
        return self.room.page(
            visitor,
            "order.html",
            order=order,
            account=account,
            calls=calls,
            document=document,
            sent=signing.letter_of(tx, self.room.keyring, sid) is not None if sid else False,
            trail=tx.audit.of_object(order.sid),
            names=names,
            stages=process.stages(order),
            who=process.WHO[order.status],
            next_step=next_step(order),
            acts=[act for act in acts if visitor.operator.may(_NEEDED.get(act, Role.OPERATOR))],
            moves=operating.moves(tx, order),
            code=code,
            owner_url=owner_url,
            owner_link=link if link and link.is_open(now) else None,
            code_until=order.code_expires_at if order.code and live else None,
            code_shown=operating.calling_shows(order, now),
            when=when,
        )

    def _none(self, visitor: Visitor) -> Response:
        return self.room.notice(visitor, HTTPStatus.NOT_FOUND, "There is no such order")
