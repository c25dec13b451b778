"""From a verified order to a certificate that is checked without any network."""

import base64
import io
import json
import time

import pypdf
import pytest
import requests
from click.testing import CliRunner

import app
from tests.end_to_end.browser import browsing, look
from tests.end_to_end.conftest import NUMBER
from tests.end_to_end.pages import world
from tests.end_to_end.test_journeys import phone
from verification.certificate_sheet import TEXTS
from verification.statuses import Mover


@pytest.fixture
def proved(serve):
    customer = serve(phone("person", types="code"))
    return customer, customer.call(customer.order())


def get(customer, path, **query):
    auth = (customer.client.username, customer.client.password)
    return requests.get(customer.house.base_url + path, params=query, auth=auth, timeout=10)


def verify(*arguments, env=None):
    return CliRunner().invoke(app.main, ["proof", "verify", *map(str, arguments)], env=env)


def test_it_is_fetched_saved_and_verified_offline(proved, tmp_path):
    customer, order = proved
    answer = get(customer, f"/lineproof/v1/orders/{order.sid}/certificate")
    assert answer.json()["claims"]["phone_number"] == NUMBER
    saved, keys = tmp_path / "certificate.json", tmp_path / "keys.json"
    saved.write_text(answer.text)
    keys.write_text(requests.get(answer.json()["keys_url"], timeout=10).text)
    nowhere = {"DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    told = verify(saved, "--keys", keys, env=nowhere)
    assert told.exit_code == 0, told.output
    assert told.output.startswith("GENUINE")
    assert NUMBER in told.output
    forged = answer.json()["certificate"][:-4] + "AAAA"
    saved.write_text(forged)
    refused = verify(saved, "--keys", keys, env=nowhere)
    assert (refused.exit_code, refused.output[:11]) == (1, "NOT GENUINE")
    saved.write_text(json.dumps({"else": 1}))
    assert verify(saved, "--keys", keys, env=nowhere).exit_code == 1


def test_what_a_key_signed_before_it_was_replaced_is_verified_offline(
    proved, database_url, tmp_path
):
    customer, order = proved
    before, after, keys = (tmp_path / name for name in ("before.json", "after.json", "keys.json"))
    path = f"/lineproof/v1/orders/{order.sid}/certificate"
    before.write_text(get(customer, path).text)
    secret = "made-up-secret-key-of-the-journeys"
    env = {"DATABASE_URL": database_url, "LINEPROOF_SECRET_KEYS": secret}
    rotated = CliRunner().invoke(app.main, ["proof", "rotate"], env=env)
    assert rotated.output.endswith(" signs from now on.\n"), rotated.output
    after.write_text(get(customer, path).text)
    keys.write_text(requests.get(json.loads(after.read_text())["keys_url"], timeout=10).text)
    signers = set()
    for saved in (before, after):
        told = verify(saved, "--keys", keys)
        assert told.output.startswith("GENUINE"), told.output
        head = json.loads(saved.read_text())["certificate"].partition(".")[0]
        signers.add(json.loads(base64.urlsafe_b64decode(head + "=="))["kid"])
    assert signers == {key["kid"] for key in json.loads(keys.read_text())["keys"]}
    assert len(signers) == 2


def test_the_printed_one_has_number_evidence_and_what_it_does_not_prove(proved):
    customer, order = proved
    answer = get(customer, f"/lineproof/v1/orders/{order.sid}/certificate.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for part in (NUMBER, order.sid, "consent given", "does not prove", "call placed"):
        assert part in text


def test_with_a_pseudonym_the_number_stands_nowhere(proved):
    customer, order = proved
    path = f"/lineproof/v1/orders/{order.sid}/certificate"
    assert NUMBER not in get(customer, path, Number="pseudonym").text
    pdf = get(customer, f"{path}.pdf", Number="pseudonym").content
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert NUMBER not in "".join(page.extract_text() for page in pages)
    assert get(customer, path, Number="else").status_code == 400


def test_an_unverified_and_anothers_order_have_none(serve):
    customer = serve(phone("busy"))
    order = customer.order()
    answer = get(customer, f"/lineproof/v1/orders/{order.sid}/certificate")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert "never verified" in answer.json()["detail"]
    answer = get(customer, f"/lineproof/v1/orders/HR{'0' * 32}/certificate")
    assert answer.status_code == 404


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages).split())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A verified order with as long a trail as three calls and two mails leave."""
    with world(tmp_path_factory.mktemp("certificates")) as made:
        order = made.orders["done"]
        with made.house.store.write() as tx:
            for _ in range(20):
                tx.audit.append(
                    time.time(), Mover.LINEPROOF, order.account_sid, order.sid, "call ended", "busy"
                )
        yield made


@pytest.mark.parametrize(
    ("language", "link"),
    [("en-CA", "What was proved, to be printed"), ("fr-CA", "Ce qui a été prouvé, à imprimer")],
)
def test_an_operator_prints_it_on_two_pages_and_takes_the_files_along(
    made, tmp_path, language, link
):
    order, texts = made.orders["done"], TEXTS[language[:2]]
    with browsing(1280, language, color_scheme="dark") as page:
        page.goto(made.base_url + made.sign_in_path())
        page.goto(f"{made.base_url}/console/orders/{order.sid}")
        page.get_by_role("link", name=link).click()
        shown = page.locator("article")
        facts = (texts[name] for name in ("title", "ownership-call", "given by one"))
        for part in (order.phone_number, *facts):
            assert part in shown.inner_text()
        for size in ("A4", "Letter"):
            printed = page.pdf(format=size)
            assert 1 <= len(pypdf.PdfReader(io.BytesIO(printed)).pages) <= 2
            text = text_of(io.BytesIO(printed))
            assert order.phone_number in text
            assert page.locator("header button").inner_text() not in text
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        look(page, f"console-certificate-printed-{language[:2]}")
        page.emulate_media(media="screen")
        with page.expect_download() as pdf:
            page.locator("a[href$='.pdf']").click()
        with page.expect_download() as jws:
            page.locator("a[href$='.jws']").click()
        pdf.value.save_as(tmp_path / "certificate.pdf")
        jws.value.save_as(tmp_path / "certificate.jws")
    assert texts["title"] in text_of(tmp_path / "certificate.pdf")
    keys = tmp_path / "keys.json"
    keys.write_text(requests.get(f"{made.base_url}/.well-known/jwks.json", timeout=10).text)
    told = verify(tmp_path / "certificate.jws", "--keys", keys)
    assert told.exit_code == 0, told.output
    assert order.phone_number in told.output


def test_the_print_button_prints(made):
    with browsing(1280, "en") as page:
        page.add_init_script("window.print = () => { document.title = 'printed' }")
        page.goto(made.base_url + made.sign_in_path())
        page.goto(f"{made.base_url}/console/orders/{made.orders['done'].sid}/certificate")
        page.get_by_role("button", name="Print").click()
        assert page.title() == "printed"
