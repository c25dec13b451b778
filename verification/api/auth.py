"""HTTP Basic authentication: the account's SID and its auth token, or an API key and its secret."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from flask import request

from verification import accounts, sids
from verification.accounts import Account
from verification.api.errors import ApiError
from verification.codes import Keyring


class Store(Protocol):
    """Where accounts are."""

    def read(self) -> AbstractContextManager[accounts.Transaction]: ...


def account(store: Store, keyring: Keyring) -> Account:
    """The account that makes this request. Raises ApiError 20003 (401), NotActive."""
    given = request.authorization
    if given is None or given.type != "basic" or given.username is None:
        raise ApiError(20003, 401, "Authentication Error - No credentials provided")
    if not any(sids.is_sid(given.username, kind) for kind in (sids.ACCOUNT, sids.API_KEY)):
        raise ApiError(20003, 401, "Authentication Error - invalid username")
    with store.read() as tx:
        found = accounts.authenticate(tx, keyring, given.username, given.password or "")
    if found is None:
        raise ApiError(20003, 401, "Authentication Error - invalid username")
    return found
