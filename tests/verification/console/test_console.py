"""The operators' console over real requests: who gets in, who may do what, what is shown."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from pypdf import PdfReader

import app
from tests.conftest import LANDLINE, NUMBER
from tests.verification.console.conftest import ORDERS, SIGN_IN, Directory, buttons, moved
from tests.verification.console.test_signer import Tags
from tests.verification.letter_office import Letters
from verification import accounts, audit, operators, ordering
from verification.callbacks import State
from verification.codes import Keyring
from verification.console.orders import ROWS
from verification.operators import LINK_SECONDS, SESSION_SECONDS, Role
from verification.ordering import Policy
from verification.statuses import Mover, Status

# The door


def test_a_link_lets_in_once(desk):
    link = SIGN_IN + desk.link()
    assert desk.flask.test_client().get(link).status_code == 303
    assert desk.flask.test_client().get(link).status_code == 403


def test_a_link_dies_after_its_time(desk):
    link = SIGN_IN + desk.link()
    desk.clock.tick(LINK_SECONDS)
    assert desk.flask.test_client().get(link).status_code == 403


def test_a_head_or_a_look_ahead_does_not_use_a_link_up(desk):
    link, client = SIGN_IN + desk.link(), desk.flask.test_client()
    client.head(link)
    client.get(link, headers={"Sec-Purpose": "prefetch;prerender"})
    assert client.get(link).status_code == 303


def test_used_expired_forged_and_removed_links_cannot_be_told_apart(desk):
    used, gone = desk.link(), desk.link(Role.VIEWER, "gone")
    desk.flask.test_client().get(SIGN_IN + used)
    with desk.house.store.write() as tx:
        operators.remove(tx, "gone", desk.clock.now())
    expired = desk.link()
    desk.clock.tick(LINK_SECONDS)
    foreign = Keyring([b"f" * 32]).link(operators.LINK, ["x"])
    answers = [desk.flask.test_client().get(SIGN_IN + t) for t in (used, gone, expired, foreign)]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1


def test_a_session_ends_in_every_worker_at_once(desk):
    client = desk.client()
    other = app.create_app(desk.house, Directory()).test_client()
    session = client.get_cookie("lineproof-operator").value
    other.set_cookie("lineproof-operator", session)
    assert other.get(ORDERS).status_code == 200
    left = client.post("/console/sign-out", data={"csrf_token": desk.token(client)})
    assert left.status_code == 303
    assert other.get(ORDERS).status_code == 401


def test_a_session_ends_by_itself_and_with_its_operator(desk):
    client, other = desk.client(), desk.client(Role.VIEWER)
    with desk.house.store.write() as tx:
        operators.remove(tx, "viewer", desk.clock.now())
    assert other.get(ORDERS).status_code == 401
    desk.clock.tick(SESSION_SECONDS)
    assert client.get(ORDERS).status_code == 401


def test_signing_in_again_ends_the_session_before(desk):
    client = desk.client()
    before = client.get_cookie("lineproof-operator").value
    client.get(SIGN_IN + desk.link())
    assert client.get_cookie("lineproof-operator").value != before
    thief = desk.flask.test_client()
    thief.set_cookie("lineproof-operator", before)
    assert thief.get(ORDERS).status_code == 401


def test_a_session_nobody_gave_opens_nothing(desk):
    client = desk.flask.test_client()
    client.set_cookie("lineproof-operator", "a" * 43)
    assert client.get(ORDERS).status_code == 401


def test_cookies_are_out_of_reach_of_scripts_and_bound_to_https(desk):
    client = desk.flask.test_client()
    answer = client.get(SIGN_IN + desk.link(), base_url="https://localhost")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-lineproof-operator=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie


def test_the_database_holds_no_secret_that_opens_anything(desk):
    client, link = desk.client(), desk.link(Role.VIEWER)
    (secret,) = desk.house.keyring.read_link(operators.LINK, link)
    with desk.house.store.read():
        rows = [
            *desk.house.store.dump("operator_links")[1],
            *desk.house.store.dump("operator_sessions")[1],
        ]
    text = repr(rows)
    assert str(secret) not in text
    assert client.get_cookie("lineproof-operator").value not in text


def test_the_api_takes_no_cookie_of_the_console(desk):
    answer = desk.client().get("/HostedNumbers/HostedNumberOrders")
    assert answer.status_code == 401


# Every route


def console_rules(flask):
    return [r for r in flask.url_map.iter_rules() if r.rule.startswith("/console")]


def filled(rule, sid):
    return re.sub(r"<[^>]+>", sid, rule.rule)


def test_no_route_but_the_door_opens_without_a_session(desk):
    client = desk.flask.test_client()
    order = desk.office.order()
    for rule in console_rules(desk.flask):
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(filled(rule, order.sid), method=method)
            assert answer.status_code == (403 if rule.endpoint == "console.sign_in" else 401)
            assert NUMBER not in answer.text


def test_no_form_counts_without_its_token(desk):
    client, order = desk.client(), desk.office.order()
    for rule in console_rules(desk.flask):
        if "POST" in rule.methods:
            path = filled(rule, order.sid)
            upload = rule.endpoint.endswith("many_orders")
            kind = "multipart/form-data" if upload else None
            for fields in (
                {"act": "cancel"},
                {"csrf_token": "x"},
                {"act": "cancel", "csrf_token": ""},
            ):
                assert client.post(path, data=fields, content_type=kind).status_code == 403
    assert desk.now(order).deleted_at is None


def test_the_token_of_another_session_is_worth_nothing(desk):
    order = desk.office.order()
    token = desk.token(desk.client())
    client = desk.client(Role.OPERATOR)
    fields = {"act": "cancel", "csrf_token": token}
    assert client.post(f"{ORDERS}/{order.sid}", data=fields).status_code == 403


def test_every_answer_has_the_headers_that_keep_it_safe(desk):
    client, order = desk.client(), desk.office.order()
    paths = [ORDERS, f"{ORDERS}/{order.sid}", f"{ORDERS}/nothing", f"{ORDERS}.csv", "/console/x"]
    answers = [client.get(path) for path in paths] + [client.post(ORDERS)]
    answers += [desk.flask.test_client().get(path) for path in paths]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answers[-1].status_code in (401, 404)


# Roles


def test_a_viewer_sees_everything_and_can_do_nothing(desk):
    order = desk.office.order()
    client = desk.client(Role.VIEWER)
    page = client.get(f"{ORDERS}/{order.sid}")
    assert NUMBER in page.text
    assert buttons(page.text) == set()
    assert desk.act(client, order, "cancel").status_code == 403
    assert desk.now(order).deleted_at is None


def test_an_operator_places_calls_but_moves_nothing_by_hand(desk):
    order = desk.office.order()
    client = desk.client(Role.OPERATOR)
    expected = {"call", "owner-link", "cancel"}
    assert buttons(client.get(f"{ORDERS}/{order.sid}").text) == expected
    answer = desk.act(client, order, "move", to="verified", reason="seen")
    assert answer.status_code == 403
    assert desk.now(order).status is Status.RECEIVED


def test_the_code_is_hidden_until_an_operator_asks_for_it(desk):
    order = desk.office.request_call(desk.office.order())
    client, path = desk.client(Role.OPERATOR), f"{ORDERS}/{order.sid}"
    code = desk.house.keyring.open(order.code, order.sid)
    assert code not in client.get(path).text
    assert code in desk.act(client, order, "show-code").text
    assert any(event.startswith("code shown") for event in desk.office.events(order.sid))
    viewer = desk.client(Role.VIEWER)
    assert code not in desk.act(viewer, order, "show-code").text


# Buttons


def test_the_call_is_asked_for_and_leaves_the_worker_one_attempt(desk):
    order, client = desk.office.order(), desk.client()
    assert desk.act(client, order, "call").status_code == 303
    assert desk.now(order).status is Status.PENDING_VERIFICATION
    assert desk.office.claim() is not None
    text = client.get(f"{ORDERS}/{order.sid}").text
    assert "call" not in buttons(text)
    assert "The carrier was asked" in text


def test_a_button_that_the_status_no_longer_allows_does_nothing(desk):
    order, client = desk.office.order(), desk.client()
    desk.act(client, order, "call")
    answer = desk.act(client, order, "call")
    assert answer.status_code == 409
    assert desk.now(order).verification_attempts == 1


def test_an_order_is_resumed_with_all_its_calls(desk):
    order = desk.office.request_call(desk.office.order())
    order, client = moved(desk, order, Status.ACTION_REQUIRED), desk.client()
    assert "resume" in buttons(client.get(f"{ORDERS}/{order.sid}").text)
    desk.act(client, order, "resume")
    now = desk.now(order)
    assert (now.status, now.verification_attempts) == (Status.RECEIVED, 0)
    assert now.failure_reason is None


def test_an_admin_moves_by_hand_with_a_reason_that_stays(desk):
    order, client = desk.office.request_call(desk.office.order()), desk.client()
    assert desk.act(client, order, "move", to="verified", reason=" ").status_code == 409
    assert desk.act(client, order, "move", to="completed", reason="x").status_code == 409
    answer = desk.act(client, order, "move", to="verified", reason="Seen in person")
    assert answer.status_code == 303
    now = desk.now(order)
    assert (now.status, now.code) == (Status.VERIFIED, None)
    assert "Seen in person" in client.get(f"{ORDERS}/{order.sid}").text
    assert desk.office.claim() is None


def test_a_canceled_order_has_no_buttons_and_no_call(desk):
    order, client = desk.office.request_call(desk.office.order()), desk.client()
    desk.act(client, order, "cancel")
    assert desk.now(order).deleted_at
    assert buttons(client.get(f"{ORDERS}/{order.sid}").text) == set()
    assert desk.office.claim() is None


@pytest.mark.parametrize("credential", ["SK" + "1" * 32, "AC" + "2" * 32])
def test_the_trail_and_the_certificate_say_with_which_key_or_token_the_customer_acted(
    desk, credential
):
    with audit.signed_in(credential):
        order = desk.ordered()
    with desk.house.store.write() as tx:
        ordering.settle_eligibility(tx, order.sid, LANDLINE, Policy(), desk.clock.now())
    moved(desk, order, Status.VERIFIED, by=Mover.OPERATOR)
    client, path = desk.client(), f"{ORDERS}/{order.sid}"
    shown = client.get(path).text
    assert f'(customer <span class="sid">{credential}</span>)' in shown
    assert shown.count(credential) == 1
    assert f"<td>customer {credential}</td>" in client.get(f"{path}/certificate").text
    pdf = PdfReader(io.BytesIO(client.get(f"{path}/certificate.pdf").data))
    printed = "".join(page.extract_text() for page in pdf.pages)
    assert f"customer{credential}" in "".join(printed.split())


# What customers fill in

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "</td></table><iframe src=//evil>",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("evil", EVIL)
def test_what_customers_fill_in_is_shown_as_text(desk, evil):
    with desk.house.store.write() as tx:
        account, _ = accounts.create(tx, desk.house.keyring, evil[:64], desk.clock.now())
        fields = ("friendly_name", "unique_name", "email", "extension", "status_callback_url")
        wishes = dict.fromkeys(fields, evil) | {"cc_emails": (evil,)}
        order = ordering.create(tx, account.sid, NUMBER, wishes, desk.clock.now())
    with desk.house.store.write() as tx:
        ordering.settle_eligibility(tx, order.sid, LANDLINE, Policy(), desk.clock.now())
    moved(desk, order, Status.ACTION_REQUIRED, evil)
    client = desk.client()
    plain = Tags(client.get(f"{ORDERS}/{desk.office.order('+19029052035').sid}").text).seen
    for path in (ORDERS, f"{ORDERS}/{order.sid}", f"{ORDERS}?reason={evil}&number={evil}"):
        seen = Tags(client.get(path).text).seen
        assert {tag for tag, _ in seen} <= {tag for tag, _ in plain} | TABLE
        assert [a for tag, a in seen if tag == "script"] == [
            {"src": "/static/console.js", "defer": None}
        ]
        assert not [name for _, a in seen for name in a if name.startswith("on") or name == "style"]
        for _, attributes in seen:
            for name in ("src", "href", "action"):
                assert attributes.get(name, "/").startswith(("/", "#"))


TABLE = {"table", "thead", "tbody", "tr", "th", "td", "select", "option", "b", "details", "summary"}
TABLE |= {"li", "ul", "a", "input", "label", "dt", "dd", "dl", "nav", "form"}


# The table


def many(desk, count):
    with desk.house.store.write() as tx:
        for n in range(count):
            number = f"+1902234{n:04d}"
            ordering.create(tx, desk.office.account.sid, number, {}, desk.clock.now() + n)


def numbers_in(text):
    return re.findall(r">(\+1902234\d{4})<", text)


def test_the_pages_hold_every_order_once_forth_and_back(desk):
    many(desk, 2 * ROWS + 5)
    client, path, forth = desk.client(), ORDERS, []
    while path:
        text = client.get(path).text
        forth.append(numbers_in(text))
        path = next(iter(re.findall(r'rel="next" href="([^"]+)"', text)), "").replace("&amp;", "&")
    assert [len(page) for page in forth] == [ROWS, ROWS, 5]
    assert sorted(chain(*forth)) == [f"+1902234{n:04d}" for n in range(2 * ROWS + 5)]
    back = re.findall(r'rel="prev" href="([^"]+)"', text)[0].replace("&amp;", "&")
    assert numbers_in(client.get(back).text) == forth[1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=received", 1),
        ("status=twilio-processing", 3),
        ("status=failed", 0),
        ("number=902 234 0001", 1),
        ("number=%2B1 902-234", 3),
        ("number=%2B19029052034", 1),
        ("since=2001-01-01&until=2001-01-02", 0),
        ("since=2001-01-01", 4),
        ("reason=none+such", 0),
        ("reason=none+such&status=failed", 0),
        ("status=received&number=9029052034&since=2001-01-01", 1),
    ],
)
def test_filters_let_through_what_they_say(desk, query, found):
    many(desk, 3)
    desk.office.order()
    text = desk.client().get(f"{ORDERS}?{query}").text
    assert len(re.findall(r'<th scope="row">', text)) == found


@pytest.mark.parametrize(
    "query", ["status=lost", "number=902", "since=yesterday", "until=2026-02-30", "number=abc"]
)
def test_a_filter_that_cannot_be_understood_is_named(desk, query):
    answer = desk.client().get(f"{ORDERS}?{query}")
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("place", ["after=x", "after=1e999-HR1", "before=", "after=1-" + "x" * 999])
def test_a_place_that_is_none_is_the_beginning(desk, place):
    many(desk, 1)
    assert numbers_in(desk.client().get(f"{ORDERS}?{place}").text) == ["+19022340000"]


def test_orders_are_found_by_their_reason(desk):
    order = moved(desk, desk.office.order(), Status.ACTION_REQUIRED, "The number was busy.")
    desk.office.order("+19029052035")
    client = desk.client()
    text = client.get(f"{ORDERS}?reason=The+number+was+busy.").text
    assert re.findall(r'<th scope="row"><a href="([^"]+)"', text) == [f"{ORDERS}/{order.sid}"]
    text = client.get(f"{ORDERS}?reason=The+number+was+busy.&status=action-required").text
    assert order.sid in text
    text = client.get(f"{ORDERS}?reason=The+number+was+busy.&status=failed").text
    assert order.sid not in text
    assert '<option value="The number was busy.">' in client.get(ORDERS).text


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_cell_of_the_export_is_never_a_formula(desk, name):
    desk.office.order(friendly_name=name)
    answer = desk.client().get(f"{ORDERS}.csv?number={NUMBER[2:]}")
    assert answer.mimetype == "text/csv"
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["friendly_name"] == f"'{name}"
    assert row["phone_number"] == NUMBER


def test_the_export_is_whole_and_filtered(desk):
    many(desk, 1005)
    desk.office.order()
    client = desk.client()
    rows = [*csv.DictReader(io.StringIO(client.get(f"{ORDERS}.csv").text))]
    assert len({row["sid"] for row in rows}) == 1006
    rows = [*csv.DictReader(io.StringIO(client.get(f"{ORDERS}.csv?status=received").text))]
    assert len(rows) == 1


# A new order


def ordered(desk, client, **fields):
    given = {"account": desk.office.account.sid, "number": "902 905 2034", "language": "fr"}
    token = desk.token(client)
    return client.post(f"{ORDERS}/new", data=given | fields | {"csrf_token": token})


def test_an_operator_orders_a_number_for_an_account(desk):
    client = desk.client(Role.OPERATOR)
    answer = ordered(desk, client, name="Front desk", extension="ww1")
    assert answer.status_code == 303, answer.text
    order = desk.office.order_now(answer.headers["Location"].rpartition("/")[2])
    assert (order.phone_number, order.status) == (NUMBER, Status.RECEIVED)
    assert (order.friendly_name, order.extension, order.language) == ("Front desk", "ww1", "fr")


@pytest.mark.parametrize(
    "fields",
    [
        {"number": "12"},
        {"number": "+442071838750"},
        {"account": "AC0"},
        {"extension": "<b>"},
        {"language": "xx"},
        {"name": "n" * 65},
    ],
)
def test_an_order_that_cannot_be_made_is_told_why(desk, fields):
    client = desk.client(Role.OPERATOR)
    answer = ordered(desk, client, **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert ordered(desk, desk.client(Role.VIEWER)).status_code == 403


def test_all_that_is_wrong_with_an_order_is_told_at_once_and_nothing_is_ordered(desk):
    client = desk.client(Role.OPERATOR)
    wrong = {"number": "12", "extension": "<b>", "language": "xx", "name": "n" * 65}
    told = ordered(desk, client, **wrong).text
    for piece in ("A name has at most", "position 1 of the extension", "Choose a language"):
        assert piece in told
    assert "The number must be in E.164 form" in told
    assert ordered(desk, client, extension="<b>").status_code == 422  # the number alone is sound
    with desk.house.store.read() as tx:
        assert tx.orders.page(desk.office.account.sid, {}, None, 50) == []


# Letters and callbacks


def letters(desk):
    page = Letters(desk.office)
    sids = [order.sid for order in page.verified(2)]
    return page, page.create(sids, page.address())


def test_letters_are_listed_and_one_that_is_out_is_sent_again(desk):
    page, document = letters(desk)
    client = desk.client(Role.OPERATOR)
    assert document.email in client.get("/console/letters?status=signing").text
    assert document.email not in client.get("/console/letters?status=signed").text
    token = desk.token(client, "/console/letters")
    fields = {"sid": document.sid, "csrf_token": token}
    assert client.post("/console/letters", data=fields).status_code == 303
    assert page.now(document).sendings == document.sendings + 1
    with desk.house.store.read() as tx:
        order = tx.documents.orders_of(document.sid)[0]
    assert buttons(client.get(f"{ORDERS}/{order.sid}").text) == {"resend", "cancel"}
    assert desk.act(client, order, "resend").status_code == 303
    assert page.now(document).sendings == document.sendings + 2


def test_a_viewer_sends_no_letter_again(desk):
    page, document = letters(desk)
    client = desk.client(Role.VIEWER)
    token = desk.token(client, "/console/letters")
    answer = client.post("/console/letters", data={"sid": document.sid, "csrf_token": token})
    assert answer.status_code == 403
    assert page.now(document).sendings == document.sendings


def reported(desk):
    url = "http://receiver.example/called?secret=x"
    order = desk.office.order(status_callback_url=url)
    with desk.house.store.read() as tx:
        return tx.outbox.of_object(order.sid)[-1]


def test_a_callback_is_sent_again_when_it_is_over(desk):
    message, client = reported(desk), desk.client(Role.OPERATOR)
    path = "/console/callbacks"

    def send():
        token = desk.token(client, path)
        return client.post(path, data={"id": message.id, "csrf_token": token}).status_code

    assert send() == 409
    with desk.house.store.write() as tx:
        over = replace(message, state=State.FAILED, due_at=None, answer="HTTP 500", tries=10)
        tx.outbox.save(over)
    text = client.get(f"{path}?state=failed").text
    assert "HTTP 500" in text
    assert "secret" not in text
    assert send() == 303
    with desk.house.store.read() as tx:
        assert tx.outbox.get(message.id).state is State.PENDING
    assert "callback sent again: " + message.id in desk.office.events(message.object_sid)


# Live


def test_a_page_that_has_not_changed_is_not_sent_again(desk):
    order, client = desk.office.order(), desk.client()
    path = f"{ORDERS}/{order.sid}"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    desk.office.request_call(order)
    changed = client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_the_pages_speak_french_to_those_who_ask_for_it(desk):
    order, client = desk.office.order(), desk.client()
    french: dict[str, Any] = {"headers": {"Accept-Language": "fr-CA,fr;q=0.9"}}
    text = client.get(f"{ORDERS}/{order.sid}", **french).text
    assert '<html lang="fr">' in text
    assert "Lancer l’appel" in text
