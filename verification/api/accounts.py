"""Twilio's 2010 ``Accounts``: an account sees itself and its subaccounts, and makes subaccounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Literal, Protocol

from verification import accounts
from verification.accounts import Account, AccountStatus
from verification.api import paging
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form, one_of
from verification.api.shapes import FlatPage, Rfc2822Date, Shape
from verification.ordering import Place

PATH = "/2010-04-01/Accounts"
NAME = "SubAccount"

_check_status = one_of(20001, "Status", tuple(AccountStatus))


class AccountShape(Shape):
    """An account as the 2010 API shows it."""

    auth_token: str
    date_created: Rfc2822Date
    date_updated: Rfc2822Date
    friendly_name: str
    owner_account_sid: str
    sid: str
    status: AccountStatus
    subresource_uris: dict[str, str]
    type: Literal["Trial", "Full"]
    uri: str


class AccountPage(FlatPage):
    """One page of accounts."""

    accounts: tuple[AccountShape, ...]


class CreateAccount(Form):
    """POST /Accounts.json."""

    friendly_name: str = NAME


class UpdateAccount(Form):
    """POST /Accounts/{Sid}.json."""

    friendly_name: str | None = None
    status: Annotated[str, _check_status] | None = None


class ListAccounts(Form):
    """The filters of GET /Accounts.json."""

    friendly_name: str = ""
    status: Annotated[str, _check_status] = ""


class Accounts(accounts.Accounts, Protocol):
    """The accounts as the API lists them."""

    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Account]: ...


@dataclass(frozen=True, slots=True)
class AccountOperations:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """Create, list, fetch, update."""
        many, one = f"{PATH}.json", PATH + "/{Sid}.json"
        # An account shows its tokens: whoever has only a key would have it all.
        create, page, fetch, update = map(
            _without_keys, (self.create, self.list_page, self.fetch, self.update)
        )
        return [
            Operation("create", "POST", many, create, CreateAccount, AccountShape, 201),
            Operation("list", "GET", many, page, ListAccounts, AccountPage),
            Operation("fetch", "GET", one, fetch, answer=AccountShape),
            Operation("update", "POST", one, update, UpdateAccount, AccountShape),
        ]

    def create(self, asked: Asked) -> AccountShape:
        """Open a subaccount of the account that asks; a subaccount has none of its own."""
        with self.context.store.write() as tx:
            name, now, owner = asked.form.friendly_name, self.context.now(), asked.account
            made, _ = accounts.create(tx, self.context.keyring, name, now, owner, by=owner)
        return self._shape(made)

    def list_page(self, asked: Asked) -> AccountPage:
        """The account and its subaccounts, the newest first."""
        wish = paging.wish(asked.pairs, self.context.keyring)
        columns = {"friendly_name": "name", "status": "status"}
        wishes = asked.form.wishes().items()
        filters = {columns[name]: str(value) for name, value in wishes if value}
        with self.context.store.read() as tx:
            rows_from = lambda place, limit: tx.accounts.page(  # noqa: E731
                asked.account.sid, filters, place, limit
            )
            page: dict[str, Any] = paging.flat_page(
                wish, f"{PATH}.json", self.context.keyring, rows_from, self._shape
            )
        return AccountPage(accounts=page.pop("rows"), **page)

    def fetch(self, asked: Asked) -> AccountShape:
        """The account itself, or a subaccount of it."""
        with self.context.store.read() as tx:
            return self._shape(_own(tx, asked))

    def update(self, asked: Asked) -> AccountShape:
        """Rename an account; suspend, resume or close a subaccount."""
        form, now, by = asked.form, self.context.now(), asked.account
        with self.context.store.write() as tx:
            account = _own(tx, asked)
            if form.status is not None:
                if account.sid == asked.account.sid:
                    raise ApiError(20003, 403, "The status of an account is set by its owner")
                account = accounts.set_status(tx, account, AccountStatus(form.status), now, by)
            if form.friendly_name is not None:
                account = accounts.rename(tx, account, form.friendly_name, now, by)
            return self._shape(account)

    def _shape(self, account: Account) -> AccountShape:
        uri = f"{PATH}/{account.sid}"
        resources = ("addresses", "calls", "incoming_phone_numbers", "notifications")
        names = {name: name.title().replace("_", "") for name in resources}
        names["outgoing_caller_ids"] = "OutgoingCallerIds"
        return AccountShape(
            auth_token=self.context.keyring.open(account.auth_token, account.sid),
            date_created=account.created_at,
            date_updated=account.updated_at,
            friendly_name=account.name,
            owner_account_sid=account.owner_sid or account.sid,
            sid=account.sid,
            status=account.status,
            subresource_uris={name: f"{uri}/{path}.json" for name, path in names.items()},
            type="Trial" if account.test else "Full",
            uri=f"{uri}.json",
        )


def _without_keys(run: Callable[[Asked], Shape]) -> Callable[[Asked], Shape]:
    @wraps(run)
    def checked(asked: Asked) -> Shape:
        if asked.by_key:
            raise ApiError(20003, 403, "Accounts are not shown to API keys: use the auth token")
        return run(asked)

    return checked


def _own(tx: accounts.Transaction, asked: Asked) -> Account:
    account = accounts.acting_for(tx, asked.account, asked.sid)
    if account is None:
        path = f"{PATH}/{asked.sid[:64]}.json"
        raise ApiError(20404, 404, f"The requested resource {path} was not found")
    return account
