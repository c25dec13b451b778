"""An operator's way in a real browser, from the sign-in link to a verified number."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import app
from tests.end_to_end.browser import browsing, look
from tests.end_to_end.conftest import NUMBER
from verification import cli

PHONES = f"""
["{NUMBER}"]
line_type = "landline"
answers = "person"
types = "code"
"""
LIST = (
    "phone_number;friendly_name\n+19029052035;Réception\n(902) 905-2036;Back office\n"
    f"12;Wrong\n{NUMBER};Again\n;Missing\n"
)


@pytest.mark.parametrize(
    ("width", "language", "words"),
    [
        (1280, "en-CA", ("Place the call", "verified", "The right code was heard", "Sign out")),
        (
            390,
            "fr-CA",
            ("Lancer l’appel", "vérifiée", "Le bon code a été entendu", "Se déconnecter"),
        ),
    ],
)
def test_from_the_link_to_a_verified_number(serve, width, language, words):
    customer = serve(PHONES)
    link = cli.first_link(app._opened(customer.house))
    assert link
    place, verified, heard, leave = words
    with browsing(width, language) as page:
        wrong: list[str] = []
        page.on("console", lambda told: wrong.append(told.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        kept = f"{width}-{language[:2]}"
        page.goto(link)
        expect(page).to_have_url(re.compile("/console/orders$"))
        look(page, f"console-empty-{kept}")
        customer.orders.create(
            phone_number=NUMBER,
            sms_capability=True,
            friendly_name="Front desk",
            status_callback_url=f"{customer.house.base_url}/",
        )  # through the API, while the page stands open
        page.get_by_role("link", name=NUMBER).click()
        look(page, f"console-order-{kept}")
        page.get_by_role("button", name=place).click()
        tag = page.locator(".heading .tag")
        expect(tag).to_have_text(verified)
        expect(page.get_by_text(heard)).to_be_visible()
        look(page, f"console-verified-{kept}")
        page.locator(".crumb a").click()
        look(page, f"console-orders-{kept}")
        upload(page, customer.house, kept)
        assert wrong == []
        page.get_by_role("button", name=leave).click()
        look(page, f"console-outside-{kept}")
        page.goto(link)
        look(page, f"console-used-link-{kept}")


def upload(page, house, kept):
    """Many orders from a file: what was read, then the bar that goes on by itself."""
    page.goto(f"{house.base_url}/console/orders/many")
    content = LIST.encode()
    page.set_input_files(
        "#file", files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": content}]
    )
    page.locator("button.primary").click()
    expect(page.locator("tbody").first).to_contain_text("6")
    look(page, f"console-preview-{kept}")
    page.locator("button[value=order]").click()
    expect(page).to_have_url(re.compile("/console/orders/many/BH"))
    expect(page.locator("progress")).to_have_attribute("value", "2")
    expect(page.locator("#done")).to_have_text(re.compile("Every|Toutes"))


def test_the_page_says_when_it_has_lost_the_server_and_when_it_is_back(serve):
    customer = serve(PHONES)
    link = cli.first_link(app._opened(customer.house))
    customer.order()
    with browsing(1280, "en") as page:
        page.goto(str(link))
        lost = page.locator("#lost")
        page.context.set_offline(True)
        expect(lost).to_be_visible()
        look(page, "console-lost")
        page.context.set_offline(False)
        expect(lost).to_be_hidden()
