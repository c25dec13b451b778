"""Bulk orders over HTTP: the body in one piece, the faults by name, the progress."""

import json

import pytest

from tests.conftest import LANDLINE
from verification import duties
from verification.bulk_duties import BulkOrdersDue
from verification.duties import OrdersDue
from verification.numbers import Line, LineType
from verification.ordering import DIRECTORY_RETRY_SECONDS, Policy

PATH = "/v2/HostedNumber/Orders/Bulk"
NUMBERS = [f"+1212456{n:04d}" for n in range(45)]


@pytest.fixture
def body(api):
    """A sound request for some numbers."""
    address_sid = api.address()

    def made(phone_numbers=NUMBERS, **item):
        numbers = [{"phone_number": number} for number in phone_numbers]
        whole = {
            "email": "owner@example.com",
            "address_sid": address_sid,
            "contact_phone_number": "+19029050000",
            "numbers": numbers,
        }
        return {"friendly_name": "All desks", "request_items": [whole | item]}

    return made


def post(api, body, content_type="application/json"):
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return api.client.post(PATH, data=data, content_type=content_type, headers=api.auth())


def fetch(api, sid, query=""):
    return api.client.get(f"{PATH}/{sid}{query}", headers=api.auth())


def due(api, clock):
    return BulkOrdersDue(api.house.store, api.directory, Policy(), clock.now)


def count_of(api, table="orders"):
    return api.house.store.database()[table].count


def test_a_request_is_taken_and_its_progress_can_be_read(api, clock, body):
    made = post(api, body(contact_title="Manager", cc_emails=["a@example.com"]))
    assert made.status_code == 202
    sid = made.get_json()["bulk_hosting_sid"]
    assert made.get_json() == fetch(api, sid).get_json()
    assert made.get_json() | {"date_created": ""} == {
        "bulk_hosting_sid": sid,
        "request_status": "QUEUED",
        "friendly_name": "All desks",
        "notification_email": None,
        "date_created": "",
        "date_completed": None,
        "url": f"http://localhost{PATH}/{sid}",
        "total_count": 45,
        "results": [],
    }
    api.directory.lines[NUMBERS[0]] = Line(LineType.MOBILE, "x")
    due(api, clock).do()
    part = fetch(api, sid).get_json()
    assert part["request_status"] == "IN_PROGRESS"
    assert part["date_completed"] is None
    assert {one["order_status"]: one["count"] for one in part["results"]} in (
        {"received": "20", "twilio_processing": "25"},
        {"failed": "1", "received": "19", "twilio_processing": "25"},
    )
    while due(api, clock).do():
        pass
    whole = fetch(api, sid).get_json()
    assert whole["request_status"] == "PROCESSED"
    assert whole["date_completed"]
    failed, received = whole["results"]
    assert (failed["order_status"], failed["count"]) == ("failed", "1")
    assert failed["get_more_info"]
    (order,) = failed["orders"]
    assert order | {"hosting_order_sid": "", "url": "", "next_step": ""} == {
        "hosting_order_sid": "",
        "phone_number": NUMBERS[0],
        "account_sid": api.sid,
        "failure_reason": "Mobile numbers are not supported.",
        "next_step": "",
        "url": "",
        "email": "owner@example.com",
        "signing_document_sid": None,
    }
    assert (received["count"], received["get_more_info"]) == ("44", None)
    only = fetch(api, sid, "?OrderStatus=failed").get_json()["results"]
    assert [one["order_status"] for one in only] == ["failed"]
    assert fetch(api, sid, "?OrderStatus=pending_loa").get_json()["results"] == []
    assert fetch(api, sid, "?OrderStatus=lost").get_json()["code"] == 22111


