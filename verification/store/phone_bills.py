"""The verification documents of one transaction."""

from __future__ import annotations

from verification.ordering import Place
from verification.orders import Order
from verification.phone_bills import PhoneBill, PhoneBillStatus
from verification.store.rows import Execute, Table, paged

TABLE = Table(PhoneBill, "phone_bills", "sid")
_ORDERS = Table(Order, "orders", "sid")


class PhoneBills:
    """Phone bills that customers uploaded."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, document: PhoneBill, sealed: bytes) -> None:
        """Add a document and what it holds."""
        TABLE.insert(self._execute, document)
        sql = "INSERT INTO document_contents (document_sid, sealed) VALUES (:sid, :sealed)"
        self._execute(sql, {"sid": document.sid, "sealed": sealed})

    def save(self, document: PhoneBill) -> None:
        """Write a document that was read in this transaction."""
        TABLE.save(self._execute, document)

    def get(self, sid: str) -> PhoneBill | None:
        """The document of this SID, whosever it is."""
        return TABLE.one(self._execute(f"{TABLE.select} WHERE sid = :sid", {"sid": sid}).fetchone())

    def of_account(self, account_sid: str, sid: str) -> PhoneBill | None:
        """The account's document of this SID."""
        sql = f"{TABLE.select} WHERE sid = :sid AND account_sid = :account_sid"
        params = {"sid": sid, "account_sid": account_sid}
        return TABLE.one(self._execute(sql, params).fetchone())

    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[PhoneBill]:
        """The account's documents, as ``paged`` gives them."""
        own, params = "account_sid = :own", {"own": account_sid}
        return paged(self._execute, TABLE, own, params, filters, place, limit)

    def waiting(self) -> list[PhoneBill]:
        """The documents that nobody has decided on, the oldest first."""
        sql = f"{TABLE.select} WHERE status = :status ORDER BY created_at, sid"
        params = {"status": str(PhoneBillStatus.PENDING_REVIEW)}
        return TABLE.all(self._execute(sql, params).fetchall())

    def sealed(self, sid: str) -> bytes:
        """What a document holds, sealed."""
        sql = "SELECT sealed FROM document_contents WHERE document_sid = :sid"
        return bytes(self._execute(sql, {"sid": sid}).fetchone()[0])

    def order_of(self, sid: str) -> Order | None:
        """The order that a document is to prove."""
        sql = (
            f"{_ORDERS.select} WHERE verification_document_sid = :sid"
            " AND deleted_at IS NULL AND status <> 'failed' LIMIT 1"
        )
        return _ORDERS.one(self._execute(sql, {"sid": sid}).fetchone())
