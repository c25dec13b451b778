"""Every page that people see, and a server that shows each of them: the one list of pages.

A route that answers GET and is not under NOT_PAGES must stand in PAGES. The tests look at every one
of them for what keeps people out, and for what gets in. Who adds a page adds it here.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

import app
from tests.conftest import Clock, Office
from tests.verification.letter_office import Letters
from verification import (
    accounts,
    attempts,
    bulk,
    calling,
    conversation,
    letter_mails,
    operators,
    orders,
    owner_links,
    owning,
    phone_numbers,
    settings,
    signing,
)
from verification.callbacks import State
from verification.calling import Placed
from verification.conversation import Call
from verification.dialling import NO_LIMITS
from verification.numbers import Line, LineType
from verification.operators import Role
from verification.owner_links import Giver
from verification.statuses import Mover, Status

# What programs ask for. Everything else that answers GET is a page.
NOT_PAGES = (
    *("/2010-04-01/", "/v1/", "/v2/", "/v3/", "/HostedNumbers/", "/lineproof/", "/.well-known/"),
    *("/tw", "/static/", "/healthz", "/readyz", "/metrics", "/openapi"),
)
_FREE = itertools.count(4000, 2)  # the last digits of numbers that no order is for
HOME = "/"  # names the API to who opens the bare host
Words = Callable[[str], str]  # what a customer has filled into a field, by its name


@dataclass(frozen=True, slots=True)
class Visit:
    """One page in one state: how it is called, where it is, and what is done there first."""

    name: str
    path: str
    do: Callable[[Page], Any] | None = None
    signed_in: bool = True


@dataclass
class World:
    """A server without a worker: what it shows stays as it is."""

    house: Any
    flask: Flask
    office: Office
    base_url: str
    words: Words
    orders: dict[str, Any] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    letter: str = ""
    signed_letter: str = ""
    spanish_letter: str = ""
    bulk: str = ""
    number: str = ""
    operators: int = 0

    def sign_in_path(self, role: Role = Role.ADMIN) -> str:
        """A fresh link of another operator."""
        self.operators += 1
        name = f"operator-{self.operators}"  # nothing else is let in as one
        with self.house.store.write() as tx:
            operators.create(tx, name, role, time.time())
            return "/console/sign-in/" + operators.new_link(
                tx, self.house.keyring, name, time.time()
            )


class Directory:
    """Knows every number; the carrier's name is filled in by whoever wrote phones.toml."""

    def __init__(self, words: Words) -> None:
        self._carrier = words("carrier")

    def look_up(self, number: str) -> Line:
        return Line(LineType.LANDLINE, self._carrier)


def plain(name: str) -> str:
    """What honest people fill in."""
    return {
        "account": "Maple Street Dental",
        "friendly_name": "Front desk",
        "unique_name": "front-desk",
        "reason": "The number was busy. 2 of 3 attempts are left.",
        "carrier": "Iristel Inc. - ON",
        "answer": "HTTP 500",
        "email": "anne@example.com",
        "cc_email": "front@example.com",
        "url": "https://example.com/hook",
        "customer_name": "Anne-Marie Élise Roy",
    }.get(name, name.capitalize())


