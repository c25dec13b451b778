"""The table of callbacks: what customers were told, what they answered, once more."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request

from verification import callbacks
from verification.callbacks import Message, State, origin
from verification.console.orders import place_of, read_place, when
from verification.console.room import PATH, Room, Visitor, see_other
from verification.operators import Role
from verification.statuses import Mover

CALLBACKS = f"{PATH}/callbacks"
ROWS = 50


@dataclass(frozen=True, slots=True)
class CallbacksTable:
    """The page and its button."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        blueprint.add_url_rule(CALLBACKS, "callbacks", self.room.guarded(self.table))
        resend = self.room.guarded(self.resend, Role.OPERATOR)
        blueprint.add_url_rule(CALLBACKS, "resend_callback", resend, methods=["POST"])

    def table(self, visitor: Visitor) -> Response:
        """A page of callbacks, the newest first."""
        state = request.args.get("state", "")
        state = state if state in set(State) else ""
        with self.room.store.read() as tx:
            found: list[Message] = tx.console.messages(state, read_place(request.args), ROWS + 1)
        shown = found[:ROWS]
        last = shown[-1] if len(found) > ROWS else None
        return self.room.page(
            visitor,
            "callbacks.html",
            messages=shown,
            state=state,
            states=list(State),
            when=when,
            origin=origin,
            older=f"{CALLBACKS}?state={state}&after={place_of(last.created_at, last.id)}"
            if last
            else "",
        )

    def resend(self, visitor: Visitor) -> Response:
        """Send a callback again from the start of its schedule, under its first id."""
        with self.room.store.write() as tx:
            message = tx.outbox.get(visitor.fields.get("id", ""))
            if message is None:
                told = "There is no such callback"
                return self.room.notice(visitor, HTTPStatus.NOT_FOUND, told, CALLBACKS)
            if message.state is State.PENDING:
                told = "This callback is on its way already"
                return self.room.notice(visitor, HTTPStatus.CONFLICT, told, CALLBACKS)
            now = self.room.now()
            callbacks.resend(tx, message, Mover.OPERATOR, now)
            operator = visitor.operator.sid
            event = "callback asked for"
            tx.audit.append(
                now, Mover.OPERATOR, message.account_sid, message.object_sid, event, operator
            )
        return see_other(CALLBACKS)
