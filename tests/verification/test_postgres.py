"""PostgreSQL alone: writers side by side, a server that goes away, a clock for all."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest

import app
from tests.cluster import cluster
from tests.conftest import NUMBER, count, run
from tests.directories import Unasked
from verification import accounts, audit, cli, ordering, settings
from verification.ordering import NameTaken, NotHostable
from verification.settings import BadSettings
from verification.store import connections, dialect, open_store, postgres
from verification.store.postgres import PostgresStore
from verification.store.rows import UNTAKEN
from verification.store.schema import MIGRATIONS
from verification.store.trouble import StoreBusy, StoreUnclear, StoreUnusable
from verification.store.turn import SLICE, Turn

THREADS = 8


@pytest.fixture
def fresh(postgres):
    """The URL of a database of the test's own, with nothing in it."""
    return postgres.create()


def test_rows_are_made_as_they_are_written_so_that_the_server_is_not_kept_waiting(postgres_store):
    waiting = []  # rows that were made and not yet written, at each of them

    def rows(tx):
        for n in range(5 * SLICE):
            if n % 100 == 0:
                (written,) = tx._execute("SELECT COUNT(*) FROM counts").fetchone()
                waiting.append(n - written)
            yield {"subject": str(n)}

    insert = """
        INSERT INTO counts (name, subject, begins_at, used, earlier, forget_at)
        VALUES ('made', :subject, 0, 0, 0, 0)
    """
    with postgres_store.write() as tx:
        tx._execute.many(insert, rows(tx))
    assert count(postgres_store, "counts") == 5 * SLICE
    assert max(waiting) < SLICE


@contextmanager
def outsider(url):
    """A session of somebody else's, as an operator has it."""
    with closing(psycopg.connect(url)) as connection:
        yield connection


def at_once(*works):
    """Let all of them begin at the same moment; gives what each returned or raised."""
    barrier = threading.Barrier(len(works))

    def begin(work):
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        begun = [threads.submit(begin, work) for work in works]
    return [one.exception() or one.result() for one in begun]


class TestSideBySide:
    def test_of_eight_orders_for_one_number_at_once_one_is_made_and_the_others_are_told(
        self, postgres_office
    ):
        office = postgres_office

        def order():
            with office.store.write() as tx:
                return ordering.create(tx, office.account.sid, NUMBER, {}, office.clock.now())

        done = at_once(*[order] * THREADS)

        assert sum(isinstance(one, NotHostable) for one in done) == THREADS - 1
        assert count(office.store, "orders") == 1

    def test_of_eight_orders_of_one_name_at_once_one_is_made(self, postgres_office):
        office = postgres_office

        def order(number):
            wishes = {"unique_name": "front desk"}
            with office.store.write() as tx:
                return ordering.create(tx, office.account.sid, number, wishes, 1.0)

        done = at_once(*[lambda n=n: order(f"+1212456{n:04d}") for n in range(THREADS)])

        assert sum(isinstance(one, NameTaken) for one in done) == THREADS - 1

    def test_200_calls_are_claimed_by_eight_workers_once_each(self, postgres_office):
        office = postgres_office
        for n in range(200):
            office.request_call(office.order(f"+1212456{n:04d}"))

        def work():
            claimed = []
            while attempt := office.claim():
                claimed.append(attempt.id)
            return claimed

        claimed = [one for ids in at_once(*[work] * THREADS) for one in ids]

        assert (len(claimed), len(set(claimed))) == (200, 200)

    def test_200_orders_that_are_due_are_taken_by_eight_workers_once_each(self, postgres_office):
        office = postgres_office
        with office.store.write() as tx:
            for n in range(200):
                ordering.create(tx, office.account.sid, f"+1212456{n:04d}", {}, 1.0)

        def work():
            taken: list[str] = []
            while True:
                with office.store.write() as tx:
                    due = tx.orders.take_due(100.0, 1000.0, 7)
                if not due:
                    return taken
                taken += [order.sid for order in due]

        taken = [one for sids in at_once(*[work] * THREADS) for one in sids]

        assert (len(taken), len(set(taken))) == (200, 200)

    def test_two_accounts_that_want_one_number_called_have_one_call_on_the_line(
        self, postgres_office
    ):
        office = postgres_office
        with office.store.write() as tx:
            other, _ = accounts.create(tx, office.keyring, "Other", office.clock.now())
        office.request_call(office.order())
        second = replace(office, account=other)
        second.request_call(second.order())

        done = at_once(office.claim, second.claim)

        assert sum(one is not None for one in done) == 1

    def test_the_audit_trail_of_eight_writers_is_one_chain(self, postgres_office):
        office = postgres_office

        def write():
            for n in range(25):
                with office.store.write() as tx:
                    tx.audit.append(1.0, "x", "AC", "HR", "event", str(n))

        at_once(*[write] * THREADS)

        with office.store.read() as tx:
            entries = tx.audit.all()
        assert len(entries) == THREADS * 25 + 1
        assert audit.first_break(entries) is None

    def test_a_reader_waits_for_no_writer_and_sees_nothing_unfinished(self, postgres_office):
        office = postgres_office
        with office.store.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "unfinished")

            def look():
                with office.store.read() as other:
                    return other.audit.of_object("HR")

            assert at_once(look) == [[]]

    def test_a_reader_sees_one_state_however_long_it_reads(self, postgres_office):
        office = postgres_office

        def write():
            with office.store.write() as tx:
                tx.audit.append(1.0, "x", "AC", "HR", "later")

        with office.store.read() as tx:
            before = tx.audit.all()
            assert at_once(write) == [None]
            assert tx.audit.all() == before

    def test_a_row_that_somebody_else_holds_is_passed_over_by_a_claim(
        self, postgres_office, postgres_url
    ):
        office = postgres_office
        office.request_call(office.order("+12124567890"))
        office.clock.tick(1)
        office.request_call(office.order("+12124567891"))
        with outsider(postgres_url) as somebody:
            somebody.execute("SELECT * FROM attempts ORDER BY due_at LIMIT 1 FOR UPDATE")
            attempt = office.claim()
        assert attempt.number == "+12124567891"


