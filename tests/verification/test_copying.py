"""A database moves from one engine to the other: all of it, checked, or nothing."""

import re
from contextlib import closing

import psycopg
import pytest
from click.testing import CliRunner

import app
from tests.conftest import CALL, count, opened_office, run, run_unguarded
from verification import accounts, attempts
from verification.store import copying, open_store, sqlite
from verification.store.copying import TABLES
from verification.store.sqlite import SqliteStore
from verification.store.trouble import StoreBusy, StoreUnusable


@pytest.fixture
def source(sqlite_store, keyring, clock):
    """A database with something in every corner."""
    office = opened_office(sqlite_store, keyring, clock)
    with office.store.write() as tx:
        sub, _ = accounts.create(tx, keyring, "Zweigstelle Süd", 1.0, office.account)
        accounts.create_key(tx, keyring, sub, "ci", 1.0)
        tx.suppressions.add("+12124567899", 2e9)
        tx.pace.take(clock.now(), 1.0)
    attempt = office.dialled()
    with office.store.write() as tx:
        attempts.hear_report(tx, attempt.id, CALL, "busy", False, clock.now())
    office.order("+12124567890", cc_emails=("a@example.com", "b@example.com"))
    return sqlite_store


@pytest.fixture
def target(postgres_url):
    with closing(open_store(postgres_url)) as store:
        yield store


def everything(store):
    with store.read():
        return {table: sorted(map(repr, store.dump(table)[1])) for table in TABLES}


def test_everything_arrives_and_goes_back_as_it_was(source, target, tmp_path):
    before = everything(source)
    copied = copying.copy(source, target)
    assert copied == {table: len(rows) for table, rows in before.items()}
    assert everything(target) == before
    assert target.check() == []

    with closing(SqliteStore(tmp_path / "back.db")) as back:
        copying.copy(target, back)
        assert everything(back) == before
        assert back.check() == []


def test_what_was_copied_can_be_worked_with(source, target, keyring, clock):
    copying.copy(source, target)
    with target.write() as tx:
        accounts.create(tx, keyring, "Later", clock.now())
    assert target.check() == []


def test_every_table_is_copied(postgres_url, sqlite_store):
    ours = {"lineproof_migrations", "_sqlite_migrations"}
    tables = {
        name
        for (name,) in run(
            sqlite_store,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        )
    }
    with closing(psycopg.connect(postgres_url)) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        theirs = {name for (name,) in rows}
    assert tables - ours == theirs - ours == set(TABLES)


def test_what_is_not_empty_is_not_written_over(source, target, keyring):
    with target.write() as tx:
        accounts.create(tx, keyring, "Mine", 1.0)
    before = everything(target)
    with pytest.raises(StoreUnusable, match="is not empty"):
        copying.copy(source, target)
    assert everything(target) == before


def test_a_broken_trail_is_not_copied(source, target):
    run_unguarded(source, "UPDATE audit SET actor = 'x' WHERE seq = 2")
    with pytest.raises(StoreUnusable, match="broken at row 2"):
        copying.copy(source, target)
    assert count(target, "accounts") == 0


def test_what_postgresql_cannot_hold_stops_the_copy_and_leaves_nothing(source, target):
    run(source, "UPDATE orders SET friendly_name = 'a' || char(0) || 'b'")
    before = everything(target)
    with pytest.raises(StoreUnusable, match="orders holds what PostgreSQL does not take"):
        copying.copy(source, target)
    assert everything(target) == before


def test_a_row_that_gets_lost_on_the_way_is_noticed(source, target, monkeypatch):
    load = type(target).load

    def lose(store, table, columns, rows):
        load(store, table, columns, (row for row in rows if "Zweigstelle Süd" not in row))

    monkeypatch.setattr(type(target), "load", lose)
    with pytest.raises((StoreUnusable, psycopg.Error)):
        copying.copy(source, target)
    assert count(target, "accounts") == 0


def test_what_is_not_there_is_not_made_by_copying_it(tmp_path, target):
    with pytest.raises(StoreUnusable, match="There is no database"):
        copying.copy(SqliteStore(tmp_path / "typo.db"), target)
    assert not list(tmp_path.iterdir())


def test_a_database_is_not_copied_onto_itself(source, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    source.close()  # the next connection has the shorter patience
    with pytest.raises((StoreUnusable, StoreBusy)):
        copying.copy(source, SqliteStore(source.path))


def test_the_command_copies_to_the_database_of_the_settings(source, postgres_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("LINEPROOF_SECRET_KEYS", "k" * 32)
    told = CliRunner().invoke(app.main, ["db", "copy", f"sqlite:///{source.path}"])
    assert told.exit_code == 0, told.output
    assert re.search(r"^ +2  accounts$", told.output, re.M)
    assert "the audit trail is whole" in told.output
    assert CliRunner().invoke(app.main, ["db", "check"]).exit_code == 0
    again = CliRunner().invoke(app.main, ["db", "copy", f"sqlite:///{source.path}"])
    assert (again.exit_code, len(again.output.splitlines())) == (2, 1)
    assert "is not empty" in again.output


@pytest.mark.parametrize("url", ["mysql://u:hush-hush@h/x", "postgresql://u:hush@hush@h/x", "x"])
def test_a_malformed_url_is_one_line_that_repeats_nothing_of_it(source, url):
    told = CliRunner().invoke(app.main, ["db", "copy", f"sqlite:///{source.path}", url])
    assert (told.exit_code, len(told.output.splitlines())) == (2, 1)
    assert "hush" not in told.output
