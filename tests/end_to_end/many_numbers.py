"""The whole story for as many numbers as one letter takes, timed step by step:

python -m tests.end_to_end.many_numbers --numbers 15000

Bulk order, eligibility, one letter, its signature and its PDF, registration, test, numbers in use.
The one step that is not a customer's is the proof: so many calls, at Twilio's one a second, are
four hours, so an operator moves the orders to verified, as ``lineproof order move`` does.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests
from twilio.rest import Client

import app
from tests.end_to_end import story
from tests.end_to_end.sdk_world import Body
from tests.end_to_end.test_letters import ADDRESS
from twiml.client import HttpClient
from verification import cli, hosting, settings
from verification.documents import MOST_ORDERS
from verification.statuses import Status
from verification.store import Store

SIGNER = "anne@example.com"
PATIENCE_SECONDS = 900.0
PAGE = 1000


def numbers(count: int) -> list[str]:
    """So many different numbers of Nova Scotia."""
    return [f"+1902{200 + n // 10_000}{n % 10_000:04d}" for n in range(count)]


def play(client: Client, store: Store, mails: Path, count: int) -> dict[str, float]:
    """Bring so many numbers into use; gives the seconds of each step. Raises AssertionError."""
    took: dict[str, float] = {}
    began = time.monotonic()

    def done(step: str) -> None:
        nonlocal began
        took[step], began = time.monotonic() - began, time.monotonic()

    address = client.addresses.create(**ADDRESS).sid
    orders = bulk_order(client, str(address), count)
    done("bulk order and eligibility")
    prove(store, orders)
    done("proof, by the operator")
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
    resource = client.preview.hosted_numbers.hosted_number_orders

    def completed() -> bool:
        waiting = [resource.list(status=one, limit=1) for one in ("carrier-processing", "testing")]
        return not any(waiting)

    story.eventually(completed, "the end of all registrations", PATIENCE_SECONDS)
    done("registration and test")
    held = client.incoming_phone_numbers.list(page_size=PAGE)
    assert Counter(one.status for one in held) == {"in-use": count}
    assert {one.phone_number for one in held} == set(numbers(count))
    done("every number in use")
    return took


def bulk_order(client: Client, address: str, count: int) -> list[str]:
    """Order the numbers in one request; gives the orders' SIDs when all are received."""
    resource = client.numbers.v2.bulk_hosted_number_orders
    item: dict[str, Any] = {
        "email": SIGNER,
        "address_sid": address,
        "contact_phone_number": "+19029052030",
        "numbers": [{"phone_number": number} for number in numbers(count)],
    }
    made = resource.create(body=Body({"friendly_name": "All", "request_items": [item]}))
    sid = str(made.bulk_hosting_sid)
    story.eventually(lambda: resource(sid).fetch().date_completed, "the end", PATIENCE_SECONDS)
    orders = client.numbers.v2.hosted_number_orders.list(page_size=PAGE)
    assert Counter(str(order.status) for order in orders) == {"received": count}
    return [str(order.sid) for order in orders]


def prove(store: Store, orders: list[str]) -> None:
    """What ``lineproof order move SID verified --reason ...`` does, for all of them."""
    with store.write() as tx:
        for sid in orders:
            order = tx.orders.get(sid)
            assert order is not None
            hosting.move_by_operator(tx, order, Status.VERIFIED, "seen the contract", store.now())


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
    count = parser.parse_args().numbers
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        chosen = settings.load(
            {
                "DATABASE_URL": f"sqlite:///{place}/many.db",
                "LINEPROOF_SECRET_KEYS": "made-up-secret-key-of-many-numbers",
                "LINEPROOF_MAIL_FOLDER": place / "mails",
                "LINEPROOF_SPEED": 0,
            }
        )
        with app.running(chosen, 0) as house:
            opened = cli.Opened(house.store, house.keyring, house.store.now, house.base_url)
            sid, token = cli.new_account(opened, "Acme")
            client = Client(sid, token, http_client=HttpClient(house.base_url))
            took = play(client, house.store, place / "mails", count)
    for step, seconds in took.items():
        print(f"{seconds:8.1f} s  {step}")
    print(f"{sum(took.values()):8.1f} s  {count} numbers from order to use")


if __name__ == "__main__":
    main()
