"""Every route of the server, by the table of its routes: headers, cookies, forms, what is told."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest

from tests.end_to_end.pages import NOT_PAGES, PAGES, filled, world
from verification.console import csrf
from verification.operators import Role

HTTPS = "https://localhost"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
# Files of our own that a browser may keep, and the keys that everybody may check with.
KEPT = ("/static/", "/.well-known/jwks.json")
# Who sends these has a carrier's signature or an account's secret, and no cookie: see H15.
NO_FORMS = (*NOT_PAGES, "/console/sign-in/")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with world(tmp_path_factory.mktemp("safe")) as made:
        yield made


def signed_in(made, role=Role.ADMIN, base_url="http://localhost"):
    client = made.flask.test_client()
    assert client.get(made.sign_in_path(role), base_url=base_url).status_code == 303
    return client


def visits(made):
    return [visit for some in PAGES.values() for visit in some(made)]


def policy(answer):
    """The directives of an answer's policy."""
    parts = answer.headers["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for words in (part.split() for part in parts)}


def check_policy(answer):
    told = policy(answer)
    assert told["default-src"] == ["'none'"]
    assert told["frame-ancestors"] == ["'none'"]
    for sources in told.values():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:", "https:"} & {
            *sources
        }


def test_every_route_answers_with_the_headers_that_keep_it_safe(made):
    inside, outside = signed_in(made), made.flask.test_client()
    for rule in made.flask.url_map.iter_rules():
        for client in (inside, outside):
            for method in sorted(rule.methods & {"GET", "POST", "DELETE"}):
                answer = client.open(filled(rule.rule), method=method)
                here = f"{method} {rule.rule}: {answer.status_code}"
                assert answer.status_code < 500, here
                for name, value in EVERYWHERE.items():
                    assert answer.headers.get(name) == value, f"{here} {name}"
                check_policy(answer)
                if not rule.rule.startswith(KEPT):
                    assert "no-store" in answer.headers["Cache-Control"], here


def test_every_page_and_every_refusal_of_one_is_kept_to_itself(made):
    inside, outside = signed_in(made), made.flask.test_client()
    for visit in visits(made):
        answer = (inside if visit.signed_in else outside).get(visit.path)
        assert answer.mimetype == "text/html", visit.name
        check_policy(answer)
        assert "form-action" in policy(answer)
        assert policy(answer)["base-uri"] == ["'none'"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "<style" not in answer.text
        assert not re.search(r"<script(?! src=\"/static/)", answer.text)
        assert not re.search(r"\s(on\w+|style)=", answer.text), visit.name


def test_no_form_of_any_page_counts_without_its_token(made):
    """Every route that takes a POST from a person, also one that is added later."""
    client = signed_in(made)
    paths = {visit.path.partition("?")[0] for visit in visits(made)}
    posts = [
        rule
        for rule in made.flask.url_map.iter_rules()
        if "POST" in rule.methods and not rule.rule.startswith(NO_FORMS)
    ]
    assert len(posts) >= 8
    for rule in posts:
        pattern = re.compile(re.sub(r"<[^>]+>", "[^/]+", rule.rule))
        real = [path for path in sorted(paths) if pattern.fullmatch(path)] or [filled(rule.rule)]
        for path in real:
            for token in ({}, {csrf.FIELD: ""}, {csrf.FIELD: "x.y"}):
                fields = {"act": "cancel", "count": "0", **token}
                answer = client.post(path, data=fields)
                if answer.status_code == 400:  # a form that brings a file
                    answer = client.post(path, data=fields, content_type="multipart/form-data")
                # A link that is dead opens nothing to anybody, with a token or without.
                dead = path.startswith(("/sign/", "/owner/")) and answer.status_code in (404, 410)
                assert answer.status_code == 403 or dead or path == made.signed_letter, path
    with made.house.store.read() as tx:
        assert all(tx.orders.get(one.sid).deleted_at is None for one in made.orders.values())


def cookies(answer):
    return [
        morsel
        for header in answer.headers.getlist("Set-Cookie")
        for morsel in SimpleCookie(header).values()
    ]


def test_every_cookie_is_kept_from_scripts_from_other_sites_and_from_other_hosts(made):
    client = made.flask.test_client()
    answers = [client.get(made.sign_in_path(), base_url=HTTPS)]
    answers += [client.get(visit.path, base_url=HTTPS) for visit in visits(made)]
    found = [cookie for answer in answers for cookie in cookies(answer)]
    assert {cookie.key for cookie in found} == {
        "__Host-lineproof-operator",
        "__Host-lineproof-csrf",
    }
    for cookie in found:
        assert cookie["httponly"]
        assert cookie["secure"]
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        # Lax lets a link in a mail lead into the console; every change needs the Strict one too.
        strict = cookie.key.endswith("csrf")
        assert cookie["samesite"] == ("Strict" if strict else "Lax")


def test_the_api_takes_no_cookie_and_the_pages_take_no_password(made):
    inside, order = signed_in(made), made.orders["ready"]
    account = made.office.account
    token = made.house.keyring.open(account.auth_token, account.sid)
    assert inside.get(f"/HostedNumbers/HostedNumberOrders/{order.sid}").status_code == 401
    with_secret = made.flask.test_client().get("/console/orders", auth=(account.sid, token))
    assert with_secret.status_code == 401


def test_what_is_not_there_and_what_is_not_yours_look_alike(made):
    """No answer tells a stranger which links, operators, orders or accounts there are."""
    client, none = made.flask.test_client(), "HR" + "0" * 32
    order = made.orders["ready"]
    used = made.sign_in_path()
    assert client.get(used).status_code == 303
    stranger = made.flask.test_client()
    of_door = [stranger.get(path) for path in (used, "/console/sign-in/x", "/console/sign-in/a.b")]
    of_orders = [stranger.get(f"/console/orders/{sid}") for sid in (order.sid, none)]
    of_links = [stranger.get(f"/owner/{token}") for token in ("x", "a.b", order.sid)]
    of_letters = [stranger.get(f"/sign/{token}") for token in ("x", "a.b", order.sid)]
    of_api = [
        stranger.get(f"/HostedNumbers/HostedNumberOrders/{order.sid}", auth=auth)
        for auth in ((made.office.account.sid, "wrong"), ("AC" + "0" * 32, "wrong"))
    ]
    for alike in (of_door, of_orders, of_links, of_letters, of_api):
        assert len({(answer.status_code, bare(answer.text)) for answer in alike}) == 1


def bare(text):
    """A text without what is drawn anew for each answer."""
    return re.sub(r'(value="[^"]*"|RQ[0-9a-f]{32})', "", text)


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere(made, where):
    client = signed_in(made)
    for query in ("next", "url", "redirect", "back", "after", "return_to"):
        for path in [made.sign_in_path(), "/console", *made.owners.values(), made.letter]:
            answer = client.get(path, query_string={query: where})
            assert answer.headers.get("Location", "/console").startswith("/console")
            assert where not in answer.text


def test_an_error_tells_nothing_even_where_flask_is_told_to_debug(tmp_path, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with world(tmp_path) as made:
        assert made.flask.debug is False
        secret = "made-up-secret-in-an-exception"

        def broken(*_):
            raise RuntimeError(secret)

        monkeypatch.setattr("verification.owning.look", broken)
        answer = made.flask.test_client().get(made.owners["ready"])
    assert answer.status_code == 500
    assert secret not in answer.text
    assert "Traceback" not in answer.text
