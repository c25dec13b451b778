"""The audit trail's hash chain: each row carries the hash of the row before it.

A changed, removed or re-ordered row breaks the chain at that row. A cut at the end does not:
whoever must see that keeps the head (number and hash) elsewhere.

What a customer does is written down with the SID that he signed in with: an API key's, or the
account's own for its token. The code in between need not know who that was.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from verification.statuses import Mover

FIRST = "0" * 64
_NUMBER = re.compile(
    r"(?<![\w+])(\+?1[\s.-]?)?\(?[2-9][0-9]{2}\)?[\s.-]?[2-9][0-9]{2}[\s.-]?[0-9]{4}(?!\w)",
    re.ASCII,
)
_ADDRESS = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[^\s@<>,;:]+")


class Entry(NamedTuple):
    """One row: what happened to which object, by whom, when (Unix seconds). No personal data.

    ``credential``: the SID of the key or account that a customer signed in with; empty for others,
    and in rows that are older than this column.
    """

    seq: int
    at: float
    actor: str
    account_sid: str
    object_sid: str
    event: str
    detail: str
    previous: str
    hash: str
    credential: str = ""

    @property
    def who(self) -> str:
        """By whom, for people: a customer with what he signed in with."""
        return f"{self.actor} {self.credential}" if self.credential else self.actor

    @property
    def text(self) -> str:
        """What happened, for people."""
        return f"{self.event}: {self.detail}" if self.detail else self.event


def without_people(text: str) -> str:
    """A detail without the numbers and mail addresses that somebody may have typed into a reason.

    The trail is never changed, so that what it is told must not have to be erased.
    """
    return _ADDRESS.sub("(address)", _NUMBER.sub("(number)", text))


_signed_in: ContextVar[str] = ContextVar("signed_in", default="")


@contextmanager
def signed_in(credential: str) -> Iterator[None]:
    """Within it, what a customer does in this thread is done with this SID's token or secret."""
    token = _signed_in.set(credential)
    try:
        yield
    finally:
        _signed_in.reset(token)


def credential_of(actor: str) -> str:
    """What an actor has signed in with, as it is written down: of a customer alone."""
    return _signed_in.get() if actor == Mover.CUSTOMER else ""


def chain_hash(previous: str, facts: tuple[int | float | str, ...], credential: str = "") -> str:
    """The hash of a row: SHA-256 over the row before it and the row's own facts as JSON.

    A row without a credential has the hash that it had before there were any.
    """
    told = [previous, *facts, credential] if credential else [previous, *facts]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(entries: Iterable[Entry]) -> int | None:
    """The number of the first row that does not follow from the one before it, or None."""
    previous, expected = FIRST, 1
    for entry in entries:
        facts = tuple(entry[: Entry._fields.index("previous")])
        intact = (
            entry.seq == expected
            and entry.previous == previous
            and entry.hash == chain_hash(previous, facts, entry.credential)
        )
        if not intact:
            return expected
        previous, expected = entry.hash, expected + 1
    return None
