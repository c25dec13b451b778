"""The audit trail of one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from verification import audit
from verification.store.rows import Execute

_ENTRY = ", ".join(audit.Entry._fields)
_ENTRY_VALUES = ", ".join(f":{name}" for name in audit.Entry._fields)
_INSERT = f"INSERT INTO audit ({_ENTRY}) VALUES ({_ENTRY_VALUES})"


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
        seq, previous = self.head()
        entries = []
        for account_sid, object_sid, detail in rows:
            seq += 1
            told = audit.without_people(str(detail))
            facts = (seq, float(at), str(actor), account_sid, object_sid, event, told)
            entries.append(audit.Entry(*facts, previous, audit.chain_hash(previous, facts)))
            previous = entries[-1].hash
        self._execute.many(_INSERT, [entry._asdict() for entry in entries])

    def head(self) -> tuple[int, str]:
        """The number and the hash of the last row."""
        row = self._execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, audit.FIRST)

    def of_object(self, object_sid: str) -> list[audit.Entry]:
        """What happened to one object, in order."""
        sql = f"SELECT {_ENTRY} FROM audit WHERE object_sid = :sid ORDER BY seq"
        return [audit.Entry(*row) for row in self._execute(sql, {"sid": object_sid}).fetchall()]

    def all(self) -> list[audit.Entry]:
        """The whole chain."""
        sql = f"SELECT {_ENTRY} FROM audit ORDER BY seq"
        return [audit.Entry(*row) for row in self._execute(sql).fetchall()]
