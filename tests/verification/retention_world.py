"""A server of 120 simulated days: people come, are called, sign, go; its clock is moved by hand.

Everything is the real thing: the store in its file, the duties of the worker, mails with their PDFs
in a folder, backups, a log. What a receiver of callbacks or a registrar would do takes no time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import LANDLINE, Office
from tests.verification import planted
from verification import (
    addresses,
    attempts,
    caller_ids,
    calling,
    eligibility,
    hosting_duties,
    letter_duties,
    limits,
    mails,
    ordering,
    phone_bills,
    phone_numbers,
    signing,
    validating,
)
from verification.adapters import mail
from verification.adapters.letter_pdf import letter_pdf
from verification.attempts import Outcome
from verification.caller_ids import CallerIdStatus
from verification.calling import Placed
from verification.letter_mails import LetterMails
from verification.letters import Signature
from verification.ordering import Policy
from verification.orders import Order
from verification.outgoing import Answer
from verification.registrars import Emulated
from verification.retention import BACKUP_DAYS, DATABASE_DAYS, DAY
from verification.retention_duties import RetentionDue
from verification.statuses import Mover, Status
from verification.store.backups import BackupFolder

TEMPLATES = Path(__file__).parents[2] / "templates"
# What becomes of one person after the other.
FATES = "canceled idle caller-id asked bill declined canceled " * 4 + "idle asked released in-use"


class Web:
    """Nobody's URLs lead anywhere."""

    def send(self, request: object) -> Answer:
        del request
        return Answer(error="nobody is there")


