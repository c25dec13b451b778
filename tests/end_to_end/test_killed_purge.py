"""A purge that is killed (-9) leaves nothing half erased, and the next one brings it to its end."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import app
from verification import accounts, bulk, settings
from verification.bulk import Wish
from verification.retention import DAY, SLICE

ROOT = Path(__file__).resolve().parents[2]
COUNT = 3 * SLICE
KILLS = 2
SECRET = "zoe.planted"

# One call for each order, and the end of all of it long ago.
ENDED = (
    "UPDATE orders SET status = 'failed', due_at = NULL, updated_at = created_at",
    """
    INSERT INTO attempts (id, subject_sid, ordinal, account_sid, number, business, language, state,
        outcome, requested_at, machine, hang_up, challenge, step, prompts, wrong_keys, code_tries)
    SELECT 'T' || sid, sid, 1, account_sid, phone_number, 'Acme', 'en', 'done',
        'canceled', created_at, 0, 0, '', 0, 0, 0, 0 FROM orders
    """,
)
# What there cannot be: each gives the count of it.
HALF_ERASED = (
    "SELECT COUNT(*) FROM orders WHERE sid IN (SELECT sid FROM remains)",
    "SELECT COUNT(*) FROM phone_numbers WHERE sid IN (SELECT sid FROM remains)",
    "SELECT COUNT(*) FROM attempts WHERE subject_sid NOT IN (SELECT sid FROM orders)",
    "SELECT COUNT(*) FROM orders WHERE sid NOT IN (SELECT subject_sid FROM attempts)",
)


@pytest.fixture
def path(tmp_path):
    """A database in which the time of all orders is over."""
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/old.db", "LINEPROOF_SECRET_KEYS": "k" * 32}
    house = app.open_house(settings.load(given))
    ended = time.time() - 100 * DAY
    fields = {"email": f"{SECRET}@example.com", "address_sid": None}
    numbers = [f"+1902{200 + n // 10_000}{n % 10_000:04d}" for n in range(COUNT)]
    wishes = [Wish(str(n), number, fields) for n, number in enumerate(numbers)]
    with closing(house.store), house.store.write() as tx:
        account, _ = accounts.create(tx, house.keyring, "Acme", ended)
        bulk.create(tx, account.sid, bulk.check(wishes), None, None, ended)
        for statement in ENDED:
            tx._execute(statement)
    return tmp_path / "old.db"


def purge(path, **options):
    given = {"DATABASE_URL": f"sqlite:///{path}", "LINEPROOF_SECRET_KEYS": "k" * 32}
    command = [sys.executable, "-m", "app", "retention", "purge"]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | given, **options)


def ask(database, sql):
    return database.execute(sql).fetchone()[0]


def left(database):
    """The numbers and the orders that are not erased yet: the orders go after the numbers."""
    return ask(database, "SELECT (SELECT COUNT(*) FROM phone_numbers) + COUNT(*) FROM orders")


def assert_whole(database):
    """Each order and number is there with all that belongs to it, or has left its trace."""
    assert [ask(database, sql) for sql in HALF_ERASED] == [0, 0, 0, 0]
    assert left(database) + ask(database, "SELECT COUNT(*) FROM remains") == 2 * COUNT
    assert ask(database, "PRAGMA integrity_check") == "ok"
    assert ask(database, "SELECT purged_at FROM retention") == 0  # it did not come to its end


def test_a_purge_that_is_killed_leaves_nothing_half_erased_and_the_next_one_ends_it(path):
    with closing(sqlite3.connect(path)) as database:
        assert left(database) == 2 * COUNT
        for part in range(KILLS):
            # Once a bit more is gone than the last time: while it is at the next slice.
            until = 2 * COUNT * (KILLS - part) // (KILLS + 1)
            with purge(path) as process:
                while process.poll() is None:
                    if left(database) <= until:
                        process.kill()
                        break
            assert process.returncode == -signal.SIGKILL
            assert 0 < left(database) < 2 * COUNT
            assert_whole(database)
    told, _ = (last := purge(path, stdout=subprocess.PIPE, text=True)).communicate()
    assert (last.returncode, "What was due is erased" in told) == (0, True)
    with closing(sqlite3.connect(path)) as database:
        assert left(database) == 0
        assert ask(database, "SELECT COUNT(*) FROM attempts") == 0
        assert ask(database, "SELECT COUNT(*) FROM remains") == 2 * COUNT
    assert not [file for file in path.parent.iterdir() if SECRET.encode() in file.read_bytes()]
