"""The records of one transaction: every statement of the program, in the SQL both engines share."""

from __future__ import annotations

from typing import Any

from verification import audit
from verification.accounts import Account, ApiKey
from verification.attempts import ON_THE_LINE, Attempt, Subject
from verification.caller_ids import CallerId
from verification.conversation import Note, Reply, Say
from verification.ordering import Place
from verification.store.addresses import Addresses
from verification.store.ahead import Ahead
from verification.store.audit import Audit
from verification.store.bulks import TABLE as BULKS
from verification.store.bulks import Bulks
from verification.store.callbacks import TABLES as CALLBACKS
from verification.store.callbacks import Outbox, Secrets
from verification.store.caller_ids import TABLE as CALLER_IDS
from verification.store.caller_ids import CallerIds
from verification.store.calls import Calls
from verification.store.console import Console
from verification.store.dialling import Pace, Suppressions
from verification.store.dialling_switch import Dialling
from verification.store.documents import Documents
from verification.store.eligibility import TABLE as ELIGIBILITY_REQUESTS
from verification.store.eligibility import Eligibility
from verification.store.mails import Mails
from verification.store.operators import Operators
from verification.store.orders import TABLE as ORDERS
from verification.store.orders import Orders
from verification.store.owner_links import TABLE as OWNER_LINKS
from verification.store.owner_links import OwnerLinks
from verification.store.phone_bills import PhoneBills
from verification.store.phone_numbers import TABLE as PHONE_NUMBERS
from verification.store.phone_numbers import PhoneNumbers
from verification.store.proofs import ProofKeys
from verification.store.rates import ANSWERS, COUNTS, Answers, Counts
from verification.store.registrations import Registrations
from verification.store.retention import Retention
from verification.store.rows import UNTAKEN, Execute, Table, paged
from verification.store.sealed import Sealed
from verification.store.standing import Work

_ACCOUNTS = Table(Account, "accounts", "sid")
_ATTEMPTS = Table(Attempt, "attempts", "id")
_KEYS = Table(ApiKey, "api_keys", "sid")
_TABLES: tuple[Table[Any], ...] = (
    _ACCOUNTS,
    _KEYS,
    ORDERS,
    _ATTEMPTS,
    CALLER_IDS,
    BULKS,
    ELIGIBILITY_REQUESTS,
    PHONE_NUMBERS,
    OWNER_LINKS,
    *CALLBACKS,
    ANSWERS,
    COUNTS,
)
_ON_THE_LINE = f"({', '.join(repr(str(state)) for state in ON_THE_LINE)})"


class Accounts:
    """Who orders numbers."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, account: Account) -> None:
        """Add an account."""
        _ACCOUNTS.insert(self._execute, account)

    def save(self, account: Account) -> None:
        """Write an account that was read in this transaction."""
        _ACCOUNTS.save(self._execute, account)

    def get(self, sid: str) -> Account | None:
        """The account of this SID."""
        rows = self._execute(f"{_ACCOUNTS.select} WHERE sid = :sid", {"sid": sid})
        return _ACCOUNTS.one(rows.fetchone())

    def all(self) -> list[Account]:
        """All accounts, the oldest first."""
        rows = self._execute(f"{_ACCOUNTS.select} ORDER BY created_at, sid")
        return _ACCOUNTS.all(rows.fetchall())

    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[Account]:
        """An account and its subaccounts, as ``paged`` gives them."""
        mine = "(sid = :mine OR owner_sid = :mine)"
        return paged(self._execute, _ACCOUNTS, mine, {"mine": account_sid}, filters, place, limit)

    def insert_key(self, key: ApiKey) -> None:
        """Add an API key."""
        _KEYS.insert(self._execute, key)

    def key(self, sid: str) -> ApiKey | None:
        """The API key of this SID."""
        return _KEYS.one(self._execute(f"{_KEYS.select} WHERE sid = :sid", {"sid": sid}).fetchone())

    def keys_of(self, account_sid: str) -> list[ApiKey]:
        """An account's API keys, the oldest first."""
        sql = f"{_KEYS.select} WHERE account_sid = :sid ORDER BY created_at, sid"
        return _KEYS.all(self._execute(sql, {"sid": account_sid}).fetchall())

    def delete_key(self, sid: str) -> None:
        """Remove an API key."""
        self._execute("DELETE FROM api_keys WHERE sid = :sid", {"sid": sid})


