"""Lineproof's own: what was done as an account, and with which of its keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from verification.api import paging
from verification.api.context import Context
from verification.api.operation import Asked, Operation
from verification.api.paging import Page
from verification.api.parameters import Form
from verification.api.shapes import IsoDate, Shape
from verification.audit import Entry
from verification.ordering import Place

PATH = "/lineproof/v1/audit-trail"


class Change(Shape):
    """A row of the audit trail.

    ``credential_sid``: the API key (SK...) that was signed in with, or the account (AC...) whose
    token; null in rows that are older than this field, and where an operator or the number's owner
    asked for an order or a call on a page.
    ``hash``: what the chain has of it.
    """

    row: int
    date: IsoDate
    account_sid: str
    object_sid: str
    event: str
    detail: str
    credential_sid: str | None
    hash: str


class ListChanges(Form):
    """The filters of GET /lineproof/v1/audit-trail; all must fit exactly."""

    account_sid: str = ""
    object_sid: str = ""
    credential_sid: str = ""


class Trail(Protocol):
    """The audit trail as the API shows it."""

    def of_customers(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Entry]: ...


class Transaction(Protocol):
    """What this API needs of a transaction."""

    @property
    def audit(self) -> Trail: ...


@dataclass(frozen=True, slots=True)
class _Row:
    """An entry as pages count: by its number, which no other has."""

    entry: Entry

    @property
    def created_at(self) -> float:
        return float(self.entry.seq)

    @property
    def sid(self) -> str:
        return self.entry.object_sid


@dataclass(frozen=True, slots=True)
class TrailOperations:
    """The operation of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """List what was done."""
        return [
            Operation("list", "GET", PATH, self.list_page, ListChanges, answer=Page[Change]),
        ]

    def list_page(self, asked: Asked) -> Page[Change]:
        """What was done as the account or a subaccount of it, the newest first.

        What an operator, the person at the phone or the server did is not in it: the reasons that
        operators give are not the customer's to read.
        """
        context, form = self.context, asked.form
        wish = paging.wish(asked.pairs, context.keyring)
        columns = {
            "account_sid": form.account_sid,
            "object_sid": form.object_sid,
            "credential": form.credential_sid,
        }
        filters = {column: value for column, value in columns.items() if value}
        with context.store.read() as tx:
            return paging.page(
                wish,
                f"{context.base_url}{PATH}",
                context.keyring,
                lambda place, limit: _rows(tx, asked.account.sid, filters, place, limit),
                _shape,
            )


def _rows(
    tx: Transaction, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
) -> list[_Row]:
    return [_Row(one) for one in tx.audit.of_customers(account_sid, filters, place, limit)]


def _shape(row: _Row) -> Change:
    entry = row.entry
    return Change(
        row=entry.seq,
        date=entry.at,
        account_sid=entry.account_sid,
        object_sid=entry.object_sid,
        event=entry.event,
        detail=entry.detail,
        credential_sid=entry.credential or None,
        hash=entry.hash,
    )