@pytest.fixture
def two_orders(postgres_office):
    """The statements that rename one and the other of two orders."""
    numbers = ["+12124567890", "+12124567891"]
    made = [postgres_office.order(number).sid for number in numbers]
    # By their SIDs: the server's log, which is looked through too, tells the statements.
    rename = "UPDATE orders SET friendly_name = 'ours' WHERE sid = '{}'"
    return [rename.format(sid) for sid in made]


def names(store):
    return {row[0] for row in run(store, "SELECT friendly_name FROM orders")}


def until_it_waits(url, session):
    """Wait until a session waits for a lock."""
    query = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    with closing(psycopg.connect(url, autocommit=True)) as watcher:
        while watcher.execute(query, [session.info.backend_pid]).fetchone() is None:
            pass


class TestTakenBack:
    """A transaction that the server takes back is made again as a whole, without its block."""

    def deadlock(self, store, url, two_orders, before="SELECT 1"):
        first, second = two_orders
        blocks, start = 0, Turn.start

        def start_behind_it(turn):
            if waits.ident:  # what was taken back lets the other one end first
                waits.join()
            start(turn)

        with outsider(url) as somebody:
            somebody.execute("SET deadlock_timeout = '60s'")  # it is we who find it, and lose
            somebody.execute(second.replace("ours", "theirs"))
            waits = threading.Thread(
                target=lambda: (
                    somebody.execute(first.replace("ours", "theirs")),
                    somebody.commit(),
                )
            )
            try:
                with pytest.MonkeyPatch.context() as patch, store.write() as tx:
                    patch.setattr(Turn, "start", start_behind_it)
                    blocks += 1
                    tx._execute(before)
                    tx._execute(first)
                    waits.start()
                    until_it_waits(url, somebody)
                    tx._execute(second)
            finally:
                waits.join()
        return blocks

    def test_a_deadlock_is_not_noticed_by_the_block(self, postgres_store, postgres_url, two_orders):
        assert self.deadlock(postgres_store, postgres_url, two_orders) == 1
        assert names(postgres_store) == {"ours"}

    def test_what_the_block_knew_and_is_no_longer_true_is_not_built_upon(
        self, postgres_store, postgres_url, two_orders
    ):
        knew = "SELECT friendly_name FROM orders"
        with pytest.raises(StoreBusy):
            self.deadlock(postgres_store, postgres_url, two_orders, knew)
        assert names(postgres_store) == {"theirs"}

    @pytest.fixture
    def failing(self, fresh):
        """A store whose statement ``SELECT fails(n)`` is taken back n times (40001)."""
        with closing(open_store(fresh)) as store:
            store.migrate()
            with outsider(fresh) as somebody:
                somebody.execute("CREATE SEQUENCE fails")
                somebody.execute("""
                    CREATE FUNCTION fails(times int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
                        IF nextval('fails') <= times THEN
                            RAISE EXCEPTION 'no' USING ERRCODE = 'serialization_failure';
                        END IF;
                        RETURN 7;
                    END $$
                """)
                somebody.execute(
                    "CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN PERFORM fails(2); RETURN NULL; END $$"
                )
                somebody.execute(
                    "CREATE CONSTRAINT TRIGGER later AFTER INSERT ON suppressions"
                    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION later()"
                )
                somebody.commit()
            yield store

    @pytest.mark.parametrize("times", [1, 3])
    def test_a_history_that_does_not_fit_is_made_again(self, failing, times):
        with failing.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "before")
            assert tx._execute(f"SELECT fails({times})").fetchone() == (7,)
            tx.audit.append(1.0, "x", "AC", "HR", "after")
        with failing.read() as tx:
            assert [entry.event for entry in tx.audit.all()] == ["before", "after"]
        assert failing.check() == []

    def test_a_fourth_time_it_is_given_up_and_nothing_is_written(self, failing):
        def write():
            with failing.write() as tx:
                tx.audit.append(1.0, "x", "AC", "HR", "before")
                tx._execute("SELECT fails(4)")

        with pytest.raises(StoreBusy):
            write()
        assert count(failing, "audit") == 0

    def test_also_a_commit_is_made_again(self, failing):
        with failing.write() as tx:
            tx.suppressions.add(NUMBER, 1.0)
        assert count(failing, "suppressions") == 1

    def test_a_statement_that_failed_unheard_is_no_commit(self, failing):
        def silent():
            with failing.write() as tx:
                tx.suppressions.add(NUMBER, 1.0)
                with pytest.raises(psycopg.ProgrammingError):
                    tx._execute("SELECT nonsense")

        with pytest.raises(RuntimeError, match="had failed"):
            silent()
        assert count(failing, "suppressions") == 0


