"""``lineproof doctor``: sound servers are found sound, each fault is named with what to do."""

import json
import time

import pytest
from click.testing import CliRunner

import app
from tests.directories import Unasked
from tests.mail_server import PASSWORD, USER, contexts, mail_server
from tests.twiml.test_carrier import at_work
from verification import accounts, dialling, settings
from verification.adapters import mail, reaching
from verification.cli import checks
from verification.codes import Keyring
from verification.condition import Condition
from verification.findings import State
from verification.mails import Mail, MailKind
from verification.retention import LATE_SECONDS, Keeping, Kind
from verification.standing import Queue
from verification.store.sqlite import SqliteStore

NOW = 1_800_000_000.0


@pytest.fixture
def examined(tmp_path, monkeypatch):
    """Run the doctor as a command; gives its exit code and its findings by their checks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/server.db")

    def run(**given):
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        told = CliRunner().invoke(app.main, ["doctor", "--json"])
        said = json.loads(told.stdout)
        assert said["healthy"] == (told.exit_code == 0)
        return told.exit_code, {one["check"]: one for one in said["findings"]}

    return run


@pytest.fixture
def opened(examined):
    """A database with one account and its key."""
    house = app.open_house(settings.load())
    with house.store.write() as tx:
        accounts.create(tx, house.keyring, "Acme", time.time())
    yield house
    house.store.close()


def test_in_an_empty_folder_nothing_is_wrong_and_nothing_is_made(examined, tmp_path):
    code, findings = examined()
    assert code == 0
    assert {one["state"] for one in findings.values()} == {"ok"}
    assert not list(tmp_path.iterdir())


def test_a_server_that_runs_is_found_sound_with_one_sentence_a_check(opened):
    told = CliRunner().invoke(app.main, ["doctor"])
    lines = told.stdout.splitlines()
    assert told.exit_code == 0
    assert {line.split()[0] for line in lines} == {"ok"}
    checked = {line.split()[1] for line in lines}
    assert {"settings", "database", "engine", "schema", "keys", "tokens"} < checked
    assert {"clock", "dialling", "worker", "retention", "mail", "registrar", "webhooks"} < checked


def test_wrong_settings_are_all_that_is_told(examined):
    code, findings = examined(LINEPROOF_SPEED="fast")
    assert (code, list(findings)) == (1, ["settings"])
    assert "LINEPROOF_SPEED" in findings["settings"]["found"]


def test_no_secret_is_told(examined, opened):
    secrets = {
        "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
        "TWILIO_AUTH_TOKEN": "made-up-token-of-the-doctor",
        "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
        "PUBLIC_BASE_URL": "http://127.0.0.1:1",
        "LINEPROOF_SECRET_KEYS": "made-up-secret-key-of-the-doctor-1",
        "LINEPROOF_SMTP_URL": "smtps://mailer:made-up-password@127.0.0.1:1",
        "LINEPROOF_MAIL_FROM": "letters@example.com",
        "LINEPROOF_METRICS_TOKEN": "made-up-metrics-token",
    }
    code, findings = examined(**secrets)
    assert code == 1
    assert "made-up" not in json.dumps(findings)
    states = {name: findings[name]["state"] for name in ("tokens", "mail", "webhooks", "twilio")}
    assert set(states.values()) == {"trouble"}
    assert all(one["remedy"] for one in findings.values() if one["state"] != "ok")


def test_a_missing_key_is_trouble_and_none_is_made(examined, opened, tmp_path):
    (tmp_path / "server.db.key").unlink()
    code, findings = examined()
    assert (code, findings["keys"]["state"]) == (1, "trouble")
    assert not (tmp_path / "server.db.key").exists()


@pytest.mark.parametrize("name", ["server.db", "server.db.key"])
def test_a_file_that_everybody_can_read_is_trouble(examined, opened, tmp_path, name):
    (tmp_path / name).chmod(0o644)
    code, findings = examined()
    assert code == 1
    assert findings["files" if name == "server.db" else "keys"]["state"] == "trouble"


def test_a_database_of_another_program_is_trouble(examined, tmp_path):
    (tmp_path / "server.db").write_text("no database " * 100)
    code, findings = examined()
    assert (code, findings["database"]["state"]) == (1, "trouble")


def test_a_broken_audit_trail_is_trouble(examined, opened):
    connection = opened.store.database().conn
    connection.execute("DROP TRIGGER audit_rows_stay")
    connection.execute("UPDATE audit SET actor = 'x'")
    code, findings = examined()
    assert (code, "audit" in findings["database"]["found"]) == (1, True)


def test_migrations_that_are_not_applied_are_told_and_not_made(examined, opened):
    opened.store.database().conn.execute(
        "DELETE FROM _sqlite_migrations WHERE name = '0018_dialling'"
    )
    code, findings = examined()
    assert (code, findings["schema"]["state"]) == (1, "trouble")
    assert opened.store.condition().pending == ("0018_dialling",)


def test_dialling_that_was_stopped_is_trouble(examined, opened):
    with opened.store.write() as tx:
        dialling.stop(tx, "operator", "odd calls", opened.store.now())
    code, findings = examined()
    assert (code, "odd calls" in findings["dialling"]["found"]) == (1, True)


def test_the_store_tells_its_condition_on_both_engines(store):
    condition = store.condition()
    assert condition.pending == ()
    assert condition.engine.split()[0] in {"SQLite", "PostgreSQL"}
    assert (condition.clock is None) == isinstance(store, SqliteStore)
    assert checks.of_clock(condition.clock, time.time()).state is State.OK


def test_a_postgresql_that_is_not_there_is_trouble(examined):
    code, findings = examined(
        DATABASE_URL="postgresql://me:made-up-password@127.0.0.1:1/nothing",
        LINEPROOF_SECRET_KEYS="made-up-secret-key-of-the-doctor-1",
    )
    assert (code, findings["database"]["state"]) == (1, "trouble")
    assert "made-up" not in json.dumps(findings)


def test_a_server_on_postgresql_is_found_sound(examined, postgres_url):
    keys = "made-up-secret-key-of-the-doctor-1"
    code, findings = examined(DATABASE_URL=postgres_url, LINEPROOF_SECRET_KEYS=keys)
    assert code == 0
    assert findings["engine"]["found"].startswith("PostgreSQL ")


@pytest.mark.parametrize(
    ("condition", "check", "state"),
    [
        (Condition("SQLite 3.40.1", (), journals_safely=False), "engine", State.WARNING),
        (Condition("SQLite", (), free_bytes=1 << 40), "disk", State.OK),
        (Condition("SQLite", (), free_bytes=1 << 29), "disk", State.WARNING),
        (Condition("SQLite", (), free_bytes=1 << 20), "disk", State.TROUBLE),
    ],
)
def test_engine_and_disk_are_judged(condition, check, state):
    found = {one.check: one.state for one in checks.of_engine(condition)}
    assert found[check] is state


def test_work_that_is_late_says_that_no_worker_runs():
    queues = (Queue("orders", 0, 0.0), Queue("attempts", 3, 300.0))
    finding = checks.of_work(queues)
    assert (finding.state, "3 rows of attempts" in finding.found) == (State.TROUBLE, True)
    assert checks.of_work((Queue("orders", 2, 1.0),)).state is State.OK


@pytest.mark.parametrize(
    ("purged_at", "overdue", "state", "told"),
    [
        (NOW - 3600, 0, State.OK, "last erased at 2027-01-15 07:00:00"),
        (0.0, 0, State.OK, "first start"),
        (NOW - LATE_SECONDS - 1, 0, State.TROUBLE, "last erased at 2027-01-15 04:59:59"),
        (NOW - 3600, 7, State.TROUBLE, "not erased in time: order: 7"),
        (0.0, 7, State.TROUBLE, "order: 7"),
    ],
)
def test_personal_data_that_nobody_erases_is_told(purged_at, overdue, state, told):
    kept = Keeping(purged_at, {Kind.ORDER: overdue, Kind.MAIL: 0})
    finding = checks.of_retention(kept, NOW)
    assert (finding.state, told in finding.found) == (state, True), finding


def test_a_database_that_holds_what_should_be_gone_is_found_out(examined, opened):
    app.create_app(opened, Unasked())
    assert examined()[1]["retention"]["state"] == "ok"
    ended = time.time() - opened.settings.keep_seconds - LATE_SECONDS - 60
    with opened.store.write() as tx:
        about = (tx.accounts.all()[0].sid, "PX1", MailKind.LETTER_SENT, 1, "a@b.example", "en")
        tx.mails.insert(Mail("m1", *about, ended, None))
    code, findings = examined()
    assert (code, findings["retention"]["found"]) == (1, "not erased in time: mail: 1")


def test_clocks_that_differ_are_told():
    assert checks.of_clock(NOW + 1, NOW).state is State.OK
    assert checks.of_clock(NOW - 3, NOW).state is State.WARNING


def test_tokens_of_other_keys_are_counted(office):
    other = Keyring([b"o" * 32])
    assert checks.of_tokens(other, [office.account]).state is State.TROUBLE
    assert checks.of_tokens(office.keyring, [office.account]).state is State.OK


LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "PUBLIC_BASE_URL": "https://lineproof.example",
}


@pytest.mark.parametrize(
    ("given", "check"),
    [
        ({"LINEPROOF_CONSENT_DIGITS": 0}, "consent"),
        ({**LIVE, "LINEPROOF_CALLBACK_ALLOW": "10.0.0.0/8"}, "callbacks"),
        (LIVE, "proxy"),
    ],
)
def test_settings_that_weaken_a_server_are_warned_of(given, check):
    found = {one.check: one.state for one in checks.of_settings(settings.load(given))}
    assert found[check] is State.WARNING


def test_a_live_server_that_only_plays_registration_or_mail_is_warned_of(tmp_path):
    chosen = settings.load({**LIVE, "LINEPROOF_REGISTRAR": "emulated"})
    assert checks.of_registrar(chosen).state is State.WARNING
    mailer = mail.mailer(app.TEMPLATES, chosen)
    assert checks.of_mail(chosen, mailer).state is State.WARNING


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd takes TLS from the start for none
def test_the_mail_server_is_asked_and_gets_no_mail(tmp_path):
    theirs, ours = contexts(tmp_path)
    composer = mail.Composer(app.TEMPLATES, "letters@example.com")
    with mail_server(tls=theirs, login=True) as inbox:
        there = mail.Server("smtps", "127.0.0.1", inbox.port, USER, PASSWORD)
        mailer = mail.SmtpMailer(there, composer, lambda: ours)
        assert checks.of_mail(settings.load({}), mailer).state is State.OK
        distrustful = mail.SmtpMailer(there, composer)
        assert checks.of_mail(settings.load({}), distrustful).state is State.TROUBLE
    assert not inbox.mails
    assert checks.of_mail(settings.load({}), mailer).state is State.TROUBLE


@pytest.fixture
def server(tmp_path):
    house = app.open_house(settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/web.db"}))
    with at_work(app.create_app(house, Unasked())) as url:
        yield url
    house.store.close()


def reached(url, reach=reaching.reach):
    chosen = settings.load({"PUBLIC_BASE_URL": url})
    return {one.check: one for one in checks.of_reach(chosen, reach, time.time())}


def test_a_server_that_is_reached_by_its_public_url_says_what_cannot_be_known(server):
    finding = reached(server)["webhooks"]
    assert (finding.state, "cannot be known" in finding.found) == (State.OK, True)


def test_a_page_of_somebody_else_is_not_taken_for_the_server(httpserver):
    httpserver.expect_request("/healthz").respond_with_data("welcome")
    url = httpserver.url_for("").rstrip("/")
    finding = reached(url)["webhooks"]
    assert (finding.state, "not this program's" in finding.found) == (State.TROUBLE, True)


@pytest.mark.parametrize(("status", "word"), [(301, "301"), (502, "502")])
def test_a_redirect_or_a_proxy_without_a_server_is_trouble(httpserver, status, word):
    headers = {"Location": "https://elsewhere.example/"}
    httpserver.expect_request("/healthz").respond_with_data("", status=status, headers=headers)
    finding = reached(httpserver.url_for("").rstrip("/"))["webhooks"]
    assert (finding.state, word in finding.found) == (State.TROUBLE, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://x.invalid"])
def test_nobody_there_is_trouble(url):
    assert reached(url)["webhooks"].state is State.TROUBLE


def test_a_certificate_is_checked_and_its_end_told(tmp_path, make_httpserver_with):
    theirs, ours = contexts(tmp_path)
    url = make_httpserver_with(theirs)
    assert "certificate" in reached(url)["webhooks"].found  # nobody vouches for it
    told = reached(url, lambda url: reaching.reach(url, ours))
    assert told["certificate"].state is State.WARNING  # a day is left of it


@pytest.fixture
def make_httpserver_with():
    from pytest_httpserver import HTTPServer  # noqa: PLC0415 - of one test

    servers = []

    def make(context):
        server = HTTPServer(host="127.0.0.1", ssl_context=context)
        server.expect_request("/healthz").respond_with_data("ok")
        server.start()
        servers.append(server)
        return server.url_for("").rstrip("/").replace("localhost", "127.0.0.1")

    yield make
    for server in servers:
        server.stop()


def test_a_public_url_that_twilio_cannot_reach_is_warned_of():
    chosen = settings.load({**LIVE, "PUBLIC_BASE_URL": "http://127.0.0.1:8000"})
    seen = reaching.Reached(is_ours=True, address="127.0.0.1")
    found = {one.check: one.state for one in checks.of_reach(chosen, lambda _: seen, NOW)}
    assert (found["address"], found["tls"]) == (State.WARNING, State.WARNING)
