"""One account's objects: each kind in each of its states, made with the core as it makes them.

Each has a name that says what it is, so that a test can ask for an object that an operation fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from verification import (
    addresses,
    bulk,
    caller_ids,
    calling,
    eligibility,
    hosting,
    numbers,
    ordering,
    orders,
    owner_links,
    phone_bills,
    phone_numbers,
    signing,
    validating,
)
from verification.accounts import Account
from verification.attempts import State
from verification.bulk import Wish
from verification.caller_ids import CallerIdStatus
from verification.codes import Keyring
from verification.documents import Document, DocumentStatus
from verification.eligibility import Answer
from verification.numbers import Line, LineType
from verification.ordering import Policy
from verification.orders import Order
from verification.signing import Desk
from verification.statuses import Mover, Status
from verification.store.records import Records

LANDLINE = Line(LineType.LANDLINE, "Example Telephone")
PDF = b"%PDF-1.7\nof nothing\n%%EOF"
ADDRESS = {
    "customer_name": "Anne Roy",
    "friendly_name": "Maple Street Dental",
    "street": "14 Maple Street",
    "city": "Halifax",
    "region": "NS",
    "postal_code": "B3J 1A1",
    "iso_country": "CA",
}
SIGNER = {
    "cc_emails": ("front@example.com",),
    "contact_phone_number": "+19025550123",
    "contact_title": "Owner",
}


@dataclass
class Objects:
    """What one account has: ``sids`` by the names of the objects, ``texts`` that it has written.

    ``numbers``: E.164 numbers that nobody has ordered yet.
    """

    account: Account
    token: str
    numbers: Iterator[str]
    sids: dict[str, str] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[str]:
        """The SIDs that begin with these two letters."""
        return [sid for sid in self.sids.values() if sid.startswith(kind)]

    def note(self, **texts: str) -> None:
        """Remember what stands in an object, by the names of the API's parameters."""
        for name, text in texts.items():
            self.texts.setdefault(name, set()).add(text)


