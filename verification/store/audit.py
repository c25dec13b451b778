"""The audit trail of one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verification import audit
from verification.ordering import Place
from verification.store.rows import SEEN, Execute, Params

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
        self, at: float, actor: str, event: str, rows: Iterable[tuple[str, str, str]]
    ) -> None:
        """Add what happened at once to many: a row for each account, object and detail."""
        credential = audit.credential_of(actor)
        last, seal = self.head()

        def entries() -> Iterator[Params]:  # each is made when its turn to be written has come
            previous = seal
            for seq, (account_sid, object_sid, detail) in enumerate(rows, last + 1):
                told = audit.without_people(str(detail))
                facts = (seq, float(at), str(actor), account_sid, object_sid, event, told)
                chained = audit.chain_hash(previous, facts, credential)
                yield audit.Entry(*facts, previous, chained, credential)._asdict()
                previous = chained

        self._execute.many(_INSERT, entries())

    def head(self) -> tuple[int, str]:
        """The number and the hash of the last row."""
        row = self._execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, audit.FIRST)

    def of_object(self, object_sid: str) -> list[audit.Entry]:
        """What happened to one object, in order."""
        sql = f"SELECT {_ENTRY} FROM audit WHERE object_sid = :sid ORDER BY seq"
        return [audit.Entry(*row) for row in self._execute(sql, {"sid": object_sid}).fetchall()]

    def about(self, sid: str) -> list[audit.Entry]:
        """What happened to an object, and what was done with a key or account, in order."""
        sql = (
            f"SELECT {_ENTRY} FROM audit WHERE object_sid = :sid OR credential = :sid ORDER BY seq"
        )
        return [audit.Entry(*row) for row in self._execute(sql, {"sid": sid}).fetchall()]

    def of_customers(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[audit.Entry]:
        """What was done as a customer with an account and its subaccounts, the newest first.

        ``filters``: columns and what they must be. ``place``: its time is the number of a row; one
        that says ``before`` is read towards the newer ones.
        """
        wanted = "".join(f" AND {column} = :{column}" for column in sorted(filters))
        params: Params = {"mine": account_sid, "limit": limit, **filters}
        order = "DESC"
        if place:
            comparison, order = (">", "ASC") if place.before else ("<", "DESC")
            wanted += f" AND seq {comparison} :seq"
            params["seq"] = int(place.created_at)
        sql = (
            f"SELECT {_ENTRY} FROM audit WHERE actor = 'customer' AND account_sid IN {SEEN}"
            f"{wanted} ORDER BY seq {order} LIMIT :limit"
        )
        return [audit.Entry(*row) for row in self._execute(sql, params).fetchall()]

    def all(self) -> list[audit.Entry]:
        """The whole chain."""
        sql = f"SELECT {_ENTRY} FROM audit ORDER BY seq"
        return [audit.Entry(*row) for row in self._execute(sql).fetchall()]
