"""Mail leaves by SMTP, or into a folder of ``.eml`` files where no server is set."""

from __future__ import annotations

import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime, parsedate_to_datetime
from itertools import takewhile
from math import inf
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verification import settings
from verification.mails import MailKind, Message, Refused, Undelivered
from verification.settings import BadSettings, Settings

SECONDS = 20.0  # for each step of a conversation with the server
PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
_FAILED = 400
NOBODY = "lineproof@localhost.invalid"  # the sender in a folder, where none is set
_OURS = re.compile(r"[0-9a-f]{32}\.(eml|[0-9a-f]{8})", re.ASCII)
_LETTER = {"en": "Read the letter", "fr": "Lire la lettre", "es": "Leer la carta"}
_OWNER = {"en": "Open the page", "fr": "Ouvrir la page", "es": "Abrir la página"}
BUTTONS = {kind: _OWNER if kind is MailKind.OWNER_LINK else _LETTER for kind in MailKind}

log = structlog.get_logger()


class BadServer(ValueError):
    """The URL names no mail server; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server: ``kind`` is smtp (plain), smtps (TLS at once) or starttls."""

    kind: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Server({self.kind}://{self.host}:{self.port})"


def server(url: str) -> Server:
    """Read LINEPROOF_SMTP_URL: ``smtps://user:password@host:port``, user and password
    percent-encoded. Raises BadServer.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadServer("its port must be a number from 1 to 65535") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadServer("must be smtp://, smtps:// or starttls://[USER:PASSWORD@]HOST[:PORT]")
    if bool(parts.username) != bool(parts.password):
        raise BadServer("a user and a password go together")
    if parts.username and parts.scheme == "smtp" and not _is_local(parts.hostname):
        raise BadServer("a password is sent only over TLS: use smtps:// or starttls://")
    return Server(
        parts.scheme,
        parts.hostname,
        port or PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )


def mailer(templates: Path, chosen: Settings) -> SmtpMailer | FolderMailer:
    """By SMTP if a server is set, else into the folder. Raises BadSettings."""
    composer = Composer(templates, chosen.mail_from or NOBODY)
    if chosen.smtp_url is None:
        return FolderMailer(settings.mail_folder(chosen), composer)
    try:
        return SmtpMailer(server(chosen.smtp_url.get_secret_value()), composer)
    except BadServer as error:
        raise BadSettings(f"LINEPROOF_SMTP_URL: {error}") from None


def _is_local(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"}


class Composer:
    """Writes a mail from its templates: text, HTML, and what is attached."""

    def __init__(self, templates: Path, sender: str) -> None:
        loader = FileSystemLoader(templates / "mails")
        self._texts = Environment(loader=loader, undefined=StrictUndefined, autoescape=False)  # noqa: S701 - plain text
        self._pages = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
        self._sender = sender

    def write(self, message: Message, now: float) -> EmailMessage:
        """The mail as it goes over the wire. Raises Refused for a recipient that is no address."""
        text = self._texts.get_template(f"{message.kind}.{message.language}.txt")
        # A line break in a name would end the subject, or begin another header.
        facts = {
            name: " ".join(value.split()) if isinstance(value, str) else value
            for name, value in message.facts.items()
        }
        subject, _, body = text.render(facts).partition("\n")
        mail = EmailMessage(SMTP)
        mail["Subject"] = subject
        mail["From"] = Address("Lineproof", addr_spec=self._sender)
        mail["To"] = _recipient(message.recipient)
        mail["Date"] = format_datetime(datetime.fromtimestamp(int(now), UTC))
        mail["Message-ID"] = f"<{message.id}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = message.language
        mail.set_content(body)
        page = self._pages.get_template("mail.html").render(
            language=message.language,
            subject=mail["Subject"],
            paragraphs=[part.strip() for part in body.split("\n\n") if part.strip()],
            link=facts.get("link", ""),
            button=BUTTONS[message.kind][message.language],
        )
        mail.add_alternative(page, subtype="html")
        if message.attachment:
            main, _, sub = message.attachment.media_type.partition("/")
            mail.add_attachment(
                message.attachment.content,
                maintype=main,
                subtype=sub,
                filename=message.attachment.name,
            )
        return mail


def _recipient(address: str) -> Address:
    """The address as a server takes it: the domain in ASCII."""
    try:
        found = validate_email(address, check_deliverability=False)
        return Address(addr_spec=found.ascii_email or f"{found.local_part}@{found.ascii_domain}")
    except (EmailNotValidError, ValueError, IndexError):
        raise Refused("the recipient is no email address") from None


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands mails to a server. ``context``: what TLS trusts, the system's if None."""

    server: Server
    composer: Composer
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context

    @property
    def place(self) -> str:
        """Where mails go, for the log."""
        return repr(self.server)

    def send(self, message: Message, now: float) -> str:
        """Hand a mail over; gives the server's name. Raises Refused, Undelivered."""
        mail = self.composer.write(message, now)
        try:
            with self._connection() as connection:
                connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _trouble(max(codes, default=450)) from None
        except smtplib.SMTPNotSupportedError:
            raise Refused("the server cannot do what the address or the settings need") from None
        except smtplib.SMTPAuthenticationError as error:  # the settings are wrong, not the mail
            raise Undelivered(f"the server answered {error.smtp_code} to the password") from None
        except smtplib.SMTPResponseException as error:
            raise _trouble(error.smtp_code) from None
        except (OSError, smtplib.SMTPException, EOFError) as error:
            raise Undelivered(type(error).__name__) from None
        return self.server.host

    def trouble(self) -> str | None:
        """What keeps the server from taking mails of ours; None: nothing. No mail is sent."""
        try:
            with self._connection() as connection:
                code, _ = connection.noop()
        except smtplib.SMTPAuthenticationError as error:
            return f"it answered {error.smtp_code} to the password"
        except smtplib.SMTPResponseException as error:
            return f"it answered {error.smtp_code}"
        except (OSError, smtplib.SMTPException, EOFError) as error:
            return getattr(error, "strerror", None) or type(error).__name__
        return None if code < _FAILED else f"it answered {code}"

    def _connection(self) -> smtplib.SMTP:
        given = self.server
        if given.kind == "smtps":
            context = self.context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                given.host, given.port, timeout=SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(given.host, given.port, timeout=SECONDS)
        try:
            if given.kind == "starttls":
                connection.starttls(context=self.context())
            if given.user and given.password:
                connection.login(given.user, given.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _trouble(code: int) -> Exception:
    """SMTP: 5xx is final, 4xx may pass."""
    told = f"the server answered {code}"
    return Refused(told) if code >= 500 else Undelivered(told)


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Writes mails as files, for who has no server or wants to look at them first."""

    folder: Path
    composer: Composer

    @property
    def place(self) -> str:
        """Where mails go, for the log."""
        return str(self.folder)

    def send(self, message: Message, now: float) -> str:
        """Write a mail; gives its file. One that is written again takes the place of the first."""
        mail = self.composer.write(message, now)
        path = self.folder / f"{message.id}.eml"
        aside = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(mail.as_bytes())
            aside.replace(path)
        except OSError as error:
            raise Undelivered(f"{self.folder}: {error.strerror}") from None
        return str(path)

    def trouble(self) -> str | None:
        """What keeps mails from being written; None: nothing. The folder is not made here."""
        there = next(one for one in (self.folder, *self.folder.absolute().parents) if one.exists())
        return None if there.is_dir() and os.access(there, os.W_OK) else "it cannot be written to"


@dataclass(frozen=True, slots=True)
class MailFolder:
    """The mails that a FolderMailer has written; a file of anybody else is left alone."""

    folder: Path

    def remove_before(self, time: float) -> int:
        """Delete the mails of before a time (Unix seconds); gives how many they were."""
        over = [path for path in self._mails() if _written(path) <= time]
        return sum(_remove(path) for path in over)

    def remove(self, mail_ids: Sequence[str]) -> int:
        """Delete the files of these mails; gives how many there were."""
        wanted = set(mail_ids)
        return sum(_remove(path) for path in self._mails() if path.stem in wanted)

    def _mails(self) -> list[Path]:
        files = self.folder.iterdir() if self.folder.is_dir() else ()
        return [path for path in files if _OURS.fullmatch(path.name)]


def _written(path: Path) -> float:
    """When a mail was written: it says so itself, whatever has been done to its file since."""
    try:
        with path.open("rb") as file:  # not what is attached
            head = b"".join(takewhile(lambda line: bytes(line).strip(), file))
        date = BytesHeaderParser().parsebytes(head)["Date"]
        return parsedate_to_datetime(date).timestamp()
    except FileNotFoundError:  # another worker was faster
        return inf
    except (OSError, TypeError, ValueError):  # what a killed worker has left of one
        return path.stat().st_mtime


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        log.error("mail.not_deleted", file=path.name, reason=error.strerror)
        return False
    return True
