"""The owner's way in a real browser: the operator hands over the link, the owner reads the code."""

from __future__ import annotations

import queue
import re

import pytest
from playwright.sync_api import expect

import app
from tests.end_to_end.browser import browsing, look
from tests.end_to_end.conftest import NUMBER, PATIENCE_SECONDS
from tests.end_to_end.story import eventually, mails
from verification import cli, owner_links
from verification.owner_links import Giver
from verification.statuses import Mover

PERSON = f"""
["{NUMBER}"]
line_type = "landline"
answers = "person"
types = "code"
"""
BUSY = PERSON.replace('"person"', '"busy"')


@pytest.fixture
def reading(monkeypatch):
    """What the person at the phone has read on his page: he types nothing before he knows it."""
    read: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(
        app.House, "code_of", lambda house, number: read.get(timeout=PATIENCE_SECONDS)
    )
    return read


@pytest.mark.parametrize(
    ("width", "language", "words"),
    [
        (1280, "en-CA", ("Link for the owner", "Call me now", "Thank you.", "verified")),
        (
            390,
            "fr-CA",
            ("Lien pour le titulaire", "Appelez-moi maintenant", "Merci.", "vérifiée"),
        ),
    ],
)
def test_the_operator_hands_over_the_link_and_the_owner_verifies_his_number(
    serve, reading, width, language, words
):
    customer = serve(PERSON)
    hand_over, call, thanks, verified = words
    order = customer.order()
    wrong: list[str] = []
    with browsing(width, language) as desk, browsing(width, language) as phone:
        for page in (desk, phone):
            page.on("console", lambda told: wrong.append(told.text))
            page.on("pageerror", lambda error: wrong.append(str(error)))
        desk.goto(str(cli.first_link(app._opened(customer.house))))
        desk.goto(f"{customer.house.base_url}/console/orders/{order.sid}")
        desk.get_by_role("button", name=hand_over, exact=True).click()
        kept = f"journey-owner-{width}-{language[:2]}"
        look(desk, f"{kept}-1-link")
        phone.goto(desk.locator("#owner-url").input_value())
        look(phone, f"{kept}-2-ready")
        phone.get_by_role("button", name=call).click()
        code = phone.locator(".big .hidden")
        expect(code).to_have_text(re.compile(r"^(\d ){5}\d$"))
        expect(phone.locator(".stages .here")).to_have_count(1)
        look(phone, f"{kept}-3-code")
        reading.put(code.inner_text().replace(" ", ""))
        expect(phone.locator(".now")).to_contain_text(thanks)
        expect(phone.locator(".big")).to_have_count(0)
        look(phone, f"{kept}-4-verified")
        phone.go_back()
        expect(phone.locator(".now")).to_contain_text(thanks)
        desk.goto(f"{customer.house.base_url}/console/orders/{order.sid}")
        expect(desk.locator(".heading .tag")).to_have_text(verified)
    assert wrong == []
    assert customer.orders(order.sid).fetch().verification_attempts == 1


def test_a_mailed_link_works_without_script_and_says_that_the_line_was_busy(serve, tmp_path):
    folder = tmp_path / "mails"
    customer = serve(BUSY, LINEPROOF_MAIL_FOLDER=str(folder))
    order = customer.order()
    made = customer.client.request(
        "POST",
        f"{customer.house.base_url}/lineproof/v1/orders/{order.sid}/owner-link",
        data={"Email": "anne@example.com"},
        auth=(customer.client.username, customer.client.password),
    )
    assert made.status_code == 201, made.text
    mail = eventually(lambda: mails(folder, "anne@example.com"), "a mail")[0]
    text = mail.get_body(("plain",)).get_content()
    (link,) = re.findall(r"http://\S+/owner/\S+", text)
    with browsing(390, "en", java_script_enabled=False) as page:
        page.goto(link)
        page.get_by_role("button", name="Call me now").click()
        # Without script the page is loaded anew by itself while a call is on.
        expect(page.locator(".now")).to_have_text("The line was busy.")
        expect(page.get_by_role("button", name="Call me again")).to_be_visible()
        page.locator("summary", has_text="This is not my number").click()
        page.get_by_role("button", name="It is not my number").click()
        expect(page.locator("h1")).to_have_text("Thank you for telling us")
    order = customer.orders(order.sid).fetch()
    assert order.status == "action-required"
    assert order.failure_reason.startswith("The person who was given the link says")


def test_the_page_says_when_it_has_lost_the_server_and_keeps_what_it_shows(serve, reading):
    customer = serve(PERSON)
    order = customer.order()
    with browsing(390, "en") as page:
        with customer.house.store.write() as tx:
            giver = Giver(Mover.CUSTOMER, "api", customer.house.store.now())
            link = owner_links.hand_over(tx, tx.orders.get(order.sid), giver)
        page.goto(owner_links.url(customer.house.keyring, customer.house.base_url, link))
        page.get_by_role("button", name="Call me now").click()
        code = page.locator(".big .hidden")
        expect(code).to_have_text(re.compile(r"^(\d ){5}\d$"))
        page.context.set_offline(True)
        expect(page.locator("#lost")).to_contain_text("answer it all the same")
        expect(code).to_be_visible()
        look(page, "owner-lost-390-en")
        page.context.set_offline(False)
        expect(page.locator("#lost")).to_be_hidden()
        reading.put(code.inner_text().replace(" ", ""))
        expect(page.locator(".now")).to_contain_text("Thank you.")
