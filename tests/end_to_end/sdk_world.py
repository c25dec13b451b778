"""Objects for every operation of the API, made with the SDK as a customer makes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from twilio.rest import Client

from tests.end_to_end.sdk_calls import ADDRESS, ASKED, MANY_ORDERS, SEVENTH, filled
from verification import calling, hosting, orders
from verification.attempts import State
from verification.calling import Refused
from verification.statuses import Mover, Status
from verification.store.sqlite import SqliteStore

PATIENCE_SECONDS = 30.0

Called = Callable[[Any], object]
NUMBERS = [f"+1212456{number:04d}" for number in range(20)]
VALIDATED = "+12124560099"
REFUSED = "+12124560098"


def seeded(client: Client, called: Called) -> dict[str, str]:
    """Make an object for each name that ``sdk_calls`` uses; gives their SIDs.

    ``called``: asks for the ownership call of an order and sees it to its end.
    """
    resource = client.preview.hosted_numbers.hosted_number_orders
    numbers = iter(NUMBERS)

    def order(**wishes: Any) -> Any:
        return resource.create(phone_number=next(numbers), sms_capability=True, **wishes)

    address, unused = client.addresses.create(**ADDRESS), client.addresses.create(**ADDRESS)
    caller_id = validated(client, VALIDATED)
    in_use = order(address_sid=address.sid, friendly_name="Reception")
    called(in_use)
    signer = client.addresses.create(**ADDRESS)
    verified = [order() for _ in range(4)]
    for one in verified:
        called(one)
    sids = [str(one.sid) for one in verified]
    letters = client.preview.hosted_numbers.authorization_documents
    out = [
        letters.create(
            hosted_number_order_sids=[sid],
            address_sid=str(signer.sid),
            email="anne@example.com",
            contact_title="Owner",
            contact_phone_number="+19029050000",
        )
        for sid in sids[2:]
    ]
    return {
        "letter_address": str(signer.sid),
        "first_verified": sids[0],
        "second_verified": sids[1],
        "document": str(out[0].sid),
        "second_document": str(out[1].sid),
        "account": str(client.account_sid),
        "subaccount": str(client.api.v2010.accounts.create(friendly_name="Branch").sid),
        "address": str(address.sid),
        "unused_address": str(unused.sid),
        "bulk": bulk(client, str(address.sid)),
        "called": str(in_use.sid),
        "caller_id": caller_id,
        "eligibility": eligibility(client),
        "number": str(in_use.phone_number),
        "order": str(order().sid),
        "first_deleted": str(order().sid),
        "second_deleted": str(order().sid),
    }


def hosted(client: Client, store: SqliteStore) -> dict[str, str]:
    """Bring the called order's number into use, and have the carrier refuse a call; their SIDs."""
    (order,) = client.preview.hosted_numbers.hosted_number_orders.list(phone_number=NUMBERS[0])
    at_the_carrier(store, str(order.sid))
    number = in_use(client, str(order.incoming_phone_number_sid))
    client.validation_requests.create(phone_number=REFUSED, call_delay=60)
    now = time.time()
    with store.write() as tx:
        asked = tx.caller_ids.open_for(str(client.account_sid), REFUSED)
        assert asked is not None
        (attempt,) = tx.attempts.of_subject(asked.sid)
        tx.attempts.save(replace(attempt, state=State.DIALLING, dialled_at=now))
        calling.record_answer(tx, attempt.id, Refused(21215, "no permission"), now)
    return {
        "in_use": str(number.sid),
        "call": str((order.verification_call_sids or [])[0]),
        "refused_call": f"CA{attempt.id}",
        "notification": f"NO{attempt.id}",
        "service": "MG" + "5" * 32,
    }


def at_the_carrier(store: SqliteStore, sid: str) -> None:
    """Sign the letter of a verified order, and begin its registration."""
    now = time.time()
    with store.write() as tx:
        order = tx.orders.get(sid)
        assert order is not None
        order = orders.move(tx, order, Status.PENDING_LOA, Mover.CUSTOMER, now)
        order = orders.move(tx, order, Status.CARRIER_PROCESSING, Mover.SIGNER, now)
        hosting.begin(tx, order, now)


def in_use(client: Client, sid: str) -> Any:
    """The number of this SID as soon as it is in use."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        number = client.incoming_phone_numbers(sid).fetch()
        if number.status == "in-use":
            return number
    raise AssertionError(f"the number stayed {number.status}")


def validated(client: Client, number: str) -> str:
    """Make a number a caller ID by a call; gives its SID."""
    client.validation_requests.create(phone_number=number)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for made in client.outgoing_caller_ids.list(phone_number=number):
            return str(made.sid)
    raise AssertionError("no caller ID appeared")


class Body:
    """A JSON body as the Python SDK takes it."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def to_dict(self) -> Any:
        return self.content


def bulk(client: Client, address: str) -> str:
    """Order a number by a bulk request that is processed; gives the request's SID."""
    resource = client.numbers.v2.bulk_hosted_number_orders
    content = filled(MANY_ORDERS, {"address": address})
    content["request_items"][0]["numbers"] = [{"phone_number": SEVENTH}]
    made = resource.create(body=Body(content))
    return until(lambda: resource(str(made.bulk_hosting_sid)).fetch().date_completed, made)


def eligibility(client: Client) -> str:
    """Have a number looked at; gives the SID of the request, which is answered."""
    resource = client.numbers.v1.bulk_eligibilities
    made = resource.create(body=Body(ASKED))
    return until(lambda: resource(str(made.request_id)).fetch().date_completed, made)


def until(done: Callable[[], object], made: Any) -> str:
    """Wait until a request is worked through; gives its SID."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if done():
            return str(getattr(made, "bulk_hosting_sid", None) or made.request_id)
    raise AssertionError("the request was not worked through")
