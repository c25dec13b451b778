"""A request that is sent twice under one key is carried out once, and answered twice alike.

The key belongs to an account, a method and a path. While the first request runs, a second one is
told so, and does not wait. The transaction that changes anything also marks the key as used: so,
whatever is killed when, a key that is not marked has changed nothing and may be tried again, and
one that is marked is never carried out twice. An answer that was lost in between cannot be
repeated; then the one who asks is told to look.

What is kept is sealed: an answer may show a code or a token. It is gone after a day.
(IETF draft-ietf-httpapi-idempotency-key-header-07 and Stripe's rules.)
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Protocol

from verification.codes import Keyring

LIFE_SECONDS = 86_400.0
LEASE_SECONDS = 60.0  # longer than a server lets a request run
_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Keyed:
    """One key that was used. Times in Unix seconds.

    ``request``: what was asked, as a pseudonym. ``claim``: who carries it out, until
    ``leased_until``. ``changed``: he has changed something. ``body``: sealed; None: no answer yet.
    """

    id: str
    account_sid: str
    request: str
    claim: str
    created_at: float
    leased_until: float
    changed: bool = False
    status: int | None = None
    media_type: str | None = None
    body: bytes | None = None


class Answers(Protocol):
    """The keys of one transaction."""

    def get(self, key_id: str) -> Keyed | None: ...
    def insert(self, keyed: Keyed) -> None: ...
    def save(self, keyed: Keyed) -> None: ...
    def delete(self, key_id: str) -> None: ...
    def mark(self, key_id: str, claim: str) -> bool:
        """Note that a claim has changed something; False if it is another's by now."""
        ...


class Transaction(Protocol):
    """What keys need of a transaction."""

    @property
    def answers(self) -> Answers: ...


class BadKey(ValueError):
    """The key is none (Twilio error 20001)."""


class UnderWay(Exception):
    """The same request is being carried out now, or its answer was lost (Twilio error 20409)."""


class OtherRequest(ValueError):
    """The key was used for another request (Twilio error 20422)."""


_running: ContextVar[Keyed | None] = ContextVar("running", default=None)


def key_id(keyring: Keyring, account_sid: str, method: str, path: str, key: str) -> str:
    """What a key is kept by. Raises BadKey."""
    if not _KEY.fullmatch(key):
        raise BadKey("An Idempotency-Key has 1 to 255 visible ASCII characters")
    return keyring.pseudonym(" ".join(("key", account_sid, method, path, key)))


def asked(keyring: Keyring, media_type: str, body: bytes) -> str:
    """What a request is compared by: nobody without the secret keys can guess at what was in it."""
    digest = hashlib.sha256(body).hexdigest()
    return keyring.pseudonym(f"request {media_type} {digest}")


def begin(
    tx: Transaction, keyring: Keyring, one: str, account_sid: str, request: str, now: float
) -> Keyed | Answer:
    """The claim of this request, or the answer that it was given before.

    Raises UnderWay, OtherRequest.
    """
    kept = tx.answers.get(one)
    if kept and kept.created_at <= now - LIFE_SECONDS:
        tx.answers.delete(one)
        kept = None
    claimed = Keyed(one, account_sid, request, secrets.token_hex(8), now, now + LEASE_SECONDS)
    if kept is None:
        tx.answers.insert(claimed)
        return claimed
    if kept.request != request:
        raise OtherRequest(
            "This Idempotency-Key was used for a request with another body: use a new key"
        )
    if kept.body is not None and kept.status is not None:
        body = keyring.open_bytes(kept.body, one)
        return Answer(kept.status, kept.media_type or "", body)
    if now < kept.leased_until <= now + LEASE_SECONDS:  # else it is left of a clock set back since
        raise UnderWay("A request with this Idempotency-Key is under way: try again in a moment")
    if kept.changed:
        raise UnderWay(
            "The request with this Idempotency-Key was carried out, and its answer was lost: "
            "look what there is now"
        )
    tx.answers.save(claimed)  # whoever had it has died, and has changed nothing
    return claimed


def finish(tx: Transaction, keyring: Keyring, claimed: Keyed, answer: Answer) -> None:
    """Keep an answer, so that it can be given again."""
    kept = tx.answers.get(claimed.id)
    if kept and kept.claim == claimed.claim:
        body = keyring.seal_bytes(answer.body, claimed.id)
        tx.answers.save(
            replace(kept, status=answer.status, media_type=answer.media_type, body=body)
        )


def give_up(tx: Transaction, claimed: Keyed) -> bool:
    """A request failed. True if it has changed nothing: then its key is as good as new."""
    kept = tx.answers.get(claimed.id)
    if kept is None or kept.claim != claimed.claim or kept.changed:
        return False
    tx.answers.delete(claimed.id)
    return True


@contextmanager
def carrying_out(claimed: Keyed) -> Iterator[None]:
    """Within it, what this thread writes to a ``Marking`` store is this claim's doing."""
    token = _running.set(claimed)
    try:
        yield
    finally:
        _running.reset(token)


class Store(Protocol):
    """Where everything is."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True, slots=True)
class Marking:
    """A store whose changes mark the key under which they are made, in the same transaction."""

    store: Store

    def read(self) -> AbstractContextManager[Any]:
        """A transaction that changes nothing."""
        return self.store.read()

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A transaction. Raises UnderWay, and changes nothing, if the claim is another's by now."""
        claimed = _running.get()
        with self.store.write() as tx:
            yield tx
            if claimed and not tx.answers.mark(claimed.id, claimed.claim):
                raise UnderWay("The request took too long, and another has taken its place")
