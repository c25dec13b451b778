"""The 2010 API's validation request and caller IDs."""

import pytest

from tests.conftest import NUMBER
from verification import caller_ids
from verification.statuses import Mover


@pytest.fixture
def path(api):
    return f"/2010-04-01/Accounts/{api.sid}/OutgoingCallerIds"


def validate(api, path, **form):
    data = {"PhoneNumber": NUMBER, **form}
    return api.client.post(f"{path}.json", data=data, headers=api.auth())


def verify(api, number=NUMBER):
    """Let the request of a number be verified, as its call would."""
    with api.house.store.write() as tx:
        asked = tx.caller_ids.open_for(api.sid, number)
        caller_ids.hear(tx, asked, True, True, 2.0)
    return asked.sid


def test_a_request_is_answered_with_the_code_and_the_calls_sid(api, path):
    answer = validate(api, path, FriendlyName="Front desk", CallDelay="15", Extension="ww2")
    assert answer.status_code == 200
    body = answer.get_json()
    assert set(body) == {
        "account_sid",
        "call_sid",
        "friendly_name",
        "phone_number",
        "validation_code",
    }
    assert body["friendly_name"] == "Front desk"
    assert len(body["validation_code"]) == 6
    with api.house.store.read() as tx:
        (attempt,) = tx.attempts.of_subject(tx.caller_ids.open_for(api.sid, NUMBER).sid)
    assert body["call_sid"] == f"CA{attempt.id}"
    assert attempt.due_at - attempt.requested_at == 15
    assert attempt.extension == "ww2"


def test_a_name_is_made_of_the_number_and_unformatted_numbers_are_read(api, path):
    body = validate(api, path, PhoneNumber="(902) 905-2034").get_json()
    assert (body["phone_number"], body["friendly_name"]) == (NUMBER, "(902) 905-2034")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"PhoneNumber": ""}, 21421),
        ({"PhoneNumber": "12"}, 21421),
        ({"PhoneNumber": "+19005551234"}, 21421),
        ({"PhoneNumber": "+447700900123"}, 21215),
        ({"CallDelay": "61"}, 21454),
        ({"CallDelay": "-1"}, 21454),
        ({"Extension": "x"}, 22117),
        ({"FriendlyName": "a" * 65}, 20002),
        ({"FriendlyName": "a\tb"}, 20002),
        ({"StatusCallback": "ftp://example.com"}, 21456),
        ({"StatusCallback": "https://example.com/" + "a" * 1000}, 21456),
        ({"StatusCallbackMethod": "PUT"}, 22106),
    ],
)
def test_a_wrong_parameter_has_twilios_number_and_nobody_is_called(api, path, form, code):
    answer = validate(api, path, **form)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    with api.house.store.read() as tx:
        assert tx.attempts.any_due(1e12) is False


def test_a_pending_request_is_no_caller_id_yet(api, path):
    validate(api, path)
    page = api.client.get(f"{path}.json", headers=api.auth()).get_json()
    assert page["outgoing_caller_ids"] == []


def test_a_caller_id_is_listed_fetched_renamed_and_deleted(api, path):
    validate(api, path)
    sid = verify(api)
    (listed,) = api.client.get(
        f"{path}.json", query_string={"PhoneNumber": NUMBER}, headers=api.auth()
    ).get_json()["outgoing_caller_ids"]
    one = f"{path}/{sid}.json"
    assert listed == api.client.get(one, headers=api.auth()).get_json()
    assert listed["uri"] == one
    renamed = api.client.post(one, data={"FriendlyName": "Desk"}, headers=api.auth()).get_json()
    assert renamed == listed | {"friendly_name": "Desk", "date_updated": renamed["date_updated"]}
    assert api.client.delete(one, headers=api.auth()).status_code == 204
    assert api.client.get(one, headers=api.auth()).status_code == 404
    with api.house.store.read() as tx:
        assert tx.caller_ids.open_for(api.sid, NUMBER) is None


def test_an_empty_name_is_refused(api, path):
    validate(api, path)
    one = f"{path}/{verify(api)}.json"
    answer = api.client.post(one, data={"FriendlyName": ""}, headers=api.auth())
    assert (answer.status_code, answer.get_json()["code"]) == (400, 20002)


def test_what_is_verified_already_is_said(api, path):
    validate(api, path)
    verify(api)
    answer = validate(api, path)
    assert (answer.status_code, answer.get_json()["code"]) == (400, 21450)


def test_anothers_caller_id_is_as_unknown_as_none(api, path):
    validate(api, path)
    sid = verify(api)
    other = api.another("Other")
    theirs = f"/2010-04-01/Accounts/{other.sid}/OutgoingCallerIds/{sid}.json"
    for one in (theirs, f"{path}/{sid}.json"):
        answer = other.client.get(one, headers=other.auth())
        assert (answer.status_code, answer.get_json()["code"]) == (404, 20404)


def test_a_deleted_one_may_be_verified_again(api, path):
    validate(api, path)
    verify(api)
    with api.house.store.write() as tx:
        found = tx.caller_ids.open_for(api.sid, NUMBER)
        caller_ids.delete(tx, found, Mover.CUSTOMER, 3.0)
    assert validate(api, path).status_code == 200
