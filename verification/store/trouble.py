"""What can be wrong with a database, whichever engine it is."""

from __future__ import annotations


class StoreBusy(Exception):
    """The database cannot be used now: nothing was written, the request may be repeated."""


class StoreUnclear(StoreBusy):
    """The connection broke at the commit, and nobody can tell yet whether it was written."""


class StoreUnusable(Exception):
    """The database cannot be opened as Lineproof's; the message says why."""
