"""Many orders from a CSV file: looked at line by line, then ordered in one piece.

Nothing of a list is kept until it is ordered: the page that shows what was read carries it. What it
also carries, sealed, is the SID that the request will have, so that a second click orders nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response

from verification import accounts, bulk, order_lists, sids
from verification.accounts import Account
from verification.bulk import MOST_NUMBERS, Bulk
from verification.codes import Unsealable
from verification.console.csv_files import download, harmless, line_of
from verification.console.orders import ORDERS, when
from verification.console.room import Room, Visitor, see_other
from verification.operators import Role
from verification.order_lists import COLUMNS, Looked, OrderList
from verification.ordering import LANGUAGES
from verification.statuses import Mover, Status

MANY = f"{ORDERS}/many"
TEMPLATE = f"{MANY}/template.csv"
MOST_BYTES = 2 * order_lists.MOST_BYTES  # the list once more in a form, and what stands around it
SHOWN = 500  # bad lines on the page; the file of them has all
SOUND = 10
RECENT = 10
NAME_LENGTH = 64
_PURPOSE = "order-list.v1"
# A fictional number: no account but a test account can order it by mistake.
_EXAMPLE = ("+19025550100", "Front desk", "owner@example.com", "ww2wwww1", "en", "", "", "")


@dataclass(frozen=True, slots=True)
class ManyOrders:
    """The way from a file to a request, and how far a request is."""

    room: Room

    def routes(self, blueprint: Blueprint) -> None:
        """Their routes."""
        guarded = self.room.guarded
        form = guarded(self.form, Role.OPERATOR)
        blueprint.add_url_rule(MANY, "many_orders", form)
        sent = guarded(self.sent, Role.OPERATOR, MOST_BYTES)
        blueprint.add_url_rule(MANY, "send_many_orders", sent, methods=["POST"])
        blueprint.add_url_rule(TEMPLATE, "list_template", guarded(_template, Role.OPERATOR))
        blueprint.add_url_rule(f"{MANY}/<sid>", "bulk", guarded(self.progress))
        blueprint.add_url_rule(f"{MANY}/<sid>.csv", "bulk_results", guarded(self.results))

    def form(self, visitor: Visitor, fault: str = "") -> Response:
        """Choose an account and a file; below, the requests of late."""
        with self.room.store.read() as tx:
            owners = [one for one in tx.accounts.all() if accounts.is_active(tx, one)]
            recent = [
                (one, tx.accounts.get(one.account_sid).name) for one in tx.console.bulks(RECENT)
            ]
        status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
        filled = {name: visitor.fields.get(name, "") for name in ("account", "language")}
        return self.room.page(
            visitor,
            "many_orders.html",
            status,
            owners=owners,
            languages=LANGUAGES,
            columns=COLUMNS,
            most=MOST_NUMBERS,
            blank=TEMPLATE,
            recent=recent,
            filled=filled,
            fault=fault,
            when=when,
        )

    def sent(self, visitor: Visitor) -> Response:
        """Look at a list, or order what was looked at."""
        language = visitor.fields.get("language", "")
        if language not in LANGUAGES:
            return self.form(visitor, "Choose a language")
        content = self._content(visitor)
        if content is None:
            return self.form(visitor, "Choose a file")
        if len(content) > order_lists.MOST_BYTES:
            return self.form(visitor, "The file is too large")
        listed = order_lists.read(content, language, self.room.networks)
        act = visitor.fields.get("act", "look")
        with self.room.store.read() as tx:
            account = tx.accounts.get(visitor.fields.get("account", ""))
            if account and accounts.is_active(tx, account):
                looked = order_lists.look(tx, account.sid, account.test, listed)
            else:
                account = None
        if account is None:
            return self.form(visitor, "Choose an account")
        if act == "bad":
            return download("bad-lines.csv", _bad_lines(looked))
        if act == "order":
            return self._order(visitor, account, listed)
        return self._preview(visitor, account, listed, looked)

    def progress(self, visitor: Visitor, sid: str) -> Response:
        """How far a request is, as it goes on."""
        with self.room.store.read() as tx:
            made: Bulk | None = tx.bulks.get(sid)
            if made is None:
                return self._none(visitor)
            counts = tx.console.counts_of_bulk(sid)
            failed = tx.console.orders_of_bulk(sid, Status.FAILED, SHOWN)
            account = tx.accounts.get(made.account_sid)
        waiting = counts.get(Status.TWILIO_PROCESSING, 0)
        return self.room.page(
            visitor,
            "bulk.html",
            bulk=made,
            account=account,
            total=sum(counts.values()),
            settled=sum(counts.values()) - waiting,
            counts=[(status, counts[status]) for status in Status if status in counts],
            failed=failed,
            results=f"{MANY}/{sid}.csv",
            when=when,
        )

    def results(self, visitor: Visitor, sid: str) -> Response:
        """What became of each order of a request."""
        with self.room.store.read() as tx:
            if tx.bulks.get(sid) is None:
                return self._none(visitor)
            found = tx.bulks.results(sid, None)
        rows = [[one.phone_number, one.status, one.failure_reason or "", one.sid] for one in found]
        head = ["phone_number", "status", "failure_reason", "sid"]
        lines = [line_of([row[0], *map(harmless, row[1:])]) for row in rows]
        return download("orders-of-the-request.csv", [line_of(head), *lines])

    def _content(self, visitor: Visitor) -> bytes | None:
        """The file that was chosen, or the list that the page of the preview carried."""
        if visitor.file is not None and visitor.file.filename:
            return bytes(visitor.file.read())
        carried = visitor.fields.get("list")
        return carried.encode() if carried is not None else None

    def _preview(
        self,
        visitor: Visitor,
        account: Account,
        listed: OrderList,
        looked: Looked,
        changed: bool = False,
    ) -> Response:
        name = visitor.file.filename if visitor.file else visitor.fields.get("name")
        return self.room.page(
            visitor,
            "many_preview.html",
            HTTPStatus.CONFLICT if changed else HTTPStatus.OK,
            account=account,
            text=listed.text,
            name=_printable(name or ""),
            call_language=visitor.fields["language"],
            sound=len(looked.sound),
            first=looked.sound[:SOUND],
            bad=looked.bad[:SHOWN],
            bad_count=len(looked.bad),
            request=self.room.keyring.link(_PURPOSE, [sids.new(sids.BULK)]),
            changed=changed,
            many=MANY,
        )

    def _order(self, visitor: Visitor, account: Account, listed: OrderList) -> Response:
        """Order the sound lines in one piece, if they still are those that the page showed."""
        try:
            (sid,) = self.room.keyring.read_link(_PURPOSE, visitor.fields.get("request", ""))
        except (Unsealable, ValueError):
            return self.room.pages.trouble(HTTPStatus.BAD_REQUEST)
        with self.room.store.write() as tx:
            if tx.bulks.get(str(sid)) is None:
                looked = order_lists.look(tx, account.sid, account.test, listed)
                if not looked.sound or visitor.fields.get("count") != str(len(looked.sound)):
                    return self._preview(visitor, account, listed, looked, changed=True)
                self._create(tx, visitor, account, looked, str(sid))
        return see_other(f"{MANY}/{sid}")

    def _create(
        self, tx: Any, visitor: Visitor, account: Account, looked: Looked, sid: str
    ) -> None:
        now, by = self.room.now(), visitor.operator.sid
        checked = bulk.check(looked.sound, account.test)
        name = _printable(visitor.fields.get("name", "")) or None
        bulk.create(tx, account.sid, checked, name, None, now, sid=sid)
        tx.audit.append(now, Mover.OPERATOR, account.sid, sid, "ordered in the console", by)

    def _none(self, visitor: Visitor) -> Response:
        return self.room.notice(visitor, HTTPStatus.NOT_FOUND, "There is no such request", MANY)


def _template(_: Visitor) -> Response:
    """A list to fill in; its mark lets a spreadsheet see that it is UTF-8."""
    return download("orders-template.csv", ["\ufeff", line_of(COLUMNS), line_of(_EXAMPLE)])


def _bad_lines(looked: Looked) -> Iterator[str]:
    yield line_of(["line", "phone_number", "reason"])
    for one in looked.bad:
        reasons = "; ".join(one.reasons)
        yield line_of([str(one.line), harmless(one.number), harmless(reasons)])


def _printable(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:NAME_LENGTH]
