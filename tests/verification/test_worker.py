"""The worker: does what is due, and one row's trouble does not stop the others."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.conftest import CALL, LANDLINE, NUMBER
from verification import attempts, calling, codes, ordering
from verification.attempts import Outcome, State
from verification.calling import Answer, CarrierCall, Placed, Unclear
from verification.duties import CallsDue, OrdersDue
from verification.numbers import Line
from verification.ordering import Policy
from verification.statuses import Status
from verification.worker import Worker

OTHER = "+12124567890"


@dataclass
class Scripted:
    """A carrier and directory that do as told; the faults of real ones are in the emulator."""

    answers: list[Answer] = field(default_factory=list)
    listed: list[CarrierCall] | None = None
    line: Line | Exception | None = LANDLINE
    placed: list[tuple[str, str]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    during: Callable[[], object] | None = None

    def place(self, attempt_id, number, limit_seconds):
        self.placed.append((attempt_id, number))
        if self.during:
            self.during()
        return self.answers.pop(0) if self.answers else Placed(CALL)

    def calls_to(self, number, since):
        return self.listed

    def call(self, call_sid, number):
        return CarrierCall(call_sid, "no-answer")

    def end(self, call_sid, number):
        self.ended.append(call_sid)
        return True

    def look_up(self, number):
        if isinstance(self.line, Exception):
            raise self.line
        return self.line


@pytest.fixture
def carrier():
    return Scripted()


@pytest.fixture
def worker(office, carrier):
    now = office.clock.now
    return Worker(
        [OrdersDue(office.store, carrier, Policy(), now), CallsDue(office.store, carrier, now, 1.0)]
    )


def new_order(office, number=NUMBER):
    with office.store.write() as tx:
        return ordering.create(tx, office.account.sid, number, {}, office.clock.now())


@pytest.mark.parametrize("given_up", [False, True])
def test_a_worker_that_was_stopped_before_it_could_ask_for_its_call_does_not_ask_late(
    office, worker, carrier, monkeypatch, given_up
):
    claim = calling.claim

    def claim_and_stop(tx, now, interval):
        attempt = claim(tx, now, interval)
        assert attempt is not None
        office.clock.tick(calling.LEASE_SECONDS)
        if given_up:
            attempts.conclude(tx, attempt, Outcome.LOST, office.clock.now())
        return attempt

    order = office.request_call(office.order())
    with monkeypatch.context() as patched:
        patched.setattr(calling, "claim", claim_and_stop)
        worker.run_once()
    assert carrier.placed == []
    office.clock.tick(1)
    worker.run_once()  # one that nobody has given up is due again
    assert len(carrier.placed) == (0 if given_up else 1)
    assert office.order_now(order.sid).verification_attempts == (0 if given_up else 1)


def test_with_nothing_due_it_says_so_and_asks_nobody(worker, carrier):
    assert worker.run_once() is False
    assert carrier.placed == []


def test_an_order_that_nobody_has_looked_up_is_looked_up_when_it_is_due(worker, office):
    order = new_order(office)
    worker.run_once()
    assert office.order_now(order.sid).status is Status.TWILIO_PROCESSING
    office.clock.tick(ordering.DIRECTORY_SECONDS)
    assert worker.run_once()
    assert office.order_now(order.sid).status is Status.RECEIVED


def test_while_the_directory_cannot_be_asked_it_tries_again_later(worker, office, carrier):
    carrier.line = None
    order = new_order(office)
    office.clock.tick(ordering.DIRECTORY_SECONDS)
    worker.run_once()
    carrier.line = LANDLINE
    assert worker.run_once() is False
    office.clock.tick(ordering.DIRECTORY_RETRY_SECONDS)
    worker.run_once()
    assert office.order_now(order.sid).status is Status.RECEIVED


def test_it_dials_what_is_due_once(worker, office, carrier):
    order = office.request_call(office.order())
    assert worker.run_once()
    worker.run_once()
    assert [number for _, number in carrier.placed] == [NUMBER]
    with office.store.read() as tx:
        assert tx.attempts.of_subject(order.sid)[0].call_sid == CALL


def test_it_dials_a_second_number_a_second_later(worker, office, carrier):
    office.request_call(office.order())
    office.request_call(office.order(OTHER))
    carrier.answers = [Placed(CALL), Placed("CA" + "d" * 32)]
    worker.run_once()
    worker.run_once()
    assert len(carrier.placed) == 1
    office.clock.tick(1.0)
    worker.run_once()
    assert len(carrier.placed) == 2


def test_no_transaction_is_open_while_the_carrier_is_asked(worker, office, carrier):
    def write():
        with office.store.write() as tx:
            tx.audit.append(1.0, "x", "AC", "HR", "meanwhile")

    carrier.during = write
    office.request_call(office.order())
    worker.run_once()
    assert carrier.placed


def test_an_unclear_call_that_the_list_shows_is_adopted(worker, office, carrier):
    order = office.request_call(office.order())
    carrier.answers = [Unclear("HTTP 500")]
    worker.run_once()
    carrier.listed = [CarrierCall(CALL, "ringing")]
    office.clock.tick(calling.SETTLE_SECONDS)
    worker.run_once()
    with office.store.read() as tx:
        assert tx.attempts.of_subject(order.sid)[0].state is State.DIALLED


def test_a_dialler_that_died_before_it_asked_leaves_a_lost_call_that_is_no_attempt(
    worker, office, carrier
):
    order = office.request_call(office.order())
    office.claim()  # and then the process is killed
    carrier.listed = []
    for _ in range(30):
        office.clock.tick(calling.RECONCILE_SECONDS)
        worker.run_once()
    with office.store.read() as tx:
        attempt = tx.attempts.of_subject(order.sid)[0]
    assert (attempt.state, attempt.outcome) == (State.DONE, Outcome.LOST)
    assert carrier.placed == []
    assert office.order_now(order.sid).verification_attempts == 0


def test_a_call_whose_reports_never_come_ends_by_what_the_carrier_says(worker, office, carrier):
    attempt = office.dialled()
    office.clock.tick(attempts.WATCH_SECONDS)
    worker.run_once()
    assert office.attempt(attempt.id).outcome is Outcome.NO_ANSWER


def test_the_call_of_a_deleted_order_is_hung_up_once(worker, office, carrier):
    attempt = office.dialled()
    order = office.order_of(attempt)
    with office.store.write() as tx:
        ordering.delete(tx, order, office.clock.now())
        calling.abandon(tx, order, office.clock.now())
    worker.run_once()
    worker.run_once()
    assert carrier.ended == [CALL]


def test_the_late_call_of_a_lost_attempt_is_hung_up(worker, office, carrier):
    office.request_call(office.order())
    attempt = office.claim()
    with office.store.write() as tx:
        attempts.conclude(tx, attempt, Outcome.LOST, office.clock.now())
    with office.store.write() as tx:
        calling.record_answer(tx, attempt.id, Placed(CALL), office.clock.now())
    worker.run_once()
    assert carrier.ended == [CALL]


def test_a_code_dies_in_the_database_when_its_time_is_over(worker, office):
    attempt = office.dialled()
    with office.store.write() as tx:
        attempts.hear_report(tx, attempt.id, CALL, "busy", False, office.clock.now())
    assert office.order_of(attempt).code is not None
    office.clock.tick(codes.CODE_SECONDS)
    worker.run_once()
    assert office.order_of(attempt).code is None
    assert worker.run_once() is False


def test_of_several_workers_each_row_is_taken_by_one(worker, office, carrier):
    for n in range(30):
        new_order(office, f"+1212456{n:04d}")
    office.clock.tick(ordering.DIRECTORY_SECONDS)
    looked = []

    def look_up(number):
        looked.append(number)
        return LANDLINE

    carrier.look_up = look_up

    def work():
        while worker.run_once():
            pass
        office.store.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(looked) == [f"+1212456{n:04d}" for n in range(30)]


def test_what_fails_is_logged_and_the_worker_goes_on(worker, office, carrier):
    order = new_order(office)
    office.clock.tick(ordering.DIRECTORY_SECONDS)
    carrier.line = RuntimeError("broken")
    stop = threading.Event()
    carrier.during = stop.set
    office.request_call(office.order(OTHER))
    worker.run(stop)
    assert carrier.placed
    assert office.order_now(order.sid).status is Status.TWILIO_PROCESSING


def test_after_trouble_it_waits_before_it_looks_again():
    waits = []

    class Stop(threading.Event):
        def wait(self, timeout=None):
            waits.append(timeout)
            self.set()

    class Broken:
        idle_seconds = 0.01

        def do(self):
            raise RuntimeError("the database is away")

    Worker([Broken()]).run(Stop())
    assert waits == [1.0]
