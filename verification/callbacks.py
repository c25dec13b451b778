"""Status callbacks: what a customer is told, from the change that makes it to the last answer.

A message is written in the transaction of the change that it reports. It is delivered at least
once, every time under the same id; the order of two messages is not promised, so each carries its
place among those of its object (facts of reliability, section 4.8).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from verification.outgoing import Answer

# Seconds between a try and the next one: with the first at once, ten tries in 76 hours (Standard
# Webhooks). A receiver that has done nothing but fail for GIVE_UP_SECONDS gets each message once.
RETRY_SECONDS = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
GIVE_UP_SECONDS = 5 * 86400.0
GIVE_UP_FAILURES = 10  # fewer are an accident of few messages, however long ago the first was
LONGEST_WISH_SECONDS = 86400.0  # of a receiver's Retry-After
# After so many failures in a row a whole receiver rests, so that what waits for it is no storm.
PATIENCE = 3
FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 300.0
_LONGEST_ANSWER = 200


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


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The receivers of one account behind one origin: what is slow or dead together.

    ``due_at``: when the next of its messages is due. ``free_at``: until then it is in somebody's
    hands, or rests. ``failures``: in a row, the first at ``failing_since``. ``proven``: it has
    taken a message before.
    """

    name: str
    due_at: float | None
    free_at: float
    failures: int = 0
    failing_since: float | None = None
    proven: bool = False

    @property
    def healthy(self) -> bool:
        """Whether it took the last message that it was sent."""
        return self.proven and not self.failures


class Outbox(Protocol):
    """What must be reported to customers, in one transaction."""

    def add(self, message: Message) -> None: ...


class Messages(Outbox, Protocol):
    """The outbox as it is looked at and corrected."""

    def get(self, message_id: str) -> Message | None: ...
    def save(self, message: Message) -> None: ...
    def wake(self, endpoint: str, now: float) -> None: ...


class Audit(Protocol):
    """The hash-chained record of what happened."""

    def append(
        self, at: float, actor: str, account_sid: str, object_sid: str, event: str, detail: str = ""
    ) -> None: ...


class Transaction(Protocol):
    """What sending again needs of a transaction."""

    @property
    def outbox(self) -> Messages: ...
    @property
    def audit(self) -> Audit: ...


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


def settled(message: Message, answer: Answer, now: float, spread: float) -> Message:
    """The message after one more try, by what the receiver answered.

    ``spread``: stretches the wait for the next try, so that messages which failed together do not
    all come back together; 1 is the schedule's own.
    """
    tried = replace(
        message,
        tries=message.tries + 1,
        answer=described(answer),
        answered_at=now,
        due_at=None,
    )
    if succeeded(answer):
        return replace(tried, state=State.SENT)
    if answer.status == 410:
        return replace(tried, state=State.GONE)
    if answer.forbidden or tried.tries > len(RETRY_SECONDS):
        return replace(tried, state=State.FAILED)
    wish = min(max(answer.retry_after or 0.0, 0.0), LONGEST_WISH_SECONDS)
    return replace(tried, due_at=now + max(RETRY_SECONDS[tried.tries - 1] * spread, wish))


def judged(endpoint: Endpoint, answer: Answer, now: float) -> Endpoint:
    """The endpoint after one answer. That one URL is gone or forbidden says nothing of it."""
    if succeeded(answer):
        return replace(endpoint, failures=0, failing_since=None, proven=True)
    if answer.status == 410 or answer.forbidden:
        return endpoint
    since = now if endpoint.failing_since is None else endpoint.failing_since
    return replace(endpoint, failures=endpoint.failures + 1, failing_since=since)


def rest_seconds(endpoint: Endpoint) -> float:
    """How long an endpoint is left alone after its last answer."""
    over = endpoint.failures - PATIENCE
    return min(FIRST_REST_SECONDS * 2.0 ** min(over, 30), LONGEST_REST_SECONDS) if over >= 0 else 0


def given_up(endpoint: Endpoint, now: float) -> bool:
    """Whether an endpoint has failed so long that nothing is tried there twice."""
    since = endpoint.failing_since
    return (
        since is not None
        and endpoint.failures >= GIVE_UP_FAILURES
        and now - since >= GIVE_UP_SECONDS
    )


def succeeded(answer: Answer) -> bool:
    """Whether a receiver took the message: any 2xx. A redirect is no yes."""
    return answer.status is not None and 200 <= answer.status < 300


def described(answer: Answer) -> str:
    """An answer in a few words, without anything that the receiver wrote."""
    return f"HTTP {answer.status}" if answer.status else (answer.error or "")[:_LONGEST_ANSWER]


def resend(tx: Transaction, message: Message, by: str, now: float) -> Message:
    """Send a message again from the start of its schedule, under its first id."""
    again = replace(message, state=State.PENDING, tries=0, due_at=now)
    tx.outbox.save(again)
    tx.outbox.wake(message.endpoint, now)
    event = "callback sent again"
    tx.audit.append(now, by, message.account_sid, message.object_sid, event, message.id)
    return again
