"""Accounts: who orders numbers, and how a request shows that it is his.

An account has one auth token, and a second one while they are exchanged; API keys stand beside
them. A subaccount belongs to its owner, who may act for it; it sees only what is its own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from verification import codes, sids
from verification.codes import Keyring
from verification.orders import Audit
from verification.statuses import Mover

NAME_LENGTH = 64


class AccountStatus(StrEnum):
    """Whether an account may do anything; a closed one never can again."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Account:
    """One customer. Tokens are sealed, not hashed: they also sign what we send him.

    ``owner_sid``: the account that a subaccount belongs to. ``test``: it orders fictional numbers
    only, which run on the emulator.
    """

    sid: str
    owner_sid: str | None
    name: str
    status: AccountStatus
    test: bool
    auth_token: bytes
    secondary_token: bytes | None
    created_at: float
    updated_at: float


# Who asks for what is public: he has nothing, and is in no store.
NOBODY = Account("", None, "", AccountStatus.ACTIVE, False, b"", None, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of an account that can be taken away by itself."""

    sid: str
    account_sid: str
    name: str
    secret: bytes
    created_at: float


class Accounts(Protocol):
    """The accounts and keys of one transaction."""

    def insert(self, account: Account) -> None: ...
    def save(self, account: Account) -> None: ...
    def get(self, sid: str) -> Account | None: ...
    def insert_key(self, key: ApiKey) -> None: ...
    def key(self, sid: str) -> ApiKey | None: ...
    def delete_key(self, sid: str) -> None: ...


class Reading(Protocol):
    """What it takes to look at accounts."""

    @property
    def accounts(self) -> Accounts: ...


class Transaction(Reading, Protocol):
    """What accounts need of a transaction."""

    @property
    def audit(self) -> Audit: ...


class BadName(ValueError):
    """A name that cannot be spoken or shown (Twilio error 20002)."""


class NotActive(Exception):
    """The credentials are right, but the account is suspended or closed (Twilio error 20005)."""


class StatusRefused(ValueError):
    """The account cannot be given this status (Twilio error 20001)."""


class NoSubaccounts(ValueError):
    """A subaccount has no subaccounts of its own (Twilio error 20003)."""


class NoRotation(ValueError):
    """There is no second token that could become the first."""


def create(
    tx: Transaction,
    keyring: Keyring,
    name: str,
    now: float,
    owner: Account | None = None,
    test: bool = False,
    by: Account | None = None,
) -> tuple[Account, str]:
    """Open an account, a subaccount of ``owner`` if there is one; gives it and its auth token.

    ``by``: the account that asks for it; None: an operator.
    The name is spoken to the person who answers an ownership call. A subaccount of a test account
    is a test account. Raises BadName, NoSubaccounts.
    """
    if owner and owner.owner_sid is not None:
        raise NoSubaccounts("A subaccount cannot make subaccounts")
    sid, token = sids.new(sids.ACCOUNT), secrets.token_hex(16)
    account = Account(
        sid=sid,
        owner_sid=owner.sid if owner else None,
        name=check_name(name),
        status=AccountStatus.ACTIVE,
        test=owner.test if owner else test,
        auth_token=keyring.seal(token, sid),
        secondary_token=None,
        created_at=now,
        updated_at=now,
    )
    tx.accounts.insert(account)
    _note(tx, account, "account created", now, by)
    return account, token


def check_name(name: str) -> str:
    """The name as it is kept. Raises BadName for none, a long or an unprintable one."""
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        raise BadName(f"An account's name has 1 to {NAME_LENGTH} printable characters")
    return name


def rename(
    tx: Transaction, account: Account, name: str, now: float, by: Account | None = None
) -> Account:
    """Give an account another name. ``by``: the account that asks. Raises BadName."""
    return _save(tx, replace(account, name=check_name(name)), "account renamed", now, by)


def set_status(
    tx: Transaction, account: Account, status: AccountStatus, now: float, by: Account | None = None
) -> Account:
    """Suspend, resume or close an account. Raises StatusRefused for one that is closed.

    ``by``: the account that asks; None: an operator.
    """
    if account.status is AccountStatus.CLOSED and status is not AccountStatus.CLOSED:
        raise StatusRefused("A closed account cannot be opened again")
    if account.status is status:
        return account
    return _save(tx, replace(account, status=status), f"account {status}", now, by)


def rotate(tx: Transaction, keyring: Keyring, account: Account, now: float) -> str:
    """Make a second token; both are taken until ``finish_rotation``. Gives the new token."""
    token = secrets.token_hex(16)
    sealed = keyring.seal(token, account.sid)
    _save(tx, replace(account, secondary_token=sealed), "second token made", now)
    return token


def finish_rotation(tx: Transaction, account: Account, now: float) -> Account:
    """The second token becomes the only one. Raises NoRotation."""
    if account.secondary_token is None:
        raise NoRotation("This account has no second token: make one first")
    promoted = replace(account, auth_token=account.secondary_token, secondary_token=None)
    return _save(tx, promoted, "second token promoted", now)


def create_key(
    tx: Transaction, keyring: Keyring, account: Account, name: str, now: float
) -> tuple[ApiKey, str]:
    """Make an API key; gives it and its secret, which is shown this once. Raises BadName."""
    sid, secret = sids.new(sids.API_KEY), secrets.token_urlsafe(24)
    key = ApiKey(sid, account.sid, check_name(name), keyring.seal(secret, sid), now)
    tx.accounts.insert_key(key)
    tx.audit.append(now, Mover.OPERATOR, account.sid, sid, "key created")
    return key, secret


def revoke_key(tx: Transaction, key: ApiKey, now: float) -> None:
    """Take a key away; it opens nothing from this moment on."""
    tx.accounts.delete_key(key.sid)
    tx.audit.append(now, Mover.OPERATOR, key.account_sid, key.sid, "key revoked")


def authenticate(tx: Transaction, keyring: Keyring, user: str, secret: str) -> Account | None:
    """The account of a SID and token, or of a key and its secret; None if they are wrong.

    Wrong and unknown cost the same work, so that they cannot be told apart by time. Raises
    NotActive if the account or its owner is suspended or closed.
    """
    key = tx.accounts.key(user)
    account = tx.accounts.get(key.account_sid if key else user)
    sealed = [key.secret] if key else _tokens(account)
    dummy = keyring.seal(secrets.token_hex(16), user)
    matches = [codes.same(keyring.open(one or dummy, user), secret) for one in (*sealed, dummy)[:2]]
    if account is None or not any(matches):
        return None
    check_active(tx, account)
    return account


def check_active(tx: Reading, account: Account) -> None:
    """Raise NotActive if the account or its owner is suspended or closed."""
    owner = tx.accounts.get(account.owner_sid) if account.owner_sid else None
    for one in (account, owner):
        if one is not None and one.status is not AccountStatus.ACTIVE:
            raise NotActive(f"The account is {one.status}")


def is_active(tx: Reading, account: Account) -> bool:
    """Whether neither the account nor its owner is suspended or closed."""
    try:
        check_active(tx, account)
    except NotActive:
        return False
    return True


def acting_for(tx: Transaction, account: Account, sid: str) -> Account | None:
    """The account ``sid`` if it is this one or its subaccount, else None."""
    if sid == account.sid:
        return account
    other = tx.accounts.get(sid)
    return other if other and other.owner_sid == account.sid else None


def _tokens(account: Account | None) -> list[bytes | None]:
    return [account.auth_token, account.secondary_token] if account else [None, None]


def _save(
    tx: Transaction, account: Account, event: str, now: float, by: Account | None = None
) -> Account:
    saved = replace(account, updated_at=now)
    tx.accounts.save(saved)
    _note(tx, account, event, now, by)
    return saved


def _note(tx: Transaction, account: Account, event: str, now: float, by: Account | None) -> None:
    """Write down who did it: a customer (which account, if not this one), or an operator."""
    actor = Mover.CUSTOMER if by else Mover.OPERATOR
    detail = f"by {by.sid}" if by and by.sid != account.sid else ""
    tx.audit.append(now, actor, account.sid, account.sid, event, detail)
