"""Backups of an SQLite file: written while it is in use, sound, private, and deleted in time."""

import os
import shutil
import stat
import threading

import pytest

from tests.conftest import NUMBER, count, run
from tests.verification.test_retention import KEEP, take_back
from verification.adapters.mail import MailFolder
from verification.retention import BACKUP_DAYS, DAY
from verification.retention_duties import RetentionDue
from verification.store.backups import BackupFolder
from verification.store.sqlite import SqliteStore
from verification.store.trouble import StoreUnusable

MONTH = BACKUP_DAYS * DAY


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made


def test_a_backup_is_sound_private_and_says_when_it_must_be_deleted(sqlite_office, folder):
    office = sqlite_office
    office.order()
    until = office.clock.now() + MONTH
    path = BackupFolder(folder).new_file(office.clock.now())
    assert path is not None
    office.store.backup(path, until)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (found,) = BackupFolder(folder).all()
    assert (found.path, found.until) == (path, until)
    assert [one.name for one in folder.iterdir()] == ["lineproof-20270115T080000Z.db"]
    restored = SqliteStore(path)
    assert restored.check() == []
    assert count(restored, "orders") == 1
    with office.store.read() as tx:
        assert tx.retention.progress().backup_until is None
    restored.close()


def test_a_backup_never_takes_the_place_of_a_file(sqlite_office, tmp_path):
    path = tmp_path / "mine"
    path.write_text("precious")
    with pytest.raises(StoreUnusable, match="exists already"):
        sqlite_office.store.backup(path, 1.0)
    assert path.read_text() == "precious"
    with pytest.raises(StoreUnusable, match="cannot be written"):
        sqlite_office.store.backup(tmp_path / "nowhere" / "b.db", 1.0)


def test_backups_that_are_written_while_others_write_are_all_sound(sqlite_office, folder):
    office, stop = sqlite_office, threading.Event()

    def write():
        while not stop.is_set():
            with office.store.write() as tx:
                tx.audit.append(1.0, "test", "", "x", "written")
        office.store.close()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for each in range(5):
            office.store.backup(folder / f"{each}.db", 1.0)
    finally:
        stop.set()
        writing.join()
    for path in list(folder.glob("*.db")):
        backup = SqliteStore(path)
        assert backup.check() == []
        backup.close()


def test_what_was_erased_leaves_no_bytes_in_a_backup(sqlite_office, folder):
    store = sqlite_office.store
    store.database().execute("PRAGMA secure_delete = OFF")
    order = sqlite_office.order()
    with store.write() as tx:
        tx.retention.remove("number", [order.incoming_phone_number_sid])
        tx.retention.remove("order", [order.sid])
    store.sweep(False)
    assert NUMBER[1:].encode() in store.path.read_bytes()
    store.backup(folder / "b.db", 1.0)
    assert NUMBER[1:].encode() not in (folder / "b.db").read_bytes()
    assert store.sweep(True)
    assert NUMBER[1:].encode() not in store.path.read_bytes()


def test_backups_are_deleted_when_their_time_is_over_and_nothing_else_is(sqlite_office, folder):
    office, backups = sqlite_office, BackupFolder(folder)
    now = office.clock.now()
    office.store.backup(folder / "mine.db", now + MONTH)
    (folder / "notes.txt").write_text("keep me")
    (folder / "other.db").write_bytes(b"SQLite format 3\x00" + b"x" * 100)
    (folder / "lineproof-20270110T080000Z.dump").write_bytes(b"PGDMP...")
    dump = folder / "by-hand.dump"
    dump.write_bytes(b"PGDMP...")
    os.utime(dump, (now, now))
    assert backups.remove_old(now + MONTH - 1) == 1  # the dump whose name tells its day
    assert backups.remove_old(now + MONTH) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "other.db"]


def test_no_folder_is_no_trouble(tmp_path):
    for nowhere in (None, tmp_path / "gone"):
        assert BackupFolder(nowhere).all() == []
        assert BackupFolder(nowhere).remove_old(1.0) == 0
    assert BackupFolder(None).new_file(1.0) is None


def test_a_backup_that_is_put_back_is_purged_before_it_serves(sqlite_office, folder, tmp_path):
    office = sqlite_office
    order = office.order()
    take_back(office, order)
    keeping = (MailFolder(tmp_path / "mails"), BackupFolder(folder), KEEP, office.clock.now)
    RetentionDue(office.store, office.keyring, *keeping).do()
    office.store.backup(folder / "b.db", office.clock.now() + MONTH)
    shutil.copy(folder / "b.db", tmp_path / "back.db")
    office.clock.tick(KEEP)
    restored = SqliteStore(tmp_path / "back.db")
    restored.migrate()
    assert NUMBER[1:].encode() in restored.path.read_bytes()
    RetentionDue(restored, office.keyring, *keeping).before_serving()
    assert NUMBER[1:].encode() not in restored.path.read_bytes()
    assert run(restored, "SELECT backup_until FROM retention") == [(None,)]
    assert restored.check() == []
    restored.close()


def test_postgres_names_the_command_that_backs_it_up(postgres_store, tmp_path):
    with pytest.raises(
        StoreUnusable, match=r"umask 077 && pg_dump --host=.* --dbname=\S+ --format"
    ):
        postgres_store.backup(tmp_path / "a file", 1.0)
