"""The table of orders: filters, pages that cost the same at any depth, and CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from verification.console.csv_files import download, harmless, line_of
from verification.console.room import PATH, Room, Visitor
from verification.ordering import Place
from verification.orders import Order
from verification.overview import SHORTEST_NUMBER, OrderFilter
from verification.statuses import Status

ORDERS = f"{PATH}/orders"
ROWS = 50
_EXPORTED_AT_ONCE = 1000
_PLACE = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)-([A-Za-z0-9_]{2,64})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COLUMNS = ("sid", "account_sid", "phone_number", "status", "failure_reason", "friendly_name",
            "unique_name", "email", "verification_attempts")  # fmt: skip
_TIMES = ("created_at", "updated_at", "verified_at")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the table's form asks: as it was typed, as it is understood, what is wrong with it."""

    typed: dict[str, str]
    wanted: OrderFilter
    faults: list[str]

    def url(self, path: str, **more: str) -> str:
        """The same question at another place."""
        given = {name: text for name, text in self.typed.items() if text} | more
        return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True, slots=True)
class OrdersTable:
    """The page and its export."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        blueprint.add_url_rule(ORDERS, "orders", self.room.guarded(self.table))
        blueprint.add_url_rule(f"{ORDERS}.csv", "export", self.room.guarded(self.export))

    def table(self, visitor: Visitor) -> Response:
        """A page of orders, the newest first."""
        asked = read(request.args)
        place = read_place(request.args)
        with self.room.store.read() as tx:
            found: list[Order] = []
            if not asked.faults:
                found = tx.console.orders(asked.wanted, place, ROWS + 1)
            reasons = tx.console.reasons()
            names = {sid: tx.accounts.get(sid).name for sid in {o.account_sid for o in found}}
        before = bool(place and place.before)
        more, shown = len(found) > ROWS, found[:ROWS]
        if before:
            shown.reverse()
        return self.room.page(
            visitor,
            "orders.html",
            asked=asked,
            orders=shown,
            names=names,
            reasons=reasons,
            statuses=list(Status),
            when=when,
            newer=asked.url(ORDERS, before=_place(shown[0]))
            if shown and (more if before else place)
            else "",
            older=asked.url(ORDERS, after=_place(shown[-1])) if shown and (before or more) else "",
            export=asked.url(f"{ORDERS}.csv"),
        )

    def export(self, visitor: Visitor) -> Response:
        """All orders that the filters let through, as they are read."""
        asked = read(request.args)
        if asked.faults:
            return self.room.notice(visitor, 400, asked.faults[0])
        return download("orders.csv", self._rows(asked.wanted))

    def _rows(self, wanted: OrderFilter) -> Iterator[str]:
        yield line_of([*_COLUMNS, *_TIMES])
        place: Place | None = None
        while True:
            with self.room.store.read() as tx:
                found = tx.console.orders(wanted, place, _EXPORTED_AT_ONCE)
            yield "".join(line_of(_cells(order)) for order in found)
            if len(found) < _EXPORTED_AT_ONCE:
                return
            place = Place(found[-1].created_at, found[-1].sid)


def read(given: Mapping[str, str]) -> Asked:
    """What a query asks of the table. What cannot be understood is a fault, not ignored."""
    names = ("status", "number", "since", "until", "reason")
    typed = {name: given.get(name, "").strip()[:300] for name in names}
    faults: list[str] = []
    status = typed["status"]
    if status and status not in set(Status):
        faults.append("There is no such status")
    number = number_of(typed["number"])
    if number is not None and len(number) < SHORTEST_NUMBER:
        faults.append("Type a number with at least its area code and exchange, as +1 902 905")
    since, until = _day(typed["since"]), _day(typed["until"])
    if (typed["since"] and since is None) or (typed["until"] and until is None):
        faults.append("Type a date as 2026-01-31")
    wanted = OrderFilter(
        status=Status(status) if status in set(Status) else None,
        number=number,
        since=since.timestamp() if since else None,
        until=(until + timedelta(days=1)).timestamp() if until else None,
        reason=typed["reason"] or None,
    )
    return Asked(typed, wanted, faults)


def read_place(given: Mapping[str, str]) -> Place | None:
    """The place in the list that a query names; what is none is the beginning."""
    for name in ("after", "before"):
        parts = _PLACE.fullmatch(given.get(name, ""))
        if parts:
            return Place(float(parts[1]), parts[2], before=name == "before")
    return None


def place_of(at: float, sid: str) -> str:
    """A place as it stands in a URL."""
    return f"{float(at)!r}-{sid}"


def when(at: float | None) -> str:
    """A time for people, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _place(order: Order) -> str:
    return place_of(order.created_at, order.sid)


def number_of(text: str) -> str | None:
    """What was typed of a number, with its country's digit; None for nothing."""
    digits = "".join(c for c in text if c in "0123456789")
    if not text:
        return None
    return f"+{digits}" if digits.startswith("1") else f"+1{digits}"


def _day(text: str) -> datetime | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return day if day.year > 1970 and day.year < 9999 else None


def _cells(order: Order) -> list[str]:
    values = [getattr(order, name) for name in _COLUMNS]
    times = [getattr(order, name) for name in _TIMES]
    cells = ["" if value is None else str(value) for value in values]
    # Our own E.164 numbers begin with a plus and hold nothing but digits.
    safe = [text if text == order.phone_number else harmless(text) for text in cells]
    return [*safe, *(when(at) for at in times)]
