"""The stories of the test mode: one table in the code, at its path and in the documents."""

import re
from pathlib import Path

from verification import accounts, fictional
from verification.fictional import STORIES

PATH = "/lineproof/v1/test-numbers"
PAGE = Path(__file__).parents[3] / "docs" / "test-numbers.md"


def listed(api):
    answer = api.client.get(PATH)  # whoever asks
    assert answer.status_code == 200
    return answer.get_json()["test_numbers"]


def test_the_path_lists_each_story_as_it_is_played(api):
    told = listed(api)
    assert [one["ending"] for one in told] == [story.digits for story in STORIES]
    for one, story in zip(told, STORIES, strict=True):
        assert fictional.story(one["phone_number"]) == story
        assert (one["name"], one["story"], one["extension"]) == (
            story.name,
            story.told,
            story.extension,
        )
        assert (one["calls"], one["ends"]) == (story.calls, story.ends)
        assert (one["line_type"], one["carrier"]) == (story.line.type, story.line.carrier)


def test_the_page_has_the_same_table(api):
    rows = re.findall(r"^\| `(\+\d+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    told = [
        (
            one["phone_number"],
            " | ".join((one["name"], one["story"], one["line_type"] or "null", str(one["calls"])))
            + f" | `{one['ends']}`",
        )
        for one in listed(api)
    ]
    assert rows == told


def test_a_test_account_can_order_each_of_them_and_a_live_one_none(api):
    with api.house.store.write() as tx:
        made, token = accounts.create(tx, api.house.keyring, "Trials", 1.0, test=True)
    for one in listed(api):
        number = one["phone_number"]
        assert api.create(number).get_json()["code"] == 22102
        form = {"PhoneNumber": number, "SmsCapability": "true"}
        order = api.client.post(api.PATH, data=form, headers=api.auth(made.sid, token))
        assert order.status_code == 201, number
        if one["calls"] == 0:
            assert order.get_json()["status"] == one["ends"], number
