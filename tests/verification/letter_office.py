"""What the tests of letters share: verified orders, an address, and the steps of a letter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.conftest import Office
from verification import addresses, ordering, sids, signing
from verification.documents import Document
from verification.letters import Letter
from verification.orders import Order
from verification.statuses import Status
from verification.store.orders import TABLE as ORDERS
from verification.store.phone_numbers import TABLE as PHONE_NUMBERS
from verification.store.rows import Table

PARTS = {
    "customer_name": "Anne-Marie Élise Roy",
    "friendly_name": "Clinique dentaire de l’Érable",
    "street": "14 Maple Street",
    "city": "Halifax",
    "region": "NS",
    "postal_code": "B3J 1A1",
    "iso_country": "CA",
}
WISHES = {
    "email": "anne@example.com",
    "cc_emails": ("front@example.com", "boss@example.com"),
    "contact_phone_number": "+19025550123",
    "contact_title": "Owner",
}


def _alike(table: Table[Any], key: str, **changed: str) -> str:
    """Rows like that of the first order but for some columns: made by the engine, in one go."""
    values = ", ".join(changed.get(column, column) for column in table.columns)
    return f"""
        WITH RECURSIVE numbered(n, digits) AS (
            SELECT 1, '00000001' WHERE :count > 1 UNION ALL
            SELECT n + 1, substr(CAST(100000001 + n AS TEXT), 2) FROM numbered WHERE n + 1 < :count)
        INSERT INTO {table.name} ({", ".join(table.columns)})
        SELECT {values} FROM {table.name}, numbered WHERE {key} = :first
    """  # noqa: S608


_NUMBER = "'+1902' || CAST(2340000 + n AS TEXT)"
_ALIKE = (
    _alike(
        ORDERS,
        "sid",
        sid=":order || digits",
        phone_number=_NUMBER,
        incoming_phone_number_sid=":number || digits",
    ),
    _alike(
        PHONE_NUMBERS,
        "order_sid",
        sid=":number || digits",
        order_sid=":order || digits",
        phone_number=_NUMBER,
    ),
)


@dataclass
class Letters:
    """The steps of a letter by their names, over an office."""

    office: Office

    def verified(self, count: int = 2, account: str | None = None, **wishes: object) -> list[Order]:
        """Orders that are verified, made in one go and alike but for their numbers."""
        owner, now = account or self.office.account.sid, self.office.clock.now()
        with self.office.store.write() as tx:
            first = ordering.create(tx, owner, "+19022340000", wishes, now)
            own = {"order": sids.new(sids.ORDER)[:-8], "number": sids.new(sids.PHONE_NUMBER)[:-8]}
            tx.orders.move_all([first.sid], Status.VERIFIED, None, 1.0)
            for statement in _ALIKE:
                tx._execute(statement, own | {"first": first.sid, "count": count})
        made = [first] + [
            replace(
                first,
                sid=f"{own['order']}{n:08d}",
                incoming_phone_number_sid=f"{own['number']}{n:08d}",
                phone_number=f"+1902{234_0000 + n}",
            )
            for n in range(1, count)
        ]
        return [replace(one, status=Status.VERIFIED) for one in made]

    def address(self, account: str | None = None, **parts: object) -> str:
        with self.office.store.write() as tx:
            owner = account or self.office.account.sid
            return addresses.create(tx, owner, PARTS | parts, self.office.clock.now()).sid

    def create(self, order_sids: list[str], address_sid: str, **wishes: object) -> Document:
        given = {**WISHES, "address_sid": address_sid, **wishes}
        with self.office.store.write() as tx:
            return signing.create(self.desk(tx), self.office.account.sid, order_sids, given)

    def out(self, count: int = 2, **wishes: object) -> Document:
        """A letter that is out."""
        sids = [order.sid for order in self.verified(count)]
        return self.create(sids, self.address(), **wishes)

    def desk(self, tx) -> signing.Desk:
        return signing.Desk(tx, self.office.keyring, self.office.clock.now())

    def read(self, document: Document) -> Letter:
        with self.office.store.read() as tx:
            return signing.letter_out(self.desk(tx), document.sid, document.sendings)

    def sign(self, document: Document, pdf: bytes = b"%PDF") -> Document:
        letter = self.read(document)
        with self.office.store.write() as tx:
            return signing.sign(self.desk(tx), letter, pdf)

    def now(self, document: Document) -> Document:
        with self.office.store.read() as tx:
            found = tx.documents.get(document.sid)
        assert found is not None
        return found

    def statuses(self, document: Document) -> set[str]:
        with self.office.store.read() as tx:
            return {str(order.status) for order in tx.documents.orders_of(document.sid)}

    def mails(self, document: Document) -> list[tuple[str, str]]:
        with self.office.store.read() as tx:
            return [(mail.kind, mail.recipient) for mail in tx.mails.of_object(document.sid)]