class TestAway:
    """The server is away, or somebody is in the way."""

    @pytest.fixture
    def house(self):
        """A server of its own, which a test may stop, and a store on it."""
        with cluster() as server, closing(open_store(server.create())) as store:
            store.migrate()
            yield server, store

    def test_a_restart_is_a_503_and_then_all_is_well(self, house):
        server, store = house
        barrier = threading.Barrier(4)

        def look():
            with store.read():
                barrier.wait()  # so that there are four connections, and all of them die

        at_once(*[look] * 4)
        server.stop()
        for _ in range(2):
            with pytest.raises(StoreBusy, match="cannot be reached"), store.write():
                pass
        server.start()
        with store.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "again")
        assert store.check() == []

    def test_a_server_that_dies_in_a_transaction_has_written_nothing(self, house):
        server, store = house

        def write():
            with store.write() as tx:
                tx.audit.append(1.0, "x", "AC", "HR", "half")
                server.stop()
                tx.audit.append(1.0, "x", "AC", "HR", "whole")

        with pytest.raises(StoreBusy):
            write()
        server.start()
        assert count(store, "audit") == 0

    def test_while_the_server_is_away_the_api_answers_503_and_afterwards_as_ever(self):
        with cluster() as server:
            given = {"DATABASE_URL": server.create(), "LINEPROOF_SECRET_KEYS": "k" * 32}
            house = app.open_house(settings.load(given), "http://localhost")
            with closing(house.store):
                sid, token = cli.new_account(app._opened(house), "Acme")
                client = app.create_app(house, Unasked()).test_client()

                def ask():
                    return client.post(
                        "/HostedNumbers/HostedNumberOrders",
                        data={"PhoneNumber": NUMBER, "SmsCapability": "true"},
                        auth=(sid, token),
                    )

                server.stop()
                away = ask()
                server.start()
                assert (away.status_code, away.headers["Retry-After"]) == (503, "1")
                assert away.get_json()["code"] == 20503
                assert ask().status_code == 201

    def test_a_start_without_a_server_says_so_in_one_line(self, house):
        server, store = house
        server.stop()
        with pytest.raises(StoreUnusable, match="cannot be reached") as error:
            store.migrate()
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("committed", [True, False])
    def test_a_commit_whose_answer_is_lost_is_asked_after(
        self, postgres_store, monkeypatch, committed
    ):
        def lose(turn):
            turn.connection.execute("COMMIT" if committed else "ROLLBACK")
            turn.connection.close()
            raise psycopg.OperationalError("the connection is lost")

        monkeypatch.setattr("verification.store.turn.Turn._commit", lose)
        try:
            with postgres_store.write() as tx:
                tx.audit.append(1.0, "x", "AC", "HR", "perhaps")
            told = True
        except StoreBusy:
            told = False
        monkeypatch.undo()
        assert (told, count(postgres_store, "audit")) == (committed, int(committed))

    def test_a_commit_that_nobody_can_tell_of_is_called_so(self, house, monkeypatch):
        server, store = house
        monkeypatch.setattr(postgres, "CLEARING_SECONDS", 0.2)

        def lose(turn):
            server.stop()
            turn.connection.execute("COMMIT")

        monkeypatch.setattr("verification.store.turn.Turn._commit", lose)
        with pytest.raises(StoreUnclear), store.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "perhaps")

    def test_whose_turn_does_not_come_is_told_that_the_store_is_busy(
        self, postgres_url, monkeypatch
    ):
        monkeypatch.setitem(connections._OPTIONS, "lock_timeout", 0.05)
        with closing(open_store(postgres_url)) as store, outsider(postgres_url) as somebody:
            somebody.execute("SELECT pg_advisory_lock(%s)", [postgres.WRITERS])
            with pytest.raises(StoreBusy), store.write():
                pass
            with store.read() as tx:  # readers do not mind
                assert tx.accounts.all() == []

    def test_a_writer_that_has_stopped_loses_its_turn_to_those_who_wait(
        self, postgres_url, monkeypatch
    ):
        monkeypatch.setitem(connections._OPTIONS, "idle_in_transaction_session_timeout", 0.05)
        with closing(open_store(postgres_url)) as store:

            def write(event):
                with store.write() as tx:
                    tx.audit.append(1.0, "x", "AC", "HR", event)

            def stop():
                with store.write() as tx:
                    tx.audit.append(1.0, "x", "AC", "HR", "stopped")
                    assert at_once(lambda: write("went on")) == [None]
                    tx.audit.append(1.0, "x", "AC", "HR", "awake again")

            with pytest.raises(StoreBusy):
                stop()
            with store.read() as tx:
                assert [entry.event for entry in tx.audit.all()] == ["went on"]

    def test_who_has_stopped_is_cut_off_before_those_who_wait_give_up(self, postgres_store):
        names = ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout")
        shown = [run(postgres_store, f"SHOW {name}")[0][0] for name in names]
        assert shown == ["3s", "4s", "5s"]

    def test_more_at_once_than_there_are_connections_wait_for_one(self, postgres_url, monkeypatch):
        monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
        with closing(PostgresStore(postgres_url)) as store:

            def look():
                with store.read() as tx:
                    return tx.accounts.all()

            assert at_once(*[look] * THREADS) == [[]] * THREADS
            assert len(store._connections._idle) <= 2

    def test_a_child_of_a_fork_opens_its_own_connections(self, postgres_store):
        with postgres_store.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "parent")
            parents = tx._execute("SELECT pg_backend_pid()").fetchone()
        child = os.fork()
        if child == 0:
            try:
                with postgres_store.write() as tx:
                    tx.audit.append(1.0, "x", "AC", "HR", "child")
                    own = tx._execute("SELECT pg_backend_pid()").fetchone()
                os._exit(0 if own != parents else 2)
            finally:
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        with postgres_store.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "parent again")
        assert postgres_store.check() == []
        assert count(postgres_store, "audit") == 3


