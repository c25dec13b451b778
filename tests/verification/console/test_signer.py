"""The signer's page: what it shows, what it refuses, and that a letter is signed once."""

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest

import app
from tests.conftest import Clock, Office
from tests.verification.api.conftest import Directory
from tests.verification.letter_office import Letters
from verification import accounts, letter_mails, settings, signing
from verification.console import csrf
from verification.documents import SIGNING_SECONDS, DocumentStatus, LetterGone
from verification.statuses import Mover

NAME = "Anne-Marie Élise Roy"


@dataclass
class Page:
    """The page of one letter, over an application without a network."""

    desk: Letters
    flask: Any
    document: Any

    @property
    def path(self):
        keyring = self.desk.office.keyring
        return letter_mails.link(keyring, "", self.document.sid, self.document.sendings)

    def client(self):
        return self.flask.test_client()

    def token(self, client):
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(self.path).text)
        assert found
        return found[1]

    def send(self, client=None, **fields):
        client = client or self.client()
        return client.post(self.path, data={"csrf_token": self.token(client)} | fields)

    def sign(self, client=None):
        return self.send(client, name=NAME, consent="yes", answer="sign")

    @property
    def signatures(self):
        told = self.desk.office.events(self.document.sid)
        return sum("letter signed" in event for event in told)

    @property
    def status(self):
        return self.desk.now(self.document).status


@pytest.fixture
def page(tmp_path):
    chosen = settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/page.db"})
    house = app.open_house(chosen, "http://localhost")

    def page(count=2, customer="Acme", order=(), **address):
        with house.store.write() as tx:
            account, _ = accounts.create(tx, house.keyring, customer, 1.0)
        clock = Clock(time.time())
        desk = Letters(Office(house.store, house.keyring, clock, account))
        sids = [one.sid for one in desk.verified(count, **dict(order))]
        document = desk.create(sids, desk.address(**address))
        return Page(desk, app.create_app(house, Directory()), document)

    yield page
    house.store.close()


class Tags(HTMLParser):
    """The tags of a page and their attributes."""

    def __init__(self, text):
        super().__init__()
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_page_shows_the_letter_and_what_it_asks(page):
    text = page().client().get(page().path).text
    for shown in (NAME, "14 Maple Street", "Halifax, NS B3J 1A1", "+19022340000", "+19022340001"):
        assert shown in text
    assert "I agree to sign it electronically" in text


def test_every_answer_has_the_headers_that_keep_it_to_itself(page):
    here = page()
    answers = [here.client().get(here.path), here.send(), here.sign(), here.client().get("/sign/x")]
    assert [answer.status_code for answer in answers] == [200, 422, 303, 404]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_nothing_on_the_page_needs_script_or_another_host(page):
    here = page()
    tags = Tags(here.client().get(here.path).text).seen
    assert not [tag for tag, _ in tags if tag in {"script", "style", "iframe", "object"}]
    for _, attributes in tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("src", "href", "action"):
            assert attributes.get(name, "/").startswith(("/", "#"))
    (style,) = [attributes["href"] for tag, attributes in tags if tag == "link"]
    assert here.client().get(style).mimetype == "text/css"


def test_every_field_has_a_label(page):
    tags = Tags(page().send(name="x").text).seen
    labels = {attributes["for"] for tag, attributes in tags if tag == "label"}
    fields = [a for tag, a in tags if tag == "input" and a.get("type") != "hidden"]
    assert {field["id"] for field in fields} == labels
    assert all("aria-describedby" in field for field in fields)


@pytest.mark.parametrize(
    "evil",
    ["<script>alert(1)</script> X", '"><img src=x onerror=alert(1)> Y', "{{ 87654 * 4321 }} Z"],
)
def test_names_are_shown_as_text(page, evil):
    here = page(customer="A & <b>", customer_name=evil, friendly_name=evil[:60])
    answer = here.send(name=evil)
    tags = {tag for tag, _ in Tags(answer.text).seen}
    assert not tags & {"script", "img", "b"}
    assert str(87654 * 4321) not in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Type your full name"),
        ({"name": NAME}, "Tick the box"),
        ({"consent": "yes"}, "Type your full name"),
        ({"name": "Anne Roy", "consent": "yes"}, "Missing in what you typed: Anne-Marie, Élise"),
        ({"name": f"{NAME} Jr", "consent": "yes"}, "Not part of it: Jr"),
        ({"name": "Roy Élise Anne-Marie", "consent": "yes"}, "in the order of the letter"),
        ({"name": "x" * 5000, "consent": "yes"}, "at most 200 characters"),
        ({"name": NAME, "consent": "on"}, "Tick the box"),
        (
            {"name": NAME, "consent": "yes", "answer": "sign", "csrf_token": "x"},
            "open for too long",
        ),
        ({"answer": "decline", "csrf_token": ""}, "open for too long"),
    ],
)
def test_a_form_that_is_not_whole_signs_nothing_and_says_why(page, fields, said):
    here = page()
    answer = here.send(**fields)
    assert answer.status_code in (403, 422)
    assert said in answer.text
    assert here.status is DocumentStatus.SIGNING


def test_what_was_typed_is_kept_when_something_else_is_wrong(page):
    assert f'value="{NAME}"' in page().send(name=NAME).text


