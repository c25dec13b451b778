"""Objects for every operation of the API, made with the SDK as a customer makes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from twilio.rest import Client

from tests.end_to_end.sdk_calls import ADDRESS
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
    return {
        "account": str(client.account_sid),
        "subaccount": str(client.api.v2010.accounts.create(friendly_name="Branch").sid),
        "address": str(address.sid),
        "unused_address": str(unused.sid),
        "called": str(in_use.sid),
        "caller_id": caller_id,
        "number": str(in_use.phone_number),
        "order": str(order().sid),
        "first_deleted": str(order().sid),
        "second_deleted": str(order().sid),
    }


def hosted(client: Client, store: SqliteStore) -> dict[str, str]:
    """Bring the called order's number into use, and have the carrier refuse a call; their SIDs."""
    (order,) = client.preview.hosted_numbers.hosted_number_orders.list(status="verified")
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
