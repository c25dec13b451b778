"""The sealed values of one transaction, wherever they stand."""

from __future__ import annotations

from verification.resealing import Place
from verification.store.rows import Execute


class Sealed:
    """Values that only this server's secret keys open."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def after(self, place: Place, key: str, limit: int) -> list[tuple[str, bytes]]:
        """Values with their rows' keys, in the order of these, behind ``key``; none is empty."""
        sql = (
            f"SELECT {place.key}, {place.column} FROM {place.table} WHERE {place.key} > :key"
            f" AND {place.column} IS NOT NULL AND length({place.column}) > 0"
            f" ORDER BY {place.key} LIMIT :limit"
        )
        rows = self._execute(sql, {"key": key, "limit": limit}).fetchall()
        return [(row[0], bytes(row[1])) for row in rows]

    def put(self, place: Place, key: str, sealed: bytes) -> None:
        """Write a value that was read in this transaction."""
        sql = f"UPDATE {place.table} SET {place.column} = :sealed WHERE {place.key} = :key"
        self._execute(sql, {"key": key, "sealed": sealed})
