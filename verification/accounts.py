"""Accounts: who orders numbers, and how a request shows that it is his."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from verification import codes, sids
from verification.codes import Keyring
from verification.orders import Audit

NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Account:
    """One customer. The auth token is sealed, not hashed: it also signs what we send him."""

    sid: str
    name: str
    status: str
    auth_token: bytes
    created_at: float


class Accounts(Protocol):
    """The accounts of one transaction."""

    def insert(self, account: Account) -> None: ...
    def get(self, sid: str) -> Account | None: ...


class Transaction(Protocol):
    """What accounts need of a transaction."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def audit(self) -> Audit: ...


def create(tx: Transaction, keyring: Keyring, name: str, now: float) -> tuple[Account, str]:
    """Open an account; gives it and its auth token, which is shown this once.

    The name is spoken to the person who answers an ownership call. Raises ValueError for a name
    that is empty, longer than NAME_LENGTH or not printable.
    """
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise ValueError(f"An account's name has 1 to {NAME_LENGTH} printable characters")
    sid, token = sids.new(sids.ACCOUNT), secrets.token_hex(16)
    account = Account(sid, name, "active", keyring.seal(token, sid), now)
    tx.accounts.insert(account)
    tx.audit.append(now, "operator", sid, sid, "account created")
    return account, token


def authenticate(tx: Transaction, keyring: Keyring, sid: str, token: str) -> Account | None:
    """The active account of this SID and auth token, or None.

    An unknown SID costs the same work as a wrong token, so that neither can be told by time.
    """
    account = tx.accounts.get(sid)
    sealed = account.auth_token if account else keyring.seal(secrets.token_hex(16), sid)
    matches = codes.same(keyring.open(sealed, sid), token)
    return account if account and matches and account.status == "active" else None