class Subjects:
    """What ownership calls are made for: orders and caller IDs."""

    def __init__(self, orders: Orders, caller_ids: CallerIds) -> None:
        self._orders = orders
        self._caller_ids = caller_ids

    def get(self, sid: str) -> Subject | None:
        """The order or caller ID of this SID."""
        return self._orders.get(sid) or self._caller_ids.get(sid)

    def save(self, subject: Subject) -> None:
        """Write one that was read in this transaction."""
        if isinstance(subject, CallerId):
            self._caller_ids.save(subject)
        else:
            self._orders.save(subject)


class Attempts:
    """Ownership calls."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._known: dict[str, Attempt] = {}

    def forget(self) -> None:
        """Another transaction begins: what the rows hold is not known any more."""
        self._known.clear()

    def insert(self, attempt: Attempt) -> None:
        """Add an attempt."""
        _ATTEMPTS.insert(self._execute, attempt)

    def save(self, attempt: Attempt) -> None:
        """Write an attempt that was read in this transaction."""
        _ATTEMPTS.save(self._execute, attempt, self._known.get(attempt.id))
        self._known[attempt.id] = attempt

    def get(self, attempt_id: str) -> Attempt | None:
        """The attempt of this id."""
        rows = self._execute(f"{_ATTEMPTS.select} WHERE id = :id", {"id": attempt_id})
        return self._seen(_ATTEMPTS.one(rows.fetchone()))

    def with_call(self, call_sid: str) -> Attempt | None:
        """The attempt that a call belongs to."""
        sql = f"{_ATTEMPTS.select} WHERE call_sid = :call_sid"
        return _ATTEMPTS.one(self._execute(sql, {"call_sid": call_sid}).fetchone())

    def on_the_line(self, number: str) -> Attempt | None:
        """The one attempt that has, or may have, a call to this number now."""
        sql = f"{_ATTEMPTS.select} WHERE number = :number AND state IN {_ON_THE_LINE}"
        return _ATTEMPTS.one(self._execute(sql, {"number": number}).fetchone())

    def of_subject(self, subject_sid: str) -> list[Attempt]:
        """The attempts for an order or a caller ID, the oldest first."""
        sql = f"{_ATTEMPTS.select} WHERE subject_sid = :sid ORDER BY ordinal"
        return _ATTEMPTS.all(self._execute(sql, {"sid": subject_sid}).fetchall())

    def any_due(self, now: float) -> bool:
        """Whether the worker must look at any attempt."""
        return _exists(self._execute, "SELECT 1 FROM attempts WHERE due_at <= :now LIMIT 1", now)

    def next_ready(self, now: float) -> Attempt | None:
        """The attempt to dial next: the longest due whose number has no call on the line."""
        sql = f"""
            {_ATTEMPTS.select} AS ready WHERE state = 'ready' AND due_at <= :now AND NOT EXISTS (
                SELECT 1 FROM attempts AS other WHERE other.number = ready.number
                AND other.state IN {_ON_THE_LINE})
            ORDER BY due_at LIMIT 1 {UNTAKEN}
        """
        return self._seen(_ATTEMPTS.one(self._execute(sql, {"now": now}).fetchone()))

    def take_due(self, now: float, lease: float, limit: int) -> list[Attempt]:
        """Attempts to look after; others leave them alone for ``lease`` seconds."""
        self.forget()
        sql = f"""
            UPDATE attempts SET due_at = :until WHERE id IN (
                SELECT id FROM attempts WHERE due_at <= :now AND state <> 'ready'
                ORDER BY due_at LIMIT :limit {UNTAKEN})
            {_ATTEMPTS.returning}
        """
        params = {"now": now, "until": now + lease, "limit": limit}
        return _ATTEMPTS.all(self._execute(sql, params).fetchall())

    def count_try(self, attempt_id: str, per_call: int, per_code: int) -> Attempt | None:
        """Count one more try of the code, for the call and for the code, within both limits."""
        sql = f"""
            UPDATE attempts SET code_tries = code_tries + 1
            WHERE id = :id AND code_tries < :per_call AND EXISTS (
                SELECT 1 FROM orders WHERE orders.sid = attempts.subject_sid
                AND orders.code_tries < :per_code
                UNION ALL
                SELECT 1 FROM caller_ids WHERE caller_ids.sid = attempts.subject_sid
                AND caller_ids.code_tries < :per_code)
            {_ATTEMPTS.returning}
        """
        params = {"id": attempt_id, "per_call": per_call, "per_code": per_code}
        counted = self._seen(_ATTEMPTS.one(self._execute(sql, params).fetchone()))
        if counted:
            for table in (ORDERS, CALLER_IDS):
                sql = f"UPDATE {table.name} SET code_tries = code_tries + 1 WHERE sid = :sid"
                self._execute(sql, {"sid": counted.subject_sid})
        return counted

    def _seen(self, attempt: Attempt | None) -> Attempt | None:
        if attempt:
            self._known[attempt.id] = attempt
        return attempt


class Replies:
    """What each step of a call was answered."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def get(self, attempt_id: str, step: int) -> Reply | None:
        """The reply to one step, None if it has not been answered."""
        sql = """
            SELECT say, note, next_step, keys FROM replies WHERE attempt_id = :id AND step = :step
        """
        row = self._execute(sql, {"id": attempt_id, "step": step}).fetchone()
        return Reply(Say(row[0]), Note(row[1]), row[2], row[3]) if row else None

    def insert(self, attempt_id: str, step: int, reply: Reply, now: float) -> None:
        """Keep the reply to one step, and when it was given."""
        params = {"id": attempt_id, "step": step, "next_step": reply.step, "keys": reply.keys}
        self._execute(
            "INSERT INTO replies (attempt_id, step, say, note, next_step, keys, said_at)"
            " VALUES (:id, :step, :say, :note, :next_step, :keys, :now)",
            params | {"say": str(reply.say), "note": str(reply.note), "now": now},
        )