@dataclass
class Furnisher:
    """Makes an account's objects in one transaction; ``now`` in Unix seconds."""

    tx: Records
    keyring: Keyring
    objects: Objects
    now: float

    def furnish(self) -> None:
        """Make everything."""
        self._addresses()
        self._orders()
        self._letters()
        self._numbers()
        self._calls()
        self._caller_ids()
        self._many()
        self._phone_bills()

    @property
    def _sid(self) -> str:
        return self.objects.account.sid

    def _keep(self, name: str, sid: str | None) -> str:
        assert sid is not None
        self.objects.sids[name] = sid
        return sid

    def _addresses(self) -> None:
        parts = ADDRESS | {"friendly_name": f"House of {self.objects.account.name}"}
        for name in ("address", "unused address", "address of letters"):
            self._keep(name, addresses.create(self.tx, self._sid, parts, self.now).sid)
        self.objects.note(friendly_name=parts["friendly_name"])

    def _order(self, number: str | None = None, **wishes: Any) -> Order:
        number = number or next(self.objects.numbers)
        order = ordering.create(self.tx, self._sid, number, wishes, self.now)
        settled = ordering.settle_eligibility(self.tx, order.sid, LANDLINE, Policy(), self.now)
        assert settled is not None
        return settled

    def _verified(self, number: str | None = None) -> Order:
        order = self._called(self._order(number, email="owner@example.com"))
        return orders.move(self.tx, order, Status.VERIFIED, Mover.PERSON, self.now)

    def _called(self, order: Order) -> Order:
        """An order whose call the carrier has placed, and has ended since."""
        order = calling.request_call(self.tx, self.keyring, order, "Maple Street", self.now)
        (attempt,) = self.tx.attempts.of_subject(order.sid)
        placed = replace(attempt, state=State.DIALLING, dialled_at=self.now, due_at=None)
        self.tx.attempts.save(placed)
        answer = calling.Placed(f"CA{attempt.id}", "+15005550006")
        calling.record_answer(self.tx, attempt.id, answer, self.now)
        calling.watch(
            self.tx, attempt.id, calling.CarrierCall(f"CA{attempt.id}", "no-answer"), self.now
        )
        found = self.tx.orders.get(order.sid)
        assert found is not None
        return found

    def _orders(self) -> None:
        number = next(self.objects.numbers)
        unchecked = ordering.create(self.tx, self._sid, number, {}, self.now)
        self._keep("order twilio-processing", unchecked.sid)
        mine = self.objects.account.name
        named = {"unique_name": f"front of {mine}", "friendly_name": f"Desk of {mine}"}
        received = self._order(address_sid=self.objects.sids["address"], **named)
        self._keep("order received", received.sid)
        giver = owner_links.Giver(Mover.CUSTOMER, self.objects.account.name, self.now)
        owner_links.hand_over(self.tx, received, giver)
        self.objects.note(phone_number=received.phone_number, **named)
        self.objects.note(incoming_phone_number_sid=received.incoming_phone_number_sid)
        self._keep("number pending", received.incoming_phone_number_sid)
        waiting = self._order(code_entry="api")
        waiting = calling.request_call(self.tx, self.keyring, waiting, "Maple", self.now)
        self._keep("order pending-verification", waiting.sid)
        self._keep("order verified", self._verified().sid)
        for status in (Status.ACTION_REQUIRED, Status.FAILED):
            order = self._called(self._order())
            order = orders.move(self.tx, order, Status.ACTION_REQUIRED, Mover.OPERATOR, self.now)
            if status is Status.FAILED:
                orders.move(self.tx, order, status, Mover.OPERATOR, self.now)
            self._keep(f"order {status}", order.sid)
        deleted = self._order()
        ordering.delete(self.tx, deleted, self.now)
        self._keep("order deleted", deleted.sid)
        self._keep("number of a deleted order", deleted.incoming_phone_number_sid)

    def _letter(self, *on_it: Order) -> Document:
        sids = [order.sid for order in on_it]
        desk = Desk(self.tx, self.keyring, self.now)
        email = f"{self.objects.account.name}@example.com"
        wishes = SIGNER | {"address_sid": self.objects.sids["address of letters"], "email": email}
        self.objects.note(email=email)
        return signing.create(desk, self._sid, sids, wishes)

    def _letters(self) -> None:
        desk = Desk(self.tx, self.keyring, self.now)
        waiting = self._verified()
        self._keep("document signing", self._letter(waiting).sid)
        self._keep("order pending-loa", waiting.sid)
        opened = self._letter(self._verified())
        signing.edit(desk, opened, {}, None, DocumentStatus.OPENED)
        self._keep("document opened", opened.sid)
        canceled = self._letter(self._verified())
        signing.cancel(desk, canceled, Mover.CUSTOMER)
        self._keep("document canceled", canceled.sid)
        failed = self._letter(self._verified())
        signing.fail(desk, failed, signing.NOT_SIGNED)
        self._keep("document failed", failed.sid)
        toll_free = next(self.objects.numbers).replace("+1212", "+1800")
        registering = self._verified(toll_free)
        signed = self._sign(registering)
        self._keep("document signed", signed.sid)
        self._keep("order carrier-processing", registering.sid)

    def _sign(self, *on_it: Order) -> Document:
        desk = Desk(self.tx, self.keyring, self.now)
        document = self._letter(*on_it)
        letter = signing.letter_out(desk, document.sid, document.sendings)
        return signing.sign(desk, letter, PDF)

    def _hosted(self) -> Order:
        """An order whose number is in use."""
        order = self._verified()
        self._sign(order)
        held = self.tx.registrations.get(order.sid)
        assert held is not None
        hosting.take(self.tx, held, hosting.Registered(), self.now)
        hosting.tested(self.tx, order.sid, None, self.now)
        return order

    def _number(self, order: Order) -> phone_numbers.PhoneNumber:
        number = self.tx.phone_numbers.get(order.incoming_phone_number_sid)
        assert number is not None
        return number

    def _numbers(self) -> None:
        testing = self._verified()
        self._sign(testing)
        held = self.tx.registrations.get(testing.sid)
        assert held is not None
        hosting.take(self.tx, held, hosting.Registered(), self.now)
        self._keep("order testing", testing.sid)
        hosted = self._hosted()
        self._keep("order completed", hosted.sid)
        self._keep("number in use", hosted.incoming_phone_number_sid)
        attached = self._number(self._hosted())
        service = self._keep("service", f"MG{attached.sid[2:]}")
        phone_numbers.attach(self.tx, attached, service, self.now)
        self._keep("number attached", attached.sid)
        leaving = self._number(self._hosted())
        phone_numbers.release(self.tx, leaving, self.now)
        self._keep("number released", leaving.sid)
        both = self._number(self._hosted())
        ported = phone_numbers.port(self.tx, both, True, self.now)
        self._keep("number being ported", ported.sid)

    def _calls(self) -> None:
        with_call = self.tx.attempts.of_subject(self.objects.sids["order verified"])[0]
        self._keep("call", with_call.call_sid)
        self.objects.note(to=with_call.number)
        refused = validating.request(
            self.tx, self.keyring, self.objects.account, next(self.objects.numbers), {}, self.now
        )
        attempt = replace(refused.attempt, state=State.DIALLING, dialled_at=self.now)
        self.tx.attempts.save(attempt)
        no = calling.Refused(21215, "no permission")
        calling.record_answer(self.tx, attempt.id, no, self.now)
        self._keep("refused call", f"CA{attempt.id}")
        self._keep("notification", f"NO{attempt.id}")

    def _caller_ids(self) -> None:
        number = next(self.objects.numbers)
        asked = validating.request(
            self.tx, self.keyring, self.objects.account, number, {}, self.now
        ).caller_id
        caller_ids.hear(self.tx, asked, verified=True, final=True, now=self.now)
        self._keep("caller ID", asked.sid)
        self.objects.note(phone_number=number, friendly_name=numbers.spaced(number))
        pending = validating.request(
            self.tx, self.keyring, self.objects.account, next(self.objects.numbers), {}, self.now
        ).caller_id
        assert pending.status is CallerIdStatus.PENDING
        self._keep("caller ID that is not verified", pending.sid)

    def _many(self) -> None:
        for name in ("bulk request", "bulk request that is processed"):
            wishes = [self._wish(f"request_items[0].numbers[{n}]") for n in range(2)]
            checked = bulk.check(wishes)
            made = bulk.create(self.tx, self._sid, checked, name, None, self.now)
            self._keep(name, made.sid)
        mine = {"bulk_hosting_request_sid": made.sid}
        ordered = self.tx.orders.page(self._sid, mine, None, 9)
        lines = {order.sid: LANDLINE for order in ordered}
        bulk.settle(self.tx, made.sid, lines, Policy(), self.now, self.now)
        for name in ("eligibility request", "eligibility request that is answered"):
            asked = [Answer(next(self.objects.numbers), self._sid)]
            request = eligibility.create(self.tx, self._sid, name, asked, self.now)
            self._keep(name, request.sid)
        found = eligibility.after_look_up(asked[0], LANDLINE, Policy())
        eligibility.record(self.tx, request.sid, {0: found}, self.now)

    def _wish(self, where: str) -> Wish:
        fields = {"address_sid": self.objects.sids["address"], "email": "owner@example.com"}
        return Wish(where, next(self.objects.numbers), fields)

    def _phone_bills(self) -> None:
        for name in ("phone bill", "phone bill of an order", "phone bill that was refused"):
            made = phone_bills.upload(self.tx, self.keyring, self._sid, PDF, self.now)
            self._keep(name, made.sid)
        phone_bills.refuse(self.tx, made, "It names another number", self.now)
        sid = self.objects.sids["phone bill of an order"]
        wishes = {"verification_type": "phone-bill", "verification_document_sid": sid}
        self._keep("order with a phone bill", self._order(**wishes).sid)
