"""The whole letter: API, mail, link, page, signature, PDF; and both families with the SDK."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.end_to_end.conftest import PATIENCE_SECONDS
from tests.mail_server import mail_server

NUMBERS = ("+19029052034", "+19029052035")
ADDRESS = {
    "customer_name": "Anne-Marie Élise Roy",
    "friendly_name": "Clinique de l’Érable",
    "street": "14 Maple Street",
    "city": "Halifax",
    "region": "NS",
    "postal_code": "B3J 1A1",
    "iso_country": "CA",
}
CC = ["front@example.com", "boss@example.com"]


class Form(HTMLParser):
    """The fields of a page's first form, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"]] = given["value"]


@dataclass
class Browser:
    """A person's browser at the signer's page."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def open(self):
        return self.session.get(self.url, timeout=10)

    def send(self, **fields):
        hidden = Form(self.open().text).fields
        return self.session.post(self.url, data=hidden | fields, timeout=30)


@pytest.fixture
def inbox():
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def customer(serve, inbox):
    phones = "".join(f'["{number}"]\nanswers = "person"\ntypes = "code"\n' for number in NUMBERS)
    return serve(
        phones.replace("answers", 'line_type = "landline"\nanswers'),
        LINEPROOF_SMTP_URL=f"smtp://127.0.0.1:{inbox.port}",
        LINEPROOF_MAIL_FROM="letters@lineproof.example",
    )


@pytest.fixture
def orders(customer):
    """Two orders, verified by the calls that they ask for."""
    made = []
    for number in NUMBERS:
        order = customer.call(customer.order(number))
        assert order.status == "verified", order.failure_reason
        made.append(order)
    return made


def arrived(inbox, recipient, count):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = inbox.to(recipient)
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{recipient} got {len(inbox.to(recipient))} mails")


def link_in(mail):
    (link,) = set(re.findall(r"http://\S+/sign/\S+", mail.get_body(("plain",)).get_content()))
    return link


def pdf(customer, sid):
    return requests.get(
        f"{customer.house.base_url}/lineproof/v1/authorization-documents/{sid}/letter.pdf",
        auth=(customer.client.username, customer.client.password),
        timeout=10,
    )


def text_of(content):
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    return done.stdout.decode()


def test_a_letter_goes_out_is_read_signed_and_fetched(customer, orders, inbox):
    documents = customer.client.preview.hosted_numbers.authorization_documents
    made = documents.create(
        hosted_number_order_sids=[order.sid for order in orders],
        address_sid=customer.client.addresses.create(**ADDRESS).sid,
        email="anne@example.com",
        cc_emails=CC,
        contact_title="Owner",
        contact_phone_number="+19029052030",
    )
    assert made.status == "signing"
    assert {order.fetch().status for order in orders} == {"pending-loa"}
    assert pdf(customer, made.sid).status_code == 404
    for watcher in CC:
        (mail,) = arrived(inbox, watcher, 1)
        assert "/sign/" not in mail.as_string()
    (mail,) = arrived(inbox, "anne@example.com", 1)

    signer = Browser(link_in(mail))
    page = signer.open()
    assert page.status_code == 200
    for shown in (*NUMBERS, "Anne-Marie Élise Roy", "14 Maple Street", "Clinique de l’Érable"):
        assert shown in page.text
    refused = signer.send(name="Anne Roy", consent="yes", answer="sign")
    assert (
        refused.status_code,
        "Missing in what you typed: Anne-Marie, Élise" in refused.text,
    ) == (
        422,
        True,
    )
    signed = signer.send(name="anne marie elise ROY", consent="yes", answer="sign")
    assert signed.status_code == 200
    assert "The letter is signed" in signed.text
    assert not any(number in signer.open().text for number in NUMBERS)

    assert documents(made.sid).fetch().status == "signed"
    assert {order.fetch().status for order in orders} == {"carrier-processing"}
    fetched = pdf(customer, made.sid)
    assert (fetched.status_code, fetched.headers["Content-Type"]) == (200, "application/pdf")
    text = text_of(fetched.content)
    for shown in (*NUMBERS, "anne marie elise ROY", "Anne-Marie Élise Roy", "127.0.0.1", "python"):
        assert shown in text
    for recipient, count in (("anne@example.com", 2), *((watcher, 2) for watcher in CC)):
        *_, copy = arrived(inbox, recipient, count)
        (attached,) = copy.iter_attachments()
        assert attached.get_content() == fetched.content
    assert len(inbox.mails) == 6


def test_the_letter_of_another_account_and_an_unsigned_one_are_problems_of_our_own(customer):
    answer = pdf(customer, "PX" + "0" * 32)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, set(answer.json())) == (
        404,
        {"type", "title", "status", "detail", "code"},
    )
    customer.client.password = "wrong"
    refused = pdf(customer, "PX" + "0" * 32)
    assert (refused.status_code, refused.json()["title"]) == (401, "Unauthorized")


def family(customer, name):
    """The documents of a family, their path, and what its create needs beside."""
    if name == "preview":
        found = customer.client.preview.hosted_numbers.authorization_documents
        return found, "/HostedNumbers/AuthorizationDocuments", {"contact_title": "Owner"}
    found = customer.client.numbers.v2.authorization_documents
    return found, "/v2/HostedNumber/AuthorizationDocuments", {}


@pytest.mark.parametrize("name", ["preview", "numbers v2"])
def test_each_operation_and_field_with_the_official_sdk(customer, orders, name):
    documents, path, more = family(customer, name)
    address_sid = customer.client.addresses.create(**ADDRESS).sid
    made = documents.create(
        hosted_number_order_sids=[order.sid for order in orders],
        address_sid=address_sid,
        email="anne@example.com",
        contact_phone_number="+19029052030",
        cc_emails=CC,
        **more,
    )
    url = f"{customer.house.base_url}{path}/{made.sid}"
    for shown in (made, documents(made.sid).fetch(), *documents.list(status="signing")):
        assert (shown.sid, shown.address_sid) == (made.sid, address_sid)
        assert (shown.status, shown.email, shown.cc_emails) == ("signing", "anne@example.com", CC)
        for moment in (shown.date_created, shown.date_updated):
            assert isinstance(moment, datetime)
            assert abs((datetime.now(UTC) - moment).total_seconds()) < 600
        assert shown.url == url
        assert shown.links == {
            "dependent_hosted_number_orders": f"{url}/DependentHostedNumberOrders"
        }
    assert documents.list(email="nobody@example.com") == []
    below = documents(made.sid).dependent_hosted_number_orders
    assert {order.sid for order in below.list(page_size=1)} == {order.sid for order in orders}
    (one,) = below.list(phone_number=NUMBERS[0], status="pending-loa")
    now = orders[0].fetch()
    for attribute in (
        *("sid", "account_sid", "incoming_phone_number_sid", "address_sid", "phone_number"),
        *("signing_document_sid", "capabilities", "friendly_name", "status", "failure_reason"),
        *("date_created", "date_updated", "email", "cc_emails"),
    ):
        assert getattr(one, attribute) == getattr(now, attribute), attribute
    assert one.signing_document_sid == made.sid
    if name == "preview":
        for attribute in ("unique_name", "verification_attempts", "extension", "call_delay"):
            assert getattr(one, attribute) == getattr(now, attribute), attribute
        assert one.verification_call_sids == now.verification_call_sids
    else:
        assert one.next_step == "Sign the letter of authorization."
        assert (one.contact_title, one.contact_phone_number) == (None, None)
        assert one.bulk_hosting_request_sid is None
    assert documents(made.sid).delete() is True
    assert documents(made.sid).fetch().status == "canceled"
    assert {order.fetch().status for order in orders} == {"verified"}
    with pytest.raises(TwilioRestException) as again:
        documents(made.sid).delete()
    assert (again.value.status, again.value.code) == (400, 22107)


def test_preview_takes_a_letter_back_edits_it_and_sends_it_again(customer, orders, inbox):
    documents, _, _ = family(customer, "preview")
    made = documents.create(
        hosted_number_order_sids=[order.sid for order in orders],
        address_sid=customer.client.addresses.create(**ADDRESS).sid,
        email="anne@example.com",
        contact_title="Owner",
        contact_phone_number="+19029052030",
    )
    (first,) = arrived(inbox, "anne@example.com", 1)
    with pytest.raises(TwilioRestException) as refused:
        documents(made.sid).update(email="roy@example.com")
    assert refused.value.code == 22107
    opened = documents(made.sid).update(status="opened", email="roy@example.com")
    assert (opened.status, opened.email) == ("opened", "roy@example.com")
    assert {order.fetch().status for order in orders} == {"verified"}
    assert Browser(link_in(first)).open().status_code == 410
    again = documents(made.sid).update(
        status="signing", hosted_number_order_sids=[orders[1].sid], contact_title="Manager"
    )
    assert again.status == "signing"
    assert [order.fetch().status for order in orders] == ["verified", "pending-loa"]
    (second,) = arrived(inbox, "roy@example.com", 1)
    page = Browser(link_in(second)).open().text
    assert NUMBERS[1] in page
    assert NUMBERS[0] not in page
    assert "Manager" in page
    assert Browser(link_in(first)).open().status_code == 410
