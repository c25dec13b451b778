"""What the mails about a letter say, put together when they leave."""

from __future__ import annotations

from dataclasses import dataclass

from verification import signing
from verification.codes import Keyring
from verification.documents import Document, DocumentStatus
from verification.letters import Letter, utc
from verification.mails import Attachment, Mail, MailKind, Message

PATH = "/sign"


def link(keyring: Keyring, base_url: str, document_sid: str, sending: int) -> str:
    """The URL of a letter for its signer."""
    token = keyring.link(signing.LINK, [document_sid, sending])
    return f"{base_url}{PATH}/{token}"


@dataclass(frozen=True, slots=True)
class LetterMails:
    """Composes them. ``base_url``: where the signer reaches this server."""

    keyring: Keyring
    base_url: str

    def compose(self, tx: signing.Transaction, mail: Mail) -> Message | None:
        """The mail, or None if its letter has been taken back, signed or erased meanwhile."""
        document = tx.documents.get(mail.object_sid)
        letter = signing.letter_of(tx, self.keyring, mail.object_sid)
        if document is None or letter is None or document.sendings != mail.occasion:
            return None
        if mail.kind is MailKind.LETTER_SIGNED:
            return self._signed(tx, mail, document, letter)
        if document.status is not DocumentStatus.SIGNING or document.due_at is None:
            return None
        facts = _facts(letter) | {"until": utc(document.due_at)}
        if mail.kind is MailKind.LETTER_TO_SIGN:
            facts["link"] = link(self.keyring, self.base_url, document.sid, document.sendings)
        return Message(mail.id, mail.kind, mail.recipient, mail.language, facts)

    def given_up(self, tx: signing.Transaction, mail: Mail, now: float) -> None:
        """A letter that cannot reach its signer has failed; a watcher's mail is only noted."""
        document = tx.documents.get(mail.object_sid)
        if mail.kind is not MailKind.LETTER_TO_SIGN or document is None:
            return
        if document.status is DocumentStatus.SIGNING and document.sendings == mail.occasion:
            desk = signing.Desk(tx, self.keyring, now)
            signing.fail(desk, document, signing.NOT_DELIVERED)

    def _signed(
        self, tx: signing.Transaction, mail: Mail, document: Document, letter: Letter
    ) -> Message | None:
        pdf = signing.signed_pdf(tx, self.keyring, document.sid)
        if pdf is None or document.signed_at is None:
            return None
        facts = _facts(letter) | {"signed_at": utc(document.signed_at)}
        attachment = Attachment(f"{document.sid}.pdf", "application/pdf", pdf)
        return Message(mail.id, mail.kind, mail.recipient, mail.language, facts, attachment)


def _facts(letter: Letter) -> dict[str, object]:
    return {
        "name": letter.name,
        "business": letter.business,
        "customer": letter.customer,
        "count": len(letter.numbers),
        "document": letter.document_sid,
    }
