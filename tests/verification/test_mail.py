"""Outgoing mail: what is written, how it leaves, and what happens when it cannot."""

import socket
import ssl
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.mail_server import PASSWORD, USER, contexts, mail_server
from verification import mails
from verification.adapters.mail import (
    BadServer,
    Composer,
    FolderMailer,
    Server,
    SmtpMailer,
    server,
)
from verification.mails import Attachment, MailKind, MailsDue, Message, Refused, Undelivered

TEMPLATES = Path(__file__).parents[2] / "templates"
LINK = "https://letters.example.com/sign/WyJQWCJd.x-y_z"
FACTS = {
    "name": "Anne Roy",
    "business": "<b>Clinique</b> & Cie",
    "customer": "Acme Télécom",
    "count": 2,
    "document": "PX" + "a" * 32,
    "until": "2027-01-22 08:00:00 UTC",
    "signed_at": "2027-01-15 08:00:00 UTC",
    "link": LINK,
    "number": "+1 902 ••• 2034",
    "order": "HR" + "a" * 32,
}
WITH_LINK = {MailKind.LETTER_TO_SIGN, MailKind.OWNER_LINK}
MESSAGE = Message("ab" * 16, MailKind.LETTER_TO_SIGN, "anne@example.com", "fr", FACTS)
COMPOSER = Composer(TEMPLATES, "letters@example.com")
NOW = 1_800_000_000.0


def smtp(port, kind="smtp", user=None, password=None, trusted=None):
    given = Server(kind, "127.0.0.1", port, user, password)
    return SmtpMailer(given, COMPOSER, lambda: trusted or ssl.create_default_context())


@pytest.mark.parametrize("kind", MailKind)
@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_each_mail_is_written_in_each_language_as_text_and_html(kind, language):
    mail = COMPOSER.write(replace(MESSAGE, kind=kind, language=language), NOW)
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Acme Télécom" in mail["Subject"]
    of_business = kind is not MailKind.OWNER_LINK
    assert ("<b>Clinique</b> & Cie" in text) is of_business
    assert ("&lt;b&gt;Clinique&lt;/b&gt; &amp; Cie" in html) is of_business
    assert f'lang="{language}"' in html
    assert (LINK in text) is (kind in WITH_LINK)
    assert (f'href="{LINK}"' in html) is (kind in WITH_LINK)


@pytest.mark.parametrize("evil", ["Acme\r\nBcc: x@example.com", "Acme\nBcc: x@example.com\n\nhi"])
def test_no_name_makes_another_header(evil):
    facts = FACTS | {"customer": evil, "name": evil}
    mail = COMPOSER.write(replace(MESSAGE, facts=facts), NOW)
    again = message_from_bytes(mail.as_bytes(), policy=default)
    assert again["Bcc"] is None
    assert "Acme Bcc: x@example.com" in again["Subject"]
    assert again["To"] == "anne@example.com"


@pytest.mark.parametrize("recipient", ["anne@example.com\r\nBcc: x@example.com", "nobody", ""])
def test_a_recipient_that_is_no_address_is_refused(recipient):
    with pytest.raises(Refused):
        COMPOSER.write(replace(MESSAGE, recipient=recipient), NOW)


def test_a_recipient_of_an_international_domain_is_written_in_ascii():
    mail = COMPOSER.write(replace(MESSAGE, recipient="anne@exämple.com"), NOW)
    assert mail["To"] == "anne@xn--exmple-cua.com"


def test_a_mail_reaches_a_server_with_its_attachment():
    attachment = Attachment("letter.pdf", "application/pdf", b"%PDF-1.4 \x00\xff")
    with mail_server() as inbox:
        smtp(inbox.port).send(replace(MESSAGE, attachment=attachment), NOW)
    (mail,) = inbox.to("anne@example.com")
    (attached,) = mail.iter_attachments()
    assert attached.get_content() == b"%PDF-1.4 \x00\xff"
    assert attached.get_filename() == "letter.pdf"
    assert mail["Message-ID"] == f"<{MESSAGE.id}@example.com>"
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd takes TLS from the start for none
@pytest.mark.parametrize("kind", ["smtps", "starttls"])
def test_a_mail_leaves_over_tls_with_a_password(tmp_path, kind):
    ours, trusting = contexts(tmp_path)
    given = {"tls": ours} if kind == "smtps" else {"starttls": ours}
    with mail_server(**given, login=True) as inbox:
        smtp(inbox.port, kind, USER, PASSWORD, trusting).send(MESSAGE, NOW)
        with pytest.raises(Undelivered):
            smtp(inbox.port, kind, USER, "wrong", trusting).send(MESSAGE, NOW)
    assert len(inbox.mails) == 1


def test_a_server_that_nobody_vouches_for_gets_no_mail(tmp_path):
    ours, _ = contexts(tmp_path)
    with mail_server(starttls=ours) as inbox, pytest.raises(Undelivered):
        smtp(inbox.port, "starttls").send(MESSAGE, NOW)
    assert inbox.mails == []


def test_a_server_without_tls_gets_no_mail_that_needs_it():
    with mail_server() as inbox, pytest.raises(Refused):
        smtp(inbox.port, "starttls").send(MESSAGE, NOW)
    assert inbox.mails == []


