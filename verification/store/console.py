"""What operators look at, over all accounts: long tables, a page at a time."""

from __future__ import annotations

from verification.callbacks import Message
from verification.conversation import Note, Reply, Say
from verification.documents import Document
from verification.ordering import Place
from verification.orders import Order
from verification.overview import OrderFilter
from verification.store.rows import Execute, Params, Table, paged

_ORDERS = Table(Order, "orders", "sid")
_DOCUMENTS = Table(Document, "documents", "sid")
_MESSAGES = Table(Message, "outbox", "id")
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

    def replies(self, attempt_id: str) -> list[Reply]:
        """What a call was answered, step by step; the keys that it asked for are left out."""
        sql = "SELECT say, note, next_step FROM replies WHERE attempt_id = :id ORDER BY step"
        rows = self._execute(sql, {"id": attempt_id}).fetchall()
        return [Reply(Say(row[0]), Note(row[1]), row[2]) for row in rows]

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
    if wanted.status:
        where.append("status = :status")
        params["status"] = str(wanted.status)
    if wanted.number and len(wanted.number) == _WHOLE_NUMBER:
        where.append("phone_number = :number")
        params["number"] = wanted.number
    elif wanted.number:
        where.append("phone_number >= :number AND phone_number < :behind")
        params |= {"number": wanted.number, "behind": wanted.number + _BEHIND_DIGITS}
    if wanted.since is not None:
        where.append("created_at >= :since")
        params["since"] = wanted.since
    if wanted.until is not None:
        where.append("created_at < :until")
        params["until"] = wanted.until
    if wanted.reason:
        where.append("failure_reason = :reason AND failure_reason IS NOT NULL")
        params["reason"] = wanted.reason
    return " AND ".join(where), params
