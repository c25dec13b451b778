"""The audit trail holds with which key a customer acted, and its chain holds for rows of before."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.conftest import ENGINES, run_unguarded
from verification import audit
from verification.store import postgres, schema, sqlite
from verification.store.copying import copy
from verification.store.postgres import PostgresStore
from verification.store.sqlite import SqliteStore

KEY, OTHER = "SK" + "1" * 32, "SK" + "2" * 32
OLD = tuple(one for one in schema.MIGRATIONS if one[0] < "0028")
# A row as the programs before this column wrote it: its hash is of the seven facts alone.
OLD_ROW = (1, 5.0, "customer", "AC1", "HR1", "order created", "")
OLD_HASH = "855a446d9e6985f74dbc2ab8dc8f66287461ec5d3db86cb03d01240ace9adfc0"


def append(store, actor="customer", event="order edited"):
    with store.write() as tx:
        tx.audit.append(6.0, actor, "AC1", "HR1", event)


def credentials(store):
    with store.read() as tx:
        return [entry.credential for entry in tx.audit.of_object("HR1")]


def test_what_a_customer_does_stands_there_with_his_key_and_what_others_do_does_not(store):
    with audit.signed_in(KEY):
        append(store)
        append(store, "lineproof", "status")
        append(store, "operator", "code shown")
    append(store)
    assert credentials(store) == [KEY, "", "", ""]
    assert store.check() == []


def test_many_rows_of_one_request_all_have_it(store):
    rows = [("AC1", "HR1", ""), ("AC1", "HR1", "again")]
    with audit.signed_in(KEY), store.write() as tx:
        tx.audit.append_all(6.0, "customer", "order created", rows)
    assert credentials(store) == [KEY, KEY]
    assert store.check() == []


@pytest.mark.parametrize(
    ("row", "damage"),
    [
        (1, "UPDATE audit SET credential = 'SK2' WHERE seq = 1"),
        (1, "UPDATE audit SET credential = '' WHERE seq = 1"),
        (2, "UPDATE audit SET credential = 'SK2' WHERE seq = 2"),
    ],
    ids=["exchanged", "taken out", "put in"],
)
def test_a_key_that_is_exchanged_taken_out_or_put_in_breaks_the_chain(store, row, damage):
    with audit.signed_in(KEY):
        append(store)
    append(store)
    run_unguarded(store, damage)
    assert store.check() == [f"the audit trail is broken at row {row}"]


@pytest.fixture(params=ENGINES)
def unmigrated(request, tmp_path):
    """An empty database, and the module whose migrations its engine goes by."""
    if request.param == "sqlite":
        with closing(SqliteStore(tmp_path / "old.db")) as store:
            yield store, sqlite
    else:
        with closing(PostgresStore(request.getfixturevalue("postgres").create())) as store:
            yield store, postgres


def test_rows_of_an_older_program_stay_whole_and_new_ones_follow_them(
    unmigrated, monkeypatch, tmp_path
):
    store, engine = unmigrated
    monkeypatch.setattr(engine, "MIGRATIONS", OLD)
    store.migrate()
    columns = ("seq", "at", "actor", "account_sid", "object_sid", "event", "detail")
    with store.write():
        store.load("audit", (*columns, "previous", "hash"), [(*OLD_ROW, audit.FIRST, OLD_HASH)])
    monkeypatch.undo()

    assert store.migrate()[0] == "0028_credentials"

    assert store.check() == []
    with audit.signed_in(KEY):
        append(store)
    assert credentials(store) == ["", KEY]
    assert store.check() == []
    with closing(SqliteStore(tmp_path / "copied.db")) as target:
        copy(store, target)
        assert credentials(target) == ["", KEY]


def test_what_was_done_is_read_by_the_key_and_by_the_object(store):
    with audit.signed_in(KEY):
        append(store)
    with audit.signed_in(OTHER):
        append(store, event="order deleted")
    with store.read() as tx:
        assert [entry.event for entry in tx.audit.about(KEY)] == ["order edited"]
        assert [entry.who for entry in tx.audit.about("HR1")] == [
            f"customer {KEY}",
            f"customer {OTHER}",
        ]
