"""The certificate's page over real requests: of what it is, who sees it, what it does not tell."""

from __future__ import annotations

from tests.verification.console.conftest import ORDERS, moved
from verification.operators import Role
from verification.statuses import Mover, Status


def test_a_viewer_sees_the_certificate_and_only_of_what_was_verified(desk):
    order, client = desk.office.order(), desk.client(Role.VIEWER)
    path = f"{ORDERS}/{order.sid}/certificate"
    for ending in ("", ".pdf", ".jws"):
        assert client.get(path + ending).status_code == 404
        assert client.get(f"{ORDERS}/HR{'0' * 32}/certificate{ending}").status_code == 404
    assert "certificate" not in client.get(f"{ORDERS}/{order.sid}").text
    moved(desk, order, Status.VERIFIED, by=Mover.OPERATOR)
    assert path in client.get(f"{ORDERS}/{order.sid}").text
    shown = client.get(path)
    assert "took the number for verified, by hand" in shown.text  # and claims no call
    assert "does not prove that anybody had control" in shown.text
    assert order.phone_number in shown.text
    assert client.get(f"{path}.pdf").data.startswith(b"%PDF")
    assert client.get(f"{path}.jws").mimetype == "application/jose"


def test_a_certificate_with_a_pseudonym_has_the_number_nowhere(desk):
    order, client = desk.office.order(), desk.client()
    moved(desk, order, Status.VERIFIED, by=Mover.OPERATOR)
    path = f"{ORDERS}/{order.sid}/certificate"
    shown = client.get(f"{path}?number=pseudonym").text
    assert order.phone_number not in shown
    assert "certificate.pdf?number=pseudonym" in shown
    refused = client.get(f"{path}?number=else")
    assert (refused.status_code, "plain or as pseudonym" in refused.text) == (400, True)
