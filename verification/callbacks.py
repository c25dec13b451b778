"""Status callbacks: what a customer is told, from the change that makes it to the last answer.

A message is written in the transaction of the change that it reports. It is delivered at least
once, every time under the same id; the order of two messages is not promised, so each carries its
place among those of its object (facts of reliability, section 4.8).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit


class State(StrEnum):
    """What became of a message."""

    PENDING = "pending"  # to be sent, now or again
    SENT = "sent"  # the receiver answered with 2xx
    FAILED = "failed"  # every try of the schedule is used up, or the receiver may not be asked
    GONE = "gone"  # the receiver answered 410: this URL is not asked again


@dataclass(frozen=True, slots=True)
class Message:
    """One callback. Times in Unix seconds; ``fields`` are the form's, by the receiver's names.

    ``sequence``: its place, from 0, among the messages of its object. ``due_at``: when it is tried
    next. ``answer``: the receiver's last answer, or what kept it from giving one.
    """

    id: str
    account_sid: str
    object_sid: str
    event: str
    endpoint: str
    url: str
    method: str
    fields: dict[str, str]
    created_at: float
    due_at: float | None
    sequence: int = 0
    tries: int = 0
    state: State = State.PENDING
    answer: str | None = None
    answered_at: float | None = None


class Outbox(Protocol):
    """What must be reported to customers, in one transaction."""

    def add(self, message: Message) -> None: ...


def message(
    account_sid: str,
    object_sid: str,
    event: str,
    url: str,
    method: str | None,
    fields: Mapping[str, str],
    now: float,
) -> Message:
    """A message to be sent at once; ``outbox.add`` writes it with the change that it reports.

    ``event``: what happened, such as ``order.verified``. ``url``: one that the API has taken.
    ``method``: GET puts the fields into the query; None is POST. ``now`` in Unix seconds.
    """
    return Message(
        id=f"msg_{secrets.token_hex(16)}",
        account_sid=account_sid,
        object_sid=object_sid,
        event=event,
        endpoint=f"{account_sid} {origin(url)}",
        url=url,
        method=method or "POST",
        fields=dict(fields),
        created_at=now,
        due_at=now,
    )


def origin(url: str) -> str:
    """Scheme, host and port of a URL: what is slow or dead together."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        return f"{parts.scheme}://{parts.hostname}:{port}"
    except ValueError:  # no URL that can be asked; the sender says so
        return url
