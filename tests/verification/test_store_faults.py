"""A store that cannot be used: read-only, held by a process that has stopped, on a failing disk.

Each time: who asks is told 503 and nothing is changed, what can be read is read, no call is placed
that is not written down, and afterwards all goes on in the same process.
"""

import os
import signal
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

import app
from tests.conftest import NUMBER, count
from tests.directories import Unasked
from tests.verification.test_worker import Scripted
from verification import attempts, calling, cli, settings
from verification.calling import CarrierCall
from verification.duties import CallsDue
from verification.store import connections, open_store, sqlite
from verification.store.sqlite import SqliteStore
from verification.store.trouble import StoreBusy, StoreUnclear, StoreUnusable

NOBODY = 65534
PATIENCE_SECONDS = 20.0


class Server:
    """The web application on a database, and a customer."""

    def __init__(self, url):
        given = {"DATABASE_URL": url, "LINEPROOF_SECRET_KEYS": "k" * 32}
        self.house = app.open_house(settings.load(given), "http://localhost")
        self.account = cli.new_account(app._opened(self.house), "Acme")
        self.client = app.create_app(self.house, Unasked()).test_client()

    def order(self, number=NUMBER):
        return self.client.post(
            "/HostedNumbers/HostedNumberOrders",
            data={"PhoneNumber": number, "SmsCapability": "true"},
            auth=self.account,
        )

    def list(self):
        return self.client.get("/HostedNumbers/HostedNumberOrders", auth=self.account)


@contextmanager
def server(url):
    made = Server(url)
    with closing(made.house.store):
        yield made


def assert_busy(answer):
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.get_json()["code"] == 20503
    assert "nothing was changed" in answer.get_json()["message"]


def in_a_child(act):
    """Fork; the child is nobody, does ``act`` and says whether it was right; gives its words."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            said = act()
        except BaseException as error:  # noqa: BLE001 - the parent judges
            said = repr(error)
        finally:
            os.write(writing, str(said).encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        words = pipe.read()
    os.waitpid(child, 0)
    return words


class TestReadOnly:
    """A database that belongs to somebody else, or whose file system was mounted read-only."""

    @pytest.fixture
    def path(self):
        with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to others
            yield Path(folder) / "lineproof.db"
            Path(folder).chmod(0o755)

    def close(self, path):
        for file in path.parent.iterdir():
            file.chmod(0o444)
        path.parent.chmod(0o555)

    def test_a_start_says_so_in_one_line(self, path):
        with closing(SqliteStore(path)) as store:
            store.migrate()
        self.close(path)

        def start():
            try:
                SqliteStore(path).migrate()
            except StoreUnusable as error:
                return str(error)

        said = in_a_child(start)
        assert said.startswith(str(path))
        assert "readonly" in said or "cannot be written" in said
        assert "\n" not in said

    def test_a_running_server_answers_what_can_be_read_and_503_to_the_rest(self, path):
        with server(f"sqlite:///{path}") as running:
            assert running.order().status_code == 201
            self.close(path)

            def ask():  # as another process of the server does, which opens the file for itself
                assert_busy(running.order("+12124567890"))
                assert len(running.list().get_json()["items"]) == 1
                return "as it should be"

            assert in_a_child(ask) == "as it should be"
            path.parent.chmod(0o755)
            for file in path.parent.iterdir():
                file.chmod(0o600)
            assert running.order("+12124567890").status_code == 201
            assert running.house.store.check() == []


@contextmanager
def stopped_holder(url):
    """A process that has the turn to write, and is stopped (SIGSTOP) in the middle of it."""
    said_by_child, says = os.pipe()
    goes_on, go_on = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(go_on)
            with closing(open_store(url)) as store:
                try:
                    with store.write() as tx:
                        tx.audit.append(1.0, "x", "AC", "HR", "half")
                        os.write(says, b"held")
                        os.read(goes_on, 1)
                    code = 0
                except StoreBusy:
                    code = 2
        finally:
            os._exit(code)
    try:
        os.read(said_by_child, 4)
        os.kill(child, signal.SIGSTOP)
        os.waitpid(child, os.WUNTRACED)

        def let_go():
            os.kill(child, signal.SIGCONT)
            os.write(go_on, b"x")
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        yield let_go
    finally:
        try:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        for end in (said_by_child, says, goes_on, go_on):
            os.close(end)


def due_call(office):
    """A worker's duty with one call to make."""
    office.request_call(office.order())
    carrier = Scripted()
    return carrier, CallsDue(office.store, carrier, office.clock.now)