def test_its_orders_are_ordinary_ones(api, clock, body):
    number = {
        "phone_number": NUMBERS[0],
        "friendly_name": "Desk 1",
        "status_callback_url": "https://example.com/hook",
    }
    shared = {"contact_title": "Manager", "cc_emails": ["a@example.com"], "language": "fr"}
    sid = post(api, body(numbers=[number], **shared)).get_json()["bulk_hosting_sid"]
    due(api, clock).do()
    (group,) = fetch(api, sid).get_json()["results"]
    order = api.client.get(group["orders"][0]["url"], headers=api.auth()).get_json()
    assert order["bulk_hosting_request_sid"] == sid
    assert (order["status"], order["friendly_name"]) == ("received", "Desk 1")
    assert (order["contact_title"], order["cc_emails"]) == ("Manager", ["a@example.com"])
    assert (order["email"], order["language"]) == ("owner@example.com", "fr")
    assert (
        api.update(order["sid"], Status="pending-verification").get_json()["verification_code"]
        is not None
    )
    with api.house.store.read() as tx:
        trail = [entry.text for entry in tx.audit.of_object(order["sid"])]
        assert [entry.text for entry in tx.audit.of_object(sid)] == [
            "bulk order created: 1 orders",
            "bulk order processed",
        ]
    assert trail[:2] == [f"order created: {sid}", "status: twilio-processing -> received"]
    assert count_of(api, "outbox") == 2


def test_each_bad_number_is_named_with_its_reason_and_nothing_is_ordered(api, body):
    standing = api.create(NUMBERS[3]).get_json()["sid"]
    wrong = [NUMBERS[0], "+12124560000x", "+442071838750", "+12125551234", NUMBERS[0], NUMBERS[3]]
    before = count_of(api)
    refused = post(api, body(wrong))
    assert refused.status_code == 400
    answer = refused.get_json()
    faults = answer["details"]["faults"]
    assert [(one["where"], one["phone_number"], one["code"]) for one in faults] == [
        ("request_items[0].numbers[1]", "+12124560000x", 22102),
        ("request_items[0].numbers[2]", "+442071838750", 22103),
        ("request_items[0].numbers[3]", "+12125551234", 22102),
        ("request_items[0].numbers[4]", NUMBERS[0], 22110),
        ("request_items[0].numbers[5]", NUMBERS[3], 22110),
    ]
    assert "request_items[0].numbers[0] already" in faults[3]["message"]
    assert standing in faults[4]["message"]
    assert answer["code"] == 22102
    assert "+442071838750" in answer["message"]
    assert (count_of(api), count_of(api, "bulk_orders")) == (before, 0)


def test_15000_numbers_are_taken_in_one_piece_or_refused_for_the_one_that_is_bad(api, body):
    numbers = [f"+1902{2_340_000 + n}" for n in range(15_000)]
    refused = post(api, body([*numbers[:-1], "+19025551234"]))
    (fault,) = refused.get_json()["details"]["faults"]
    assert (refused.status_code, fault["where"]) == (400, "request_items[0].numbers[14999]")
    assert (count_of(api), count_of(api, "bulk_orders")) == (0, 0)
    taken = post(api, body(numbers))
    assert (taken.status_code, taken.get_json()["total_count"]) == (202, 15_000)
    assert count_of(api) == 15_000


def test_an_address_of_somebody_else_is_refused(api, body):
    other = api.another("Other").address()
    (fault,) = post(api, body(NUMBERS[:1], address_sid=other)).get_json()["details"]["faults"]
    assert fault["code"] == 22109


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"email": "nobody"}, 22104, "request_items[0].email"),
        ({"email": None}, 20001, "request_items[0].email"),
        ({"address_sid": "AD1"}, 22109, "request_items[0].address_sid"),
        ({"contact_phone_number": "5"}, 22102, "request_items[0].contact_phone_number"),
        ({"numbers": []}, 22124, ""),
        ({"numbers": {}}, 20001, "request_items[0].numbers"),
        ({"numbers": [7]}, 20001, "request_items[0].numbers[0]"),
        ({"numbers": [{"phone_number": 7}]}, 20001, "request_items[0].numbers[0].phone_number"),
        ({"numbers": [{}]}, 20001, "request_items[0].numbers[0].phone_number"),
        ({"numbers": [{"phone_number": NUMBERS[0]}] * 15_001}, 22125, ""),
        ({"contact_title": "x" * 129}, 20001, "request_items[0].contact_title"),
        ({"contact_title": "\ud800"}, 20001, "request_items[0].contact_title"),
        ({"contact_title": "\x00"}, 20001, "request_items[0].contact_title"),
        ({"language": "de"}, 20001, "request_items[0].language"),
    ],
)
def test_a_wrong_part_is_named_by_its_place(api, body, change, code, where):
    refused = post(api, body(**change))
    assert (refused.status_code, refused.get_json()["code"]) == (400, code)
    assert refused.get_json()["details"]["faults"][0]["where"] == where
    assert count_of(api) == 0


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"", "application/json", 400, 20001),
        (b"[]", "application/json", 400, 20001),
        (b"{", "application/json", 400, 20001),
        (b'{"request_items": []}', "application/json", 400, 22124),
        (b'{"request_items": NaN}', "application/json", 400, 20001),
        (b'{"a": 1, "a": 2}', "application/json", 400, 20001),
        (b'{"a": "\xff"}', "application/json", 400, 20001),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400, 20001),
        (b'{"a": ' + b"[" * 100_000, "application/json", 400, 20001),
        (b"a=b", "application/x-www-form-urlencoded", 415, 20422),
        (b"{}", "", 415, 20422),
        (b" " * (8 * 1024 * 1024 + 1), "application/json", 413, 20001),
    ],
)
def test_what_is_no_such_json_is_refused_in_twilios_shape(api, data, content_type, status, code):
    refused = post(api, data, content_type)
    assert (refused.status_code, refused.get_json()["code"]) == (status, code)
    assert set(refused.get_json()) >= {"code", "message", "more_info", "status"}


