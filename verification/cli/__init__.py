"""The command line of ``verification``, a subject a file."""

from __future__ import annotations

from verification.cli.accounts import account, new_account
from verification.cli.database import db
from verification.cli.door import Door, Opened
from verification.cli.hosting import number, order

__all__ = ["COMMANDS", "Door", "Opened", "new_account"]

COMMANDS = (account, db, number, order)
