"""``lineproof doctor``: looks at everything that a server needs, and says what to do."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing

import click

from verification import retention, settings
from verification.cli import checks
from verification.cli.door import Door, Instruments, Store
from verification.findings import Finding, State, ok, trouble
from verification.settings import BadSettings, Settings

_MARKS = {State.OK: "ok", State.WARNING: "WARNING", State.TROUBLE: "TROUBLE"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_obj
def doctor(door: Door, as_json: bool) -> None:
    """Examine settings, database, keys, clocks, Twilio, webhooks, mail; exit code 1 on trouble.

    Run it as the server's user, with the server's settings. It changes nothing, places no call and
    sends no mail.
    """
    findings = []
    for finding in examine(door.instruments):
        findings.append(finding)
        if not as_json:
            _print(finding)
    sick = any(one.state is State.TROUBLE for one in findings)
    if as_json:
        told = [
            {"check": one.check, "state": one.state, "found": one.found, "remedy": one.remedy}
            for one in findings
        ]
        click.echo(json.dumps({"healthy": not sick, "findings": told}, indent=2))
    if sick:
        raise SystemExit(1)


def examine(instruments: Instruments) -> Iterator[Finding]:
    """All checks, one after another; what cannot be checked for want of another is left out."""
    try:
        chosen = settings.load()
    except BadSettings as error:
        yield trouble("settings", str(error), "correct them: docs/settings.md has each setting")
        return
    yield from checks.of_settings(chosen)
    yield from _of_database(instruments, chosen)
    try:
        yield checks.of_mail(chosen, instruments.mailer(chosen))
    except BadSettings as error:
        yield trouble("mail", str(error), "correct the setting")
    yield checks.of_registrar(chosen)
    yield from checks.of_reach(chosen, instruments.reach, time.time())
    yield from instruments.carrier(chosen)


def _of_database(instruments: Instruments, chosen: Settings) -> Iterator[Finding]:
    try:
        store = instruments.store(chosen.database_url.get_secret_value())
    except BadSettings as error:
        yield trouble("database", str(error), "install what is missing")
        return
    with closing(store):
        try:
            if store.exists():
                yield from _of_store(store, chosen)
                return
        except Exception as error:  # noqa: BLE001 - whatever an engine says: it is told
            remedy = "see that it runs, that DATABASE_URL is right, and that this user may use it"
            yield trouble("database", f"it cannot be used: {_line(error)}", remedy)
            return
    yield checks.of_keys(chosen, has_accounts=False)[1]
    yield ok("database", "there is none yet: the server's first start makes it")


def _of_store(store: Store, chosen: Settings) -> Iterator[Finding]:
    condition, here = store.condition(), time.time()
    yield from checks.of_engine(condition)
    yield checks.of_clock(condition.clock, here)
    if condition.pending:  # the rest would ask for tables that are not there
        return
    yield checks.of_integrity(store.check())
    with store.read() as tx:
        accounts, switch = tx.accounts.all(), tx.dialling.switch()
        queues, now = tx.work.queues(store.now()), store.now()
        keeping = retention.keeping(tx, chosen.keep_seconds, now)
    keyring, finding = checks.of_keys(chosen, bool(accounts))
    yield finding
    if keyring:
        yield checks.of_tokens(keyring, accounts)
    yield checks.of_dialling(switch)
    yield checks.of_work(queues)
    yield checks.of_retention(keeping, now)


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _print(finding: Finding) -> None:
    remedy = f"; {finding.remedy}" if finding.remedy and finding.state is not State.OK else ""
    click.echo(f"{_MARKS[finding.state]:<8} {finding.check:<12} {finding.found}{remedy}")
