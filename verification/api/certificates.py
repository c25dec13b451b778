"""Lineproof's own: the certificate of a verified order, and the keys that it is checked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from flask import Response, jsonify

from verification import accounts, proofs
from verification.api import orders, parameters
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import Shape
from verification.audit import Entry
from verification.orders import Order

PATH = "/lineproof/v1/orders/{Sid}/certificate"
RESOURCE = "/lineproof/v1/orders"
KEYS = "/.well-known/jwks.json"
KEYS_SECONDS = 3600  # how long a cache may keep the keys


class Certificate(Shape):
    """A certificate, what it says, and where the keys are that it is checked with."""

    certificate: str
    claims: dict[str, Any]
    keys_url: str


class FetchCertificate(Form):
    """``Number``: as ``pseudonym`` the certificate names the number by a keyed hash only."""

    number: Annotated[str, parameters.one_of(20001, "Number", ("plain", "pseudonym"))] = "plain"


Render = Callable[[str, Mapping[str, Any], Sequence[Entry], str], bytes]


class Transaction(proofs.Transaction, orders.Transaction, Protocol):  # type: ignore[misc]
    """What this API needs of a transaction."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The operations of this file."""

    context: Context
    render: Render

    def operations(self) -> list[Operation]:
        """Fetch a certificate, as JSON and as a PDF with the evidence."""
        form = FetchCertificate
        return [
            Operation("certificate", "GET", PATH, self.fetch, form, Certificate),
            Operation(
                "certificate_pdf", "GET", f"{PATH}.pdf", self.pdf, form, file="application/pdf"
            ),
        ]

    def fetch(self, asked: Asked) -> Certificate:
        """The certificate of a verified order, made anew each time."""
        with self.context.store.write() as tx:
            return self._certificate(tx, asked, orders.own(tx, asked, RESOURCE))

    def pdf(self, asked: Asked) -> Response:
        """The same to be printed, with what was written down of the order."""
        with self.context.store.write() as tx:
            order = orders.own(tx, asked, RESOURCE)
            made = self._certificate(tx, asked, order)
            trail = tx.audit.of_object(order.sid)
        pdf = self.render(made.certificate, made.claims, trail, made.keys_url)
        response = Response(pdf, mimetype="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{order.sid}.pdf"'
        response.headers["Cache-Control"] = "no-store"
        return response

    def _certificate(self, tx: Transaction, asked: Asked, order: Order) -> Certificate:
        number = self._number(order, asked.form.number)
        try:
            said = proofs.claims(tx, order, _name(tx, order), number)
        except proofs.NotProved as error:
            raise ApiError(20404, 404, str(error)) from None
        issuer, now = self.context.base_url, self.context.now()
        certificate = proofs.issue(tx, self.context.keyring, said, issuer, now)
        keys = proofs.key_set(tx.proof_keys.all())
        return Certificate(
            certificate=certificate,
            claims=proofs.verify(certificate, keys),
            keys_url=f"{issuer}{KEYS}",
        )

    def _number(self, order: Order, spelling: str) -> dict[str, str]:
        if spelling == "plain":
            return {"phone_number": order.phone_number}
        return {"number_pseudonym": self.context.keyring.pseudonym(order.phone_number)}


def keys(context: Context) -> Response:
    """The public keys, for everybody."""
    with context.store.read() as tx:
        response = jsonify(proofs.key_set(tx.proof_keys.all()))
    response.headers["Cache-Control"] = f"public, max-age={KEYS_SECONDS}"
    return response


def _name(tx: accounts.Reading, order: Order) -> str:
    account = tx.accounts.get(order.account_sid)
    return account.name if account else ""
