"""The owner's page over requests: what it shows, what a form does, what a stale one does not."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from string import Formatter
from typing import Any

import pytest

import app
from tests.conftest import CALL, NUMBER, Clock, Office
from tests.verification.api.conftest import Directory
from verification import accounts, attempts, calling, conversation, owner_links, settings
from verification.attempts import Outcome
from verification.calling import Placed
from verification.console.owner_texts import GONE, OWNER
from verification.conversation import Call
from verification.numbers import half_hidden
from verification.owner_links import LINK_SECONDS, End, Giver
from verification.owning import Stage
from verification.statuses import Mover, Status


@dataclass
class Page:
    """The page of one order, over an application without a network."""

    office: Office
    flask: Any
    order: Any
    path: str

    def open(self, client=None, language="en"):
        client = client or self.flask.test_client()
        return client.get(self.path, headers={"Accept-Language": language})

    def fields(self, client):
        text = self.open(client).text
        return {
            name: re.findall(f'name="{name}" value="([^"]*)"', text)[0]
            for name in ("csrf_token", "count")
        }

    def send(self, client=None, **fields):
        client = client or self.flask.test_client()
        return client.post(self.path, data=self.fields(client) | fields)

    @property
    def now(self):
        return self.office.order_now(self.order.sid)

    def answered(self):
        """The call is on, and asks for its key."""
        attempt = self.office.claim()
        assert attempt is not None
        with self.office.store.write() as tx:
            now = self.office.clock.now()
            calling.record_answer(tx, attempt.id, Placed(CALL), now)
            conversation.begin(tx, self.office.keyring, attempt.id, Call(CALL, NUMBER), 1, now)
        return self.office.attempt(attempt.id)


@pytest.fixture
def page(tmp_path, monkeypatch):
    chosen = settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/owner.db"})
    house = app.open_house(chosen, "http://localhost")
    clock = Clock(time.time())
    monkeypatch.setattr(type(house.store), "now", lambda _: clock.time)
    flask = app.create_app(house, Directory())

    def page(name="Maple Street Dental", **wishes):
        with house.store.write() as tx:
            account, _ = accounts.create(tx, house.keyring, name, clock.now())
        office = Office(house.store, house.keyring, clock, account)
        order = office.order(**wishes)
        with house.store.write() as tx:
            link = owner_links.hand_over(tx, order, Giver(Mover.CUSTOMER, "api", clock.now()))
        return Page(office, flask, order, owner_links.url(house.keyring, "", link))

    yield page
    house.store.close()


def test_it_says_who_asks_and_what_for_and_hides_the_middle_of_the_number(page):
    text = page().open().text
    assert "Maple Street Dental asks to send and receive text messages" in text
    assert half_hidden(NUMBER) in text
    assert half_hidden(NUMBER).split() == ["+1", "902", "•••", "2034"]
    assert NUMBER not in text
    assert "905" not in re.sub(r"[\w-]{20,}\.[\w-]{20,}", "", text)  # its links may hold any figure


def test_opening_it_changes_nothing_however_often_and_by_whom(page):
    here = page()
    before = here.office.events(here.order.sid)
    for headers in ({}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "LinkScanner"}):
        client = here.flask.test_client()
        assert client.get(here.path, headers=headers).status_code == 200
        assert client.head(here.path).status_code == 200
    assert here.now == here.order
    assert here.office.events(here.order.sid) == before


def test_the_call_is_asked_for_by_the_form_and_the_code_stands_there_while_it_is_on(page):
    here, client = page(), None
    client = here.flask.test_client()
    assert here.send(client, act="call").status_code == 303
    assert here.now.status is Status.PENDING_VERIFICATION
    assert "Your phone rings in a moment" in here.open(client).text
    code = here.office.keyring.open(here.now.code, here.order.sid)
    assert code[:3] + " " + code[3:] not in here.open(client).text
    here.answered()
    text = here.open(client).text
    assert code[:3] + " " + code[3:] in text
    assert "press the key that it names" in text


def test_a_form_of_a_page_that_is_behind_calls_nobody(page):
    here = page()
    client, other = here.flask.test_client(), here.flask.test_client()
    stale = here.fields(other)
    here.send(client, act="call")
    attempt = here.answered()
    with here.office.store.write() as tx:
        attempts.conclude(tx, attempt, Outcome.NO_CODE, here.office.clock.now())
    again = other.post(here.path, data=stale | {"act": "call"})
    assert again.status_code == 303
    assert here.now.verification_attempts == 1
    assert here.send(other, act="call").status_code == 303
    assert here.now.verification_attempts == 2


def test_no_form_counts_without_the_token_of_its_own_browser_and_link(page):
    here = page()
    foreign = here.fields(here.flask.test_client())
    client = here.flask.test_client()
    here.open(client)
    for fields in ({}, {"csrf_token": "x"}, foreign):
        for act in ("call", "not-mine", "later", "forget"):
            answer = client.post(here.path, data={"count": "0", **fields, "act": act})
            assert answer.status_code == 403
    assert here.now == here.order


def test_a_time_is_chosen_shown_and_given_up(page):
    here = page()
    client = here.flask.test_client()
    at = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(here.office.clock.now() + 7500))
    assert here.send(client, act="later", at=at, zone="UTC").status_code == 303
    text = here.open(client).text
    assert f"We call {half_hidden(NUMBER)} on" in text
    assert "That is in 2 h" in text
    here.send(client, act="forget")
    assert "We call" not in here.open(client).text


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        ("", "UTC", "Choose a day and a time"),
        ("2020-01-01T10:00", "UTC", "Choose a time between now and"),
        ("2199-01-01T10:00", "America/Halifax", "Choose a time between now and"),
        ("2027-03-14T02:30", "America/New_York", "the clocks are put forward"),
        ("2026-12-01T10:00", "<script>", "Choose a day and a time"),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused_with_the_reason(page, at, zone, said):
    answer = page().send(act="later", at=at, zone=zone)
    assert answer.status_code == 422
    assert said in answer.text
    assert "<script>" not in answer.text
    assert "We call" not in answer.text


def test_not_my_number_stops_the_order_and_the_link(page):
    here = page()
    client = here.flask.test_client()
    assert here.send(client, act="not-mine").status_code == 303
    assert here.now.status is Status.ACTION_REQUIRED
    gone = here.open(client)
    assert (gone.status_code, "Thank you for telling us" in gone.text) == (410, True)
    assert "Maple" not in gone.text


def test_who_says_not_mine_is_heard_though_a_call_was_begun_meanwhile(page):
    here = page()
    client = here.flask.test_client()
    fields = here.fields(client)
    here.send(act="call")
    client.post(here.path, data=fields | {"act": "not-mine"})
    assert here.now.status is Status.ACTION_REQUIRED
    assert here.office.claim() is None


def test_every_dead_link_says_nothing_of_its_order(page):
    here = page()
    foreign = here.office.keyring.link("sign.v1", [here.order.sid, 1])
    never = here.office.keyring.link(owner_links.LINK, ["HR" + "0" * 32, 1])
    old = here.office.keyring.link(owner_links.LINK, [here.order.sid, 0])
    here.office.clock.tick(LINK_SECONDS)
    client = here.flask.test_client()
    answers = {
        token: client.get(f"/owner/{token}")
        for token in ("x", "%00", "A" * 3000, foreign, never, old, here.path.rpartition("/")[2])
    }
    assert [answer.status_code for answer in answers.values()] == [404] * 4 + [410] * 3
    assert len({answer.text for answer in answers.values() if answer.status_code == 404}) == 1
    for answer in answers.values():
        assert "Maple" not in answer.text
        assert "902" not in answer.text


def test_garbage_is_never_a_500(page):
    here = page()
    client = here.flask.test_client()
    fields = here.fields(client)
    assert client.post(here.path, data=b"\xff", content_type="x").status_code == 400
    for act in ("", "x", "call\x00"):
        assert client.post(here.path, data=fields | {"act": act}).status_code in (303, 400)
    for count in ("", "-1", "x" * 400):
        assert client.post(here.path, data=fields | {"count": count, "act": "call"})
    assert here.now == here.order


@pytest.mark.parametrize(("language", "said"), [("fr-CA", "Appelez-moi"), ("es", "Llámenme")])
def test_it_speaks_the_language_of_the_reader_and_names_that_of_the_call(page, language, said):
    text = page().open(language=language).text
    assert said in text
    assert {"fr-CA": "L’appel est en anglais.", "es": "La llamada es en inglés."}[language] in text


def test_every_text_is_there_in_every_language_with_the_same_facts():
    def facts(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert OWNER["en"].keys() == OWNER["fr"].keys() == OWNER["es"].keys()
    for name, text in OWNER["en"].items():
        assert facts(text) == facts(OWNER["fr"][name]) == facts(OWNER["es"][name]), name
    for language in OWNER:
        assert set(GONE[language]) == {"", *End}
    assert {str(outcome) for outcome in Outcome} - OWNER["en"].keys() == set()
    assert {str(stage) for stage in Stage} - OWNER["en"].keys() == {"calling"}