@dataclass
class World:
    """The server, its people, and when each of them was done with (the number of the day)."""

    office: Office
    folder: Path
    duty: RetentionDue
    today: int = 0
    ended: dict[int, int] = field(default_factory=dict)
    fates: dict[int, str] = field(default_factory=dict)
    orders: dict[int, str] = field(default_factory=dict)
    coming: dict[int, list[Callable[[], None]]] = field(default_factory=lambda: defaultdict(list))

    def plant(self, persons: range) -> None:
        """Today's people come."""
        for person in persons:
            fate = FATES.split()[person % len(FATES.split())]
            self.fates[person] = fate
            getattr(self, f"_{fate.replace('-', '_')}")(person)

    def live_a_day(self) -> None:
        """Do what was to come today, then whatever the worker has to do, then end the day."""
        for step in self.coming.pop(self.today, []):
            step()
        store, keyring, now = self.office.store, self.office.keyring, self.office.clock.now
        composer = mail.Composer(TEMPLATES, mail.NOBODY)
        mailer = mail.FolderMailer(self.folder / "mails", composer)
        letters = LetterMails(keyring, "https://lineproof.example")
        registering = (keyring, Emulated(0), Web(), "+15005550006", now)
        for duty in (
            letter_duties.LettersDue(store, keyring, now),
            limits.IdleOrders(store, now),
            hosting_duties.RegistrationsDue(store, *registering),
            hosting_duties.ReleasesDue(store, now),
            mails.MailsDue(store, mailer, letters, now),
        ):
            while duty.do():
                pass
        self.duty.do()
        self._notice_ends()
        self.office.clock.tick(DAY)
        self.today += 1

    def lost(self) -> set[int]:
        """Who is not held any more, though his days are not over or have not begun to count."""
        with self.office.store.read() as tx:
            sql = (
                "SELECT phone_number FROM orders UNION SELECT phone_number FROM caller_ids"
                " UNION SELECT phone_number FROM eligibility_numbers"
            )
            rows = [row[0] for row in tx._execute(sql).fetchall()]
        held = planted.within("\n".join(rows).encode())
        never = self.today + DATABASE_DAYS
        kept = {p for p in self.fates if self.ended.get(p, never) + DATABASE_DAYS > self.today}
        return kept - held

    def _notice_ends(self) -> None:
        with self.office.store.read() as tx:
            sql = "SELECT sid FROM orders WHERE deleted_at IS NOT NULL OR status = 'failed'"
            over = {row[0] for row in tx._execute(sql).fetchall()}
        for person, sid in self.orders.items():
            if sid in over:
                self.ended.setdefault(person, self.today)

    def _later(self, days: int, step: Callable[[], None]) -> None:
        self.coming[self.today + days].append(step)

    def _order(self, person: int, **wishes: object) -> Order:
        whose, now = planted.name(person), self.office.clock.now()
        account = self.office.account.sid
        place = {"customer_name": whose, "street": f"{whose} House 14", "city": "Halifax"}
        place |= {"region": "NS", "postal_code": "B3J 1A1", "iso_country": "CA"}
        with self.office.store.write() as tx:
            address = addresses.create(tx, account, place, now)
            wishes |= {"friendly_name": whose, "email": f"Zoe-{planted.code(person)}@example.com"}
            wishes |= {"address_sid": address.sid, "unique_name": f"{person} {whose}"}
            wishes |= {"cc_emails": (f"Zoe-{planted.code(person)}.cc@example.com",)}
            wishes["status_callback_url"] = (
                f"https://shop.example/?c=Zo%C3%A9-{planted.code(person)}"
            )
            order = ordering.create(tx, account, planted.number(person), wishes, now)
            settled = ordering.settle_eligibility(tx, order.sid, LANDLINE, Policy(), now)
        assert settled is not None
        self.orders[person] = settled.sid
        return settled

    def _canceled(self, person: int) -> None:
        order = self._order(person)

        def cancel() -> None:
            with self.office.store.write() as tx:
                ordering.delete(tx, order, self.office.clock.now())

        self._later(1, cancel)

    def _idle(self, person: int) -> None:
        self._order(person)

    def _caller_id(self, person: int) -> None:
        office, whose = self.office, planted.name(person)
        with office.store.write() as tx:
            wishes = {"friendly_name": whose, "status_callback_url": "https://shop.example/c"}
            asked = validating.request(
                tx,
                office.keyring,
                office.account,
                planted.number(person),
                wishes,
                office.clock.now(),
            )
            attempts.conclude(tx, asked.attempt, Outcome.VERIFIED, office.clock.now())
            made = tx.caller_ids.get(asked.caller_id.sid)
            assert made is not None
            validating.report(tx, made, office.clock.now())

        def delete() -> None:
            with office.store.write() as tx:
                mine = tx.caller_ids.get(asked.caller_id.sid)
                assert mine is not None
                assert mine.status is CallerIdStatus.VERIFIED
                caller_ids.delete(tx, mine, Mover.CUSTOMER, office.clock.now())
            self.ended[person] = self.today

        self._later(2, delete)

    def _asked(self, person: int) -> None:
        office, now = self.office, self.office.clock.now()
        with office.store.write() as tx:
            asked = [eligibility.Answer(planted.number(person), office.account.sid)]
            request = eligibility.create(tx, office.account.sid, planted.name(person), asked, now)
            found = tx.eligibility.open(request.sid, 1)
            answers = {
                n: eligibility.after_look_up(a, LANDLINE, Policy()) for n, a in found.items()
            }
            eligibility.record(tx, request.sid, answers, now)
        self.ended[person] = self.today

    def _bill(self, person: int) -> None:
        office, now = self.office, self.office.clock.now()
        content = f"%PDF-1.4 {planted.name(person)} {planted.number(person)} %%EOF".encode()
        with office.store.write() as tx:
            bill = phone_bills.upload(tx, office.keyring, office.account.sid, content, now)
        how = {"verification_type": "phone-bill", "verification_document_sid": bill.sid}
        self._order(person, **how)
        with office.store.write() as tx:
            phone_bills.refuse(tx, bill, f"not in the name of {planted.code(person)}", now)

    def _declined(self, person: int) -> None:
        office = self.office
        order = office.request_call(self._order(person))
        office.clock.tick(1)
        attempt = office.claim()
        assert attempt is not None
        with office.store.write() as tx:
            call_sid = f"CA{person:032x}"
            calling.record_answer(tx, attempt.id, Placed(call_sid), office.clock.now())
            live = tx.attempts.get(attempt.id)
            assert live is not None
            attempts.conclude(tx, live, Outcome.DECLINED, office.clock.now())
            attempts.hear_report(tx, live.id, call_sid, "completed", False, office.clock.now())
        assert office.order_now(order.sid).status is Status.ACTION_REQUIRED

    def _in_use(self, person: int) -> None:
        office, order = self.office, self._order(person)
        with office.store.write() as tx:
            tx.orders.move_all([order.sid], Status.VERIFIED, None, office.clock.now())
            wishes = {"email": order.email, "cc_emails": order.cc_emails}
            wishes |= {"contact_phone_number": order.phone_number, "address_sid": order.address_sid}
            desk = signing.Desk(tx, office.keyring, office.clock.now())
            document = signing.create(desk, office.account.sid, [order.sid], wishes)
            letter = signing.letter_out(desk, document.sid, document.sendings)

        def sign() -> None:
            now = office.clock.now()
            made = letter_pdf(letter, Signature(letter.name, now, "192.0.2.7", "a browser"))
            with office.store.write() as tx:
                signing.sign(signing.Desk(tx, office.keyring, now), letter, made)

        self._later(1, sign)

    def _released(self, person: int) -> None:
        self._in_use(person)

        def release() -> None:
            with self.office.store.write() as tx:
                order = tx.orders.get(self.orders[person])
                assert order is not None
                number = tx.phone_numbers.get(order.incoming_phone_number_sid)
                assert number is not None
                phone_numbers.release(tx, number, self.office.clock.now())

        self._later(5, release)


def world(office: Office, folder: Path) -> World:
    """A server whose files are in a folder; ``office`` has its store there."""
    for name in ("mails", "backups"):
        (folder / name).mkdir()
    duty = RetentionDue(
        office.store,
        office.keyring,
        mail.MailFolder(folder / "mails"),
        BackupFolder(folder / "backups"),
        DATABASE_DAYS * DAY,
        office.clock.now,
    )
    return World(office, folder, duty)


def back_up(here: World) -> None:
    """Write a backup into the folder."""
    now = here.office.clock.now()
    path = here.duty.backups.new_file(now)
    assert path is not None
    here.office.store.backup(path, now + BACKUP_DAYS * DAY)
