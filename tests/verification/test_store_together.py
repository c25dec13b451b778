"""Writes that share a commit: durable before they return, and each whole or not at all."""

import threading
import time

import pytest

from tests.verification.test_store_faults import failing
from verification.store import together
from verification.store.trouble import StoreBusy, StoreUnclear


def suppressed(store):
    """The numbers that are in the file, as another connection sees them."""
    with store.read() as tx:
        return {row[0] for row in tx._execute("SELECT number FROM suppressions").fetchall()}


class Writer(threading.Thread):
    """Writes a number; its block ends when it is let go."""

    def __init__(self, store, number, error=None):
        super().__init__()
        self.store, self.number, self.error = store, number, error
        self.inside, self.go, self.answer = threading.Event(), threading.Event(), None

    def run(self):
        try:
            with self.store.write_together() as tx:
                tx.suppressions.add(self.number, 1.0)
                self.inside.set()
                self.go.wait(30)
                if self.error:
                    raise self.error
            self.answer = "written"
        except Exception as error:  # noqa: BLE001 - whatever it was told
            self.answer = type(error)


def until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0)


@pytest.fixture
def commits(sqlite_store):
    """The statements that the shared connection has run, from here on."""
    seen: list[str] = []
    with sqlite_store.write_together():
        pass
    sqlite_store._shared._connection.set_trace_callback(seen.append)
    yield lambda: seen.count("COMMIT")
    sqlite_store.close()


def begun(store, *writers):
    """The first writer is in its block, the others wait for their turn."""
    writers[0].start()
    writers[0].inside.wait(30)
    for number, writer in enumerate(writers[1:], start=1):
        writer.start()
        until(lambda expected=number: store._shared._waiting == expected)


def test_whoever_is_alone_commits_at_once(sqlite_store, commits):
    for number in ("+1", "+2"):
        with sqlite_store.write_together() as tx:
            tx.suppressions.add(number, 1.0)
        assert number in suppressed(sqlite_store)
    assert commits() == 2


def test_blocks_that_wait_for_each_other_share_a_commit_and_return_only_after_it(
    sqlite_store, commits, monkeypatch
):
    monkeypatch.setattr(together, "LONGEST_SECONDS", 60.0)
    first, second = Writer(sqlite_store, "+1"), Writer(sqlite_store, "+2")
    begun(sqlite_store, first, second)
    first.go.set()
    second.inside.wait(30)
    # The first block is at its end, but it is neither committed nor told so.
    assert (suppressed(sqlite_store), first.answer, commits()) == (set(), None, 0)
    second.go.set()
    for writer in (first, second):
        writer.join()
    assert (first.answer, second.answer, commits()) == ("written", "written", 1)
    assert suppressed(sqlite_store) == {"+1", "+2"}


@pytest.mark.parametrize("failing", [0, 1])
def test_a_block_that_fails_takes_back_nothing_of_the_others(
    sqlite_store, commits, monkeypatch, failing
):
    monkeypatch.setattr(together, "LONGEST_SECONDS", 60.0)
    writers = [Writer(sqlite_store, "+1"), Writer(sqlite_store, "+2")]
    writers[failing].error = KeyError("a mistake")
    begun(sqlite_store, *writers)
    for writer in writers:
        writer.go.set()
    for writer in writers:
        writer.join()
    assert writers[failing].answer is KeyError
    assert writers[1 - failing].answer == "written"
    assert suppressed(sqlite_store) == {writers[1 - failing].number}


def test_if_the_commit_fails_each_is_told_and_nothing_is_written(
    sqlite_store, commits, monkeypatch
):
    monkeypatch.setattr(together, "LONGEST_SECONDS", 60.0)
    writers = [Writer(sqlite_store, "+1"), Writer(sqlite_store, "+2")]
    begun(sqlite_store, *writers)
    # SQLite refuses a commit that would break a reference.
    with_broken = sqlite_store._shared._connection
    writers[0].go.set()
    writers[1].inside.wait(30)
    with_broken.execute("PRAGMA defer_foreign_keys = ON")
    with_broken.execute(
        "INSERT INTO replies (attempt_id, step, say, note, next_step, keys)"
        " VALUES ('none', 0, '', '', 0, '')"
    )
    writers[1].go.set()
    for writer in writers:
        writer.join()
    assert [writer.answer for writer in writers] == [StoreBusy, StoreBusy]
    assert suppressed(sqlite_store) == set()
    with sqlite_store.write_together() as tx:  # and the next one can write
        tx.suppressions.add("+3", 1.0)
    assert suppressed(sqlite_store) == {"+3"}


def test_if_the_disk_fails_at_the_commit_none_is_told_that_nothing_has_changed(
    sqlite_store, monkeypatch
):
    monkeypatch.setattr(together, "LONGEST_SECONDS", 60.0)
    writers = [Writer(sqlite_store, "+1"), Writer(sqlite_store, "+2")]
    with failing(sqlite_store, 1, "COMMIT"):
        begun(sqlite_store, *writers)
        for writer in writers:
            writer.go.set()
        for writer in writers:
            writer.join()
        with sqlite_store.write_together() as tx:
            tx.suppressions.add("+3", 1.0)
    assert [writer.answer for writer in writers] == [StoreUnclear, StoreUnclear]
    assert suppressed(sqlite_store) == {"+3"}
    sqlite_store.close()


def test_a_crowd_of_writers_loses_nothing_and_needs_few_commits(sqlite_store, commits):
    def write(start):
        for number in range(start, start + 25):
            with sqlite_store.write_together() as tx:
                tx.suppressions.add(f"+{number}", 1.0)

    threads = [threading.Thread(target=write, args=(start * 25,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(suppressed(sqlite_store)) == 200
    assert commits() < 200


def test_a_write_waits_for_another_process_and_then_says_that_the_store_is_busy(
    sqlite_store, monkeypatch
):
    monkeypatch.setattr(sqlite_store._shared, "_busy_seconds", 0.05)
    with sqlite_store.write():
        writer = Writer(sqlite_store, "+1")
        writer.start()
        writer.join()
    assert writer.answer is StoreBusy
    with sqlite_store.write_together() as tx:
        tx.suppressions.add("+2", 1.0)
    assert suppressed(sqlite_store) == {"+2"}
