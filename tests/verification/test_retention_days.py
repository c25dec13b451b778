"""Ninety days, then gone: planted people over 120 simulated days, and a scan of every byte."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from tests.verification import planted, retention_world
from tests.verification.retention_world import back_up
from verification.retention import DATABASE_DAYS, DAY, PROMISE_DAYS, Kind
from verification.retention_duties import REWRITE_SECONDS, RetentionDue
from verification.store.backups import BackupFolder

DAYS = 120
PEOPLE = 1000
A_DAY = 10
BACKED_UP_EACH = 5
# In the database's own file the bytes of an erased row may stay until it is written anew.
FILE_DAYS = DATABASE_DAYS + 1 + int(REWRITE_SECONDS / DAY)


@pytest.fixture
def world(sqlite_office, tmp_path):
    """A server whose log is a file beside its database."""
    sqlite_office.store.database().execute("PRAGMA synchronous = OFF")  # no power is cut here
    with (tmp_path / "lineproof.log").open("a") as lines:
        structlog.configure(
            processors=[structlog.processors.JSONRenderer()],
            logger_factory=structlog.WriteLoggerFactory(file=lines),
        )
        yield retention_world.world(sqlite_office, tmp_path)
        structlog.reset_defaults()


class Scan:
    """Whom the files below a folder name; one that has not changed is not read again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.known: dict[tuple[object, ...], set[int]] = {}

    def named(self):
        """By file: whom it names."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                facts = path.stat()
                key = (path, facts.st_mtime_ns, facts.st_size, facts.st_ino)
                if key not in self.known:
                    self.known[key] = planted.named(path)
                yield path.relative_to(self.folder).as_posix(), self.known[key]


def play(world, people=PEOPLE, days=DAYS):
    """Live the days; gives how many finds of people whose time had come there were, by place."""
    late: Counter[str] = Counter()
    scan = Scan(world.folder)
    for day in range(days):
        world.plant(range(A_DAY * day, min(A_DAY * (day + 1), people)))
        world.live_a_day()
        assert world.lost() == set()
        if day % BACKED_UP_EACH == 0:
            back_up(world)
        for file, persons in scan.named() if day >= PROMISE_DAYS else ():
            kept = PROMISE_DAYS if file.startswith("backups/") else FILE_DAYS
            over = {p for p in persons if p in world.ended and world.ended[p] + kept <= day}
            late[file.split("/")[0]] += len(over)
    return +late


def test_of_a_thousand_people_no_byte_is_left_when_their_time_has_come(world):
    assert play(world) == {}
    over = [person for person, day in world.ended.items() if day + PROMISE_DAYS <= DAYS]
    assert len(over) > 150  # else nothing was shown
    assert {world.fates[person] for person in over} == {*world.fates.values()} - {"in-use"}
    names = [path.name for path in world.folder.iterdir()]
    assert {"lineproof.db", "lineproof.db-wal", "lineproof.db-shm", "lineproof.log"} < {*names}
    assert world.office.store.check() == []


def test_the_scan_sees_mails_that_nobody_deletes(world, monkeypatch):
    monkeypatch.setattr(type(world.duty.mail_files), "remove_before", lambda *_: 0)
    assert set(play(world, 40, 100)) == {"mails"}


def test_the_scan_sees_backups_that_nobody_deletes(world, monkeypatch):
    monkeypatch.setattr(BackupFolder, "remove_old", lambda *_: 0)
    assert set(play(world, 40, 100)) == {"backups"}


@pytest.mark.parametrize("kind", [Kind.ADDRESS, Kind.ELIGIBILITY])
def test_the_scan_sees_a_kind_that_is_not_erased(world, monkeypatch, kind):
    erase = RetentionDue._erase
    monkeypatch.setattr(
        RetentionDue, "_erase", lambda self, one: 0 if one is kind else erase(self, one)
    )
    assert "lineproof.db" in play(world, 20, 98)


def test_a_shorter_time_is_kept_as_well(world):
    world.duty = replace(world.duty, keep=5 * DAY)
    world.plant(range(5))  # the next one declines, and his wish is kept for 30 days
    for _ in range(25):
        world.live_a_day()
    found = {p for _, persons in Scan(world.folder).named() for p in persons}
    named = found & world.fates.keys()  # digits of a random SID may look like a number
    assert named <= {person for person, day in world.ended.items() if day + 12 > 25}