@pytest.mark.parametrize(
    ("where", "answer", "error"),
    [
        ("to_recipient", "550 no such person", Refused),
        ("to_recipient", "450 try later", Undelivered),
        ("answer", "554 not here", Refused),
        ("answer", "451 try later", Undelivered),
    ],
)
def test_an_answer_of_5xx_is_final_and_one_of_4xx_is_not(where, answer, error):
    with mail_server() as inbox:
        setattr(inbox, where, answer)
        with pytest.raises(error):
            smtp(inbox.port).send(MESSAGE, NOW)


def test_a_server_that_is_not_there_is_tried_again():
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Undelivered):
            smtp(taken.getsockname()[1]).send(MESSAGE, NOW)


def test_without_a_server_each_mail_is_one_private_file(tmp_path):
    mailer = FolderMailer(tmp_path / "mails", COMPOSER)
    place = mailer.send(MESSAGE, NOW)
    assert mailer.send(MESSAGE, NOW) == place
    (file,) = (tmp_path / "mails").iterdir()
    assert str(file) == place
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert message_from_bytes(file.read_bytes(), policy=default)["To"] == "anne@example.com"


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://mail.example.com", Server("smtp", "mail.example.com", 25)),
        ("smtps://mail.example.com", Server("smtps", "mail.example.com", 465)),
        ("starttls://mail.example.com:2525", Server("starttls", "mail.example.com", 2525)),
        ("smtps://a%40b:p%2Fw@h.example", Server("smtps", "h.example", 465, "a@b", "p/w")),
        ("smtp://a:b@127.0.0.1:25", Server("smtp", "127.0.0.1", 25, "a", "b")),
    ],
)
def test_the_url_names_server_port_and_password(url, read):
    assert server(url) == read
    assert "p/w" not in repr(server(url))


@pytest.mark.parametrize(
    "url",
    [
        *("http://h.example", "mail.example.com", "smtp://", "smtp://h:x", "smtp://h:99999"),
        *("smtps://user@h.example", "smtp://a:b@h.example", "smtp://h.example/path"),
    ],
)
def test_a_url_that_names_no_server_or_shows_a_password_is_refused(url):
    with pytest.raises(BadServer):
        server(url)


class Postman:
    """Takes mails, or says what he was told to say."""

    place = "a postman"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.taken = []

    def send(self, message, now):
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer
        self.taken.append(message.id)
        return "a postman"


class Writer:
    """Says the same in every mail, or nothing."""

    def __init__(self, says=True):
        self.says = says
        self.missed = []

    def compose(self, tx, mail):
        return Message(mail.id, mail.kind, mail.recipient, mail.language, {}) if self.says else None

    def given_up(self, tx, mail, now):
        self.missed.append(mail.recipient)


@pytest.fixture
def queue(office):
    def queue(*recipients):
        about = mails.About(office.account.sid, "PX" + "1" * 32, 1, "en")
        with office.store.write() as tx:
            mails.queue(tx, about, MailKind.LETTER_SENT, recipients, office.clock.now())

    return queue


def duty(office, postman, writer=None):
    return MailsDue(office.store, postman, writer or Writer(), office.clock.now, (60.0, 300.0))


def kept(office):
    with office.store.read() as tx:
        return tx.mails.of_object("PX" + "1" * 32)


def test_each_recipient_gets_each_mail_once(office, queue):
    queue("a@example.com", "b@example.com", "a@example.com")
    postman = Postman()
    work = duty(office, postman)
    assert work.do() is True
    assert work.do() is False
    assert len(postman.taken) == len(set(postman.taken)) == 2
    assert all(mail.sent_at == office.clock.now() for mail in kept(office))


def test_a_mail_that_is_being_sent_is_left_to_its_sender(office, queue):
    queue("a@example.com")
    with office.store.write() as tx:
        assert len(tx.mails.take_due(office.clock.now(), mails.LEASE_SECONDS, 10)) == 1
    postman = Postman()
    duty(office, postman).do()
    assert postman.taken == []
    office.clock.tick(mails.LEASE_SECONDS)
    duty(office, postman).do()
    assert len(postman.taken) == 1


def test_a_mail_that_cannot_leave_is_tried_again_at_its_times_and_then_given_up(office, queue):
    queue("a@example.com")
    postman, writer = Postman(*[Undelivered("closed")] * 3), Writer()
    work = duty(office, postman, writer)
    work.do()
    office.clock.tick(59)
    assert work.do() is False
    office.clock.tick(1)
    work.do()
    office.clock.tick(300)
    assert writer.missed == []
    work.do()
    assert writer.missed == ["a@example.com"]
    (mail,) = kept(office)
    assert (mail.tries, mail.due_at, mail.failure) == (3, None, "closed")


def test_a_mail_that_is_refused_is_given_up_at_once(office, queue):
    queue("a@example.com")
    writer = Writer()
    duty(office, Postman(Refused("the server answered 550")), writer).do()
    assert writer.missed == ["a@example.com"]
    assert duty(office, Postman()).do() is False


def test_a_mail_that_is_no_longer_true_does_not_leave(office, queue):
    queue("a@example.com")
    postman = Postman()
    duty(office, postman, Writer(says=False)).do()
    assert postman.taken == []
    assert kept(office)[0].failure == "no longer true"
