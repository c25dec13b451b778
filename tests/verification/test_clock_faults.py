"""The store's clock is set back or forward by hours, in the middle of everything.

Nobody is called twice, nothing stands still for as long as the clock was wrong, and a code lives no
longer than ``docs/operation.md`` says.
"""

import pytest

from tests.conftest import CALL, NUMBER, run
from tests.verification.test_worker import Scripted
from verification import (
    attempts,
    calling,
    clock_set_back,
    codes,
    conversation,
    dialling,
    idempotency,
    rates,
)
from verification.adapters.mail import MailFolder
from verification.attempts import Outcome, State
from verification.calling import CarrierCall, Unclear
from verification.clock_set_back import IDLE_SECONDS, SLACK_SECONDS, ClockSetBack
from verification.duties import CallsDue, OrdersDue
from verification.ordering import Policy
from verification.retention import DAY
from verification.retention_duties import RetentionDue
from verification.statuses import Status
from verification.store.backups import BackupFolder
from verification.worker import Worker

HOURS = 5 * 3600.0
OTHER = "+12124567890"
JUMPS = pytest.mark.parametrize("jump", [-HOURS, HOURS], ids=["back", "forward"])


@pytest.fixture
def carrier():
    return Scripted()


@pytest.fixture
def worker(office, carrier):
    now = office.clock.now
    return Worker(
        [
            ClockSetBack(office.store, now),
            OrdersDue(office.store, carrier, Policy(), now),
            CallsDue(office.store, carrier, now, 1.0),
        ]
    )


def work(office, worker, seconds):
    """Let a worker work for a while by the clock, with a look each second."""
    for _ in range(int(seconds)):
        while worker.run_once():
            pass
        office.clock.tick(1)


class TestCalls:
    @JUMPS
    def test_a_call_that_waits_is_made_once_or_its_code_is_over(
        self, office, worker, carrier, jump
    ):
        order = office.request_call(office.order(call_delay=30))
        office.clock.tick(jump)
        work(office, worker, 60)
        order = office.order_now(order.sid)
        if jump < 0:
            assert [number for _, number in carrier.placed] == [NUMBER]
        else:  # its ten minutes are over by the clock; it may be asked for again
            assert (carrier.placed, order.verification_attempts) == ([], 0)
            office.request_call(order)
            work(office, worker, 60)
            assert len(carrier.placed) == 1

    @JUMPS
    def test_an_unclear_call_is_found_at_the_carrier_and_not_made_again(
        self, office, worker, carrier, jump
    ):
        carrier.answers = [Unclear("a time-out")]
        order = office.request_call(office.order())
        worker.run_once()
        office.clock.tick(jump)
        carrier.listed = [CarrierCall(CALL, "ringing")]
        work(office, worker, 40)
        assert len(carrier.placed) == 1
        with office.store.read() as tx:
            (attempt,) = tx.attempts.of_subject(order.sid)
        assert (attempt.state, attempt.call_sid) == (State.DIALLED, CALL)

    @JUMPS
    def test_one_that_was_never_placed_is_given_up_in_minutes(self, office, worker, carrier, jump):
        carrier.answers = [Unclear("a time-out")]
        carrier.listed = []
        order = office.request_call(office.order())
        worker.run_once()
        office.clock.tick(jump)
        work(office, worker, calling.GRACE_SECONDS + calling.SETTLE_SECONDS + IDLE_SECONDS)
        assert office.order_now(order.sid).verification_attempts == 0
        assert len(carrier.placed) == 1
        assert office.store.check() == []

    @JUMPS
    def test_a_call_whose_reports_are_lost_ends_by_what_the_carrier_says(
        self, office, worker, jump
    ):
        attempt = office.dialled()
        office.clock.tick(jump)
        work(office, worker, attempts.WATCH_SECONDS + 1)
        assert office.attempt(attempt.id).outcome is Outcome.NO_ANSWER

    @JUMPS
    def test_the_pace_is_held_and_does_not_stop(self, office, worker, carrier, jump):
        for n in range(20):
            office.request_call(office.order(f"+1212456{n:04d}"))
        worker.run_once()
        office.clock.tick(jump)
        with office.store.write() as tx:  # else the jump has ended their codes
            tx._execute("UPDATE orders SET code_expires_at = code_expires_at + 36000")
        before = len(carrier.placed)
        for n in range(10):
            while worker.run_once():
                pass
            assert len(carrier.placed) - before <= n + 1
            office.clock.tick(1)
        assert len(carrier.placed) - before == 10

    def test_a_worker_that_is_asking_when_the_clock_is_set_keeps_its_call(
        self, office, worker, carrier
    ):
        order = office.request_call(office.order())
        carrier.listed = []

        def others_look():
            carrier.during = None
            office.clock.tick(-HOURS)
            for _ in range(30):
                worker.run_once()
                office.clock.tick(1)

        carrier.during = others_look
        worker.run_once()
        with office.store.read() as tx:
            (attempt,) = tx.attempts.of_subject(order.sid)
        assert len(carrier.placed) == 1
        assert (attempt.state, attempt.call_sid, attempt.outcome) == (State.DIALLED, CALL, None)


