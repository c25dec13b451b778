"""The command line of ``verification``, a subject a file."""

from __future__ import annotations

from verification.cli.accounts import account, new_account
from verification.cli.callbacks import group as callbacks
from verification.cli.database import db
from verification.cli.dialling import group as dialling
from verification.cli.doctor import doctor
from verification.cli.door import Door, Instruments, Opened
from verification.cli.hosting import number, order
from verification.cli.operators import first_link, operator
from verification.cli.phone_bills import document
from verification.cli.proofs import group as proof
from verification.cli.retention import erase
from verification.cli.retention import group as retention

__all__ = ["COMMANDS", "Door", "Instruments", "Opened", "first_link", "new_account"]

COMMANDS = (
    *(account, operator, callbacks, dialling, document, number, order, proof),
    *(retention, erase, db, doctor),
)
