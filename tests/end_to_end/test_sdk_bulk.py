"""Bulk orders and eligibility with the official SDK; and a worker that is killed in the middle."""

import time
from collections import Counter
from functools import partial
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.end_to_end import crash_parts
from tests.end_to_end.conftest import NUMBER, PATIENCE_SECONDS
from tests.end_to_end.sdk_world import Body
from tests.end_to_end.test_sdk_orders import address, today
from verification import accounts, addresses, bulk, settings
from verification.bulk import Wish
from verification.store.sqlite import SqliteStore

OTHER = "+12124567890"
FOREIGN = "+442071838750"
MANY = [f"+1212456{n:04d}" for n in range(600)]
KILLS = 3


def body(**parts):
    return Body(parts)


@pytest.fixture
def customer(serve):
    return serve()


def item(client, *phone_numbers) -> dict[str, Any]:
    return {
        "email": "owner@example.com",
        "address_sid": address(client).sid,
        "contact_phone_number": "+19029050000",
        "contact_title": None,
        "numbers": [{"phone_number": number} for number in phone_numbers],
    }


def follow(fetch, done):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = fetch()
        if done(found):
            return found
    raise AssertionError("it did not end")


def test_bulk_orders(customer):
    client, resource = customer.client, customer.client.numbers.v2.bulk_hosted_number_orders
    items = [item(client, NUMBER), item(client, OTHER)]
    made = resource.create(
        body=body(
            friendly_name="All desks", notification_email="me@example.com", request_items=items
        )
    )
    assert (made.request_status, made.total_count, made.results) == ("QUEUED", 2, [])
    assert (made.friendly_name, made.notification_email) == ("All desks", "me@example.com")
    assert today(made.date_created)
    assert made.date_completed is None
    assert made.url == f"{customer.house.base_url}/v2/HostedNumber/Orders/Bulk/" + str(
        made.bulk_hosting_sid
    )
    done = follow(
        resource(made.bulk_hosting_sid).fetch, lambda found: found.request_status == "PROCESSED"
    )
    assert today(done.date_completed)
    assert (done.bulk_hosting_sid, done.total_count) == (made.bulk_hosting_sid, 2)
    (group,) = done.results
    assert (group["order_status"], group["count"], group["get_more_info"]) == (
        "received",
        "2",
        None,
    )
    for shown, number in zip(group["orders"], sorted([NUMBER, OTHER]), strict=True):
        order = client.numbers.v2.hosted_number_orders(shown["hosting_order_sid"]).fetch()
        assert shown == {
            "hosting_order_sid": order.sid,
            "phone_number": number,
            "account_sid": order.account_sid,
            "failure_reason": None,
            "next_step": order.next_step,
            "url": order.url,
            "email": "owner@example.com",
            "signing_document_sid": None,
        }
        assert order.bulk_hosting_request_sid == made.bulk_hosting_sid
    assert resource(made.bulk_hosting_sid).fetch(order_status="failed").results == []
    with pytest.raises(TwilioRestException) as refused:
        resource.create(body=body(request_items=[item(client, OTHER, FOREIGN)]))
    assert (refused.value.status, refused.value.code) == (400, 22110)
    details: Any = refused.value.details
    assert [(one["phone_number"], one["code"]) for one in details["faults"]] == [
        (OTHER, 22110),
        (FOREIGN, 22103),
    ]


def test_eligibility(customer):
    numbers = customer.client.numbers.v1
    asked = body(friendly_name="One", phone_numbers=[{"phone_number": NUMBER}])
    (result,) = numbers.eligibilities.create(body=asked).results
    assert result["eligibility_status"] == "ELIGIBLE"
    assert (result["phone_number"], result["iso_country_code"]) == (NUMBER, "CA")
    many = body(
        friendly_name="Two", phone_numbers=[{"phone_number": OTHER}, {"phone_number": FOREIGN}]
    )
    made = numbers.bulk_eligibilities.create(body=many)
    assert (made.status, made.friendly_name, made.results) == ("QUEUED", "Two", [])
    assert today(made.date_created)
    assert made.date_completed is None
    assert made.url == f"{customer.house.base_url}/v1/HostedNumber/Eligibility/Bulk/" + str(
        made.request_id
    )
    fetch = numbers.bulk_eligibilities(made.request_id).fetch
    done = follow(fetch, lambda found: found.status == "SUCCESSFUL")
    assert (done.request_id, done.friendly_name) == (made.request_id, "Two")
    assert today(done.date_completed)
    assert [
        (one["phone_number"], one["eligibility_sub_status"], one["next_step"])
        for one in done.results
    ] == [
        (OTHER, "ELIGIBLE", "CREATE_HOSTED_NUMBER_ORDER"),
        (FOREIGN, "COUNTRY_INELIGIBLE", "NONE"),
    ]
    with pytest.raises(TwilioRestException) as refused:
        numbers.bulk_eligibilities.create(body=body(phone_numbers=[]))
    assert (refused.value.status, refused.value.code) == (400, 22127)


def test_a_worker_that_is_killed_in_the_middle_finishes_with_nothing_twice(tmp_path):
    url = f"sqlite:///{tmp_path}/bulk.db"
    chosen = settings.load({"DATABASE_URL": url})
    store = SqliteStore(tmp_path / "bulk.db")
    store.migrate()
    keyring = settings.keyring(chosen)
    with store.write() as tx:
        account, _ = accounts.create(tx, keyring, "Acme", time.time())
        parts = dict.fromkeys(addresses.REQUIRED, "x") | {"iso_country": "CA"}
        place = addresses.create(tx, account.sid, parts, time.time())
        fields = {"address_sid": place.sid, "status_callback_url": "http://127.0.0.1:9/hook"}
        checked = bulk.check([Wish(number, number, fields) for number in MANY])
        sid = bulk.create(tx, account.sid, checked, None, None, time.time()).sid

    def settled():
        with store.read() as tx:
            return tx.bulks.settled(sid)

    environment = {"DATABASE_URL": url, "LINEPROOF_SPEED": "0"}
    worker = crash_parts.Part(
        partial(crash_parts.run_worker, False), environment, tmp_path / "worker.log"
    )
    try:
        for kill in range(1, KILLS + 1):
            worker.start()
            follow(settled, lambda count, kill=kill: count >= kill * 100)
            worker.kill()
            assert settled() < len(MANY), "it was not killed in the middle"
        worker.start()
        follow(settled, lambda count: count == len(MANY))
    finally:
        worker.kill()

    with store.read() as tx:
        made = tx.bulks.get(sid)
        assert made is not None
        assert made.completed_at is not None
        trail = Counter((entry.object_sid, entry.event) for entry in tx.audit.all())
        orders = [result.sid for result in tx.bulks.results(sid, None)]
    assert len(orders) == len(MANY)
    assert [trail[order, "status"] for order in orders] == [1] * len(MANY)
    assert trail[sid, "bulk order processed"] == 1
    outbox = store.database().execute("SELECT object_sid FROM outbox").fetchall()
    assert Counter(row[0] for row in outbox) == Counter(orders)
    assert store.check() == []
    store.close()
