"""The numbers in use: a table, and one number with what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from verification import operating_numbers
from verification.console.orders import number_of, place_of, read_place, when
from verification.console.room import PATH, Room, Visitor, see_other
from verification.operating import Hand, NotAllowed
from verification.operating_numbers import NumberAct
from verification.operators import Role
from verification.overview import SHORTEST_NUMBER, NumberFilter
from verification.phone_numbers import NumberConflict, NumberStatus, PhoneNumber
from verification.sids import is_sid

NUMBERS = f"{PATH}/numbers"
ROWS = 50
CAPABILITIES = ("messages", "voice")
_STATUSES = (NumberStatus.IN_USE, NumberStatus.RELEASED, NumberStatus.PENDING)
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the table's form asks: as it was typed, as it is understood, what is wrong with it."""

    typed: dict[str, str]
    wanted: NumberFilter
    fault: str

    def url(self, **more: str) -> str:
        """The same question at another place."""
        given = {name: text for name, text in self.typed.items() if text} | more
        return f"{NUMBERS}?{urlencode(given)}"


@dataclass(frozen=True, slots=True)
class NumbersTable:
    """The two pages and their buttons."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        one = f"{NUMBERS}/<sid>"
        blueprint.add_url_rule(NUMBERS, "numbers", self.room.guarded(self.table))
        blueprint.add_url_rule(one, "number", self.room.guarded(self.show))
        act = self.room.guarded(self.act, Role.ADMIN)
        blueprint.add_url_rule(one, "act_on_number", act, methods=["POST"])

    def table(self, visitor: Visitor) -> Response:
        """A page of numbers, the newest first."""
        asked, place = read(request.args), read_place(request.args)
        with self.room.store.read() as tx:
            owners = tx.accounts.all()
            found: list[PhoneNumber] = []
            if not asked.fault:
                found = tx.console.numbers(asked.wanted, place, ROWS + 1)
        before = bool(place and place.before)
        more, shown = len(found) > ROWS, found[:ROWS]
        if before:
            shown.reverse()
        newer = asked.url(before=_place(shown[0])) if shown and (more if before else place) else ""
        older = asked.url(after=_place(shown[-1])) if shown and (before or more) else ""
        return self.room.page(
            visitor,
            "numbers.html",
            asked=asked,
            numbers=shown,
            names={one.sid: one.name for one in owners},
            owners=owners,
            statuses=_STATUSES,
            capabilities=CAPABILITIES,
            newer=newer,
            older=older,
            when=when,
        )

    def show(self, visitor: Visitor, sid: str, fault: str = "") -> Response:
        """One number: where it stands, how it is set up, what may be done with it."""
        with self.room.store.read() as tx:
            number: PhoneNumber | None = tx.phone_numbers.get(sid)
            if number is None:
                return self._none(visitor)
            acts = operating_numbers.allowed(tx, number) if visitor.may(Role.ADMIN) else []
            return self.room.page(
                visitor,
                "number.html",
                HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
                number=number,
                account=tx.accounts.get(number.account_sid),
                acts=acts,
                homes=operating_numbers.homes(tx, number) if NumberAct.TRANSFER in acts else [],
                trail=tx.audit.of_object(number.sid),
                names={one.sid: one.name for one in tx.operators.all()}
                | {one.sid: one.name for one in tx.accounts.all()},
                fault=fault,
                when=when,
            )

    def act(self, visitor: Visitor, sid: str) -> Response:
        """Do what a button says, if the number still allows it."""
        wished, back = visitor.fields.get("act", ""), f"{NUMBERS}/{sid}"
        if wished not in set(NumberAct):
            return self.room.notice(visitor, HTTPStatus.BAD_REQUEST, "There is no such button")
        if wished == NumberAct.RELEASE and visitor.fields.get("confirm") != "yes":
            return self.show(visitor, sid, "Tick the box if the number is to be released")
        try:
            with self.room.store.write() as tx:
                number = tx.phone_numbers.get(sid)
                if number is None:
                    return self._none(visitor)
                self._do(tx, number, NumberAct(wished), visitor)
        except (NotAllowed, NumberConflict) as refusal:
            return self.room.notice(visitor, HTTPStatus.CONFLICT, str(refusal), back)
        return see_other(back)

    def _do(self, tx: Any, number: PhoneNumber, act: NumberAct, visitor: Visitor) -> None:
        hand = Hand(visitor.operator.sid, self.room.now())
        if act is NumberAct.RELEASE:
            operating_numbers.release(tx, number, hand)
        else:
            operating_numbers.transfer(tx, number, visitor.fields.get("to", ""), hand)

    def _none(self, visitor: Visitor) -> Response:
        return self.room.notice(visitor, HTTPStatus.NOT_FOUND, "There is no such number", NUMBERS)


def read(given: Mapping[str, str]) -> Asked:
    """What a query asks of the table; without a status, the numbers in use."""
    names = ("status", "number", "account", "capability")
    typed = {name: given.get(name, "").strip()[:100] for name in names}
    typed["status"] = typed["status"] or NumberStatus.IN_USE
    number, fault = number_of(typed["number"]), ""
    if typed["status"] not in (*_STATUSES, _ALL):
        fault = "There is no such status"
    elif number is not None and len(number) < SHORTEST_NUMBER:
        fault = "Type a number with at least its area code and exchange, as +1 902 905"
    elif typed["account"] and not is_sid(typed["account"], "AC"):
        fault = "Choose an account"
    elif typed["capability"] not in ("", *CAPABILITIES):
        fault = "There is no such capability"
    wanted = NumberFilter(
        status=NumberStatus(typed["status"]) if typed["status"] in _STATUSES else None,
        number=number,
        account_sid=typed["account"] or None,
        voice=typed["capability"] == "voice" if typed["capability"] else None,
    )
    return Asked(typed, wanted, fault)


def _place(number: PhoneNumber) -> str:
    return place_of(number.created_at, number.sid)
