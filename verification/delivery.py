"""Sends the callbacks that are due: many receivers at once, and none of them in another's way.

An endpoint is served in turns. Whoever takes one has it alone for the time of a lease; what he did
not write down when he died is sent again, under the same id, by whoever takes it next.
"""

from __future__ import annotations

import itertools
import queue
import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

import structlog

from verification import accounts, callback_secrets, callbacks, codes, forms, outgoing, signatures
from verification.callbacks import Endpoint, Message, State
from verification.codes import Keyring
from verification.outgoing import Answer, Request, Sender

IDLE_SECONDS = 0.2  # how long it waits, with nothing due or answered, before it looks again
LEASE_SECONDS = 60.0  # longer than a request lasts, so that nobody else makes it meanwhile
CLOSING_SECONDS = 3.0  # what is under way at the end is waited for so long; then it is sent again
SLOTS = 64  # requests at once
OTHER_SLOTS = 32  # of these for receivers that are new or failed; the rest is for the healthy
TURN = 2  # messages at once to one healthy endpoint; one to any other
SPREAD_PERCENT = 20

log = structlog.get_logger()


class Outbox(callbacks.Messages, Protocol):
    """The outbox as it is sent."""

    def any_due(self, now: float) -> bool: ...
    def take(self, now: float, lease: float, healthy: bool, limit: int) -> list[Endpoint]: ...
    def due_of(self, endpoint: str, now: float, limit: int) -> list[Message]: ...
    def release(self, endpoint: Endpoint) -> None: ...
    def give_up(self, endpoint: str, answer: str) -> int: ...
    def close_url(self, message: Message) -> None: ...


class Transaction(callback_secrets.Transaction, Protocol):
    """What sending needs of a transaction."""

    @property
    def outbox(self) -> Outbox: ...
    @property
    def accounts(self) -> accounts.Accounts: ...