class TestClock:
    def test_all_machines_go_by_the_servers_clock(self, postgres_store, monkeypatch):
        truth = time.time()
        monkeypatch.setattr(time, "time", lambda: truth + 3600)
        assert abs(postgres_store.now() - truth) < 60

    def test_a_look_at_it_is_taken_by_every_transaction(self, postgres_store, monkeypatch):
        postgres_store.now()
        started = time.monotonic()
        # This process was suspended: its own clocks stood still for an hour.
        monkeypatch.setattr(time, "monotonic", lambda: started - 3600)
        with postgres_store.write():
            assert abs(postgres_store.now() - time.time()) < 60

    def test_an_old_look_is_not_trusted(self, postgres_store, monkeypatch):
        postgres_store.now()
        look = postgres_store._look
        monkeypatch.setattr(postgres, "CLOCK_SECONDS", 0.0)
        postgres_store.now()
        assert postgres_store._look != look


def _migrate(url):
    with closing(open_store(url)) as store:
        store.migrate()


class TestSchema:
    def test_migrations_are_applied_once(self, fresh):
        with closing(open_store(fresh)) as store:
            assert not store.exists()
            assert store.migrate() == [name for name, _ in MIGRATIONS]
            assert store.migrate() == []
            assert store.exists()

    def test_of_several_that_migrate_at_once_none_fails(self, fresh):
        assert at_once(*[lambda: _migrate(fresh)] * THREADS) == [None] * THREADS

    def test_a_newer_programs_database_is_refused(self, fresh):
        _migrate(fresh)
        with outsider(fresh) as somebody:
            somebody.execute("INSERT INTO lineproof_migrations VALUES ('9999_later', now())")
            somebody.commit()
        with pytest.raises(StoreUnusable, match="9999_later"):
            _migrate(fresh)

    def test_another_programs_database_is_left_alone(self, fresh):
        with outsider(fresh) as somebody:
            somebody.execute("CREATE TABLE theirs (x int)")
            somebody.commit()
        with pytest.raises(StoreUnusable, match="another program"):
            _migrate(fresh)

    def test_a_migration_that_fails_leaves_nothing_behind(self, fresh, monkeypatch):
        broken = (*MIGRATIONS, ("9998_broken", ("CREATE TABLE half (x TEXT)", "CREATE NONSENSE")))
        monkeypatch.setattr(postgres, "MIGRATIONS", broken)
        with pytest.raises(StoreUnusable):
            _migrate(fresh)
        with closing(open_store(fresh)) as store:
            assert not store.exists()

    def test_a_guard_that_is_switched_off_is_found(self, fresh):
        _migrate(fresh)
        with outsider(fresh) as somebody:
            somebody.execute("ALTER TABLE audit DISABLE TRIGGER audit_rows_stay")
            somebody.commit()
        with closing(open_store(fresh)) as store:
            (wrong,) = store.check()
        assert wrong == "the audit trail's guard audit_rows_stay is gone or switched off"

    def test_the_audit_trail_cannot_be_truncated(self, postgres_store):
        with pytest.raises(psycopg.Error, match="never deleted"):
            run(postgres_store, "TRUNCATE audit")

    def test_a_reference_that_leads_nowhere_is_found(self, postgres_office):
        office = postgres_office
        order = office.order()
        with office.store.write() as tx:
            tx._execute("SET LOCAL session_replication_role = replica")
            tx._execute("DELETE FROM accounts WHERE sid = :sid", {"sid": order.account_sid})
        assert "1 of the rows of orders refer to nothing in accounts" in office.store.check()


