"""``/lineproof/v1/verification-documents``: phone bills. Lineproof's own; Twilio shows no such API.

The body of a POST is the file itself, or multipart with one file. What it holds is never answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from verification import accounts, phone_bills
from verification.api import paging
from verification.api.bodies import FILES, File
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.paging import Page
from verification.api.shapes import IsoDate, Shape, Url
from verification.phone_bills import PhoneBill, PhoneBillStatus

PATH = "/lineproof/v1/verification-documents"
MOST_BYTES = phone_bills.MOST_BYTES + 64 * 1024  # and what multipart puts around it
_ANY = ("", "application/octet-stream")


class VerificationDocument(Shape):
    """A document as its account sees it; ``reason``: why it was refused."""

    sid: str
    account_sid: str
    status: PhoneBillStatus
    reason: str | None
    media_type: str
    size: int
    date_created: IsoDate
    date_updated: IsoDate
    url: Url


@dataclass(frozen=True, slots=True)
class VerificationDocuments:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """Upload, list, fetch."""
        one, shape = PATH + "/{Sid}", VerificationDocument
        return [
            Operation("upload", "POST", PATH, self.upload, File, shape, 201, most_bytes=MOST_BYTES),
            Operation("list", "GET", PATH, self.list_page, answer=Page[VerificationDocument]),
            Operation("fetch", "GET", one, self.fetch, answer=shape),
        ]

    def upload(self, asked: Asked) -> VerificationDocument:
        """Keep a document; ``?AccountSid=`` for a subaccount."""
        file: File = asked.form
        if file.media_type not in (*FILES, *_ANY):
            raise ApiError(20422, 415, f"The Content-Type must be one of {', '.join(FILES)}")
        found = phone_bills.media_type_of(file.content)
        if file.media_type in FILES and file.media_type != found:
            raise ApiError(20001, 400, f"The file is {found}, and not {file.media_type}")
        context = self.context
        with context.store.write() as tx:
            wished = dict(asked.pairs).get("AccountSid") or asked.account.sid
            account = accounts.acting_for(tx, asked.account, wished)
            if account is None:
                raise ApiError(21471, 400, "Account not found")
            accounts.check_active(tx, account)
            now = context.now()
            return self._shape(
                phone_bills.upload(tx, context.keyring, account.sid, file.content, now)
            )

    def fetch(self, asked: Asked) -> VerificationDocument:
        """One document of the account."""
        with self.context.store.read() as tx:
            found: PhoneBill | None = tx.phone_bills.of_account(asked.account.sid, asked.sid)
        if found is None:
            path = f"{PATH}/{asked.sid[:64]}"
            raise ApiError(20404, 404, f"The requested resource {path} was not found")
        return self._shape(found)

    def list_page(self, asked: Asked) -> Page[VerificationDocument]:
        """The account's documents, the newest first."""
        context = self.context
        wish = paging.wish(asked.pairs, context.keyring)
        with context.store.read() as tx:
            return paging.page(
                wish,
                f"{context.base_url}{PATH}",
                context.keyring,
                lambda place, limit: tx.phone_bills.page(asked.account.sid, {}, place, limit),
                self._shape,
            )

    def _shape(self, document: PhoneBill) -> VerificationDocument:
        return VerificationDocument(
            sid=document.sid,
            account_sid=document.account_sid,
            status=document.status,
            reason=document.reason,
            media_type=document.media_type,
            size=document.size,
            date_created=document.created_at,
            date_updated=document.updated_at,
            url=f"{self.context.base_url}{PATH}/{document.sid}",
        )
