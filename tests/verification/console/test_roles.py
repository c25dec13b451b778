"""Who may open and press what, over every route of the console."""

from __future__ import annotations

import re

import pytest

import app
from tests.verification.console.conftest import ORDERS, Directory, moved
from tests.verification.console.pages import CERTIFICATES, FILES, PAGES, some
from verification import bulk, settings
from verification.bulk import Wish
from verification.operators import Role
from verification.statuses import Status

ROLES = tuple(Role)
# Each form: its endpoint, its path, who may send it, and fields with which it is sent.
FORMS = {
    "sign_out": ("/console/sign-out", Role.VIEWER, {}),
    "create_order": (f"{ORDERS}/new", Role.OPERATOR, {"number": "x"}),
    "send_many_orders": (f"{ORDERS}/many", Role.OPERATOR, {"language": "x"}),
    "act": (ORDERS + "/{order}", Role.OPERATOR, {"act": "x"}),
    "resend_letter": ("/console/letters", Role.OPERATOR, {"sid": "x"}),
    "resend_callback": ("/console/callbacks", Role.OPERATOR, {"id": "x"}),
    "act_on_number": ("/console/numbers/{number}", Role.ADMIN, {"act": "x"}),
}
DOOR = "sign_in"
MULTIPART = {"send_many_orders"}


@pytest.fixture
def sids(desk):
    desk.office.order()
    fields = {"friendly_name": None, "address_sid": None, "language": "en"}
    with desk.house.store.write() as tx:
        checked = bulk.check([Wish("line 2", "+19029052035", fields)])
        bulk.create(tx, desk.office.account.sid, checked, "list.csv", None, desk.clock.now())
        return some(tx)


def rules(desk):
    return [one for one in desk.flask.url_map.iter_rules() if one.endpoint.startswith("console.")]


def test_every_route_of_the_console_stands_in_these_tables(desk):
    gets = {one.endpoint for one in rules(desk) if "GET" in one.methods}
    posts = {one.endpoint for one in rules(desk) if "POST" in one.methods}
    listed = {page.endpoint for page in (*PAGES, *FILES, *CERTIFICATES)} | {DOOR}
    assert {f"console.{name}" for name in listed} == gets
    assert {f"console.{name}" for name in FORMS} == posts


@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_for_its_roles_and_for_no_other(desk, sids, role):
    client = desk.client(role)
    for page in (*PAGES, *FILES, *CERTIFICATES):
        answer = client.get(page.at(**sids))
        opens = ROLES.index(role) >= ROLES.index(page.role)
        there = (404,) if page in CERTIFICATES else (200, 303)
        assert answer.status_code in (there if opens else (403,)), page.endpoint


@pytest.mark.parametrize("role", ROLES)
def test_a_form_is_taken_from_its_roles_and_from_no_other(desk, sids, role):
    for name, (path, needed, fields) in FORMS.items():
        client = desk.client(role)
        data = fields | {"csrf_token": desk.token(client)}
        media_type = "multipart/form-data" if name in MULTIPART else None
        answer = client.post(path.format(**sids), data=data, content_type=media_type)
        may = ROLES.index(role) >= ROLES.index(needed)
        assert (answer.status_code != 403) == may, name
        assert answer.status_code < 500


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("act", "needed"),
    [
        ("call", Role.OPERATOR),
        ("show-code", Role.OPERATOR),
        ("resume", Role.OPERATOR),
        ("resend", Role.OPERATOR),
        ("cancel", Role.OPERATOR),
        ("owner-link", Role.OPERATOR),
        ("mail-owner", Role.OPERATOR),
        ("close-owner", Role.OPERATOR),
        ("move", Role.ADMIN),
    ],
)
def test_a_button_is_for_its_roles_and_for_no_other(desk, act, needed, role):
    order = moved(desk, desk.office.order(), Status.ACTION_REQUIRED)
    client = desk.client(role)
    may = ROLES.index(role) >= ROLES.index(needed)
    offered = f'value="{act}"' in client.get(f"{ORDERS}/{order.sid}").text
    answer = desk.act(client, order, act, to="failed", reason="seen")
    assert (answer.status_code != 403) == may
    assert offered <= may
    if not may:
        assert desk.now(order) == order


def test_signing_out_ends_the_session_in_another_process_at_once(desk, tmp_path):
    chosen = settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/console.db"})
    house = app.open_house(chosen, "http://localhost")  # a store of its own on the same database
    try:
        other = app.create_app(house, Directory()).test_client()
        client = desk.client()
        other.set_cookie("lineproof-operator", client.get_cookie("lineproof-operator").value)
        for page in PAGES:
            if "{" not in page.path:
                assert other.get(page.path).status_code == 200
        client.post("/console/sign-out", data={"csrf_token": desk.token(client)})
        for page in PAGES:
            assert other.get(page.path).status_code == 401
    finally:
        house.store.close()


def test_no_page_links_to_a_page_that_is_not_there(desk, sids):
    client = desk.client()
    for page in PAGES:
        text = client.get(page.at(**sids)).text
        for path in set(re.findall(r'href="(/console[^"#]*)"', text)):
            assert client.get(path.replace("&amp;", "&")).status_code in (200, 303), path
