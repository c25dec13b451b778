"""Lineproof's own: the certificate of a verified order, and the keys that it is checked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from flask import Response, jsonify

from verification import proofs
from verification.api import orders, parameters
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import Shape, Url
from verification.certificate_sheet import Sheet, sheet

PATH = "/lineproof/v1/orders/{Sid}/certificate"
RESOURCE = "/lineproof/v1/orders"
KEYS_SECONDS = 3600  # how long a cache may keep the keys


class Certificate(Shape):
    """A certificate, what it says, and where the keys are that it is checked with."""

    certificate: str
    claims: dict[str, Any]
    keys_url: Url


class FetchCertificate(Form):
    """``Number``: as ``pseudonym`` the certificate names the number by a keyed hash only."""

    number: Annotated[str, parameters.one_of(20001, "Number", ("plain", "pseudonym"))] = "plain"


Render = Callable[[Sheet], bytes]


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
        made = self._certificate(asked)
        return Certificate(certificate=made.text, claims=dict(made.said), keys_url=made.keys_url)

    def pdf(self, asked: Asked) -> Response:
        """The same to be printed, with what was written down of the order."""
        made = self._certificate(asked)
        response = Response(self.render(sheet(made)), mimetype="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{made.said["sub"]}.pdf"'
        response.headers["Cache-Control"] = "no-store"
        return response

    def _certificate(self, asked: Asked) -> proofs.Certificate:
        context, pseudonym = self.context, asked.form.number == "pseudonym"
        with context.store.write() as tx:
            order = orders.own(tx, asked, RESOURCE)
            try:
                return proofs.certify(
                    tx, context.keyring, order, context.base_url, context.now(), pseudonym
                )
            except proofs.NotProved as error:
                raise ApiError(20404, 404, str(error)) from None


def keys(context: Context) -> Response:
    """The public keys, for everybody."""
    with context.store.read() as tx:
        response = jsonify(proofs.key_set(tx.proof_keys.all()))
    response.headers["Cache-Control"] = f"public, max-age={KEYS_SECONDS}"
    return response
