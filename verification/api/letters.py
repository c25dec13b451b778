"""Lineproof's own: the signed letter of a document, as a PDF."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from verification import signing
from verification.api import documents
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation

PATH = "/lineproof/v1/authorization-documents"


@dataclass(frozen=True, slots=True)
class LetterFiles:
    """The operation of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """Fetch the signed letter."""
        path = PATH + "/{Sid}/letter.pdf"
        return [Operation("pdf", "GET", path, self.pdf, file="application/pdf")]

    def pdf(self, asked: Asked) -> Response:
        """The signed letter of a document of the account."""
        with self.context.store.read() as tx:
            document = documents.own(tx, asked, PATH)
            pdf = signing.signed_pdf(tx, self.context.keyring, document.sid)
        if pdf is None:
            raise ApiError(
                20404,
                404,
                f"The document {document.sid} is {document.status} and has no signed letter: there "
                "is one from the signature on, until its personal data is erased",
            )
        response = Response(pdf, mimetype="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{document.sid}.pdf"'
        response.headers["Cache-Control"] = "no-store"
        return response
