"""The counts of rates, and the answers of keyed requests, of one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from verification.idempotency import Keyed
from verification.rates import Count
from verification.store.rows import Execute, Table, among

ANSWERS = Table(Keyed, "answers", "id")
COUNTS = Table(Count, "counts", "name")


class Counts:
    """What has been used of each rate, a row for each subject."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def of(self, name: str, subjects: Sequence[str]) -> list[Count]:
        """The counts of those subjects of which there are any."""
        found = []
        for where, params in among("subject", subjects):
            sql = f"{COUNTS.select} WHERE name = :name AND {where}"
            found += COUNTS.all(self._execute(sql, params | {"name": name}).fetchall())
        return found

    def put(self, count: Count) -> None:
        """Write a count, whether or not there is one already."""
        names = ", ".join(COUNTS.columns)
        values = ", ".join(f":{name}" for name in COUNTS.columns)
        changes = ", ".join(f"{name} = :{name}" for name in COUNTS.columns[2:])
        self._execute(
            f"INSERT INTO counts ({names}) VALUES ({values})"
            f" ON CONFLICT (name, subject) DO UPDATE SET {changes}",
            COUNTS.params(count),
        )


class Answers:
    """The keys under which requests were made, and what these were answered."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def get(self, key_id: str) -> Keyed | None:
        """What is kept of a key."""
        sql = f"{ANSWERS.select} WHERE id = :id"
        return ANSWERS.one(self._execute(sql, {"id": key_id}).fetchone())

    def insert(self, keyed: Keyed) -> None:
        """Add a key."""
        ANSWERS.insert(self._execute, keyed)

    def save(self, keyed: Keyed) -> None:
        """Write a key that was read in this transaction."""
        ANSWERS.save(self._execute, keyed)

    def delete(self, key_id: str) -> None:
        """Forget a key."""
        self._execute("DELETE FROM answers WHERE id = :id", {"id": key_id})

    def mark(self, key_id: str, claim: str) -> bool:
        """Note that a claim has changed something; False if it is another's by now."""
        sql = "UPDATE answers SET changed = 1 WHERE id = :id AND claim = :claim"
        return self._execute(sql, {"id": key_id, "claim": claim}).rowcount == 1
