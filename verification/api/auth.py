"""HTTP Basic authentication: the account's SID and its auth token, or an API key and its secret."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import structlog
from flask import request
from werkzeug.datastructures import Authorization

from verification import accounts, sids
from verification.accounts import Account
from verification.api.errors import ApiError
from verification.codes import Keyring
from verification.gate import Gate
from verification.rates import Transaction as Counting

log = structlog.get_logger()


class Transaction(accounts.Transaction, Counting, Protocol):
    """What signing in needs of a transaction."""


class Store(Protocol):
    """Where accounts are, and how often they were tried."""

    def read(self) -> AbstractContextManager[Transaction]: ...


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who makes a request. ``credential``: the SID of his key, or of the account for its token."""

    account: Account
    credential: str


# Who asks for what is public.
NOBODY = SignedIn(accounts.NOBODY, "")


def sign_in(store: Store, keyring: Keyring, gate: Gate) -> SignedIn:
    """Who makes this request. Raises ApiError 20003 (401), NotActive, TooOften."""
    given = _given()
    if given is None or given.type != "basic" or given.username is None:
        raise ApiError(20003, 401, "Authentication Error - No credentials provided")
    if not any(sids.is_sid(given.username, kind) for kind in (sids.ACCOUNT, sids.API_KEY)):
        raise ApiError(20003, 401, "Authentication Error - invalid username")
    with store.read() as tx:
        gate.may_sign_in(tx, given.username)
        found = accounts.authenticate(tx, keyring, given.username, given.password or "")
    if found is None:
        if gate.wrong_sign_in(given.username):
            log.warning("sign-ins refused", account=given.username)
        raise ApiError(20003, 401, "Authentication Error - invalid username")
    return SignedIn(found, given.username)


def _given() -> Authorization | None:
    try:
        return request.authorization
    except ValueError:  # werkzeug's, of base64 with characters that are not even ASCII
        return None
