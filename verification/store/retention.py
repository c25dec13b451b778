"""What is due to be erased, how it is erased, and what stays, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from verification.retention import Count, Kind, Progress, Row, Trace
from verification.store.rows import Execute, Table, among

_TRACES = Table(Trace, "remains", "sid")


class _Ending(NamedTuple):
    """When rows of a table end, in SQL on ``held``: ``over`` is their condition, ``at`` the time.

    ``facts``: account, number, creation and status of a row, for its trace.
    """

    table: str
    key: str
    over: str
    at: str
    facts: tuple[str, str, str, str] = ("''", "NULL", "0", "''")


class _Part(NamedTuple):
    """Rows of another table that belong to what is erased; ``of``: a column of theirs, in SQL."""

    table: str
    of: str


_NO_CALL = "NOT EXISTS (SELECT 1 FROM attempts WHERE subject_sid = {} AND state <> 'done')"
_ENDED = "(o.deleted_at IS NOT NULL OR o.status = 'failed')"
# What has failed is over, also when it is taken back only afterwards.
_ENDED_AT = "CASE WHEN o.status = 'failed' THEN o.updated_at ELSE o.deleted_at END"
_THEIR_ORDER = f"FROM orders AS o WHERE o.sid = held.order_sid AND {_ENDED}"
_IN_USE = "('in-use', 'released')"

_ENDINGS = {
    Kind.NUMBER: _Ending(
        "phone_numbers",
        "sid",
        f"""(held.status = 'gone'
            OR (held.status = 'pending' AND held.order_sid IS NULL AND NOT EXISTS (
                SELECT 1 FROM phone_numbers AS n WHERE n.phone_number = held.phone_number
                AND n.account_sid = held.account_sid AND n.status IN {_IN_USE}))
            OR (held.status = 'pending' AND held.order_sid IS NOT NULL
                AND EXISTS (SELECT 1 {_THEIR_ORDER} AND {_NO_CALL.format("o.sid")})))""",
        f"""CASE WHEN held.status = 'pending' AND held.order_sid IS NOT NULL
            THEN (SELECT {_ENDED_AT} {_THEIR_ORDER}) ELSE held.updated_at END""",
        ("held.account_sid", "held.phone_number", "held.created_at", "held.status"),
    ),
    Kind.ORDER: _Ending(
        "orders",
        "sid",
        f"""{_ENDED.replace("o.", "held.")} AND {_NO_CALL.format("held.sid")}
            AND NOT EXISTS (SELECT 1 FROM phone_numbers AS n WHERE n.order_sid = held.sid)""",
        _ENDED_AT.replace("o.", "held."),
        ("held.account_sid", "held.phone_number", "held.created_at", "held.status"),
    ),
    Kind.CALLER_ID: _Ending(
        "caller_ids",
        "sid",
        f"""(held.deleted_at IS NOT NULL OR held.status <> 'verified')
            AND {_NO_CALL.format("held.sid")}""",
        "COALESCE(held.deleted_at, held.updated_at)",
        ("held.account_sid", "held.phone_number", "held.created_at", "held.status"),
    ),
    Kind.DOCUMENT: _Ending(
        "documents",
        "sid",
        """(held.status IN ('canceled', 'failed') OR (held.status IN ('opened', 'signed')
            AND NOT EXISTS (SELECT 1 FROM orders WHERE signing_document_sid = held.sid)))""",
        "held.updated_at",
        ("held.account_sid", "NULL", "held.created_at", "held.status"),
    ),
    Kind.ADDRESS: _Ending(
        "addresses",
        "sid",
        """NOT EXISTS (SELECT 1 FROM orders WHERE address_sid = held.sid)
            AND NOT EXISTS (SELECT 1 FROM documents WHERE address_sid = held.sid)
            AND NOT EXISTS (SELECT 1 FROM phone_numbers WHERE address_sid = held.sid)
            AND NOT EXISTS (SELECT 1 FROM phone_numbers WHERE emergency_address_sid = held.sid)""",
        "held.updated_at",
    ),
    Kind.PHONE_BILL: _Ending(
        "phone_bills",
        "sid",
        """(held.status <> 'pending-review' OR NOT EXISTS (
            SELECT 1 FROM orders WHERE verification_document_sid = held.sid
            AND deleted_at IS NULL AND status <> 'failed'))""",
        "held.updated_at",
        ("held.account_sid", "NULL", "held.created_at", "held.status"),
    ),
    Kind.BULK: _Ending(
        "bulk_orders",
        "sid",
        """(held.completed_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM orders WHERE bulk_hosting_request_sid = held.sid))""",
        "COALESCE(held.completed_at, held.created_at)",
    ),
    Kind.ELIGIBILITY: _Ending("eligibility_requests", "sid", "1 = 1", "held.created_at"),
    # The last message about an object holds its place among those of the object.
    Kind.CALLBACK: _Ending(
        "outbox",
        "id",
        """(EXISTS (SELECT 1 FROM outbox AS later WHERE later.object_sid = held.object_sid
                AND later.sequence > held.sequence)
            OR NOT (EXISTS (SELECT 1 FROM orders WHERE sid = held.object_sid)
                OR EXISTS (SELECT 1 FROM caller_ids WHERE sid = held.object_sid)))""",
        "held.created_at",
    ),
    Kind.MAIL: _Ending("mails", "id", "1 = 1", "held.created_at"),
    Kind.ACCOUNT: _Ending(
        "accounts",
        "sid",
        """held.status = 'closed' AND held.name <> ''
            AND NOT EXISTS (SELECT 1 FROM orders WHERE account_sid = held.sid)
            AND NOT EXISTS (SELECT 1 FROM phone_numbers WHERE account_sid = held.sid)
            AND NOT EXISTS (SELECT 1 FROM caller_ids WHERE account_sid = held.sid)""",
        "held.updated_at",
    ),
    Kind.ANSWER: _Ending("answers", "id", "1 = 1", "held.created_at"),
    Kind.SUPPRESSION: _Ending("suppressions", "number", "1 = 1", "held.until"),
    Kind.SESSION: _Ending("operator_sessions", "key", "1 = 1", "held.expires_at"),
}

# Links, receivers without messages, and some counts of rates: table, key, and when a row is over.
_EXPIRED = (
    ("operator_links", "key", "expires_at <= :now"),
    (
        "endpoints",
        "name",
        "free_at <= :now AND NOT EXISTS (SELECT 1 FROM outbox WHERE endpoint = endpoints.name)",
    ),
    ("counts", "name, subject", "forget_at <= :now"),
)

_OF_ITS_CALLS = "attempt_id IN (SELECT id FROM attempts WHERE {})"
_CALLS = (_Part("replies", "subject_sid"), _Part("attempts", "subject_sid"))
_PARTS = {
    Kind.ORDER: (*_CALLS, _Part("registrations", "order_sid"), _Part("owner_links", "order_sid")),
    Kind.CALLER_ID: _CALLS,
    Kind.DOCUMENT: (_Part("letters", "document_sid"),),
    Kind.PHONE_BILL: (_Part("document_contents", "document_sid"),),
    Kind.ELIGIBILITY: (_Part("eligibility_numbers", "request_sid"),),
    Kind.ACCOUNT: (_Part("api_keys", "account_sid"), _Part("callback_secrets", "account_sid")),
}

_ITS_ORDERS = "SELECT {} FROM orders WHERE phone_number = :n"
_ITS_LETTERS = f"{_ITS_ORDERS.format('signing_document_sid')} AND signing_document_sid IS NOT NULL"
_ITS_BILLS = (
    f"{_ITS_ORDERS.format('verification_document_sid')} AND verification_document_sid IS NOT NULL"
)
_AROUND = {
    Kind.DOCUMENT: f"SELECT sid FROM documents WHERE sid IN ({_ITS_LETTERS})",
    Kind.ADDRESS: f"""
        SELECT sid FROM addresses WHERE sid IN ({_ITS_ORDERS.format("address_sid")})
        OR sid IN (SELECT address_sid FROM documents WHERE sid IN ({_ITS_LETTERS}))
        OR sid IN (SELECT address_sid FROM phone_numbers WHERE phone_number = :n)
    """,
    Kind.PHONE_BILL: f"SELECT sid FROM phone_bills WHERE sid IN ({_ITS_BILLS})",
    Kind.CALLBACK: f"""
        SELECT id FROM outbox WHERE object_sid IN ({_ITS_ORDERS.format("sid")})
        OR object_sid IN (SELECT sid FROM caller_ids WHERE phone_number = :n)
    """,
}


class Retention:
    """What is erased, and what stays."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def due(self, kind: Kind, before: float, limit: int) -> list[Row]:
        """Some of what ended before a time."""
        where = f"{_ENDINGS[kind].at} <= :before AND {_ENDINGS[kind].over}"
        return self._rows(kind, where, {"before": before, "limit": limit})

    def rows(self, kind: Kind, sids: Sequence[str]) -> list[Row]:
        """What is held of a kind by these SIDs, whether it has ended or not."""
        ending = _ENDINGS[kind]
        found: list[Row] = []
        for where, params in among(f"held.{ending.key}", sids):
            found += self._rows(kind, where, {**params, "limit": len(sids)})
        return found

    def over(self, kind: Kind, sids: Sequence[str]) -> list[str]:
        """Those of these SIDs whose purpose has ended, however lately."""
        ending = _ENDINGS[kind]
        found: list[str] = []
        for where, params in among(f"held.{ending.key}", sids):
            sql = f"SELECT {ending.key} FROM {ending.table} AS held WHERE {where}"
            rows = self._execute(f"{sql} AND {ending.over}", params).fetchall()
            found += [row[0] for row in rows]
        return found

    def about(self, number: str) -> dict[Kind, list[str]]:
        """The SIDs of what is held about a number, deleted things too, kind by kind."""
        return {
            kind: self._sids(
                f"SELECT sid FROM {_ENDINGS[kind].table} WHERE phone_number = :n", number
            )
            for kind in (Kind.NUMBER, Kind.ORDER, Kind.CALLER_ID)
        }

    def around(self, number: str) -> dict[Kind, list[str]]:
        """What belongs to the orders of a number: letters, addresses, bills, callbacks."""
        return {kind: self._sids(sql, number) for kind, sql in _AROUND.items()}

    def mails_of(self, object_sids: Sequence[str], unsent: bool) -> list[str]:
        """The mails about letters and orders; ``unsent``: also those that are still to leave."""
        which = "" if unsent else " AND due_at IS NULL"
        found: list[str] = []
        for where, params in among("object_sid", object_sids):
            rows = self._execute(f"SELECT id FROM mails WHERE {where}{which}", params).fetchall()
            found += [row[0] for row in rows]
        return found

    def remove_mentions(self, number: str) -> None:
        """Forget a number where it stands beside what is of somebody else."""
        self._execute("DELETE FROM eligibility_numbers WHERE phone_number = :n", {"n": number})
        sql = "UPDATE orders SET contact_phone_number = NULL WHERE contact_phone_number = :n"
        self._execute(sql, {"n": number})

    def mentioned(self, number: str) -> list[str]:
        """The letters that name a number as their signer's."""
        sql = "SELECT sid FROM documents WHERE contact_phone_number = :n ORDER BY created_at, sid"
        return self._sids(sql, number)

    def remove(self, kind: Kind, sids: Sequence[str]) -> None:
        """Erase these, with all that belongs to them."""
        ending = _ENDINGS[kind]
        for part in _PARTS.get(kind, ()):
            for where, params in among(part.of, sids):
                inside = _OF_ITS_CALLS.format(where) if part.table == "replies" else where
                self._execute(f"DELETE FROM {part.table} WHERE {inside}", params)
        # An account's SID is named by what stays for ever.
        action = (
            "UPDATE accounts SET name = '', auth_token = :none, secondary_token = NULL"
            if kind is Kind.ACCOUNT
            else f"DELETE FROM {ending.table}"
        )
        for where, params in among(ending.key, sids):
            self._execute(f"{action} WHERE {where}", {**params, "none": b""})

    def anything_expired(self, now: float) -> bool:
        """Whether there is anything of what no other row knows, and that is over."""
        sql = " UNION ALL ".join(
            f"SELECT 1 FROM {table} WHERE {over}" for table, _, over in _EXPIRED
        )
        return self._execute(f"{sql} LIMIT 1", {"now": now}).fetchone() is not None

    def remove_what_expired(self, now: float, limit: int) -> bool:
        """Erase a slice of that; True if there may be more."""
        erased = [
            self._execute(
                f"DELETE FROM {table} WHERE ({key}) IN"
                f" (SELECT {key} FROM {table} WHERE {over} LIMIT :limit)",
                {"now": now, "limit": limit},
            ).rowcount
            for table, key, over in _EXPIRED
        ]
        return limit in erased

    def leave(self, traces: Sequence[Trace]) -> None:
        """Keep what stays."""
        _TRACES.insert_all(self._execute, traces)

    def traces(self, pseudonym: str) -> list[Trace]:
        """What stays of a number."""
        sql = f"{_TRACES.select} WHERE pseudonym = :pseudonym ORDER BY created_at, sid"
        return _TRACES.all(self._execute(sql, {"pseudonym": pseudonym}).fetchall())

    def count(self, kind: Kind) -> Count:
        """How much of a kind is held, and how much of that has ended."""
        ending = _ENDINGS[kind]
        alive = " WHERE held.name <> ''" if kind is Kind.ACCOUNT else ""
        over = f"CASE WHEN {ending.over} THEN {ending.at} END"
        sql = f"SELECT COUNT(*), COUNT(ended), MIN(ended) FROM (SELECT {over} AS ended"
        counted = self._execute(f"{sql} FROM {ending.table} AS held{alive}) AS all_of_it")
        return Count(*counted.fetchone())

    def overdue(self, kind: Kind, before: float) -> int:
        """How much of a kind is held that ended before a time."""
        ending = _ENDINGS[kind]
        where = f"{ending.at} <= :before AND {ending.over}"
        sql = f"SELECT COUNT(*) FROM {ending.table} AS held WHERE {where}"
        return int(self._execute(sql, {"before": before}).fetchone()[0])

    def progress(self) -> Progress:
        """How far erasing is."""
        sql = f"SELECT {', '.join(Progress._fields)} FROM retention"
        return Progress(*self._execute(sql).fetchone())

    def note_progress(self, progress: Progress) -> None:
        """Write down how far erasing is."""
        changes = ", ".join(f"{name} = :{name}" for name in Progress._fields)
        self._execute(f"UPDATE retention SET {changes}", progress._asdict())

    def _sids(self, sql: str, number: str) -> list[str]:
        return [row[0] for row in self._execute(sql, {"n": number}).fetchall()]

    def _rows(self, kind: Kind, where: str, params: dict[str, object]) -> list[Row]:
        ending = _ENDINGS[kind]
        account, number, created_at, status = ending.facts
        sql = (
            f"SELECT {ending.key}, {account}, {number}, {created_at}, {ending.at}, {status}"
            f" FROM {ending.table} AS held WHERE {where} LIMIT :limit"
        )
        return [Row(*row) for row in self._execute(sql, params).fetchall()]
