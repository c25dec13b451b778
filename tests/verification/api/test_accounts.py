"""Twilio's 2010 Accounts: itself and its subaccounts."""

import time
from dataclasses import replace

import pytest

from tests.verification.api.test_preview_orders import refused
from verification import accounts, calling
from verification.accounts import AccountStatus

PATH = "/2010-04-01/Accounts"


@pytest.fixture
def ask(api):
    def ask(method, path, form=None, **credentials):
        return api.client.open(
            f"{PATH}{path}", method=method, data=form, headers=api.auth(**credentials)
        )

    return ask


def subaccount(ask, name="Branch"):
    return ask("POST", ".json", {"FriendlyName": name}).get_json()


def test_an_account_sees_itself(api, ask):
    account = ask("GET", f"/{api.sid}.json").get_json()
    assert account["sid"] == account["owner_account_sid"] == api.sid
    assert account["auth_token"] == api.token
    assert account["status"] == "active"
    assert account["uri"] == f"{PATH}/{api.sid}.json"
    assert account["date_created"] == "Thu, 01 Jan 1970 00:00:01 +0000"


def test_a_subaccount_is_made_with_a_token_of_its_own(api, ask):
    made = subaccount(ask)
    assert made["owner_account_sid"] == api.sid
    own = ask("GET", f"/{made['sid']}.json", sid=made["sid"], token=made["auth_token"])
    assert own.get_json() == made


def test_the_owner_sees_the_orders_of_his_subaccounts_and_they_do_not_see_his(api, ask):
    made = subaccount(ask)
    ours = api.create().get_json()["sid"]
    theirs = api.create("+12124567890", AccountSid=made["sid"]).get_json()
    assert theirs["account_sid"] == made["sid"]
    branch = {"sid": made["sid"], "token": made["auth_token"]}
    seen = api.client.get(api.PATH, headers=api.auth(**branch)).get_json()["items"]
    assert [order["sid"] for order in seen] == [theirs["sid"]]
    assert {order["sid"] for order in api.list().get_json()["items"]} == {ours, theirs["sid"]}
    refused(api.client.get(f"{api.PATH}/{ours}", headers=api.auth(**branch)), 404, 20404)
    assert api.update(theirs["sid"], Status="pending-verification").status_code == 200


def test_the_call_of_a_subaccounts_order_names_the_subaccount(api, ask):
    made = subaccount(ask, "Branch Office")
    sid = api.create(AccountSid=made["sid"]).get_json()["sid"]
    api.update(sid, Status="pending-verification")
    with api.house.store.read() as tx:
        assert tx.attempts.of_subject(sid)[0].business == "Branch Office"


def test_a_suspended_subaccount_is_refused_until_it_is_resumed(ask):
    made = subaccount(ask)
    path, own = f"/{made['sid']}.json", {"sid": made["sid"], "token": made["auth_token"]}
    assert ask("POST", path, {"Status": "suspended"}).get_json()["status"] == "suspended"
    refused(ask("GET", path, **own), 403, 20005)
    ask("POST", path, {"Status": "active"})
    assert ask("GET", path, **own).status_code == 200


def test_no_order_is_taken_or_called_for_a_suspended_subaccount(api, ask):
    made = subaccount(ask)
    sid = api.create(AccountSid=made["sid"]).get_json()["sid"]
    ask("POST", f"/{made['sid']}.json", {"Status": "suspended"})
    refused(api.create("+12124567890", AccountSid=made["sid"]), 403, 20005)
    refused(api.update(sid, Status="pending-verification"), 403, 20005)


def test_a_closed_subaccount_cannot_be_opened_again(ask):
    path = f"/{subaccount(ask)['sid']}.json"
    ask("POST", path, {"Status": "closed"})
    refused(ask("POST", path, {"Status": "active"}), 400, 20001)


def test_an_account_cannot_change_its_own_status(api, ask):
    refused(ask("POST", f"/{api.sid}.json", {"Status": "closed"}), 403, 20003)