def test_a_token_of_another_browser_or_letter_is_worth_nothing(page):
    here, other = page(), page()
    foreign = here.token(here.client())
    assert here.send(csrf_token=foreign, name=NAME, consent="yes").status_code == 403
    client = here.client()
    of_other = other.token(client)
    here.client().get(here.path)
    sent = client.post(here.path, data={"csrf_token": of_other, "name": NAME, "consent": "yes"})
    assert sent.status_code == 403
    assert here.status is DocumentStatus.SIGNING


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(page):
    here = page()
    plain = here.client().get(here.path).headers["Set-Cookie"]
    secure = here.client().get(here.path, base_url="https://localhost").headers["Set-Cookie"]
    for cookie in (plain, secure):
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
    assert secure.startswith("__Host-")
    assert "Secure" in secure


def test_a_signed_letter_is_shown_to_nobody_again(page):
    here = page()
    client = here.client()
    answer = here.sign(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, here.path)
    assert here.status is DocumentStatus.SIGNED
    after = client.get(here.path)
    assert (after.status_code, "The letter is signed" in after.text) == (200, True)
    assert NAME not in after.text
    assert "+1902" not in after.text


def test_sending_the_same_form_again_signs_nothing_again(page):
    here = page()
    client = here.client()
    form = {"csrf_token": here.token(client), "name": NAME, "consent": "yes", "answer": "sign"}
    answers = [client.post(here.path, data=form) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 200, 200]
    assert (
        sum("letter signed" in event for event in here.desk.office.events(here.document.sid)) == 1
    )


def test_of_many_signatures_at_once_one_counts(page):
    here = page()
    clients = [here.client() for _ in range(6)]
    forms = [
        {"csrf_token": here.token(client), "name": NAME, "consent": "yes"} for client in clients
    ]
    with ThreadPoolExecutor(6) as pool:
        sent = pool.map(lambda c, f: c.post(here.path, data=f).status_code, clients, forms)
    assert set(sent) <= {200, 303}
    assert (
        sum("letter signed" in event for event in here.desk.office.events(here.document.sid)) == 1
    )
    assert here.desk.office.store.check() == []


def test_who_declines_cancels_the_letter(page):
    here = page()
    assert here.send(answer="decline").status_code == 303
    assert here.status is DocumentStatus.CANCELED
    assert here.desk.statuses(here.document) == {"verified"}
    gone = here.client().get(here.path)
    assert (gone.status_code, "The letter is canceled" in gone.text) == (410, True)


def test_a_link_dies_with_its_letter(page):
    here = page()
    with here.desk.office.store.write() as tx:
        signing.cancel(here.desk.desk(tx), here.document, Mover.CUSTOMER)
    assert here.client().get(here.path).status_code == 410
    assert here.client().post(here.path, data={"name": NAME}).status_code == 410


def test_a_letter_whose_time_is_over_cannot_be_signed(page):
    here = page()
    client = here.client()
    form = {"csrf_token": here.token(client), "name": NAME, "consent": "yes"}
    office = here.desk.office
    over = office.clock.now() + SIGNING_SECONDS
    letter = here.desk.read(here.document)
    with office.store.write() as tx, pytest.raises(LetterGone):
        signing.sign(signing.Desk(tx, office.keyring, over), letter, b"%PDF")
    assert client.post(here.path, data=form).status_code == 303  # in time


@pytest.mark.parametrize("token", ["x", "a.b", "%00", "é", "A" * 5000, "../x", "W10.x"])
def test_a_link_that_we_did_not_make_leads_nowhere(page, token):
    answer = page().client().get(f"/sign/{token}")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_a_link_of_another_purpose_leads_nowhere(page):
    here = page()
    other = here.desk.office.keyring.link(csrf._PURPOSE, [here.document.sid, 1])
    assert here.client().get(f"/sign/{other}").status_code == 404


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Signer la lettre"), ("es", "Firmar la carta")]
)
def test_the_page_speaks_the_language_of_the_orders(page, language, said):
    here = page(order={"language": language}.items())
    assert said in here.client().get(here.path).text
    assert f'lang="{language}"' in here.client().get(here.path).text


def test_errors_speak_the_language_of_the_browser(page):
    answer = page().client().get("/sign/x", headers={"Accept-Language": "fr-CA,en;q=0.5"})
    assert "Cette page n’existe pas" in answer.text


def test_garbage_is_never_a_500_and_signs_nothing(page):
    here = page()
    client = here.client()
    token = here.token(client)
    draw = random.Random(4)  # noqa: S311 - garbage is no secret
    for _ in range(150):
        body = bytes(draw.choice(b"name=&%0aF+consent;\xff\x00") for _ in range(draw.randrange(60)))
        kind = draw.choice(["application/x-www-form-urlencoded", "application/json", "x", ""])
        answer = client.post(here.path, data=body, content_type=kind)
        assert answer.status_code in (400, 403, 422), body
        fields = {"csrf_token": token, "name": draw.choice(["", "\x00", NAME[:9], "é" * 300])}
        assert client.post(here.path, data=fields).status_code in (400, 422)
    big = client.post(here.path, data={"csrf_token": token, "name": "x" * 70_000})
    assert (big.status_code, big.mimetype) == (413, "text/html")
    assert client.put(here.path).status_code == 405
    assert here.status is DocumentStatus.SIGNING


def test_15000_numbers_are_all_on_the_page(page):
    here = page(count=15_000)
    text = here.client().get(here.path).text
    assert text.count("<li>+1902") == 15_000
