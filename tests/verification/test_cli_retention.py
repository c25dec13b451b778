"""The commands of retention, backups and secret keys, as an operator types them."""

import json
import re
from contextlib import closing

import pytest
from click.testing import CliRunner

import app
from tests.conftest import count
from tests.directories import Unasked
from verification import accounts, ordering, settings
from verification.codes import Keyring
from verification.retention import RULES
from verification.retention_duties import RetentionDue
from verification.statuses import Status
from verification.store.sqlite import SqliteStore

NUMBER = "+19022345678"
OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.db")
    monkeypatch.setenv("LINEPROOF_SECRET_KEYS", OLD)

    def run(*arguments, answer=None):
        return CliRunner().invoke(app.main, arguments, input=answer)

    return run


@pytest.fixture
def order(run, tmp_path):
    """An order of long ago that has failed."""
    run("account", "create", "Zoe's shop")
    with closing(SqliteStore(tmp_path / "cli.db")) as store, store.write() as tx:
        made = ordering.create(tx, tx.accounts.all()[0].sid, NUMBER, {"friendly_name": "Zoe"}, 1.0)
        tx.orders.move_all([made.sid], Status.FAILED, None, 1.0)
    return made


def test_the_report_says_what_is_held_and_by_which_rule(run):
    run("account", "create", "A")
    told = run("retention", "report")
    assert told.exit_code == 0
    for kind, rule in RULES.items():
        assert re.search(rf"^{kind} +\d+ +\d+ .*{re.escape(rule.counts_from)}$", told.output, re.M)
    assert "never: start a worker" in told.output


def test_the_report_as_json_names_what_is_overdue_with_exit_code_1(run, order):
    told = run("retention", "report", "--json")
    assert told.exit_code == 1
    said = json.loads(told.stdout)
    numbers = next(kind for kind in said["kinds"] if kind["kind"] == "number")
    assert (numbers["held"], numbers["in_use"], numbers["days"]) == (1, 0, 59)
    assert numbers["next_at"] == 1.0 + 59 * 86400
    assert said["overdue"] == ["number"]
    assert "Does a worker run?" in told.stderr


def test_purge_erases_what_is_due_at_once(run, order, tmp_path):
    told = run("retention", "purge")
    assert (told.exit_code, "1  order" in told.output) == (0, True)
    assert NUMBER[1:].encode() not in (tmp_path / "cli.db").read_bytes()
    assert run("retention", "report").exit_code == 0
    assert run("db", "check").exit_code == 0


def test_a_person_is_erased_when_the_operator_says_yes(run, order, tmp_path):
    told = run("erase", "(902) 234-5678", answer="n\n")
    assert told.exit_code == 1
    assert "Held about ...5678: number: 1, order: 1" in told.output
    assert NUMBER not in told.output
    told = run("erase", NUMBER, "--yes")
    assert told.exit_code == 0, told.output
    assert NUMBER[1:].encode() not in (tmp_path / "cli.db").read_bytes()


def test_it_is_said_which_backups_still_hold_a_person(run, order, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    folder.mkdir()
    monkeypatch.setenv("LINEPROOF_BACKUP_FOLDER", str(folder))
    assert run("db", "backup").exit_code == 0
    told = run("erase", NUMBER, "--yes")
    assert re.search(r"The backup lineproof-\S+\.db may hold it until \d{4}-", told.output)
    assert re.search(r"^backup lineproof-\S+ until", run("retention", "report").output, re.M)


@pytest.mark.parametrize("number", ["", "zoe", "+1"])
def test_what_is_no_number_is_refused_with_what_is_allowed(run, order, number):
    told = run("erase", number, "--yes")
    assert told.exit_code == 2
    assert "must be a number such as +19025550123" in told.output


def test_a_backup_needs_a_place(run, order, tmp_path):
    assert "Name a FILE, or set LINEPROOF_BACKUP_FOLDER" in run("db", "backup").output
    told = run("db", "backup", str(tmp_path / "b.db"))
    assert re.search(r"b\.db: checked\. Delete it by \d{4}-\d\d-\d\d", told.output)
    again = run("db", "backup", str(tmp_path / "b.db"))
    assert (again.exit_code, "exists already" in again.output) == (2, True)


def test_after_reseal_the_old_key_can_be_dropped(run, order, tmp_path, monkeypatch):
    made = run("account", "create", "B").output
    sid, token = re.findall(r"=(\w+)", made)
    monkeypatch.setenv("LINEPROOF_SECRET_KEYS", f"{OLD},{NEW}")
    told = run("db", "reseal")
    assert told.exit_code == 0
    assert told.output.endswith("Everything is sealed with the newest key.\n")
    assert "accounts.auth_token" in told.output
    with closing(SqliteStore(tmp_path / "cli.db")) as store, store.read() as tx:
        keyring = Keyring([NEW.encode()])
        assert accounts.authenticate(tx, keyring, sid, token) is not None
    monkeypatch.setenv("LINEPROOF_SECRET_KEYS", "x" * 32)
    told = run("db", "reseal")
    assert (told.exit_code, "no key opens them" in told.stderr) == (1, True)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LINEPROOF_KEEP_DAYS", "60", "LINEPROOF_KEEP_DAYS: "),
        ("LINEPROOF_KEEP_DAYS", "0", "LINEPROOF_KEEP_DAYS: "),
        ("LINEPROOF_BACKUP_FOLDER", "/nowhere/at/all", "names no folder"),
    ],
)
def test_wrong_settings_are_named(run, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    told = run("retention", "report")
    assert (told.exit_code, said in told.output) == (2, True)


def test_server_and_worker_erase_what_is_due_before_anything_else(run, order, tmp_path):
    house = app.open_house(settings.load())
    with closing(house.store):
        app.create_app(house, Unasked())
        assert count(house.store, "orders") == 0
        with house.carriers.routed(lambda _: None) as carrier:
            worker = house.worker(carrier)
    assert [type(duty) for duty in worker.duties].count(RetentionDue) == 1
