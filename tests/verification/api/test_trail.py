"""The audit trail over the API: an account sees which of its keys did what, and no other's rows."""

from __future__ import annotations

import time

import pytest

from tests.verification.api.conftest import ADDRESS
from tests.verification.api.test_preview_orders import refused
from verification import accounts, orders
from verification.statuses import Mover, Status

PATH = "/lineproof/v1/audit-trail"


@pytest.fixture
def keys(api):
    """The SIDs and secrets of two keys of the account."""
    with api.house.store.write() as tx:
        account = tx.accounts.get(api.sid)
        made = [accounts.create_key(tx, api.house.keyring, account, name, 1.0) for name in "ab"]
    return [(key.sid, secret) for key, secret in made]


@pytest.fixture
def order(api, keys):
    """An order that one key made, the other edited, and the account's token edited again."""
    data = {"PhoneNumber": "+19029052034", "SmsCapability": "true"}
    made = api.client.post(api.PATH, data=data, headers=api.auth(*keys[0])).get_json()["sid"]
    path, form = f"{api.PATH}/{made}", {"FriendlyName": "Front desk"}
    assert api.client.post(path, data=form, headers=api.auth(*keys[1])).status_code == 200
    assert api.update(made, FriendlyName="Back desk").status_code == 200
    return made


def listed(api, query="", **credentials):
    answer = api.client.get(f"{PATH}{query}", headers=api.auth(**credentials))
    assert answer.status_code == 200, answer.text
    return answer.get_json()["items"]


def test_each_change_names_the_key_or_the_account_whose_token_made_it(api, keys, order):
    rows = listed(api, f"?ObjectSid={order}")
    assert [(row["event"], row["credential_sid"]) for row in rows] == [
        ("order edited", api.sid),
        ("order edited", keys[1][0]),
        ("order created", keys[0][0]),
    ]
    assert {row["account_sid"] for row in rows} == {api.sid}
    with api.house.store.read() as tx:
        chain = {entry.seq: entry.hash for entry in tx.audit.all()}
    assert all(chain[row["row"]] == row["hash"] for row in rows)


def test_the_trail_is_filtered_by_key_and_read_page_by_page(api, keys, order):
    (made,) = listed(api, f"?CredentialSid={keys[0][0]}")
    assert (made["object_sid"], made["event"]) == (order, "order created")
    assert listed(api, f"?AccountSid=AC{'0' * 32}") == []
    path, seen = f"{PATH}?PageSize=1", []
    while path:
        page = api.client.get(path, headers=api.auth()).get_json()
        seen += [row["row"] for row in page["items"]]
        back, path = page["meta"]["previous_page_url"], page["meta"]["next_page_url"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 3
    page = api.client.get(back, headers=api.auth()).get_json()
    assert [row["row"] for row in page["items"]] == [seen[1]]


def test_an_owner_acts_for_his_subaccount_under_his_own_key_and_both_see_it(api, keys):
    form = {"FriendlyName": "Branch"}
    path = "/2010-04-01/Accounts.json"
    sub = api.client.post(path, data=form, headers=api.auth()).get_json()
    path = f"/2010-04-01/Accounts/{sub['sid']}/Addresses.json"
    assert api.client.post(path, data=ADDRESS, headers=api.auth(*keys[0])).status_code == 201
    own = listed(api, sid=sub["sid"], token=sub["auth_token"])
    assert [(row["event"], row["credential_sid"]) for row in own] == [
        ("address created", keys[0][0]),
        ("account created", api.sid),
    ]
    assert listed(api, f"?AccountSid={sub['sid']}") == own


def test_another_account_and_a_subaccount_do_not_see_it(api, order):
    other = api.another("Rival")
    assert listed(other) == listed(other, f"?ObjectSid={order}") == []


def test_what_operators_and_the_server_did_is_not_in_it(api, order):
    with api.house.store.write() as tx:
        found, reason = tx.orders.get(order), "an operator's own reason"
        orders.move(tx, found, Status.VERIFIED, Mover.OPERATOR, time.time(), reason)
    assert "reason" not in str(listed(api))
    assert {row["event"] for row in listed(api)} == {"order created", "order edited"}


def test_a_request_that_is_refused_names_no_key_to_the_next(api, keys, order):
    """What one request signed in with is gone when it ends, however it ends."""
    path = f"{api.PATH}/HR{'0' * 32}"
    refused(api.client.post(path, data={}, headers=api.auth(*keys[0])), 404, 20404)
    with api.house.store.write() as tx:
        tx.audit.append(1.0, Mover.CUSTOMER, api.sid, order, "written by no request")
    assert listed(api)[0]["credential_sid"] is None