class TestStoppedHolder:
    def test_sqlite_others_are_told_in_time_and_go_on_when_it_does(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
        url = f"sqlite:///{tmp_path}/lineproof.db"
        with server(url) as running, stopped_holder(url) as let_go:
            began = time.monotonic()
            assert_busy(running.order())
            assert time.monotonic() - began < PATIENCE_SECONDS
            assert running.list().get_json()["items"] == []
            assert let_go() == 0
            assert running.order().status_code == 201

    def test_a_start_beside_it_says_so_in_one_line(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
        path = tmp_path / "lineproof.db"
        with closing(SqliteStore(path)) as store:
            store.migrate()
        with (
            stopped_holder(f"sqlite:///{path}"),
            closing(SqliteStore(path)) as store,
            pytest.raises(StoreUnusable, match="locked"),
        ):
            store.migrate()

    def test_sqlite_nothing_is_dialled_meanwhile_and_once_afterwards(
        self, sqlite_office, monkeypatch
    ):
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
        carrier, duty = due_call(sqlite_office)
        sqlite_office.store.close()  # the next connection has the shorter patience
        with stopped_holder(f"sqlite:///{sqlite_office.store.path}") as let_go:
            with pytest.raises(StoreBusy):
                duty.do()
            assert carrier.placed == []
            let_go()
        duty.do()
        duty.do()
        assert len(carrier.placed) == 1

    def test_postgres_cuts_it_off_and_others_go_on_without_it(self, postgres_url, monkeypatch):
        monkeypatch.setitem(connections._OPTIONS, "idle_in_transaction_session_timeout", 1.0)
        monkeypatch.setitem(connections._OPTIONS, "lock_timeout", 0.1)
        with server(postgres_url) as running, stopped_holder(postgres_url) as let_go:
            assert_busy(running.order())
            assert running.list().status_code == 200
            until = time.monotonic() + PATIENCE_SECONDS
            while running.order().status_code == 503:
                assert time.monotonic() < until
            assert let_go() == 2  # what it had written half is gone, and it knows
            with running.house.store.read() as tx:
                assert tx.audit.of_object("HR") == []

    def test_postgres_whose_own_process_stands_still_keeps_nobody_waiting(
        self, postgres_office, postgres_url, monkeypatch
    ):
        monkeypatch.setitem(connections._OPTIONS, "lock_timeout", 0.1)
        carrier, duty = due_call(postgres_office)
        with (
            server(postgres_url) as running,
            closing(psycopg.connect(postgres_url)) as somebody,
        ):
            somebody.execute("SELECT pg_advisory_xact_lock(%s)", [0x4C50_524F])
            held = somebody.info.backend_pid
            os.kill(held, signal.SIGSTOP)
            try:
                assert_busy(running.order("+12124567890"))
                assert running.list().status_code == 200
                worker = CallsDue(running.house.store, carrier, duty.now)
                with pytest.raises(StoreBusy):
                    worker.do()
                assert carrier.placed == []
            finally:
                os.kill(held, signal.SIGCONT)
            somebody.rollback()
            assert running.order("+12124567890").status_code == 201
            worker.do()
            worker.do()
            assert len(carrier.placed) == 1


def disk_error():
    """What SQLite raises when a file cannot be flushed to the disk (SQLITE_IOERR_FSYNC)."""
    engine = vars(sqlite)["sqlite3"]  # whichever package the store has
    error = engine.OperationalError("disk I/O error")
    error.sqlite_errorcode = 1034
    return error


class Failing:
    """A connection whose ``nth`` statement (or commit alone) is a disk I/O error."""

    def __init__(self, connection, nth, word=""):
        self._connection, self._left, self._word = connection, nth, word

    def execute(self, sql, *params):
        if sql.lstrip().startswith(self._word):
            self._left -= 1
            if self._left == 0:
                raise disk_error()
        return self._connection.execute(sql, *params)

    def __getattr__(self, name):
        return getattr(self._connection, name)


@contextmanager
def failing(store, nth, word=""):
    """The disk under this thread's connection fails once."""
    with pytest.MonkeyPatch.context() as patched:
        opened = sqlite._open
        patched.setattr(
            sqlite, "_open", lambda *given, **named: Failing(opened(*given, **named), nth, word)
        )
        store.close()
        yield
    store.close()


class TestFailingDisk:
    def test_a_commit_that_fails_on_the_disk_is_not_said_to_have_changed_nothing(
        self, sqlite_store
    ):
        with (
            failing(sqlite_store, 1, "COMMIT"),
            pytest.raises(StoreUnclear),
            sqlite_store.write() as tx,
        ):
            tx.audit.append(1.0, "x", "AC", "HR", "perhaps")
        with sqlite_store.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "next")
        assert sqlite_store.check() == []
        assert count(sqlite_store, "audit") == 1

    def test_a_connection_that_cannot_even_roll_back_is_given_up(self, sqlite_store):
        def half():
            with sqlite_store.write() as tx:
                tx.audit.append(1.0, "x", "AC", "HR", "half")
                raise ValueError("the program's")

        with failing(sqlite_store, 1, "ROLLBACK"):
            with pytest.raises(ValueError, match="the program's"):
                half()
            assert count(sqlite_store, "audit") == 0

    def test_a_file_that_cannot_be_opened_now_is_busy_and_not_a_programs_mistake(
        self, sqlite_store
    ):
        def fail(connection, path):
            raise disk_error()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sqlite, "_set_up", fail)
            sqlite_store.close()
            with pytest.raises(StoreBusy, match="opened now"), sqlite_store.read():
                pass

    def test_whichever_statement_of_a_worker_fails_nobody_is_called_twice(self, sqlite_office):
        office = sqlite_office
        for nth in range(1, 40):
            number = f"+1212456{nth:04d}"
            order = office.request_call(office.order(number))
            carrier = Scripted()
            call_sid = f"CA{nth:032x}"
            carrier.answers = [calling.Placed(call_sid)]
            duty = CallsDue(office.store, carrier, office.clock.now, 0.0)
            failed = False
            with failing(office.store, nth):
                try:
                    duty.do()
                except StoreBusy:
                    failed = True
            for _ in range(30):  # the same worker, or the next one, goes on
                carrier.listed = [CarrierCall(call_sid, "ringing")] if carrier.placed else []
                office.clock.tick(calling.RECONCILE_SECONDS)
                duty.do()
            assert len(carrier.placed) == 1
            (attempt,) = self.attempts(office, order)
            assert attempt.call_sid == call_sid
            with office.store.write() as tx:
                attempts.hear_report(tx, attempt.id, call_sid, "busy", False, office.clock.now())
            if not failed:
                break
        assert nth > 10
        assert not failed
        assert office.store.check() == []

    def attempts(self, office, order):
        with office.store.read() as tx:
            return tx.attempts.of_subject(order.sid)
