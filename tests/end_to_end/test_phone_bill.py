"""A phone bill instead of a call: uploaded over HTTP, the order made with the official SDK."""

import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.end_to_end.conftest import NUMBER
from verification import phone_bills

PDF = b"%PDF-1.7\nMaple Street Dental\n%%EOF\n"


def test_an_order_is_verified_by_a_phone_bill(serve):
    customer = serve()
    url = f"{customer.house.base_url}/lineproof/v1/verification-documents"
    who = (customer.client.username, customer.client.password)
    made = requests.post(url, files={"File": ("bill.pdf", PDF)}, auth=who, timeout=10)
    assert made.status_code == 201
    sid = made.json()["sid"]
    wishes = {"phone_number": NUMBER, "sms_capability": True, "verification_type": "phone-bill"}
    with pytest.raises(TwilioRestException) as refused:
        customer.orders.create(**wishes)
    assert (refused.value.status, refused.value.code) == (400, 22118)
    order = customer.orders.create(**wishes, verification_document_sid=sid)
    assert (order.verification_type, order.verification_document_sid) == ("phone-bill", sid)
    assert (order.status, order.verification_attempts, order.verification_code) == (
        "received",
        0,
        None,
    )
    with customer.house.store.write() as tx:
        document = tx.phone_bills.get(sid)
        assert document is not None
        phone_bills.accept(tx, document, NUMBER, time.time())
    assert order.fetch().status == "verified"
    assert requests.get(f"{url}/{sid}", auth=who, timeout=10).json()["status"] == "accepted"
