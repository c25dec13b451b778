"""The front door, and the one place that wires: the web application, the worker, the emulator, and
the command line.
"""

from __future__ import annotations

import gc

gc.disable()  # loading leaves no garbage; to look for it would only take time

import logging
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import click
import structlog
from flask import Flask

from twiml import cli as emulator_cli
from twiml import examining
from twiml.carriers import Carriers, OnEvent
from twiml.cli import wait_for_signal
from twiml.demo import story
from twiml.emulator.serving import HOST, bind, listening, url_of
from twiml.fictional_phones import Routed
from twiml.lab import cli as lab_cli
from twiml.lab import web as lab_web
from twiml.webhooks import PREFIX, Webhooks
from verification import api, calling, cli, codes, every_mail, forms, proofs, settings, signing
from verification import log as log_lines
from verification.adapters import front, mail, metrics, reaching
from verification.adapters.certificate_pdf import certificate_pdf
from verification.adapters.http import Http
from verification.adapters.letter_pdf import letter_pdf
from verification.addresses import Address
from verification.api import certificates, errors, openapi, preview_orders
from verification.api.context import Context
from verification.bulk_duties import BulkOrdersDue, EligibilityDue
from verification.clock_set_back import ClockSetBack
from verification.console import console, owner, signer
from verification.console.pages import STATIC, Pages
from verification.delivery import CallbacksDue
from verification.documents import Document
from verification.duties import CallsDue, OrdersDue, ValidationsDue
from verification.fictional import Lines
from verification.gate import Gate
from verification.hosting_duties import RegistrationsDue, ReleasesDue
from verification.idempotency import Marking
from verification.letter_duties import LettersDue
from verification.limits import IdleOrders
from verification.mails import Mailer, MailsDue
from verification.ordering import Directory, Policy
from verification.orders import Order
from verification.owner_duties import OwnerCallsDue
from verification.retention_duties import ExpiredDue, RetentionDue
from verification.settings import BadSettings, Settings
from verification.store import Store, open_store
from verification.store.backups import BackupFolder
from verification.store.copying import copy
from verification.store.trouble import StoreBusy, StoreUnclear, StoreUnusable
from verification.worker import Worker

PORT = 8000
USAGE_ERROR = 2
TEMPLATES = Path(__file__).with_name("templates")
GUNICORN_GIVES_UP = 4  # gunicorn's code for "the application cannot be loaded", else it tries again

log = structlog.get_logger()
gc.freeze()  # what is loaded stays, so that it is not looked through later either
gc.enable()


@dataclass(frozen=True, slots=True)
class House:
    """What every process shares: settings, store, keys, and who signs the webhooks."""

    settings: Settings
    store: Store
    keyring: codes.Keyring
    base_url: str
    local_url: str
    mailer: Mailer

    @property
    def carriers(self) -> Carriers:
        """What carries the calls."""
        return Carriers(self.settings, self.keyring, self.base_url)

    @property
    def policy(self) -> Policy:
        """What this operator decided about lines."""
        return Policy(self.settings.accept_voip, self.settings.orders_per_number)

    def worker(self, carrier: Routed) -> Worker:
        """A worker that dials through ``carrier``."""
        self.retention.before_serving()
        interval = 1 / self.settings.calls_per_second
        log.info("mails go out", place=self.mailer.place)
        writer = every_mail.writer(self.keyring, self.base_url)
        registrar = self.carriers.registrar(self.papers)
        texter = self.settings.twilio_from_number or emulator_cli.NUMBER
        return Worker(
            [
                OrdersDue(self.store, Lines(carrier), self.policy, self.store.now),
                BulkOrdersDue(self.store, Lines(carrier), self.policy, self.store.now),
                EligibilityDue(self.store, Lines(carrier), self.policy, self.store.now),
                CallsDue(self.store, carrier, self.store.now, interval, self.settings.limits),
                ValidationsDue(self.store, self.store.now),
                CallbacksDue(self.store, self.sender, self.keyring, self.store.now),
                LettersDue(self.store, self.keyring, self.store.now),
                IdleOrders(self.store, self.store.now),
                MailsDue(self.store, self.mailer, writer, self.store.now),
                RegistrationsDue(
                    self.store, self.keyring, registrar, self.sender, texter, self.store.now
                ),
                ReleasesDue(self.store, self.store.now),
                OwnerCallsDue(self.store, self.keyring, self.settings.limits, self.store.now),
                ClockSetBack(self.store, self.store.now),
                ExpiredDue(self.store, self.store.now),
                self.retention,
            ]
        )

    @property
    def retention(self) -> RetentionDue:
        """What erases what is due, in the database and in the files beside it."""
        mails = mail.MailFolder(settings.mail_folder(self.settings))
        backups, keep = BackupFolder(self.settings.backup_folder), self.settings.keep_seconds
        return RetentionDue(self.store, self.keyring, mails, backups, keep, self.store.now)

    def papers(self, order: Order) -> tuple[Document, Address] | None:
        """The signed letter of an order and its address, for who registers the number."""
        with self.store.read() as tx:
            return signing.signed_papers(tx, order)

    @property
    def sender(self) -> Http:
        """Who makes the requests to the URLs of customers."""
        return Http(self.settings.callback_networks)

    def code_of(self, number: str) -> str | None:
        """What a modelled person reads on the customer's screen when his phone rings."""
        with self.store.read() as tx:
            return calling.code_for(tx, number, self.keyring, self.store.now())


