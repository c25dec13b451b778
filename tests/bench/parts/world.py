"""A database with orders and with calls that have just been dialled, written as rows."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import app
from twiml.webhooks import Links
from verification import accounts, settings, sids
from verification.accounts import Account
from verification.attempts import Attempt, State
from verification.calling import LONGEST_WAIT_SECONDS
from verification.codes import CODE_SECONDS, Keyring
from verification.orders import Order
from verification.statuses import Status
from verification.store.orders import TABLE as ORDERS
from verification.store.rows import Table

ATTEMPTS = Table(Attempt, "attempts", "id")
KEY = "made-up-secret-of-a-benchmark." * 2
_KEYRING = Keyring([KEY.encode()])
# The emulator's account, whose webhooks a server without Twilio's credentials takes.
SID = f"AC{_KEYRING.derived('emulator account.v1')[:32]}"
TOKEN = _KEYRING.derived("emulator token.v1")[:32]
CODE = "246803"
DAY = 86_400.0
_FIRST_NUMBER = 2_002_000_000
# Beyond those of a million orders; no two of one process are alike.
_FRESH = count(4_162_200_000)
# SQLite makes a million rows of one quicker than Python can name them.
_MULTIPLY = """
    WITH RECURSIVE n (i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
    INSERT INTO {table} ({columns}) SELECT {values} FROM n, {table} WHERE {key} = :pattern
"""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A call that the carrier has placed: its attempt, its SID, and the number called."""

    attempt_id: str
    call_sid: str
    number: str


@dataclass(frozen=True, slots=True)
class World:
    """Lineproof on one database, and the account that orders, with its token."""

    house: app.House
    account: Account
    token: str

    @property
    def links(self) -> Links:
        """The addresses of the webhooks."""
        return self.house.carriers.links

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a server and of its worker on this database."""
        return environment(self.house.settings.database_url.get_secret_value(), self.house.base_url)

    def dialled(self, calls: int, state: State = State.DIALLED) -> list[Dialled]:
        """So many orders whose calls ring now, or are to be placed; every code is CODE."""
        now, made, placed, orders = self.house.store.now(), [], [], []
        for _ in range(calls):
            number = fresh_number()
            sid = sids.new(sids.ORDER)
            order = Order(
                sid=sid,
                account_sid=self.account.sid,
                phone_number=number,
                status=Status.PENDING_VERIFICATION,
                created_at=now,
                updated_at=now,
                incoming_phone_number_sid=sids.new(sids.PHONE_NUMBER),
                verification_attempts=1,
                code=self.house.keyring.seal(CODE, sid),
                code_expires_at=now + CODE_SECONDS,
            )
            orders.append(order)
            call = Dialled(secrets.token_hex(16), "CA" + secrets.token_hex(16), number)
            placed.append(call)
            made.append(_attempt(call, order, state, now))
        with self.house.store.write() as tx:
            ORDERS.insert_all(tx._execute, orders)
            ATTEMPTS.insert_all(tx._execute, made)
        return placed

    def grow(self, orders: int) -> None:
        """Add orders of the account until there are so many, most verified, each by its call."""
        (pattern,) = self.dialled(1)
        begun = self.house.store.now() - DAY
        with self.house.store.write() as tx:
            attempt = tx.attempts.get(pattern.attempt_id)
            assert attempt
            at = f"{begun} + i * {DAY / orders}"
            number = f"'+1' || ({_FIRST_NUMBER} + i * 7)"
            order = {
                "sid": "'HR' || printf('%032x', i)",
                "phone_number": number,
                "status": "CASE i % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'received'"
                " ELSE 'verified' END",
                "failure_reason": "CASE i % 10 WHEN 0 THEN 'The number was busy.' END",
                **dict.fromkeys(("created_at", "updated_at"), at),
                **dict.fromkeys(("code", "code_expires_at", "due_at"), "NULL"),
            }
            call = {
                "id": "printf('%032x', i)",
                "subject_sid": "'HR' || printf('%032x', i)",
                "number": number,
                "state": "'done'",
                "outcome": "'verified'",
                "call_sid": "'CA' || printf('%032x', i)",
                "due_at": "NULL",
                **dict.fromkeys(("requested_at", "dialled_at", "finished_at"), at),
            }
            for table, own, key, value in (
                (ORDERS, order, "sid", attempt.subject_sid),
                (ATTEMPTS, call, "id", attempt.id),
            ):
                sql = _MULTIPLY.format(
                    table=table.name,
                    key=key,
                    columns=", ".join(table.columns),
                    values=", ".join(own.get(column, column) for column in table.columns),
                )
                tx._execute(sql, {"first": 1, "count": orders, "pattern": value})


def fresh_number() -> str:
    """A number that has no order yet."""
    return f"+1{next(_FRESH)}"


def environment(url: str, base_url: str) -> dict[str, str]:
    """The settings of a server and of its worker."""
    return {
        "DATABASE_URL": url,
        "PUBLIC_BASE_URL": base_url,
        "LINEPROOF_SECRET_KEYS": KEY,
    }


@contextmanager
def world(
    folder: Path, base_url: str = "http://127.0.0.1:1", url: str | None = None
) -> Iterator[World]:
    """A new database with one account; ``url``: it is not the folder's SQLite file."""
    url = url or f"sqlite:///{folder / 'lineproof.db'}"
    house = app.open_house(settings.load(environment(url, base_url)))
    with closing(house.store):
        with house.store.write() as tx:
            account, token = accounts.create(tx, house.keyring, "Maple Dental", house.store.now())
        yield World(house, account, token)


def _attempt(call: Dialled, order: Order, state: State, now: float) -> Attempt:
    waits = state is State.READY
    return Attempt(
        id=call.attempt_id,
        subject_sid=order.sid,
        ordinal=1,
        account_sid=order.account_sid,
        number=call.number,
        state=state,
        requested_at=now,
        # As far ahead as the program itself may write, or it takes the row for a wrong clock's.
        due_at=now if waits else now + LONGEST_WAIT_SECONDS,
        business="Maple Dental",
        language="en",
        extension="wwww2wwwwww5",
        call_sid=None if waits else call.call_sid,
        dialled_at=None if waits else now,
    )
