"""What the two families of AuthorizationDocuments share: the same documents under two paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BeforeValidator

from verification import accounts, documents, forms, sids, signing
from verification.accounts import Account
from verification.api import orders, paging, parameters
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked
from verification.api.paging import Page, ShapeT
from verification.api.parameters import Form
from verification.api.shapes import IsoDate, Shape, Url
from verification.documents import Document, DocumentStatus
from verification.ordering import Place
from verification.orders import Order
from verification.signing import Desk
from verification.statuses import Mover

# So many that a list which is one too long is still read, and refused for what it is.
MOST_FIELDS = documents.MOST_ORDERS + 2 * forms.MOST_FIELDS
MOST_BYTES = 64 * MOST_FIELDS

DEPENDENTS = "DependentHostedNumberOrders"


class Documents(documents.Documents, Protocol):
    """The documents as the API shows them."""

    def seen(self, account_sid: str, sid: str) -> Document | None: ...
    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Document]: ...


class Transaction(signing.Transaction, orders.Transaction, Protocol):
    """What the document resources need of a transaction."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def addresses(self) -> signing.Addresses: ...
    @property
    def orders(self) -> orders.Orders: ...
    @property
    def documents(self) -> Documents: ...


class Accounts(accounts.Accounts, signing.Accounts, Protocol):
    """The accounts of one transaction."""

    def get(self, sid: str) -> Account | None: ...


class DocumentShape(Shape):
    """An AuthorizationDocument as both families show it."""

    sid: str
    address_sid: str
    status: DocumentStatus
    email: str
    cc_emails: tuple[str, ...]
    date_created: IsoDate
    date_updated: IsoDate
    url: Url
    links: dict[str, str]


def _check_orders(values: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [value[:64] for value in values if not sids.is_sid(value, sids.ORDER)]
    if wrong:
        raise parameters.bad(
            22101,
            "HostedNumberOrderSids must each be HR and 32 hexadecimal digits: not "
            + ", ".join(map(repr, wrong)),
        )
    return values


def _check_filter(value: str) -> DocumentStatus:
    if value not in set(DocumentStatus):
        raise parameters.bad(22111, f"Status must be one of {', '.join(DocumentStatus)}")
    return DocumentStatus(value)


def _check_wish(value: str) -> DocumentStatus:
    wishes = (DocumentStatus.OPENED, DocumentStatus.SIGNING)
    if value not in wishes:
        raise parameters.bad(22122, f"Status must be one of {', '.join(wishes)}")
    return DocumentStatus(value)


OrderSids = Annotated[
    tuple[str, ...], parameters.Checked(_check_orders, {"maxItems": documents.MOST_ORDERS})
]
AddressSid = Annotated[
    str,
    parameters.sid(sids.ADDRESS, 22109, "AddressSid"),
    AfterValidator(parameters.required("AddressSid")),
]
Email = Annotated[parameters.Email, AfterValidator(parameters.required("Email"))]
ContactTitle = Annotated[
    parameters.ContactTitle, AfterValidator(parameters.required("ContactTitle"))
]
StatusWish = Annotated[DocumentStatus, BeforeValidator(_check_wish)]
StatusFilter = Annotated[DocumentStatus, BeforeValidator(_check_filter)]
FirstName = Annotated[str, parameters.printable(20001, "AuthorizedUserFirstName")]
LastName = Annotated[str, parameters.printable(20001, "AuthorizedUserLastName")]
BusinessName = Annotated[str, parameters.printable(20001, "BusinessName")]

# Lineproof's own parameters, and what the core calls them.
_NAMES = {"authorized_user_first_name": "first_name", "authorized_user_last_name": "last_name"}


class ListDocuments(Form):
    """The filters of both lists."""

    email: str = ""
    status: StatusFilter | None = None


def wishes(form: Form) -> dict[str, Any]:
    """The document's own fields that were sent, by the core's names."""
    sent = form.wishes("hosted_number_order_sids", "status")
    return {_NAMES.get(name, name): value for name, value in sent.items()}


def create(context: Context, asked: Asked) -> Document:
    """Make a document and send its letter out."""
    with context.store.write() as tx:
        desk = Desk(tx, context.keyring, context.now())
        chosen = asked.form.hosted_number_order_sids
        document = signing.create(desk, asked.account.sid, chosen, wishes(asked.form))
        _check_active(tx, document)
        return document


def update(context: Context, asked: Asked, path: str) -> Document:
    """Edit a document, take its letter back, send it out again."""
    form = asked.form
    with context.store.write() as tx:
        document = own(tx, asked, path)
        _check_active(tx, document)
        chosen = (
            form.hosted_number_order_sids if "hosted_number_order_sids" in form.wishes() else None
        )
        desk = Desk(tx, context.keyring, context.now())
        return signing.edit(desk, document, wishes(form), chosen, form.status)


def delete(context: Context, asked: Asked, path: str) -> None:
    """Cancel a document. It stays to be seen, as ``canceled``."""
    with context.store.write() as tx:
        desk = Desk(tx, context.keyring, context.now())
        signing.cancel(desk, own(tx, asked, path), Mover.CUSTOMER)


def fetch(context: Context, asked: Asked, path: str) -> Document:
    """One document of the account."""
    with context.store.read() as tx:
        return own(tx, asked, path)


def own(tx: Transaction, asked: Asked, path: str) -> Document:
    """The document that a path names. Raises ApiError 20404, for a foreign one as for none."""
    sid = asked.path.get("Sid") or asked.path["SigningDocumentSid"]
    document = tx.documents.seen(asked.account.sid, sid)
    if document is None:
        raise ApiError(20404, 404, f"The requested resource {path}/{sid[:64]} was not found")
    return document


def page(
    context: Context, asked: Asked, path: str, shape: Callable[[Document], DocumentShape]
) -> Page[DocumentShape]:
    """The documents that an account sees, the newest first."""
    filters = {name: str(value) for name, value in asked.form.wishes().items() if value}
    wish = paging.wish(asked.pairs, context.keyring)
    with context.store.read() as tx:
        return paging.page(
            wish,
            f"{context.base_url}{path}",
            context.keyring,
            lambda place, limit: tx.documents.page(asked.account.sid, filters, place, limit),
            shape,
        )


def dependents(
    context: Context,
    asked: Asked,
    path: str,
    resource: str,
    shape: Callable[[orders.Transaction, Order], ShapeT],
) -> Page[ShapeT]:
    """The orders that stand on a document, the newest first.

    ``path``: of the family's documents; ``resource``: as its errors name it.
    """
    document = fetch(context, asked, resource)
    filters = {name: str(value) for name, value in asked.form.wishes().items() if value}
    filters["signing_document_sid"] = document.sid
    return orders.page(context, asked, f"{path}/{document.sid}/{DEPENDENTS}", filters, shape)


def shape(context: Context, document: Document, path: str) -> DocumentShape:
    """A document under the path of a family."""
    url = f"{context.base_url}{path}/{document.sid}"
    return DocumentShape(
        sid=document.sid,
        address_sid=document.address_sid,
        status=document.status,
        email=document.email,
        cc_emails=document.cc_emails,
        date_created=document.created_at,
        date_updated=document.updated_at,
        url=url,
        links={"dependent_hosted_number_orders": f"{url}/{DEPENDENTS}"},
    )


def _check_active(tx: Transaction, document: Document) -> None:
    account = tx.accounts.get(document.account_sid)
    if account is not None:
        accounts.check_active(tx, account)