def test_only_the_bulk_operation_takes_a_long_body(api):
    data = {"PhoneNumber": NUMBERS[0], "SmsCapability": "true", "FriendlyName": "x" * 70_000}
    assert api.client.post(api.PATH, data=data, headers=api.auth()).status_code == 413


def test_a_request_is_seen_by_its_account_and_that_ones_owner_only(api, body):
    sid = post(api, body()).get_json()["bulk_hosting_sid"]
    foreign = fetch(api.another("Other"), sid)
    unknown = fetch(api, "BH" + "0" * 32)
    assert foreign.get_json()["code"] == unknown.get_json()["code"] == 20404


def test_while_the_directory_cannot_be_asked_the_request_waits(api, clock, body):
    sid = post(api, body(NUMBERS[:2])).get_json()["bulk_hosting_sid"]
    api.directory.line = None
    assert due(api, clock).do()
    assert not due(api, clock).do()
    api.directory.line = LANDLINE
    clock.tick(DIRECTORY_RETRY_SECONDS)
    assert due(api, clock).do()
    assert fetch(api, sid).get_json()["request_status"] == "PROCESSED"


def test_a_slow_directory_ends_the_slice_before_another_worker_takes_it(api, clock, body):
    sid = post(api, body()).get_json()["bulk_hosting_sid"]
    look_up = api.directory.look_up

    def slow(number):
        clock.tick(duties.LEASE_SECONDS / 5)
        return look_up(number)

    api.directory.look_up = slow
    due(api, clock).do()
    counts = {one["order_status"]: one["count"] for one in fetch(api, sid).get_json()["results"]}
    assert counts == {"received": "3", "twilio_processing": "42"}


def test_two_requests_take_turns(api, clock, body):
    clock.tick(3600)
    sids = [
        post(api, body(NUMBERS[:25])).get_json()["bulk_hosting_sid"],
        post(api, body(NUMBERS[25:])).get_json()["bulk_hosting_sid"],
    ]
    for _ in sids:
        due(api, clock).do()
        clock.tick(0.001)
    states = [fetch(api, sid).get_json()["request_status"] for sid in sids]
    assert "QUEUED" not in states


def test_single_orders_do_not_wait_behind_a_bulk_request(api, clock, body):
    clock.tick(10**9)
    post(api, body())
    api.directory.line = None
    single = api.create("+19029052034").get_json()["sid"]
    api.directory.line = LANDLINE
    OrdersDue(api.house.store, api.directory, Policy(), clock.now).do()
    assert api.get(single).get_json()["status"] == "received"


def test_an_order_that_is_deleted_meanwhile_does_not_hold_the_request_up(api, clock, body):
    sid = post(api, body(NUMBERS[:1])).get_json()["bulk_hosting_sid"]
    (order,) = api.list().get_json()["items"]
    api.delete(order["sid"])
    due(api, clock).do()
    answer = fetch(api, sid).get_json()
    assert (answer["request_status"], answer["results"]) == ("PROCESSED", [])


def test_the_worker_uses_the_index_of_what_is_due(api):
    database = api.house.store.database()
    sql = (
        "EXPLAIN QUERY PLAN SELECT sid FROM orders WHERE due_at <= 1 AND"
        " (bulk_hosting_request_sid IS NULL OR status <> 'twilio-processing') ORDER BY due_at"
    )
    assert "orders_due" in database.execute(sql).fetchone()[3]
