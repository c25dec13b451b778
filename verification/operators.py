"""Operators: the people who look after this server in its console, and how they get in.

An operator has no password. He gets a link that somebody with the command line (or another
administrator) makes for him: it is sealed, works once and dies after 15 minutes. What it opens is a
session, which lives in the store, so that signing out ends it in every process at once. Links and
sessions are kept as hashes: whoever reads the database can use none.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from verification import sids
from verification.codes import Keyring, Unsealable
from verification.orders import Audit
from verification.statuses import Mover

LINK_SECONDS = 900.0
SESSION_SECONDS = 12 * 3600.0
LINK = "operator.v1"  # the purpose of a sealed link

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}", re.ASCII)


class Role(StrEnum):
    """What an operator may do."""

    VIEWER = "viewer"  # look at everything but codes
    OPERATOR = "operator"  # and order, call, cancel, resume, send again; see codes
    ADMIN = "admin"  # and move an order by hand; release and transfer a number


_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. ``created_at`` in Unix seconds."""

    sid: str
    name: str
    role: Role
    created_at: float

    def may(self, needed: Role) -> bool:
        """Whether his role includes this one."""
        return _RANK[self.role] >= _RANK[needed]


class Operators(Protocol):
    """The operators, sign-in links and sessions of one transaction. A key is a token's hash."""

    def insert(self, operator: Operator) -> None: ...
    def named(self, name: str) -> Operator | None: ...
    def delete(self, sid: str) -> None: ...
    def add_link(self, key: str, operator_sid: str, expires_at: float) -> None: ...
    def take_link(self, key: str, now: float) -> Operator | None:
        """The operator whom a link lets in; it is used up."""
        ...

    def add_session(self, key: str, operator_sid: str, expires_at: float) -> None: ...
    def in_session(self, key: str, now: float) -> Operator | None: ...
    def end_session(self, key: str) -> None: ...
    def forget_expired(self, now: float) -> None: ...


class Transaction(Protocol):
    """What operators need of a transaction."""

    @property
    def operators(self) -> Operators: ...
    @property
    def audit(self) -> Audit: ...


class BadOperator(ValueError):
    """The name cannot be given, or nobody has it."""


def create(tx: Transaction, name: str, role: Role, now: float) -> Operator:
    """Let somebody in from now on. Raises BadOperator."""
    if not _NAME.fullmatch(name):
        raise BadOperator(
            "An operator's name has 1 to 32 small letters, digits, dots, hyphens and underscores, "
            "and begins with a letter or digit"
        )
    if tx.operators.named(name):
        raise BadOperator(f"There is an operator {name} already")
    operator = Operator(sids.new(sids.OPERATOR), name, role, now)
    tx.operators.insert(operator)
    _note(tx, operator, f"operator created: {role}", now)
    return operator


def remove(tx: Transaction, name: str, now: float) -> None:
    """Shut somebody out: his links and sessions end with this transaction. Raises BadOperator."""
    operator = _named(tx, name)
    tx.operators.delete(operator.sid)
    _note(tx, operator, "operator removed", now)


def new_link(tx: Transaction, keyring: Keyring, name: str, now: float) -> str:
    """A token that lets the operator in once, within LINK_SECONDS. Raises BadOperator."""
    operator = _named(tx, name)
    tx.operators.forget_expired(now)
    secret = secrets.token_urlsafe(24)
    tx.operators.add_link(_key(secret), operator.sid, now + LINK_SECONDS)
    _note(tx, operator, "sign-in link made", now)
    return keyring.link(LINK, [secret])


def sign_in(
    tx: Transaction, keyring: Keyring, token: str, former: str | None, now: float
) -> str | None:
    """The secret of a new session for a link's token, None if the link opens nothing.

    ``former``: the secret of a session that the browser had; it ends. A token that was not made
    here is refused before the store is asked.
    """
    try:
        (secret,) = keyring.read_link(LINK, token)
    except (Unsealable, ValueError):
        return None
    operator = tx.operators.take_link(_key(str(secret)), now)
    if operator is None:
        return None
    if former:
        tx.operators.end_session(_key(former))
    session = secrets.token_urlsafe(32)
    tx.operators.add_session(_key(session), operator.sid, now + SESSION_SECONDS)
    _note(tx, operator, "signed in", now)
    return session


def signed_in(tx: Transaction, session: str, now: float) -> Operator | None:
    """Whose session a secret is, None if it has ended or never was."""
    return tx.operators.in_session(_key(session), now)


def sign_out(tx: Transaction, session: str, operator: Operator, now: float) -> None:
    """End a session, in every process."""
    tx.operators.end_session(_key(session))
    _note(tx, operator, "signed out", now)


def _named(tx: Transaction, name: str) -> Operator:
    operator = tx.operators.named(name)
    if operator is None:
        raise BadOperator(f"There is no operator {name}")
    return operator


def _note(tx: Transaction, operator: Operator, event: str, now: float) -> None:
    tx.audit.append(now, Mover.OPERATOR, "", operator.sid, event)


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
