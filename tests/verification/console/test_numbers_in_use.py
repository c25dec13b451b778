"""The numbers in use: the table, and what an administrator may do with one."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from tests.conftest import NUMBER, Office
from tests.verification.console.test_moving_by_hand import at_the_carrier, move
from tests.verification.console.test_moving_by_hand import number as number_of
from verification import accounts, ordering, phone_numbers
from verification.console.numbers import NUMBERS, ROWS
from verification.operators import Role
from verification.phone_numbers import RELEASED_SECONDS, NumberStatus

OTHER = "+19029052035"


def in_use(desk, number=NUMBER, office=None):
    order = at_the_carrier(desk, number, office)
    for status in ("testing", "completed"):
        move(desk, order, status)
    return number_of(desk, order)


def subaccount(desk, owner=None, name="Branch"):
    with desk.house.store.write() as tx:
        made, _ = accounts.create(
            tx, desk.house.keyring, name, desk.clock.now(), owner or desk.office.account
        )
    return made


def press(desk, number, act, role=Role.ADMIN, **fields):
    client, path = desk.client(role), f"{NUMBERS}/{number.sid}"
    fields |= {"act": act, "csrf_token": desk.token(client, path)}
    return client.post(path, data=fields)


def now(desk, number):
    with desk.house.store.read() as tx:
        return tx.phone_numbers.get(number.sid)


def listed(desk, query=""):
    text = desk.client(Role.VIEWER).get(f"{NUMBERS}?{query}").text
    return re.findall(r'<th scope="row"><a href="/console/numbers/\w+">(\+\d+)<', text)


def test_the_table_has_the_numbers_in_use_and_by_its_filter_the_others(desk):
    used, left = in_use(desk), in_use(desk, OTHER)
    desk.office.order("+19029052036")
    press(desk, left, "release", confirm="yes")
    assert listed(desk) == [NUMBER]
    assert listed(desk, "status=released") == [OTHER]
    assert listed(desk, "status=pending") == ["+19029052036"]
    assert {*listed(desk, "status=all&number=902 905")} == {"+19029052036", OTHER, NUMBER}
    assert listed(desk, f"number={NUMBER[2:]}") == [NUMBER]
    assert listed(desk, f"account={used.account_sid}&capability=messages") == [NUMBER]
    assert listed(desk, f"account=AC{'0' * 32}") == []
    assert listed(desk, "capability=voice") == []


def test_a_number_that_was_ported_has_voice(desk):
    used = in_use(desk)
    with desk.house.store.write() as tx:
        ported = phone_numbers.port(tx, used, False, desk.clock.now())
        phone_numbers.complete_port(tx, ported, desk.clock.now())
    assert listed(desk, "capability=voice") == [NUMBER]
    assert listed(desk, "capability=messages") == []


@pytest.mark.parametrize("query", ["status=x", "number=902", "account=x", "capability=x"])
def test_a_filter_that_cannot_be_understood_is_named(desk, query):
    answer = desk.client(Role.VIEWER).get(f"{NUMBERS}?{query}")
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


def test_the_pages_hold_every_number_once_forth_and_back(desk):
    for n in range(2 * ROWS + 1):
        desk.ordered(f"+1902234{n:04d}")
        desk.clock.tick(1)
    client, path, forth = desk.client(), f"{NUMBERS}?status=pending", []
    while path:
        text = client.get(path).text
        forth.append(re.findall(r">(\+1902234\d{4})<", text))
        path = next(iter(re.findall(r'rel="next" href="([^"]+)"', text)), "").replace("&amp;", "&")
    assert [len(page) for page in forth] == [ROWS, ROWS, 1]
    assert len({*chain(*forth)}) == 2 * ROWS + 1
    back = re.findall(r'rel="prev" href="([^"]+)"', text)[0].replace("&amp;", "&")
    assert re.findall(r">(\+1902234\d{4})<", client.get(back).text) == forth[1]


def test_a_number_is_released_only_with_the_box_ticked(desk):
    number = in_use(desk)
    answer = press(desk, number, "release")
    assert answer.status_code == 422
    assert "Tick the box" in answer.text
    assert now(desk, number).status is NumberStatus.IN_USE
    assert press(desk, number, "release", confirm="yes").status_code == 303
    released = now(desk, number)
    assert released.status is NumberStatus.RELEASED
    assert released.due_at == desk.clock.now() + RELEASED_SECONDS
    assert any(e.startswith("release asked for: OP") for e in desk.office.events(number.sid))
    assert press(desk, number, "release", confirm="yes").status_code == 409
    assert "Released until" in desk.client().get(f"{NUMBERS}/{number.sid}").text


def test_a_number_moves_to_an_account_of_the_same_owner_and_to_no_other(desk):
    branch = subaccount(desk)
    with desk.house.store.write() as tx:
        stranger, _ = accounts.create(tx, desk.house.keyring, "Stranger", desk.clock.now())
    number = in_use(desk)
    page = desk.client().get(f"{NUMBERS}/{number.sid}").text
    assert "Branch" in page
    assert "Stranger" not in page
    assert press(desk, number, "transfer", to=stranger.sid).status_code == 409
    assert press(desk, number, "transfer", to="").status_code == 409
    assert now(desk, number).account_sid == desk.office.account.sid
    assert press(desk, number, "transfer", to=branch.sid).status_code == 303
    assert now(desk, number).account_sid == branch.sid
    assert press(desk, number, "transfer", to=desk.office.account.sid).status_code == 303
    assert now(desk, number).account_sid == desk.office.account.sid


def test_a_number_that_the_other_account_has_too_does_not_move_there(desk):
    """Fictional numbers are in use by many test accounts."""
    with desk.house.store.write() as tx:
        owner, _ = accounts.create(tx, desk.house.keyring, "Test", desk.clock.now(), test=True)
    branch, fictional = subaccount(desk, owner), "+19025550100"
    numbers = []
    for account in (owner, branch):
        office = Office(desk.house.store, desk.house.keyring, desk.clock, account)
        numbers.append(in_use_in_test(desk, fictional, office))
    answer = press(desk, numbers[0], "transfer", to=branch.sid)
    assert answer.status_code == 409
    assert "has the number in use already" in answer.text


def in_use_in_test(desk, number, office):
    with desk.house.store.write() as tx:
        order = ordering.create(tx, office.account.sid, number, {}, desk.clock.now(), True)
        held = tx.phone_numbers.get(order.incoming_phone_number_sid)
        return phone_numbers.put_in_use(tx, held, desk.clock.now())


def test_only_an_administrator_has_the_buttons(desk):
    subaccount(desk)
    number = in_use(desk)
    for role in (Role.VIEWER, Role.OPERATOR):
        text = desk.client(role).get(f"{NUMBERS}/{number.sid}").text
        assert 'name="act"' not in text
        assert press(desk, number, "release", role, confirm="yes").status_code == 403
    assert desk.client().get(f"{NUMBERS}/{number.sid}").text.count('name="act"') == 2


def test_a_number_that_is_not_in_use_has_no_buttons(desk):
    order = desk.office.order()
    path = f"{NUMBERS}/{order.incoming_phone_number_sid}"
    assert 'name="act"' not in desk.client().get(path).text
    assert desk.client().get(f"{NUMBERS}/PN0").status_code == 404
