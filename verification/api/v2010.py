"""What the families of the 2010 API share: the account in the path, and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from verification import accounts
from verification.accounts import Account
from verification.api import paging
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked
from verification.api.shapes import Shape
from verification.ordering import Place

VERSION = "2010-04-01"
ACCOUNT = f"/{VERSION}/Accounts/{{AccountSid}}"

RowT = TypeVar("RowT", bound=paging.Row)


def uri(path: str, account_sid: str) -> str:
    """A path of this API with its account filled in."""
    return path.replace("{AccountSid}", account_sid)


def account(tx: accounts.Transaction, asked: Asked, path: str) -> Account:
    """The account that the path names, if the one who asks may act for it. Raises ApiError."""
    sid = asked.path["AccountSid"]
    found = accounts.acting_for(tx, asked.account, sid)
    if found is None:
        raise not_found(uri(path, sid[:64]))
    return found


def not_found(path: str) -> ApiError:
    """The answer for what is not there, or is another's."""
    return ApiError(20404, 404, f"The requested resource {path[:300]} was not found")


def page(
    context: Context,
    asked: Asked,
    path: str,
    rows_from: Callable[[Place | None, int], list[RowT]],
    shape: Callable[[RowT], Shape],
) -> dict[str, Any]:
    """One page as ``paging.flat_page`` gives it."""
    wish = paging.wish(asked.pairs, context.keyring)
    return paging.flat_page(wish, path, context.keyring, rows_from, shape)
