"""The checks of ``lineproof doctor`` that look at this server's own side.

Each takes what it looks at and gives what it finds; none changes anything or names a secret.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from verification import outgoing, retention, settings
from verification.accounts import Account
from verification.cli.door import Mailer, Reached, time_text
from verification.codes import Keyring, Unsealable
from verification.condition import Condition
from verification.dialling import Switch
from verification.findings import Finding, ok, trouble, warning
from verification.retention import Keeping
from verification.settings import BadSettings, Settings
from verification.standing import LATE_SECONDS, Queue

FEW_BYTES = 1 << 30
NO_BYTES = 64 << 20
CLOCK_SECONDS = 2.0  # clocks that are kept by NTP differ by less
DAY = 86_400.0
_PURGE = "start lineproof worker, which erases each hour; if one runs, read its log"
RENEWAL_DAYS = 14.0  # certificates are renewed a month before their end


def of_settings(chosen: Settings) -> Iterator[Finding]:
    """What the settings themselves say."""
    yield ok("settings", f"all are well formed; calls go through {_carrier(chosen)}")
    if not chosen.consent_digits:
        yield warning(
            "consent",
            "the person who answers is not asked to consent: a voicemail greeting can pass",
            "set LINEPROOF_CONSENT_DIGITS to 1 or more, unless likeness to Twilio is wanted",
        )
    if chosen.live and chosen.callback_networks:
        yield warning(
            "callbacks",
            "customers' URLs may lead into private networks of yours",
            "leave LINEPROOF_CALLBACK_ALLOW unset, or name only networks meant for callbacks",
        )
    public = chosen.public_base_url or ""
    if chosen.live and public.startswith("https:") and not chosen.trusted_proxies:
        yield warning(
            "proxy",
            "no proxy is believed, so that a signed letter holds the proxy's address",
            "behind nginx set LINEPROOF_TRUSTED_PROXIES to the number of proxies, mostly 1",
        )


def of_engine(condition: Condition) -> Iterator[Finding]:
    """The database's engine, its schema, its files and its disk."""
    engine = condition.engine
    if condition.journals_safely:
        yield ok("engine", engine)
    else:
        yield warning(
            "engine",
            f"{engine} can lose data in its fast journal: the slow one is used",
            "install the package pysqlite3, or a Python whose SQLite is 3.51.3 or newer",
        )
    if condition.pending:
        yield trouble(
            "schema",
            f"{len(condition.pending)} migrations of this program are not applied yet",
            "run lineproof db migrate",
        )
    else:
        yield ok("schema", "it is this program's")
    if condition.readable:
        yield trouble(
            "files",
            f"everybody on this machine can read {', '.join(condition.readable)}",
            "chmod o-rw these files, and chmod 700 their folder",
        )
    free = condition.free_bytes
    if free is None:
        return
    told = f"{free / (1 << 30):.1f} GiB are free"
    if free < NO_BYTES:
        yield trouble("disk", told, "make room: nothing can be written soon")
    elif free < FEW_BYTES:
        yield warning("disk", told, "make room, or move the database")
    else:
        yield ok("disk", told)


def of_integrity(wrong: Sequence[str]) -> Finding:
    """What ``lineproof db check`` finds."""
    if wrong:
        return trouble(
            "database",
            f"{len(wrong)} things are wrong with it, the first: {wrong[0]}",
            "stop the servers, keep a copy, and run lineproof db check for all of them",
        )
    return ok("database", "it is sound, and its audit trail is whole")


def of_keys(chosen: Settings, has_accounts: bool) -> tuple[Keyring | None, Finding]:
    """The secret keys, and what is to be said of them. A key is never made here."""
    path = settings.key_file(chosen)
    if path is not None and not path.exists():
        if not has_accounts:
            return None, ok("keys", f"{path} is made at the first start")
        remedy = "put it back from its backup, or set LINEPROOF_SECRET_KEYS"
        return None, trouble("keys", f"{path} is missing: no token can be opened", remedy)
    try:
        keyring = settings.keyring(chosen)
        loose = path is not None and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    except (BadSettings, OSError) as error:
        remedy = "each key has at least 32 characters; several are joined by commas"
        return None, trouble("keys", _reason(error), remedy)
    if loose:
        return keyring, trouble(
            "keys", f"others than its owner may use {path}", f"chmod 600 {path}"
        )
    where = "from LINEPROOF_SECRET_KEYS" if path is None else f"in {path}, for its owner alone"
    return keyring, ok("keys", f"they are {where}; keep a backup apart from the database's")


def of_tokens(keyring: Keyring, accounts: Sequence[Account]) -> Finding:
    """Whether the keys are those of this database."""
    tokens = [
        (one.sid, token)
        for one in accounts
        for token in (one.auth_token, one.secondary_token)
        if token
    ]
    closed = sum(1 for sid, token in tokens if not _opens(keyring, token, sid))
    if closed:
        return trouble(
            "tokens",
            f"{closed} of {len(tokens)} account tokens cannot be opened with the secret keys",
            "put the older keys back into LINEPROOF_SECRET_KEYS, before the newest",
        )
    return ok("tokens", f"the keys open all {len(tokens)} account tokens")


