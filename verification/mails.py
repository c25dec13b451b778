"""Outgoing mail: a queue in the store, written with the change that it tells of.

A mail is a row that falls due. It is put together when it leaves, so that the queue holds no text
and no link, and what is no longer true is not sent. Each leaves once: a worker that dies between
the sending and the note of it sends again under the same Message-ID.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

import structlog

IDLE_SECONDS = 0.5
SLICE = 10
LEASE_SECONDS = 300.0  # longer than SLICE mails take whose server answers no one
# How long after a try that failed comes the next; who does not answer for two days is given up.
DELAYS = (60.0, 300.0, 1800.0, 7200.0, 21_600.0, 43_200.0, 86_400.0)

log = structlog.get_logger()


class MailKind(StrEnum):
    """What a mail is about; each has its templates."""

    LETTER_TO_SIGN = "letter_to_sign"  # to the signer, with the link
    LETTER_SENT = "letter_sent"  # to a watcher
    LETTER_SIGNED = "letter_signed"  # to the signer and each watcher, with the PDF
    OWNER_LINK = "owner_link"  # to the person at the phone, with the link


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient. Times in Unix seconds.

    ``occasion``: which of several alike (the document's sending). ``due_at`` None: it has been
    sent, or ``failure`` says why it never will be.
    """

    id: str
    account_sid: str
    object_sid: str
    kind: MailKind
    occasion: int
    recipient: str
    language: str
    created_at: float
    due_at: float | None
    tries: int = 0
    sent_at: float | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A mail that is ready to be written: what its template needs to know."""

    id: str
    kind: MailKind
    recipient: str
    language: str
    facts: Mapping[str, object]
    attachment: Attachment | None = None


class Refused(Exception):
    """The mail will never be taken: no such recipient, or a mail that no server takes."""


class Undelivered(Exception):
    """The mail could not be handed over now; another try may succeed."""


class Mailer(Protocol):
    """Who takes mails."""

    @property
    def place(self) -> str:
        """Where they go, for the log."""
        ...

    def send(self, message: Message, now: float) -> str:
        """Hand a mail over; gives where it went, for the log. Raises Refused, Undelivered."""
        ...


class Mails(Protocol):
    """The mails of one transaction."""

    def insert(self, mail: Mail) -> None: ...
    def save(self, mail: Mail) -> None: ...
    def any_due(self, now: float) -> bool: ...
    def take_due(self, now: float, lease: float, limit: int) -> list[Mail]: ...


class Transaction(Protocol):
    """What queueing a mail needs of a transaction."""

    @property
    def mails(self) -> Mails: ...


class Store(Protocol):
    """Where the queue is."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


class Writer(Protocol):
    """Who knows what a mail says. ``tx``: the records of one transaction."""

    def compose(self, tx: Any, mail: Mail) -> Message | None:
        """The mail as it stands now; None if it is no longer true."""
        ...

    def given_up(self, tx: Any, mail: Mail, now: float) -> None:
        """The mail will not arrive: draw the conclusion."""
        ...


@dataclass(frozen=True, slots=True)
class Writers:
    """Each kind of mail is written by who knows it; ``others`` writes the rest."""

    of_kind: Mapping[MailKind, Writer]
    others: Writer

    def compose(self, tx: Any, mail: Mail) -> Message | None:
        """The mail as it stands now; None if it is no longer true."""
        return self._writer(mail).compose(tx, mail)

    def given_up(self, tx: Any, mail: Mail, now: float) -> None:
        """The mail will not arrive: draw the conclusion."""
        self._writer(mail).given_up(tx, mail, now)

    def _writer(self, mail: Mail) -> Writer:
        return self.of_kind.get(mail.kind, self.others)


@dataclass(frozen=True, slots=True)
class About:
    """What mails are about: the object, its sending, its account, the language."""

    account_sid: str
    object_sid: str
    occasion: int
    language: str


def queue(
    tx: Transaction, about: About, kind: MailKind, recipients: Iterable[str], now: float
) -> None:
    """Let a mail leave to each recipient; one who is named twice gets one."""
    for recipient in dict.fromkeys(recipients):
        tx.mails.insert(
            Mail(
                id=secrets.token_hex(16),
                account_sid=about.account_sid,
                object_sid=about.object_sid,
                kind=kind,
                occasion=about.occasion,
                recipient=recipient,
                language=about.language,
                created_at=now,
                due_at=now,
            )
        )


@dataclass(frozen=True, slots=True)
class MailsDue:
    """Sends mails. ``now`` gives Unix seconds, ``delays`` are in seconds."""

    store: Store
    mailer: Mailer
    writer: Writer
    now: Callable[[], float]
    delays: Sequence[float] = DELAYS

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Do one round of what is due now; True if there was anything."""
        with self.store.read() as tx:
            if not tx.mails.any_due(self.now()):
                return False
        with self.store.write() as tx:
            due = tx.mails.take_due(self.now(), LEASE_SECONDS, SLICE)
        for mail in due:
            self._send(mail)
        return bool(due)

    def _send(self, mail: Mail) -> None:
        with self.store.read() as tx:
            message = self.writer.compose(tx, mail)
        if message is None:
            self._keep(replace(mail, due_at=None, failure="no longer true"))
            return
        now = self.now()
        tried = replace(mail, tries=mail.tries + 1)
        try:
            place = self.mailer.send(message, now)
        except Undelivered as trouble:
            if mail.tries < len(self.delays):
                log.warning("mail.delayed", mail=mail.id, reason=str(trouble))
                self._keep(replace(tried, due_at=now + self.delays[mail.tries]))
            else:
                self._give_up(tried, str(trouble))
        except Refused as trouble:
            self._give_up(tried, str(trouble))
        else:
            log.info("mail.sent", mail=mail.id, kind=mail.kind, place=place)
            self._keep(replace(tried, due_at=None, sent_at=now))

    def _keep(self, mail: Mail) -> None:
        with self.store.write() as tx:
            tx.mails.save(mail)

    def _give_up(self, mail: Mail, reason: str) -> None:
        log.error("mail.given_up", mail=mail.id, kind=mail.kind, reason=reason)
        with self.store.write() as tx:
            tx.mails.save(replace(mail, due_at=None, failure=reason))
            self.writer.given_up(tx, mail, self.now())
