"""What the API answers when no more calls may be made."""

from dataclasses import replace

import app
from verification import dialling
from verification.ordering import Policy, settle_eligibility


def received(api, number):
    sid = api.create(number).get_json()["sid"]
    with api.house.store.write() as tx:
        settle_eligibility(tx, sid, api.directory.line, Policy(), api.house.store.now())
    return sid


def test_a_call_over_the_budget_is_429_with_the_time_to_wait_and_changes_nothing(api):
    chosen = api.house.settings.model_copy(update={"account_calls_per_day": 1})
    api.client = app.create_app(replace(api.house, settings=chosen), api.directory).test_client()
    first, second = (received(api, number) for number in ("+19029052034", "+19029052035"))
    assert api.update(first, Status="pending-verification").status_code == 200
    before = api.get(second).get_json()
    refused = api.update(second, Status="pending-verification", FriendlyName="Changed")
    assert (refused.status_code, refused.get_json()["code"]) == (429, 20429)
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_401
    assert api.get(second).get_json() == before


def test_while_dialling_is_stopped_a_new_call_is_503(api):
    sid = received(api, "+19029052034")
    with api.house.store.write() as tx:
        dialling.stop(tx, "operator", "odd", api.house.store.now())
    refused = api.update(sid, Status="pending-verification")
    assert (refused.status_code, refused.get_json()["code"]) == (503, 20503)
    assert refused.headers["Retry-After"] == "300"
    assert api.get(sid).get_json()["status"] == "received"
