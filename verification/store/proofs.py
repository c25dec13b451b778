"""The signing keys of certificates."""

from __future__ import annotations

from verification.proofs import ProofKey
from verification.store.rows import Execute, Table

TABLE = Table(ProofKey, "proof_keys", "kid")


class ProofKeys:
    """The keys of one transaction."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def insert(self, key: ProofKey) -> None:
        """Add a key."""
        TABLE.insert(self._execute, key)

    def save(self, key: ProofKey) -> None:
        """Write a key that was read in this transaction."""
        TABLE.save(self._execute, key)

    def all(self) -> list[ProofKey]:
        """All keys, the oldest first."""
        return TABLE.all(self._execute(f"{TABLE.select} ORDER BY created_at, kid").fetchall())
