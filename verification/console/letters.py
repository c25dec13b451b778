"""The table of letters of authorization, and sending one again."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request

from verification import operating
from verification.console.order import REFUSED
from verification.console.orders import place_of, read_place, when
from verification.console.room import PATH, Room, Visitor, see_other
from verification.documents import Document, DocumentStatus
from verification.operating import Hand
from verification.operators import Role

LETTERS = f"{PATH}/letters"
ROWS = 50


@dataclass(frozen=True, slots=True)
class LettersTable:
    """The page and its button."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        blueprint.add_url_rule(LETTERS, "letters", self.room.guarded(self.table))
        resend = self.room.guarded(self.resend, Role.OPERATOR)
        blueprint.add_url_rule(LETTERS, "resend_letter", resend, methods=["POST"])

    def table(self, visitor: Visitor) -> Response:
        """A page of letters, the newest first."""
        status = request.args.get("status", "")
        status = status if status in set(DocumentStatus) else ""
        place = read_place(request.args)
        if place:
            place = place._replace(before=False)
        with self.room.store.read() as tx:
            found: list[Document] = tx.console.documents(status, place, ROWS + 1)
            shown = found[:ROWS]
            names = {one.account_sid: tx.accounts.get(one.account_sid).name for one in shown}
            orders = {one.sid: tx.documents.orders_of(one.sid) for one in shown}
        last = shown[-1] if len(found) > ROWS else None
        return self.room.page(
            visitor,
            "letters.html",
            letters=shown,
            orders=orders,
            names=names,
            chosen=status,
            statuses=list(DocumentStatus),
            when=when,
            older=f"{LETTERS}?status={status}&after={place_of(last.created_at, last.sid)}"
            if last
            else "",
        )

    def resend(self, visitor: Visitor) -> Response:
        """Send a letter again, under a new link."""
        try:
            with self.room.store.write() as tx:
                document = tx.documents.get(visitor.fields.get("sid", ""))
                if document is None:
                    told = "There is no such letter"
                    return self.room.notice(visitor, HTTPStatus.NOT_FOUND, told, LETTERS)
                hand = Hand(visitor.operator.sid, self.room.now())
                operating.resend(tx, self.room.keyring, document, hand)
        except REFUSED as refusal:
            return self.room.notice(visitor, HTTPStatus.CONFLICT, str(refusal), LETTERS)
        return see_other(LETTERS)