class TestCodes:
    def test_set_back_a_code_lives_ten_minutes_more_and_not_for_hours(self, office, worker):
        attempt = office.dialled()
        office.clock.tick(codes.CODE_SECONDS - 1)
        office.clock.tick(-HOURS)
        work(office, worker, IDLE_SECONDS)
        assert office.code(attempt)
        office.clock.tick(codes.CODE_SECONDS)
        worker.run_once()
        order = office.order_of(attempt)
        assert (order.code, order.code_expires_at) == (None, None)
        assert worker.run_once() is False

    def test_set_back_by_less_than_a_minute_a_code_lives_by_as_much(self, office, worker):
        attempt = office.dialled()
        expires_at = office.order_of(attempt).code_expires_at
        office.clock.tick(-SLACK_SECONDS + 1)
        worker.run_once()
        assert office.order_of(attempt).code_expires_at == expires_at

    def test_set_back_in_a_call_the_call_goes_on(self, office, worker, carrier, monkeypatch):
        on = CarrierCall(CALL, "in-progress")
        monkeypatch.setattr(carrier, "call", lambda *asked: on)
        attempt = office.dialled()

        def answered(act, *given):
            with office.store.write() as tx:
                return act(tx, office.keyring, attempt.id, *given, office.clock.now())

        _, first = answered(conversation.begin, conversation.Call(CALL, NUMBER), 1)
        office.clock.tick(-HOURS)
        work(office, worker, IDLE_SECONDS)
        _, second = answered(conversation.answer, CALL, first.step, first.keys)
        answered(conversation.answer, CALL, second.step, office.code(attempt))
        assert office.order_of(attempt).status is Status.VERIFIED

    def test_set_forward_a_code_is_over_and_the_next_call_has_a_new_one(self, office, worker):
        attempt = office.dialled()
        office.clock.tick(HOURS)
        work(office, worker, attempts.WATCH_SECONDS + 1)
        assert office.order_of(attempt).code is None
        asked = office.request_call(office.order_of(attempt))
        assert asked.code_expires_at == office.clock.now() + codes.CODE_SECONDS


class TestTheRest:
    def test_what_is_right_is_left_alone(self, office, worker, carrier):
        carrier.answers = [calling.Postponed(calling.LONGEST_WAIT_SECONDS)]
        office.request_call(office.order())
        office.order(OTHER)
        worker.run_once()
        with office.store.write() as tx:
            assert not tx.ahead.any(office.clock.now(), 0.0)
            assert tx.ahead.bring_back(office.clock.now(), 0.0) == 0

    def test_every_table_with_a_due_time_is_looked_at_or_waits_for_days_anyway(self, sqlite_store):
        from verification.store import ahead  # noqa: PLC0415 - only this test looks inside

        columns = "SELECT name FROM pragma_table_info('{}') WHERE name = 'due_at'"
        tables = [row[0] for row in run(sqlite_store, "SELECT name FROM sqlite_master")]
        due = {table for table in tables if run(sqlite_store, columns.format(table))}
        looked_at = {bound.table for bound in ahead._BOUNDS} | {"endpoints"}
        assert due - looked_at == {"documents", "phone_numbers", "registrations"}

    def test_callbacks_written_by_a_clock_ahead_are_sent_when_it_is_right(self, office):
        office.order(status_callback_url="https://example.com/hear")
        office.clock.tick(-HOURS)
        with office.store.read() as tx:
            assert not tx.outbox.any_due(office.clock.now())
        ClockSetBack(office.store, office.clock.now).do()
        with office.store.read() as tx:
            assert tx.outbox.any_due(office.clock.now())

    def test_a_key_that_was_leased_by_a_clock_ahead_is_free_again(self, office):
        def begin():
            with office.store.write() as tx:
                sid = office.account.sid
                now = office.clock.now()
                return idempotency.begin(tx, office.keyring, "key", sid, "request", now)

        first = begin()
        office.clock.tick(-HOURS)
        second = begin()
        assert isinstance(second, idempotency.Keyed)
        assert second.claim != first.claim
        with office.store.write() as tx:  # whoever had it can change nothing any more
            assert not tx.answers.mark("key", first.claim)

    @JUMPS
    def test_a_rate_refuses_for_no_longer_than_its_window(self, office, jump):
        rate = rates.Rate("tries", 3, 60.0)

        def take():
            with office.store.write() as tx:
                return rates.take(tx, rate, "somebody", office.clock.now())

        for _ in range(3):
            take()
        office.clock.tick(jump)
        taken, waits = 0, [0]
        for _ in range(12):
            office.clock.tick(10)
            try:
                take()
                taken += 1
            except rates.TooOften as refused:
                waits.append(refused.retry_after)
        assert 3 <= taken <= 9
        assert max(waits) <= 2 * rate.seconds

    def test_limits_hold_though_dialling_was_started_by_a_clock_ahead(self, office):
        limits = dialling.Limits(per_hour=1)
        with office.store.write() as tx:
            dialling.stop(tx, "operator", "a test", office.clock.now())
            dialling.start(tx, "operator", office.clock.now())
        office.clock.tick(-HOURS)
        office.dialled()
        with office.store.write() as tx:
            assert dialling.watch(tx, limits, office.clock.now() + 1)

    def test_the_file_is_written_anew_though_it_was_last_by_a_clock_ahead(self, office, tmp_path):
        with office.store.write() as tx:
            progress = tx.retention.progress()._replace(rewritten_at=office.clock.now() + DAY)
            tx.retention.note_progress(progress)
        mails, backups = MailFolder(tmp_path), BackupFolder(None)
        due = RetentionDue(office.store, office.keyring, mails, backups, DAY, office.clock.now)
        assert due.do() is False
        with office.store.read() as tx:
            assert tx.retention.progress().rewritten_at == office.clock.now()

    def test_a_worker_looks_for_it_every_few_seconds(self, office):
        duty = ClockSetBack(office.store, office.clock.now)
        assert duty.idle_seconds == clock_set_back.IDLE_SECONDS <= 10
        assert duty.do() is False
