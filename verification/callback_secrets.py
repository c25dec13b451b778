"""The secret of an account's callbacks, by which its receivers know that they are ours.

It is not the account's token: whoever checks callbacks need not be able to order numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from verification import signatures
from verification.callbacks import Audit
from verification.codes import Keyring

BOTH_SECONDS = 86400.0  # how long the secret before is still signed with


@dataclass(frozen=True, slots=True)
class Secret:
    """An account's secret, sealed, and the one before it. ``changed_at`` in Unix seconds."""

    account_sid: str
    secret: bytes
    previous: bytes | None
    changed_at: float


class Secrets(Protocol):
    """The secrets of one transaction."""

    def get(self, account_sid: str) -> Secret | None: ...
    def put(self, secret: Secret) -> None: ...


class Transaction(Protocol):
    """What secrets need of a transaction."""

    @property
    def callback_secrets(self) -> Secrets: ...
    @property
    def audit(self) -> Audit: ...


def signing(tx: Transaction, keyring: Keyring, account_sid: str, now: float) -> tuple[str, ...]:
    """The secrets to sign with, the newest first; the first one is made when it is needed."""
    found = tx.callback_secrets.get(account_sid)
    if found is None:
        text = signatures.new_secret()
        tx.callback_secrets.put(Secret(account_sid, _seal(keyring, text, account_sid), None, now))
        return (text,)
    sealed = [found.secret]
    if found.previous and now < found.changed_at + BOTH_SECONDS:
        sealed.append(found.previous)
    return tuple(keyring.open(one, _context(account_sid)) for one in sealed)


def rotate(tx: Transaction, keyring: Keyring, account_sid: str, now: float) -> str:
    """Give an account a new secret, and sign with both for BOTH_SECONDS. Gives the new one."""
    signing(tx, keyring, account_sid, now)
    found = tx.callback_secrets.get(account_sid)
    if found is None:  # it has just been made
        raise LookupError(account_sid)
    text = signatures.new_secret()
    sealed = _seal(keyring, text, account_sid)
    tx.callback_secrets.put(replace(found, secret=sealed, previous=found.secret, changed_at=now))
    tx.audit.append(now, "operator", account_sid, account_sid, "callback secret changed")
    return text


def _seal(keyring: Keyring, text: str, account_sid: str) -> bytes:
    return keyring.seal(text, _context(account_sid))


def _context(account_sid: str) -> str:
    return f"callbacks of {account_sid}"