def test_an_account_can_be_renamed_within_bounds(api, ask):
    path = f"/{api.sid}.json"
    assert ask("POST", path, {"FriendlyName": "New"}).get_json()["friendly_name"] == "New"
    refused(ask("POST", path, {"FriendlyName": "x" * 65}), 400, 20002)


def test_a_subaccount_makes_no_subaccounts(ask):
    made = subaccount(ask)
    own = {"sid": made["sid"], "token": made["auth_token"]}
    refused(ask("POST", ".json", {"FriendlyName": "x"}, **own), 403, 20003)


def test_a_foreign_account_is_answered_as_an_unknown_one(api, ask):
    other = api.another("Other")
    refused(ask("GET", f"/{other.sid}.json"), 404, 20404)
    refused(ask("GET", f"/AC{'0' * 32}.json"), 404, 20404)
    refused(ask("POST", f"/{other.sid}.json", {"Status": "closed"}), 404, 20404)
    refused(api.create(AccountSid=other.sid), 400, 21471)


def test_the_list_has_filters_and_pages_in_the_2010_shape(api, ask):
    names = [subaccount(ask, f"Branch {n}")["friendly_name"] for n in range(3)]
    first = ask("GET", ".json?PageSize=2").get_json()
    assert set(first) - {"accounts"} == {
        "page", "page_size", "start", "end",
        "uri", "first_page_uri", "next_page_uri", "previous_page_uri",
    }  # fmt: skip
    second = api.client.get(first["next_page_uri"], headers=api.auth()).get_json()
    seen = [account["friendly_name"] for account in first["accounts"] + second["accounts"]]
    assert seen == [*names[::-1], "Acme"]
    assert (second["start"], second["end"], second["next_page_uri"]) == (2, 3, None)
    found = ask("GET", ".json?FriendlyName=Branch+1").get_json()["accounts"]
    assert [account["friendly_name"] for account in found] == ["Branch 1"]
    refused(ask("GET", ".json?Status=gone"), 400, 20001)


def test_an_api_key_opens_the_api_until_it_is_revoked(api, ask):
    with api.house.store.write() as tx:
        key, secret = accounts.create_key(
            tx, api.house.keyring, tx.accounts.get(api.sid), "ci", 1.0
        )
    listed = api.client.get(api.PATH, headers=api.auth(key.sid, secret))
    assert listed.status_code == 200
    refused(ask("GET", f"/{api.sid}.json", sid=key.sid, token=secret), 403, 20003)
    with api.house.store.write() as tx:
        accounts.revoke_key(tx, key, 2.0)
    refused(api.client.get(api.PATH, headers=api.auth(key.sid, secret)), 401, 20003)


def test_a_test_account_orders_no_real_number(api):
    with api.house.store.write() as tx:
        account = tx.accounts.get(api.sid)
        tx.accounts.save(replace(account, test=True))
    refused(api.create(), 400, 22102)


def test_the_call_of_an_account_that_was_closed_meanwhile_is_not_dialled(api):
    api.update(api.create().get_json()["sid"], Status="pending-verification")
    with api.house.store.write() as tx:
        accounts.set_status(tx, tx.accounts.get(api.sid), AccountStatus.CLOSED, 1.0)
        assert calling.claim(tx, time.time(), 0.0) is None


def test_the_trail_names_who_changed_an_account(api, ask):
    sub = subaccount(ask)["sid"]
    ask("POST", f"/{sub}.json", {"Status": "suspended"})
    ask("POST", f"/{api.sid}.json", {"FriendlyName": "Renamed"})
    with api.house.store.write() as tx:
        accounts.set_status(tx, tx.accounts.get(sub), AccountStatus.ACTIVE, 3.0)
    with api.house.store.read() as tx:
        trail = [(one.actor, one.text) for one in tx.audit.of_object(sub)]
        own = [(one.actor, one.text) for one in tx.audit.of_object(api.sid)]
    assert trail == [
        ("customer", f"account created: by {api.sid}"),
        ("customer", f"account suspended: by {api.sid}"),
        ("operator", "account active"),
    ]
    assert own[-1] == ("customer", "account renamed")