@contextmanager
def world(folder: Path, words: Words = plain) -> Iterator[World]:
    """Run the server of such a world until the block ends."""
    url = f"sqlite:///{folder}/pages.db"
    chosen = settings.load({"DATABASE_URL": url, "LINEPROOF_WRONG_SIGN_INS": 1000})
    house: Any = app.open_house(chosen, "http://localhost")
    with closing(house.store):
        flask = app.create_app(house, Directory(words))
        clock = Clock(time.time())
        with house.store.write() as tx:
            account, _ = accounts.create(tx, house.keyring, "Acme", clock.now())
            tx.accounts.save(replace(account, name=words("account")))
            account = tx.accounts.get(account.sid)
        server = make_server("127.0.0.1", 0, flask, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            office = Office(house.store, house.keyring, clock, account)
            made = World(house, flask, office, f"http://127.0.0.1:{server.port}", words)
            _fill(made)
            yield made
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _fill(made: World) -> None:
    """Orders and links in every state that a page shows."""
    for n, name in enumerate(("ready", "rings", "planned", "failed", "refused", "done")):
        made.orders[name] = _order(made, f"+190290520{n:02d}")
        made.owners[name] = _link(made, made.orders[name])
    for n, name in ((1, "rings"), (3, "failed"), (5, "done")):
        _call(made, name, f"CA{n:032x}", f"+190290520{n:02d}")
    _act(made, "planned", lambda tx, view, now: owning.plan(tx, view, now + 7200, "UTC", now))
    _act(made, "refused", owning.refuse)
    with made.house.store.write() as tx:
        stopped = orders.move(
            tx,
            tx.orders.get(made.orders["failed"].sid),
            Status.ACTION_REQUIRED,
            Mover.LINEPROOF,
            time.time(),
            made.words("reason"),
        )
        message = tx.outbox.of_object(stopped.sid)[-1]
        failed = replace(message, state=State.FAILED, due_at=None, answer=made.words("answer"))
        tx.outbox.save(failed)
    _letters(made)
    _bulk_and_number(made)


def _bulk_and_number(made: World) -> None:
    """A request for two numbers, and a number in use that has another account to go to."""
    words, now = made.words, time.time()
    fields = {"address_sid": None, "friendly_name": words("friendly_name")}
    wishes = [bulk.Wish(f"line {n}", f"+190223490{n:02d}", fields) for n in range(2)]
    with made.house.store.write() as tx:
        owner = made.office.account
        name = words("friendly_name")[:64]
        made.bulk = bulk.create(tx, owner.sid, bulk.check(wishes), name, None, now).sid
        failing = tx.bulks.orders_due(made.bulk, now, 1)[0]
        orders.move(tx, failing, Status.FAILED, Mover.LINEPROOF, now, words("reason"))
        branch, _ = accounts.create(tx, made.house.keyring, "Branch", now, owner)
        tx.accounts.save(replace(branch, name=words("account")))
        made.number = made.orders["done"].incoming_phone_number_sid
        phone_numbers.put_in_use(tx, tx.phone_numbers.get(made.number), now)


def _order(made: World, number: str) -> Any:
    order = made.office.order(number, status_callback_url=made.words("url"))
    words = made.words
    with made.house.store.write() as tx:
        filled = replace(
            tx.orders.get(order.sid),
            friendly_name=words("friendly_name"),
            unique_name=f"{words('unique_name')} {number}",
            email=words("email"),
            cc_emails=(words("cc_email"),),
            sms_url=words("url"),
        )
        tx.orders.save(filled)
    return filled


def _link(made: World, order: Any) -> str:
    with made.house.store.write() as tx:
        giver = Giver(Mover.CUSTOMER, "api", time.time())
        return owner_links.url(made.house.keyring, "", owner_links.hand_over(tx, order, giver))


def _act(made: World, name: str, act: Callable[[Any, Any, float], None]) -> None:
    with made.house.store.write() as tx:
        link = tx.owner_links.get(made.orders[name].sid)
        now = time.time()
        view = owning.look(tx, made.house.keyring, link.order_sid, link.number, now)
        act(tx, view, now)


def _call(made: World, name: str, call_sid: str, number: str) -> None:
    """Be called: rung, or hung up on, or verified."""
    keyring, office = made.house.keyring, made.office
    _act(made, name, lambda tx, view, now: owning.ask(tx, keyring, NO_LIMITS, view, now))
    office.clock.time = time.time()
    attempt = office.claim()
    assert attempt is not None
    with made.house.store.write() as tx:
        now = time.time()
        calling.record_answer(tx, attempt.id, Placed(call_sid), now)
        attempts.hear_report(tx, attempt.id, call_sid, "ringing", False, now)
        if name == "rings":
            return
        found = conversation.begin(tx, keyring, attempt.id, Call(call_sid, number), 1, now)[0]
        assert found is not None
        if name == "failed":
            attempts.hear_report(tx, attempt.id, call_sid, "completed", False, now)
            return
        keys = [
            found.challenge,
            keyring.open(tx.orders.get(found.subject_sid).code, found.subject_sid),
        ]
        for key in keys:
            found = conversation.answer(tx, keyring, attempt.id, call_sid, found.step, key, now)[0]
            assert found is not None


def _letters(made: World) -> None:
    words, desk = made.words, Letters(made.office)
    parts = ("customer_name", "friendly_name", "street", "city")
    for place, (language, signed) in enumerate((("en", False), ("en", True), ("es", False))):
        first = 50 * place
        sids = []
        for n in range(first, first + 3):
            order = _order(made, f"+1902234{n:04d}")
            with made.house.store.write() as tx:
                tx.orders.save(replace(order, language=language))
                tx.orders.move_all([order.sid], Status.VERIFIED, None, 1.0)
            sids.append(order.sid)
        address = desk.address()
        with made.house.store.write() as tx:
            kept = tx.addresses.get(made.office.account.sid, address)
            tx.addresses.save(replace(kept, **{part: words(part) for part in parts}))
        document = desk.create(
            sids,
            address,
            email=words("email"),
            cc_emails=(words("cc_email"),),
            contact_title=words("contact_title"),
        )
        path = letter_mails.link(made.house.keyring, "", document.sid, document.sendings)
        if signed:
            with made.house.store.write() as tx:
                at = signing.Desk(tx, made.house.keyring, time.time())
                signing.sign(at, signing.letter_out(at, document.sid, document.sendings), b"%PDF")
            made.signed_letter = path
        elif language == "es":
            made.spanish_letter = path
        else:
            made.letter = path


def _press(name: str) -> Callable[[Page], None]:
    """Press the button with this ``act``."""
    return lambda page: page.locator(f'button[name="act"][value="{name}"]').first.click()


def _open_all(page: Page) -> None:
    for summary in page.locator("summary").all():
        summary.click()


def _upload(page: Page) -> None:
    """Look at a list with two good lines and two bad ones."""
    number = next(_FREE)
    good = f"+1902234{number};Réception\n+1902234{number + 1};Back office\n"
    text = f"phone_number;friendly_name\n{good}12;\n;x\n"
    page.set_input_files(
        "#file", files={"name": "list-<b>.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.locator("main button.primary").click()


def _order_list(page: Page) -> None:
    _upload(page)
    page.locator('button[value="order"]').click()


def _wrong_name(page: Page) -> None:
    page.fill("#name", "x")
    page.check("#consent")
    page.click('button[value="sign"]')


def _wrong_time(page: Page) -> None:
    page.click("summary")
    page.fill("#at", "2020-01-01T10:00")
    page.click('button[value="later"]')


def _tune(page: Page) -> None:
    """See a key that is lost, and the proposals of a tuning below it."""
    page.locator("#rows tr").first.wait_for()
    page.click("#tune")
    page.locator("#tuned h2").wait_for()


def _order_path(made: World, name: str) -> str:
    return f"/console/orders/{made.orders[name].sid}"


def _owner_visits(made: World) -> list[Visit]:
    visits = [Visit(f"owner-{name}", path, signed_in=False) for name, path in made.owners.items()]
    return [*visits, Visit("owner-wrong-time", made.owners["ready"], _wrong_time, False)]


# Where each page is, by the endpoint of its route.
PAGES: dict[str, Callable[[World], list[Visit]]] = {
    "console.home": lambda _: [Visit("console-outside", "/console", signed_in=False)],
    "console.sign_in": lambda _: [
        Visit("console-used-link", "/console/sign-in/used", signed_in=False)
    ],
    "console.orders": lambda _: [
        Visit("console-orders", "/console/orders"),
        Visit("console-wrong-filter", "/console/orders?status=x&since=y"),
        Visit("console-no-orders", "/console/orders?number=9995550123"),
    ],
    "console.order": lambda made: [
        Visit("console-order", _order_path(made, "ready")),
        Visit("console-order-rings", _order_path(made, "rings")),
        Visit("console-order-code", _order_path(made, "rings"), _press("show-code")),
        Visit("console-order-link", _order_path(made, "ready"), _press("owner-link")),
        Visit("console-order-trouble", _order_path(made, "failed")),
        Visit("console-order-verified", _order_path(made, "done")),
        Visit("console-no-order", "/console/orders/HRx"),
    ],
    "console.certificate": lambda made: [
        Visit("console-certificate", f"{_order_path(made, 'done')}/certificate"),
        Visit(
            "console-certificate-pseudonym",
            f"{_order_path(made, 'done')}/certificate?number=pseudonym",
        ),
        Visit("console-no-certificate", f"{_order_path(made, 'ready')}/certificate"),
    ],
    "console.new_order": lambda _: [Visit("console-new-order", "/console/orders/new")],
    "console.many_orders": lambda _: [
        Visit("console-many-orders", "/console/orders/many", _open_all),
        Visit("console-list-read", "/console/orders/many", _upload),
        Visit("console-list-ordered", "/console/orders/many", _order_list),
    ],
    "console.bulk": lambda made: [Visit("console-bulk", f"/console/orders/many/{made.bulk}")],
    "console.numbers": lambda _: [
        Visit("console-numbers", "/console/numbers?status=all"),
        Visit("console-no-numbers", "/console/numbers?number=9995550123"),
        Visit("console-numbers-wrong-filter", "/console/numbers?number=9"),
    ],
    "console.number": lambda made: [
        Visit("console-number", f"/console/numbers/{made.number}", _open_all),
        Visit("console-no-number", "/console/numbers/PNx"),
    ],
    "console.letters": lambda _: [Visit("console-letters", "/console/letters")],
    "console.callbacks": lambda _: [Visit("console-callbacks", "/console/callbacks")],
    "lab.lab": lambda _: [Visit("lab", "/lab?menu=utility&extension=ww1w3", _tune)],
    "signer.show": lambda made: [
        Visit("signer", made.letter, signed_in=False),
        Visit("signer-wrong-name", made.letter, _wrong_name, False),
        Visit("signer-signed", made.signed_letter, signed_in=False),
        Visit("signer-unknown", "/sign/x", signed_in=False),
    ],
    "owner.show": _owner_visits,
}
# These answer GET with a file.
FILES = {
    "console.export": "text/csv",
    "console.list_template": "text/csv",
    "console.bulk_results": "text/csv",
    "console.certificate_pdf": "application/pdf",
    "console.certificate_jws": "application/jose",
}


def page_routes(flask: Flask) -> dict[str, str]:
    """The routes of pages and their files: the rule of each endpoint."""
    return {
        rule.endpoint: rule.rule
        for rule in flask.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(NOT_PAGES)
        if rule.rule != HOME
    }


def filled(rule: str, value: str = "x") -> str:
    """A path of a rule."""
    return re.sub(r"<[^>]+>", value, rule)