class TestDialect:
    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ("SELECT :a, :a_b + :c", "SELECT %(a)s, %(a_b)s + %(c)s"),
            ("SELECT ':a', 'it''s :b' WHERE x = :c", "SELECT ':a', 'it''s :b' WHERE x = %(c)s"),
            ('SELECT ":a" FROM t', 'SELECT ":a" FROM t'),
            ("SELECT x::text, :a::int", "SELECT x::text, %(a)s::int"),
            ("SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, %(b)s"),
            ("SELECT 1 /* :a */, :b", "SELECT 1 /* :a */, %(b)s"),
            ("x LIKE 'a%' AND 5 % :b = 0", "x LIKE 'a%%' AND 5 %% %(b)s = 0"),
            (f"LIMIT 1 {UNTAKEN}", "LIMIT 1 FOR UPDATE SKIP LOCKED"),
        ],
    )
    def test_parameters_are_found_where_they_are_parameters(self, ours, theirs):
        assert dialect.statement(ours) == theirs

    def test_integers_have_64_bits_and_texts_the_order_of_their_bytes(self, postgres_store):
        with postgres_store.write() as tx:
            tx._execute(dialect.definition("CREATE TABLE t (n INTEGER, x TEXT, b {bytes})"))
            for x in ("b", "B", "a", "é"):
                tx._execute("INSERT INTO t VALUES (:n, :x, :b)", {"n": 2**40, "x": x, "b": b"\x00"})
            rows = tx._execute("SELECT x, n, b FROM t ORDER BY x").fetchall()
            tx._execute("DROP TABLE t")
        assert rows == [(x, 2**40, b"\x00") for x in ("B", "a", "b", "é")]

    def test_a_nul_that_no_text_can_have_finds_nothing(self, postgres_office):
        with postgres_office.store.read() as tx:
            assert tx.orders.get("HR\x00") is None


def test_without_the_driver_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in ("postgres", "connections", "turn"):
        monkeypatch.delitem(sys.modules, f"verification.store.{name}", raising=False)
    with pytest.raises(BadSettings, match="pip install 'lineproof\\[postgres\\]'"):
        open_store("postgresql://somebody@example.com/x")


def test_a_password_is_in_no_message(postgres):
    with pytest.raises(StoreUnusable) as error:
        open_store("postgresql://somebody:hush-hush@127.0.0.1:1/x").migrate()
    assert "hush" not in str(error.value)
    assert "PostgreSQL x at 127.0.0.1:1" in str(error.value)