class Store(Protocol):
    """Where the rows are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...


class Keys(NamedTuple):
    """What an account's callbacks are signed with: its auth token and its callback secrets."""

    token: str
    whsecrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One endpoint that this worker serves now, and how many of its answers have not come."""

    endpoint: Endpoint
    open: int


class _Answered(NamedTuple):
    """What a message was answered; ``turn``: the number of the turn that it was sent in."""

    turn: int
    message: Message
    answer: Answer


def spread() -> float:
    """A random factor between 0.8 and 1.2."""
    return 1 + (secrets.randbelow(2 * SPREAD_PERCENT + 1) - SPREAD_PERCENT) / 100


def request(message: Message, keys: Keys, now: float) -> Request:
    """A message as it is sent at ``now``: a form, or with GET a query, signed in both ways.

    Over a GET, which has no body, Standard Webhooks' signature covers the query.
    """
    form = urlencode(message.fields)
    if message.method == "GET":
        url, body, parameters = outgoing.requested(message.url, form), None, {}
        content = url.partition("?")[2].encode()
    else:
        url, body, parameters = outgoing.requested(message.url), form.encode(), message.fields
        content = body
    headers = {
        "X-Twilio-Signature": signatures.twilio(url, parameters, keys.token),
        "I-Twilio-Idempotency-Token": message.id,
        **signatures.standard(message.id, int(now), content, keys.whsecrets),
        "Lineproof-Event": message.event,
        "Lineproof-Sequence": str(message.sequence),
    }
    if body is not None:
        headers["Content-Type"] = forms.MEDIA_TYPE
    return Request(message.method, url, headers, body)


class CallbacksDue:
    """Sends callbacks, each in a thread of its own; all writing is done by the round itself.

    ``now`` gives Unix seconds, ``spread`` a factor for each wait.
    """

    def __init__(
        self,
        store: Store,
        sender: Sender,
        keyring: Keyring,
        now: Callable[[], float],
        spread: Callable[[], float] = spread,
    ) -> None:
        self._store = store
        self._sender = sender
        self._keyring = keyring
        self._now = now
        self._spread = spread
        self._numbers = itertools.count()
        self._turns: dict[int, _Turn] = {}
        self._answers: queue.SimpleQueue[_Answered] = queue.SimpleQueue()
        self._unwritten: list[_Answered] = []

    @property
    def idle_seconds(self) -> float:
        """How long to wait, with nothing due, before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Write down what was answered and send what is due; True if anything is under way."""
        self._collect()
        self._write_down()
        taken = self._take()
        return taken or bool(self._turns)

    def close(self) -> None:
        """Wait a little for what is under way, and write it down."""
        for _ in range(int(CLOSING_SECONDS / IDLE_SECONDS)):
            if not self._turns:
                break
            self._collect()
            self._write_down()

    def _collect(self) -> None:
        """Wait for an answer if any is to come, and fetch all that are there."""
        try:
            if self._turns and not self._unwritten:
                self._unwritten.append(self._answers.get(timeout=IDLE_SECONDS))
            while True:
                self._unwritten.append(self._answers.get_nowait())
        except queue.Empty:
            pass

    def _write_down(self) -> None:
        if not self._unwritten:
            return
        now, turns = self._now(), dict(self._turns)
        with self._store.write() as tx:
            for number, message, answer in self._unwritten:
                self._settle(tx, message, answer, now)
                turn = turns[number]
                turns[number] = _Turn(callbacks.judged(turn.endpoint, answer, now), turn.open - 1)
            for number in [number for number, turn in turns.items() if not turn.open]:
                self._end(tx, turns.pop(number).endpoint, now)
        # Only what is committed is forgotten: if the store was busy, the next round writes it.
        self._turns, self._unwritten = turns, []

    def _settle(self, tx: Transaction, message: Message, answer: Answer, now: float) -> None:
        current = tx.outbox.get(message.id)
        if current is None or current.state is not State.PENDING:
            return  # another worker was faster, or it was purged
        settled = callbacks.settled(current, answer, now, self._spread())
        tx.outbox.save(settled)
        if settled.state is State.GONE:
            tx.outbox.close_url(settled)
        log.info(
            "callback", id=message.id, object=message.object_sid, state=settled.state,
            answer=settled.answer, tries=settled.tries,
        )  # fmt: skip

    def _end(self, tx: Transaction, endpoint: Endpoint, now: float) -> None:
        if callbacks.given_up(endpoint, now):
            lost = tx.outbox.give_up(endpoint.name, "the receiver has failed for days")
            log.warning("receiver given up", account=endpoint.name.split()[0], failed=lost)
        tx.outbox.release(replace(endpoint, free_at=now + callbacks.rest_seconds(endpoint)))

    def _take(self) -> bool:
        """Begin as many turns as there are slots; True if there were any."""
        now = self._now()
        free = SLOTS - sum(turn.open for turn in self._turns.values())
        with self._store.read() as tx:  # a look takes no lock
            if free < TURN or not tx.outbox.any_due(now):
                return False
        with self._store.write() as tx:
            ready = [(one, self._ready(tx, one, now)) for one in self._endpoints(tx, free, now)]
            senders = {message.account_sid for _, due in ready for message in due}
            keys = {sid: self._keys(tx, sid, now) for sid in senders}
        for endpoint, due in ready:
            number = next(self._numbers)
            if due:
                self._turns[number] = _Turn(endpoint, len(due))
            for message in due:
                self._begin(number, message, keys[message.account_sid], now)
        return bool(ready)

    def _endpoints(self, tx: Transaction, free: int, now: float) -> list[Endpoint]:
        """Whose turn it is: the healthy ones first, and no more of the others than may be."""
        taken = tx.outbox.take(now, LEASE_SECONDS, True, free // TURN)
        others = sum(turn.open for turn in self._turns.values() if not turn.endpoint.healthy)
        left = min(free - TURN * len(taken), OTHER_SLOTS - others)
        return taken + (tx.outbox.take(now, LEASE_SECONDS, False, left) if left > 0 else [])

    def _ready(self, tx: Transaction, endpoint: Endpoint, now: float) -> list[Message]:
        """What an endpoint is sent in this turn: of one object never two messages at once."""
        due = tx.outbox.due_of(endpoint.name, now, TURN if endpoint.healthy else 1)
        if not due:
            tx.outbox.release(replace(endpoint, free_at=now))
        return list({one.object_sid: one for one in reversed(due)}.values())

    def _keys(self, tx: Transaction, account_sid: str, now: float) -> Keys | None:
        """What the account signs with; None if this server's keys do not open it."""
        account = tx.accounts.get(account_sid)
        try:
            token = self._keyring.open(account.auth_token, account_sid) if account else ""
            whsecrets = callback_secrets.signing(tx, self._keyring, account_sid, now)
        except codes.Unsealable:
            return None
        return Keys(token, whsecrets)

    def _begin(self, turn: int, message: Message, keys: Keys | None, now: float) -> None:
        if keys is None:
            trouble = Answer(error="the account's secrets cannot be opened")
            self._answers.put(_Answered(turn, message, trouble))
            return
        arguments = (turn, message, request(message, keys, now))
        threading.Thread(target=self._send, args=arguments, name="callback", daemon=True).start()

    def _send(self, turn: int, message: Message, made: Request) -> None:
        answer = Answer(error="the request could not be made")
        try:
            answer = self._sender.send(made)
        except Exception:  # an answer must come: its turn would never end
            log.exception("callback could not be sent", id=message.id)
        self._answers.put(_Answered(turn, message, answer))
