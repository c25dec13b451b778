"""What operators look at, over all accounts: long tables, a page at a time."""

from __future__ import annotations

from verification.bulk import Bulk
from verification.callbacks import Message
from verification.conversation import Note, Reply, Say
from verification.documents import Document
from verification.ordering import Place
from verification.orders import Order
from verification.overview import NumberFilter, OrderFilter, Said
from verification.phone_numbers import PhoneNumber
from verification.statuses import Status
from verification.store.phone_numbers import SHOWN
from verification.store.rows import Execute, Params, Table, paged

_ORDERS = Table(Order, "orders", "sid")
_DOCUMENTS = Table(Document, "documents", "sid")
_MESSAGES = Table(Message, "outbox", "id")
_NUMBERS = Table(PhoneNumber, "phone_numbers", "sid")
_BULKS = Table(Bulk, "bulk_orders", "sid")
_OF_BULK = "bulk_hosting_request_sid = :bulk AND deleted_at IS NULL"
_BOTH = "status || ':' || failure_reason"  # in the words of ``orders_by_status_and_reason``
_WHOLE_NUMBER = 12
_BEHIND_DIGITS = ":"  # the character after 9
MOST_REASONS = 60


class Console:
    """The tables of the console."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def orders(self, wanted: OrderFilter, place: Place | None, limit: int) -> list[Order]:
        """Orders as ``paged`` gives them, deleted ones left out."""
        where, params = _conditions(wanted)
        return paged(self._execute, _ORDERS, where, params, {}, place, limit)

    def reasons(self) -> list[str]:
        """The reasons that orders have, each read off the index once, however many have it."""
        found: list[str] = []
        while len(found) < MOST_REASONS:
            row = self._execute(
                "SELECT MIN(failure_reason) FROM orders WHERE deleted_at IS NULL"
                " AND failure_reason IS NOT NULL AND failure_reason > :last",
                {"last": found[-1] if found else ""},
            ).fetchone()
            if row[0] is None:
                break
            found.append(row[0])
        return found

    def replies(self, attempt_id: str) -> list[Said]:
        """What a call was answered, step by step; the keys that it asked for are left out."""
        sql = """
            SELECT say, note, next_step, said_at FROM replies WHERE attempt_id = :id ORDER BY step
        """
        rows = self._execute(sql, {"id": attempt_id}).fetchall()
        return [Said(Reply(Say(row[0]), Note(row[1]), row[2]), row[3]) for row in rows]

    def numbers(self, wanted: NumberFilter, place: Place | None, limit: int) -> list[PhoneNumber]:
        """Numbers as ``paged`` gives them; those of orders that came to nothing are left out."""
        where, params = [SHOWN], Params()
        if wanted.status:
            where.append("status = :status")
            params["status"] = str(wanted.status)
        if wanted.account_sid:
            where.append("account_sid = :own")
            params["own"] = wanted.account_sid
        if wanted.voice is not None:
            where.append(f"voice = {int(wanted.voice)}")  # in the words of its index
        _add_number(where, params, wanted.number)
        return paged(self._execute, _NUMBERS, " AND ".join(where), params, {}, place, limit)

    def bulks(self, limit: int) -> list[Bulk]:
        """The newest requests for many orders."""
        sql = f"{_BULKS.select} ORDER BY created_at DESC, sid DESC LIMIT :limit"
        return _BULKS.all(self._execute(sql, {"limit": limit}).fetchall())

    def counts_of_bulk(self, sid: str) -> dict[Status, int]:
        """How many orders of a request stand in each status."""
        sql = f"SELECT status, count(*) FROM orders WHERE {_OF_BULK} GROUP BY status"
        return {Status(row[0]): row[1] for row in self._execute(sql, {"bulk": sid}).fetchall()}

    def orders_of_bulk(self, sid: str, status: Status, limit: int) -> list[Order]:
        """The first orders of a request that stand in a status."""
        sql = f"{_ORDERS.select} WHERE {_OF_BULK} AND status = :status LIMIT :limit"
        params = {"bulk": sid, "status": str(status), "limit": limit}
        return _ORDERS.all(self._execute(sql, params).fetchall())

    def documents(self, status: str | None, place: Place | None, limit: int) -> list[Document]:
        """Letters as ``paged`` gives them."""
        filters = {"status": status} if status else {}
        return paged(self._execute, _DOCUMENTS, "1 = 1", {}, filters, place, limit)

    def messages(self, state: str | None, before: Place | None, limit: int) -> list[Message]:
        """Callbacks, the newest first, from a place on."""
        params: Params = {"limit": limit}
        where = "1 = 1"
        if state:
            where, params["state"] = "state = :state", state
        if before:
            where += " AND (created_at, id) < (:at, :id)"
            params |= {"at": before.created_at, "id": before.sid}
        sql = f"{_MESSAGES.select} WHERE {where} ORDER BY created_at DESC, id DESC LIMIT :limit"
        return _MESSAGES.all(self._execute(sql, params).fetchall())


def _conditions(wanted: OrderFilter) -> tuple[str, Params]:
    where, params = ["deleted_at IS NULL"], Params()
    if wanted.status and wanted.reason:
        where.append(f"{_BOTH} = :both AND failure_reason IS NOT NULL")
        params["both"] = f"{wanted.status}:{wanted.reason}"
    elif wanted.status:
        where.append("status = :status")
        params["status"] = str(wanted.status)
    elif wanted.reason:
        where.append("failure_reason = :reason AND failure_reason IS NOT NULL")
        params["reason"] = wanted.reason
    _add_number(where, params, wanted.number)
    if wanted.since is not None:
        where.append("created_at >= :since")
        params["since"] = wanted.since
    if wanted.until is not None:
        where.append("created_at < :until")
        params["until"] = wanted.until
    return " AND ".join(where), params


def _add_number(where: list[str], params: Params, number: str | None) -> None:
    """The condition of a whole number, or of its beginning."""
    if number and len(number) == _WHOLE_NUMBER:
        where.append("phone_number = :number")
        params["number"] = number
    elif number:
        where.append("phone_number >= :number AND phone_number < :behind")
        params |= {"number": number, "behind": number + _BEHIND_DIGITS}
