"""The audit trail of one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from verification import audit
from verification.store.rows import Execute, Params

_ENTRY = ", ".join(audit.Entry._fields)
_ROWS_AT_ONCE = 100  # nine values each: every SQLite takes 999 in one statement


class Audit:
    """The hash-chained record of what happened."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def append(
        self, at: float, actor: str, account_sid: str, object_sid: str, event: str, detail: str = ""
    ) -> None:
        """Add a row behind the last one."""
        self.append_all(at, actor, event, [(account_sid, object_sid, detail)])

    def append_all(
        self, at: float, actor: str, event: str, rows: Sequence[tuple[str, str, str]]
    ) -> None:
        """Add what happened at once to many: a row for each account, object and detail."""
        head = self._execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous = (head[0], head[1]) if head else (0, audit.FIRST)
        entries = []
        for account_sid, object_sid, detail in rows:
            seq += 1
            facts = (seq, float(at), str(actor), account_sid, object_sid, event, str(detail))
            entries.append(audit.Entry(*facts, previous, audit.chain_hash(previous, facts)))
            previous = entries[-1].hash
        for start in range(0, len(entries), _ROWS_AT_ONCE):
            self._insert(entries[start : start + _ROWS_AT_ONCE])

    def of_object(self, object_sid: str) -> list[audit.Entry]:
        """What happened to one object, in order."""
        sql = f"SELECT {_ENTRY} FROM audit WHERE object_sid = :sid ORDER BY seq"
        return [audit.Entry(*row) for row in self._execute(sql, {"sid": object_sid}).fetchall()]

    def all(self) -> list[audit.Entry]:
        """The whole chain."""
        sql = f"SELECT {_ENTRY} FROM audit ORDER BY seq"
        return [audit.Entry(*row) for row in self._execute(sql).fetchall()]

    def _insert(self, entries: Sequence[audit.Entry]) -> None:
        params: Params = {}
        places = []
        for n, entry in enumerate(entries):
            given = {f"{name}_{n}": value for name, value in entry._asdict().items()}
            places.append("(" + ", ".join(f":{name}" for name in given) + ")")
            params |= given
        self._execute(f"INSERT INTO audit ({_ENTRY}) VALUES {', '.join(places)}", params)
