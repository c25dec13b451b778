"""The authorization documents of one transaction, their letters, and the orders on them."""

from __future__ import annotations

from collections.abc import Sequence

from verification.documents import OPEN, Document
from verification.ordering import Place
from verification.orders import Order
from verification.store.rows import Execute, Table, among, paged

_DOCUMENTS = Table(Document, "documents", "sid")
_ORDERS = Table(Order, "orders", "sid")
_SEEN = "SELECT sid FROM accounts WHERE sid = :mine OR owner_sid = :mine"
_OPEN = ", ".join(repr(str(status)) for status in OPEN)


class Documents:
    """Letters of authorization."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, document: Document) -> None:
        """Add a document."""
        _DOCUMENTS.insert(self._execute, document)

    def save(self, document: Document) -> None:
        """Write a document that was read in this transaction."""
        _DOCUMENTS.save(self._execute, document)

    def get(self, sid: str) -> Document | None:
        """The document of this SID, whosever it is."""
        rows = self._execute(f"{_DOCUMENTS.select} WHERE sid = :sid", {"sid": sid})
        return _DOCUMENTS.one(rows.fetchone())

    def seen(self, account_sid: str, sid: str) -> Document | None:
        """The document of this SID if the account or a subaccount of it has it."""
        sql = f"{_DOCUMENTS.select} WHERE sid = :sid AND account_sid IN ({_SEEN})"
        return _DOCUMENTS.one(self._execute(sql, {"sid": sid, "mine": account_sid}).fetchone())

    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Document]:
        """The documents that an account sees, as ``paged`` gives them."""
        mine, params = f"account_sid IN ({_SEEN})", {"mine": account_sid}
        return paged(self._execute, _DOCUMENTS, mine, params, filters, place, limit)

    def any_due(self, now: float) -> bool:
        """Whether any letter's time is over."""
        sql = "SELECT 1 FROM documents WHERE due_at <= :now LIMIT 1"
        return self._execute(sql, {"now": now}).fetchone() is not None

    def due(self, now: float, limit: int) -> list[Document]:
        """The letters whose time is over, the longest first."""
        sql = f"{_DOCUMENTS.select} WHERE due_at <= :now ORDER BY due_at LIMIT :limit"
        return _DOCUMENTS.all(self._execute(sql, {"now": now, "limit": limit}).fetchall())

    def orders_seen(self, account_sid: str, order_sids: Sequence[str]) -> list[Order]:
        """Those of these orders that an account sees, in any order."""
        seen = {row[0] for row in self._execute(_SEEN, {"mine": account_sid}).fetchall()}
        found: list[Order] = []
        # By the SIDs alone: a table that has just grown might be read by its accounts instead.
        for where, params in among("sid", order_sids):
            rows = self._execute(f"{_ORDERS.select} WHERE {where} AND deleted_at IS NULL", params)
            found += [one for one in _ORDERS.all(rows.fetchall()) if one.account_sid in seen]
        return found

    def orders_of(self, document_sid: str) -> list[Order]:
        """The orders on a document, deleted ones left out."""
        sql = f"{_ORDERS.select} WHERE signing_document_sid = :sid AND deleted_at IS NULL"
        return _ORDERS.all(self._execute(sql, {"sid": document_sid}).fetchall())

    def open_ones(self, order_sids: Sequence[str]) -> dict[str, str]:
        """Which of these orders stand on an open document, and on which."""
        found: dict[str, str] = {}
        for where, params in among("orders.sid", order_sids):
            sql = f"""
                SELECT orders.sid, documents.sid FROM orders
                JOIN documents ON documents.sid = orders.signing_document_sid
                WHERE {where} AND documents.status IN ({_OPEN})
            """
            found.update((row[0], row[1]) for row in self._execute(sql, params).fetchall())
        return found

    def assign(self, document_sid: str, order_sids: Sequence[str]) -> None:
        """Let just these orders stand on a document."""
        params = {"document": document_sid}
        leave = "UPDATE orders SET signing_document_sid = NULL"
        self._execute(f"{leave} WHERE signing_document_sid = :document", params)
        for where, given in among("sid", order_sids):
            sql = f"UPDATE orders SET signing_document_sid = :document WHERE {where}"
            self._execute(sql, given | params)

    def letter(self, document_sid: str) -> bytes | None:
        """The sealed letter that was sent out last."""
        return self._of_letter("content", document_sid)

    def pdf(self, document_sid: str) -> bytes | None:
        """The sealed PDF of the signed letter."""
        return self._of_letter("pdf", document_sid)

    def keep_letter(self, document_sid: str, sealed: bytes, now: float) -> None:
        """Keep a letter as it goes out, in place of an earlier one."""
        self.erase_letter(document_sid)
        self._execute(
            "INSERT INTO letters (document_sid, created_at, content)"
            " VALUES (:document_sid, :now, :content)",
            {"document_sid": document_sid, "now": now, "content": sealed},
        )

    def keep_pdf(self, document_sid: str, sealed: bytes) -> None:
        """Keep the signed letter."""
        sql = "UPDATE letters SET pdf = :pdf WHERE document_sid = :sid"
        self._execute(sql, {"sid": document_sid, "pdf": sealed})

    def erase_letter(self, document_sid: str) -> None:
        """Remove a letter and its PDF for good."""
        self._execute("DELETE FROM letters WHERE document_sid = :sid", {"sid": document_sid})

    def _of_letter(self, column: str, document_sid: str) -> bytes | None:
        sql = f"SELECT {column} FROM letters WHERE document_sid = :sid"
        row = self._execute(sql, {"sid": document_sid}).fetchone()
        return bytes(row[0]) if row and row[0] is not None else None
