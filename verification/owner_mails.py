"""What the mail with an owner's link says, put together when it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from verification import numbers, owner_links, owning
from verification.codes import Keyring
from verification.letters import utc
from verification.mails import Mail, Message
from verification.owning import LinkGone, Stage
from verification.statuses import Mover


@dataclass(frozen=True, slots=True)
class OwnerMails:
    """Composes them. ``base_url``: where the owner reaches this server."""

    keyring: Keyring
    base_url: str

    def compose(self, tx: owning.Transaction, mail: Mail) -> Message | None:
        """The mail, or None if its link is dead or its number is verified meanwhile."""
        try:
            view = owning.look(tx, self.keyring, mail.object_sid, mail.occasion, mail.created_at)
        except LinkGone:
            return None
        if view.stage in (Stage.VERIFIED, Stage.STOPPED):
            return None
        facts = {
            "customer": view.account.name,
            "number": numbers.half_hidden(view.order.phone_number),
            "until": utc(view.link.expires_at),
            "link": owner_links.url(self.keyring, self.base_url, view.link),
            "order": view.order.sid,
        }
        return Message(mail.id, mail.kind, mail.recipient, mail.language, facts)

    def given_up(self, tx: owning.Transaction, mail: Mail, now: float) -> None:
        """Whoever handed the link over finds in the audit trail that it did not arrive."""
        what = "owner link not delivered"
        tx.audit.append(now, Mover.LINEPROOF, mail.account_sid, mail.object_sid, what)
