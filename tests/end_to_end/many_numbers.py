"""The whole story for as many numbers as one letter takes, step by step: ``make many``.

Bulk order, eligibility, ownership calls, one letter, its signature and its PDF, registration, test,
numbers in use, and released; in the emulator's virtual time, so that nothing sleeps. With
``--called`` fewer numbers are called (and released in the end), and an operator moves the orders of
the others to verified, as ``lineproof order move`` does.
"""

from __future__ import annotations

import argparse
import logging
import resource
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from twilio.rest import Client

import app
from tests.end_to_end import story
from tests.end_to_end.sdk_world import Body
from tests.end_to_end.test_letters import ADDRESS
from twiml.client import HttpClient
from verification import cli, log, operating, settings
from verification.documents import MOST_ORDERS
from verification.operating import Hand
from verification.statuses import Status
from verification.store import Store

SIGNER = "anne@example.com"
PATIENCE_SECONDS = 3600.0
PAGE = 1000


def numbers(count: int) -> list[str]:
    """So many different numbers of Nova Scotia."""
    return [f"+1902{200 + n // 10_000}{n % 10_000:04d}" for n in range(count)]


def play(client: Client, store: Store, mails: Path, count: int, called: int) -> dict[str, float]:
    """Bring so many numbers into use, ``called`` of them by a call, and release as many.

    Gives the seconds of each step. Raises AssertionError.
    """
    took: dict[str, float] = {}
    began = time.monotonic()

    def done(step: str) -> None:
        nonlocal began
        took[step], began = time.monotonic() - began, time.monotonic()

    address = client.addresses.create(**ADDRESS).sid
    orders = bulk_order(client, str(address), count)
    done("bulk order and eligibility")
    call(client, orders[:called])
    done(f"{called} ownership calls")
    prove(store, orders[called:])
    done("proof of the others, by the operator")
    document = client.numbers.v2.authorization_documents.create(
        address_sid=str(address),
        email=SIGNER,
        contact_phone_number="+19029052030",
        hosted_number_order_sids=orders,
    )
    done("letter")
    browser = story.signer_of(mails, SIGNER)
    story.sign(browser, "Anne-Marie Élise Roy")
    done("signature")
    check_letter(client, str(document.url), str(document.sid), count)
    done("every number read in the PDF")
    made = client.preview.hosted_numbers.hosted_number_orders

    def completed() -> bool:
        waiting = [made.list(status=one, limit=1) for one in ("carrier-processing", "testing")]
        return not any(waiting)

    eventually(completed, "the end of all registrations")
    done("registration and test")
    held = client.incoming_phone_numbers.list(page_size=PAGE)
    assert Counter(one.status for one in held) == {"in-use": count}
    assert {one.phone_number for one in held} == set(numbers(count))
    done("every number in use")
    for one in held[:called]:
        assert client.incoming_phone_numbers(str(one.sid)).delete()
    held = client.incoming_phone_numbers.list(page_size=PAGE)
    assert Counter(one.status for one in held) == Counter(
        {"released": called, "in-use": count - called}
    )
    done(f"{called} numbers released")
    return took


def eventually(ask: Callable[[], Any], what: str) -> None:
    """Ask now and then, as a customer does: who asks all the time keeps the server from working."""
    story.eventually(ask, what, PATIENCE_SECONDS, between=1.0)


def bulk_order(client: Client, address: str, count: int) -> list[str]:
    """Order the numbers in one request; gives the orders' SIDs when all are received."""
    bulks = client.numbers.v2.bulk_hosted_number_orders
    item: dict[str, Any] = {
        "email": SIGNER,
        "address_sid": address,
        "contact_phone_number": "+19029052030",
        "numbers": [{"phone_number": number} for number in numbers(count)],
    }
    made = bulks.create(body=Body({"friendly_name": "All", "request_items": [item]}))
    sid = str(made.bulk_hosting_sid)
    eventually(lambda: bulks(sid).fetch().date_completed, "the end")
    orders = client.numbers.v2.hosted_number_orders.list(page_size=PAGE)
    assert Counter(str(order.status) for order in orders) == {"received": count}
    return [str(order.sid) for order in orders]


def call(client: Client, orders: list[str]) -> None:
    """Have the numbers called; a modelled person types the code of each."""
    made = client.preview.hosted_numbers.hosted_number_orders
    for sid in orders:
        made(sid).update(status="pending-verification")
    waiting = "pending-verification"
    eventually(lambda: not made.list(status=waiting, limit=1), "the end of all calls")
    verified = {order.sid for order in made.list(status="verified", page_size=PAGE)}
    assert verified.issuperset(orders), f"{len({*orders} - verified)} calls have not verified"


def prove(store: Store, orders: list[str]) -> None:
    """What ``lineproof order move SID verified --reason ...`` does, for all of them."""
    with store.write() as tx:
        for sid in orders:
            order = tx.orders.get(sid)
            assert order is not None
            by = Hand("command line", store.now())
            operating.move(tx, order, Status.VERIFIED, "seen the contract", by)


def check_letter(client: Client, url: str, sid: str, count: int) -> None:
    """Read every number in the signed PDF with another program."""
    base = url.partition("/v2/")[0]
    letter = requests.get(
        f"{base}/lineproof/v1/authorization-documents/{sid}/letter.pdf",
        auth=(str(client.username), str(client.password)),
        timeout=60,
    )
    letter.raise_for_status()
    read = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(read, input=letter.content, capture_output=True, check=True).stdout
    missing = [number for number in numbers(count) if number.encode() not in text]
    assert not missing, f"{len(missing)} numbers are not in the letter, the first {missing[0]}"


def main() -> None:
    """Play it on a server of its own and print how long each step took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=MOST_ORDERS)
    parser.add_argument("--called", type=int, help="how many of them are called; all if not said")
    asked = parser.parse_args()
    count, called = asked.numbers, asked.numbers if asked.called is None else asked.called
    log.to_stderr(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        chosen = settings.load(
            {
                "DATABASE_URL": f"sqlite:///{place}/many.db",
                "LINEPROOF_SECRET_KEYS": "made-up-secret-key-of-many-numbers",
                "LINEPROOF_MAIL_FOLDER": place / "mails",
                "LINEPROOF_SPEED": 0,
                "LINEPROOF_CALLS_PER_SECOND": 100,
            }
        )
        with app.running(chosen, 0) as house:
            opened = app._opened(house)
            sid, token = cli.new_account(opened, "Acme")
            client = Client(sid, token, http_client=HttpClient(house.base_url))
            took = play(client, house.store, place / "mails", count, called)
    for step, seconds in took.items():
        print(f"{seconds:8.1f} s  {step}")
    print(f"{sum(took.values()):8.1f} s  {count} numbers from order to release")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{used.ru_utime + used.ru_stime:8.1f} s  of processor time, customer and server together"
    )
    print(f"{used.ru_maxrss / 1024:8.0f} MB of memory at most, customer and server together")


if __name__ == "__main__":
    main()
