"""Who writes which mail."""

from __future__ import annotations

from verification.codes import Keyring
from verification.letter_mails import LetterMails
from verification.mails import MailKind, Writers
from verification.owner_mails import OwnerMails


def writer(keyring: Keyring, base_url: str) -> Writers:
    """Writes all of them. ``base_url``: where people reach this server."""
    of_owners = {MailKind.OWNER_LINK: OwnerMails(keyring, base_url)}
    return Writers(of_owners, LetterMails(keyring, base_url))
