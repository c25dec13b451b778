"""What the tests of letters share: verified orders, an address, and the steps of a letter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.conftest import Office
from verification import addresses, ordering, phone_numbers, sids, signing
from verification.documents import Document
from verification.letters import Letter
from verification.orders import Order
from verification.statuses import Status

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


@dataclass
class Letters:
    """The steps of a letter by their names, over an office."""

    office: Office

    def verified(self, count: int = 2, account: str | None = None, **wishes: object) -> list[Order]:
        """Orders that are verified, made in one go and alike but for their numbers."""
        owner, now = account or self.office.account.sid, self.office.clock.now()
        with self.office.store.write() as tx:
            first = ordering.create(tx, owner, "+19022340000", wishes, now)
            others = [
                replace(
                    first,
                    sid=sids.new(sids.ORDER),
                    incoming_phone_number_sid=sids.new(sids.PHONE_NUMBER),
                    phone_number=f"+1902{234_0000 + n}",
                )
                for n in range(1, count)
            ]
            tx.bulks.insert_orders(others)
            phone_numbers.add_all(tx, others)
            made = [first, *others]
            tx.orders.move_all([one.sid for one in made], Status.VERIFIED, None, 1.0)
        return [replace(one, status=Status.VERIFIED, failure_reason=None) for one in made]

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