def open_house(chosen: Settings, local_url: str = f"http://{HOST}:{PORT}") -> House:
    """Open the store and bring it to this program's schema. Raises BadSettings, StoreUnusable.

    Without Twilio's credentials the emulator's account is the carrier's.
    """
    store = open_store(chosen.database_url.get_secret_value())
    store.migrate()
    key_file = settings.key_file(chosen)
    if key_file and not key_file.exists() and _has_accounts(store):
        raise StoreUnusable(
            f"The secret key {key_file} of {store.name} is missing: without it no token can be "
            "opened. Put it back, or set LINEPROOF_SECRET_KEYS"
        )
    try:
        keyring = settings.keyring(chosen)
    except OSError as error:
        raise StoreUnusable(f"{key_file} cannot be used: {error.strerror}") from None
    base_url = chosen.public_base_url or local_url
    return House(chosen, store, keyring, base_url, local_url, mail.mailer(TEMPLATES, chosen))


def _has_accounts(store: Store) -> bool:
    with store.read() as tx:
        return bool(tx.accounts.all())


def create_app(house: House, directory: Directory) -> Flask:
    """The web application: the order API and the carrier's webhooks."""
    house.retention.before_serving()
    flask = Flask("lineproof", static_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = forms.MOST_BYTES
    flask.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    flask.url_map.merge_slashes = False  # a doubled slash is another URL, and no redirect
    busy = (StoreBusy, codes.Unsealable)
    rates, lines, now = house.settings.rates, Lines(directory), house.store.now
    gate = Gate(house.store, house.keyring, rates, now, front.caller, busy[:1])
    context = Context(
        Marking(house.store),
        house.keyring,
        lines,
        house.policy,
        house.base_url,
        house.settings.callback_networks,
        now,
        house.settings.limits,
    )
    carriers, digits = house.carriers, house.settings.consent_digits
    webhooks = Webhooks(house.store, house.keyring, carriers.links, carriers.signers, digits, now)
    families = api.families(context) | api.own(context, certificate_pdf)
    for name, operations in families.items():
        flask.register_blueprint(api.routes(name, context, gate, operations))
    described = cache(partial(openapi.document, families, house.base_url))
    flask.add_url_rule(openapi.PATH, "openapi", described)
    flask.add_url_rule(proofs.KEYS_PATH, "keys", partial(certificates.keys, context))
    flask.register_blueprint(webhooks.blueprint())
    flask.get("/")(lambda: {"service": "lineproof", "orders": house.base_url + preview_orders.PATH})
    pages = Pages(TEMPLATES, (signer.PATH, owner.PATH, console.PATH, lab_web.PATH))
    url, policy, reach = house.base_url, house.policy, house.settings.callback_networks
    room = console.Room(house.store, house.keyring, pages, lines, policy, now, gate, url, reach)
    flask.register_blueprint(console.blueprint(room, certificate_pdf))
    flask.register_blueprint(lab_web.LabPage(room, TEMPLATES / "static").blueprint())
    page = signer.SignerPage(house.store, house.keyring, pages, letter_pdf, now)
    flask.register_blueprint(pages.blueprint())
    flask.register_blueprint(page.blueprint())
    owners = owner.OwnerPage(house.store, house.keyring, pages, house.settings.limits, now)
    flask.register_blueprint(owners.blueprint())
    front.install(flask, house.store, house.settings.trusted_proxies, now)
    token = house.settings.metrics_token
    secret, keep = token.get_secret_value() if token else None, house.settings.keep_seconds
    metrics.install(flask, house.store, secret, keep, now)
    front.turn_away(flask, gate, (PREFIX, front.HEALTH, front.READINESS, metrics.PATH, STATIC))
    answers = front.Answers(errors.http_error, errors.busy, pages.are_for, pages.trouble)
    front.answer_errors(flask, answers, busy, StoreUnclear)
    return flask


@contextmanager
def running(chosen: Settings, port: int, on_event: OnEvent | None = None) -> Iterator[House]:
    """Server, worker and (without Twilio's credentials) emulator, all in this process."""
    with closing(_bind(port)) as door, ExitStack() as stack:
        house = open_house(chosen, url_of(door))
        stack.enter_context(closing(house.store))
        carrier = stack.enter_context(house.carriers.routed(house.code_of, on_event))
        stack.enter_context(listening(create_app(house, carrier), door))
        stack.enter_context(_working(house.worker(carrier)))
        yield house


@contextmanager
def _working(worker: Worker) -> Iterator[None]:
    """A worker in a thread of its own."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _bind(port: int) -> socket.socket:
    try:
        return bind(port)
    except OSError as error:
        raise BadSettings(f"--port {port} cannot be used: {error.strerror}") from None


def _web_app() -> Flask:
    """The application as gunicorn loads it: ``gunicorn app:app``."""
    log_lines.to_stderr()
    try:
        house = open_house(settings.load())
        return create_app(house, house.carriers.directory())
    except (BadSettings, StoreBusy, StoreUnusable) as error:
        sys.stderr.write(f"lineproof: {error}\n")
        raise SystemExit(GUNICORN_GIVES_UP) from None


def __getattr__(name: str) -> Any:
    # Made when gunicorn asks for it, so that the command line does not open a database to say help.
    if name == "app":
        globals()["app"] = _web_app()
        return globals()["app"]
    raise AttributeError(name)


class Lineproof(click.Group):
    """The command line: what is wrong with the settings is said in one line, with exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (BadSettings, StoreBusy, StoreUnusable) as error:
            click.echo(f"lineproof: {error}", err=True)
            ctx.exit(USAGE_ERROR)


@click.group(cls=Lineproof)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Prove that somebody controls a voice number."""
    log_lines.to_stderr()

    def opened(open_it: Callable[[], House]) -> cli.Opened:
        house = open_it()
        ctx.call_on_close(house.store.close)
        return _opened(house)

    ctx.obj = cli.Door(
        lambda: opened(lambda: open_house(settings.load())),
        lambda: opened(_open_existing),
        _copied,
        cli.Instruments(
            open_store, partial(mail.mailer, TEMPLATES), reaching.reach, examining.examine
        ),
    )


def _copied(from_url: str, to_url: str | None) -> dict[str, int]:
    """Copy one database to another; without ``to_url`` to that of the settings."""
    to_url = to_url or settings.load().database_url.get_secret_value()
    for url in (from_url, to_url):
        settings.check_given_url(url)
    with closing(open_store(from_url)) as source, closing(open_store(to_url)) as target:
        return copy(source, target)


def _open_existing() -> House:
    chosen = settings.load()
    store = open_store(chosen.database_url.get_secret_value())
    with closing(store):
        if not store.exists():
            raise StoreUnusable(f"There is no database of Lineproof's: {store.name}")
    return open_house(chosen)


def _opened(house: House) -> cli.Opened:
    return cli.Opened(house.store, house.keyring, house.store.now, house.base_url, house.retention)


@main.command()
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535))
def serve(port: int) -> None:
    """Run server and worker (and the emulator, without Twilio's credentials) in one process."""
    chosen = settings.load()
    with running(chosen, port) as house:
        click.echo(house.local_url)
        _explain(house)
        wait_for_signal()


def _explain(house: House) -> None:
    carrier = "Twilio" if house.settings.live else "the emulator: no real call is placed"
    click.echo(f"Orders: {house.local_url}{preview_orders.PATH}")
    click.echo(f"Calls go through {carrier}. Database: {house.store.name}")
    click.echo("Make an account with: lineproof account create NAME. Stop with Ctrl-C.")
    link = cli.first_link(_opened(house)) or f"{house.base_url}{console.PATH}"
    click.echo(f"Console: {link}")
    sys.stdout.flush()


@main.command()
def worker() -> None:
    """Do what is due: check orders, dial, look after calls. Any number of workers may run."""
    house = open_house(settings.load())
    routed = house.carriers.routed(house.code_of)
    with closing(house.store), routed as carrier, _working(house.worker(carrier)):
        log.info("worker started", carrier="twilio" if house.settings.live else "emulator")
        wait_for_signal()


@main.command()
@click.option("--extension", default=story.EXTENSION, show_default=True)
@click.option("--database", type=click.Path(path_type=Path), help="A new file to keep it in.")
def demo(extension: str, database: Path | None) -> None:
    """Order a number behind a menu and prove it, with nothing but this machine."""
    log_lines.to_stderr(logging.ERROR)
    if database is None:
        database = Path(tempfile.mkdtemp(prefix="lineproof-demo-")) / "demo.db"
    elif database.exists():
        raise BadSettings(f"--database {database} exists already: the demo begins with a new file")
    told = story.Teller()
    chosen = settings.for_demo(database, story.SPEED)
    told.assume(emulator_cli.timing(chosen))
    with running(chosen, 0, told.event) as house:
        account = cli.new_account(_opened(house), "Maple Street Dental")
        trouble = story.play(told, house.base_url, account, extension, partial(_trail, house))
    told.where(database, trouble)
    raise SystemExit(1 if trouble else 0)


def _trail(house: House, sid: str) -> list[str]:
    """What is written down of an order."""
    with house.store.read() as tx:
        return [entry.text for entry in tx.audit.of_object(sid)]


for command in [*cli.COMMANDS, *emulator_cli.COMMANDS, *lab_cli.COMMANDS]:
    main.add_command(command)

if __name__ == "__main__":
    main()