class Records:
    """One transaction's view of everything that is stored."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self.accounts = Accounts(execute)
        self.ahead = Ahead(execute)
        self.addresses = Addresses(execute)
        self.orders = Orders(execute)
        self.bulks = Bulks(execute)
        self.phone_bills = PhoneBills(execute)
        self.work = Work(execute)
        self.eligibility = Eligibility(execute)
        self.caller_ids = CallerIds(execute)
        self.subjects = Subjects(self.orders, self.caller_ids)
        self.attempts = Attempts(execute)
        self.calls = Calls(execute)
        self.phone_numbers = PhoneNumbers(execute)
        self.registrations = Registrations(execute)
        self.replies = Replies(execute)
        self.audit = Audit(execute)
        self.documents = Documents(execute)
        self.mails = Mails(execute)
        self.owner_links = OwnerLinks(execute)
        self.outbox = Outbox(execute)
        self.callback_secrets = Secrets(execute)
        self.operators = Operators(execute)
        self.console = Console(execute)
        self.pace = Pace(execute)
        self.dialling = Dialling(execute)
        self.suppressions = Suppressions(execute)
        self.proof_keys = ProofKeys(execute)
        self.counts = Counts(execute)
        self.answers = Answers(execute)
        self.retention = Retention(execute)
        self.sealed = Sealed(execute)

    def begin(self) -> None:
        """A transaction begins on records that others have used before."""
        self.orders.forget()
        self.attempts.forget()

    def unsound(self) -> list[str]:
        """What no engine sees: rows that are no records of this program, a broken audit chain."""
        broken = audit.first_break(self.audit.all())
        wrong = [] if broken is None else [f"the audit trail is broken at row {broken}"]
        for table in _TABLES:
            try:
                table.all(self._execute(table.select).fetchall())
            except (KeyError, TypeError, ValueError) as error:
                wrong.append(f"the table {table.name} holds what cannot be read: {error!r}")
        return wrong


def _exists(execute: Execute, sql: str, now: float) -> bool:
    return execute(sql, {"now": now}).fetchone() is not None