def of_clock(server: float | None, here: float) -> Finding:
    """The database server's clock against this machine's, both in Unix seconds."""
    if server is None:
        return ok("clock", "the database goes by this machine's clock")
    apart = abs(server - here)
    if apart > CLOCK_SECONDS:
        return warning(
            "clock",
            f"the database server's clock and this machine's are {apart:.0f} s apart",
            "let NTP set both: certificates and signatures go by them",
        )
    return ok("clock", "the database server's clock and this machine's agree")


def of_dialling(switch: Switch) -> Finding:
    """Whether calls are placed."""
    if not switch.stopped:
        return ok("dialling", "calls are placed")
    since = time_text(switch.since)
    return trouble(
        "dialling",
        f"it was stopped at {since} by {switch.actor}: {switch.reason}",
        "find out why, then run lineproof dialling start",
    )


def of_work(queues: Sequence[Queue]) -> Finding:
    """Whether workers do what is due."""
    late = max(queues, key=lambda queue: queue.oldest_seconds)
    if late.oldest_seconds > LATE_SECONDS:
        return trouble(
            "worker",
            f"{late.due} rows of {late.name} are due, the oldest for {late.oldest_seconds:.0f} s",
            "start lineproof worker; if one runs, read its log",
        )
    due = sum(queue.due for queue in queues)
    told = f"{due} rows are due and none is late" if due else "nothing is due"
    return ok("worker", f"{told}; while nothing is late, it cannot be told whether a worker runs")


def of_retention(keeping: Keeping, now: float) -> Finding:
    """Whether personal data is erased in its time."""
    overdue = {kind: count for kind, count in keeping.overdue.items() if count}
    if overdue:
        told = ", ".join(f"{kind}: {count}" for kind, count in overdue.items())
        return trouble("retention", f"not erased in time: {told}", _PURGE)
    if not keeping.purged_at:
        return ok("retention", "nothing is overdue; the server's first start begins with it")
    last = f"everything due was last erased at {time_text(keeping.purged_at)}"
    if retention.is_late(keeping.purged_at, now):
        return trouble("retention", last, _PURGE)
    return ok("retention", last)


def of_mail(chosen: Settings, mailer: Mailer) -> Finding:
    """Whether mails can leave. None is sent."""
    wrong = mailer.trouble()
    if wrong:
        remedy = "correct LINEPROOF_SMTP_URL or LINEPROOF_MAIL_FOLDER, or mend what is there"
        return trouble("mail", f"{mailer.place}: {wrong}", remedy)
    if chosen.live and chosen.smtp_url is None:
        remedy = "set LINEPROOF_SMTP_URL and LINEPROOF_MAIL_FROM: letters cannot be signed without"
        return warning("mail", f"mails are written to {mailer.place} and reach nobody", remedy)
    return ok("mail", f"it goes to {mailer.place}")


def of_registrar(chosen: Settings) -> Finding:
    """Who registers signed numbers."""
    by = chosen.registers_by
    if chosen.live and by == "emulated":
        remedy = "set LINEPROOF_REGISTRAR to manual or twilio"
        return warning("registrar", "numbers are only said to be registered, with nobody", remedy)
    told = {
        "emulated": "registration is emulated, as the calls are",
        "manual": "an operator registers each number and says so: lineproof order move",
        "twilio": "signed orders are handed to Twilio",
    }
    return ok("registrar", told[by])


def of_reach(chosen: Settings, reach: Callable[[str], Reached], now: float) -> Iterator[Finding]:
    """Whether the carrier's webhooks arrive, as far as that can be seen from here."""
    url = chosen.public_base_url
    if url is None:
        yield ok("webhooks", "the emulator is on this machine: no public URL is needed")
        return
    reached = reach(url)
    if chosen.live and not chosen.twilio_api_base_url:
        yield from _of_public_url(url, reached.address)
    if reached.error or not reached.is_ours:
        found = reached.error or "something answers, but it is not this program's /healthz"
        remedy = "start the server, and let DNS, firewall and proxy lead to it without a redirect"
        yield trouble("webhooks", f"{url} from this machine: {found}", remedy)
    else:
        yield ok(
            "webhooks",
            f"{url} answers this machine; whether Twilio reaches it too cannot be known from "
            "inside: its Console's error log shows 11200 and 11205 if not",
        )
    if reached.certificate_ends is not None:
        yield _of_certificate((reached.certificate_ends - now) / DAY)


def _of_public_url(url: str, address: str | None) -> Iterator[Finding]:
    if urlsplit(url).scheme != "https":
        remedy = "put TLS before the server and set PUBLIC_BASE_URL to its https URL"
        yield warning("tls", "Twilio's webhooks come without TLS: codes can be read", remedy)
    if address is not None and not outgoing.may_reach(address, ()):
        remedy = "set PUBLIC_BASE_URL to a name that the internet knows"
        yield warning("address", f"here {url} leads to a private address", remedy)


def _of_certificate(days: float) -> Finding:
    if days < RENEWAL_DAYS:
        return warning("certificate", f"it ends in {days:.0f} days", "see why it was not renewed")
    return ok("certificate", f"it is good for {days:.0f} more days")


def _carrier(chosen: Settings) -> str:
    if not chosen.live:
        return "the emulator, and none is real"
    return chosen.twilio_api_base_url or "Twilio"


def _opens(keyring: Keyring, sealed: bytes, sid: str) -> bool:
    try:
        keyring.open(sealed, sid)
    except Unsealable:
        return False
    return True


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
