"""The store: whole transactions, one schema, an audit trail that shows every change.

What is of SQLite alone asks for ``sqlite_store``; the rest runs on both engines.
"""

import multiprocessing
import sqlite3 as interpreters_sqlite
import threading

import pytest

from tests.conftest import run, run_unguarded
from verification import audit
from verification.store import sqlite
from verification.store.schema import MIGRATIONS
from verification.store.sqlite import SqliteStore
from verification.store.trouble import StoreBusy, StoreUnusable


def test_migrations_are_applied_once(tmp_path):
    store = SqliteStore(tmp_path / "new.db")
    assert store.migrate() == [name for name, _ in MIGRATIONS]
    assert store.migrate() == []
    store.close()


def _migrate(path):
    store = SqliteStore(path)
    store.migrate()
    store.close()


def test_of_several_processes_that_migrate_at_once_none_fails(tmp_path):
    processes = multiprocessing.get_context("spawn")
    workers = [processes.Process(target=_migrate, args=(tmp_path / "new.db",)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4


def test_the_file_is_its_owners_alone(sqlite_store):
    assert sqlite_store.path.stat().st_mode & 0o077 == 0


def test_every_commit_is_durable_and_deleted_bytes_are_overwritten(sqlite_store):
    connection = sqlite_store.database().conn
    pragma = lambda name: connection.execute(f"PRAGMA {name}").fetchone()[0]  # noqa: E731
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1
    assert pragma("secure_delete") == 1
    assert pragma("journal_mode") in {"wal", "truncate"}


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with interpreters_sqlite.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(StoreUnusable, match="another program"):
        SqliteStore(path).migrate()


def test_what_is_no_database_is_refused(tmp_path):
    path = tmp_path / "text.db"
    path.write_text("this is not a database, and it is long enough to look like one " * 20)
    with pytest.raises(StoreUnusable, match="cannot be opened"):
        SqliteStore(path).migrate()


def test_a_newer_programs_database_is_refused(sqlite_store):
    sqlite_store.database()["_sqlite_migrations"].insert(
        {"migration_set": "lineproof", "name": "9999_later", "applied_at": "x"}
    )
    with pytest.raises(StoreUnusable, match="9999_later"):
        sqlite_store.migrate()


@pytest.mark.parametrize(
    ("version", "buggy"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
        ((3, 6, 23), False),
    ],
)
def test_versions_that_can_corrupt_a_wal_file_are_known(version, buggy):
    assert sqlite.has_wal_reset_bug(version) is buggy


def test_a_buggy_version_writes_no_wal(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "has_wal_reset_bug", lambda version: True)
    store = SqliteStore(tmp_path / "x.db")
    store.migrate()
    assert store.database().conn.execute("PRAGMA journal_mode").fetchone()[0] == "truncate"
    store.close()


def test_a_writer_waits_for_another_and_then_says_that_the_store_is_busy(sqlite_store, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    held, done = threading.Event(), threading.Event()

    def hold():
        with sqlite_store.write():
            held.set()
            done.wait(10)
        sqlite_store.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    sqlite_store.close()  # the next connection has the shorter patience
    try:
        with pytest.raises(StoreBusy), sqlite_store.write():
            pass
    finally:
        done.set()
        holder.join()


def test_a_full_disk_is_busy_not_broken_and_nothing_is_half_written(sqlite_office):
    database = sqlite_office.store.database()
    used = database.conn.execute("PRAGMA page_count").fetchone()[0]
    database.conn.execute(f"PRAGMA max_page_count = {used}")
    before = sqlite_office.events(sqlite_office.account.sid)

    def fill_the_disk():
        with sqlite_office.store.write() as tx:
            for n in range(1000):
                tx.audit.append(1.0, "x", "AC", sqlite_office.account.sid, "noise" * 100, str(n))

    with pytest.raises(StoreBusy):
        fill_the_disk()
    assert sqlite_office.events(sqlite_office.account.sid) == before
    database.conn.execute("PRAGMA max_page_count = 1000000")
    sqlite_office.order()


def test_a_transaction_within_a_transaction_is_a_mistake_of_the_program(store):
    with pytest.raises(Exception, match="within a transaction"), store.write(), store.read():
        pass


class TestAuditTrail:
    def trail(self, office):
        for number in ("+12124567890", "+12124567891", "+12124567892"):
            office.request_call(office.order(number))

    def test_a_whole_trail_is_sound(self, office):
        self.trail(office)
        assert office.store.check() == []

    def test_rows_can_be_neither_changed_nor_deleted(self, office):
        self.trail(office)
        for statement in ("UPDATE audit SET detail = 'x'", "DELETE FROM audit"):
            with pytest.raises(Exception, match="an audit row is never"):
                run(office.store, statement)

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE audit SET detail = 'x' WHERE seq = 4",
            "UPDATE audit SET at = at + 1 WHERE seq = 4",
            "UPDATE audit SET actor = 'operator' WHERE seq = 4",
            "DELETE FROM audit WHERE seq = 4",
            "UPDATE audit SET hash = previous WHERE seq = 4",
        ],
    )
    def test_a_changed_trail_is_found_at_the_first_bad_row(self, office, damage):
        self.trail(office)
        run_unguarded(office.store, damage)
        assert office.store.check() == ["the audit trail is broken at row 4"]

    def test_an_empty_trail_is_whole(self):
        assert audit.first_break([]) is None

    def test_no_number_and_no_code_stands_in_it(self, office):
        self.trail(office)
        attempt = office.claim()
        code = office.code(attempt)
        with office.store.read() as tx:
            text = " ".join(entry.detail for entry in tx.audit.all())
        assert code not in text
        assert "+1" not in text
