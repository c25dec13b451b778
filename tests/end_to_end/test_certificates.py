"""From a verified order to a certificate that is checked without any network."""

import io
import json

import pypdf
import pytest
import requests
from click.testing import CliRunner

import app
from tests.end_to_end.conftest import NUMBER
from tests.end_to_end.test_journeys import phone


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
