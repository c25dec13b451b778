"""Budgets of calls, and the switch that stops dialling."""

import re
import threading
from dataclasses import replace

import pytest
from click.testing import CliRunner

import app
from tests.conftest import NUMBER
from verification import accounts, calling, dialling, settings, validating
from verification.attempts import State
from verification.calling import Answer, CarrierCall, Placed, Postponed
from verification.dialling import DAY, HOUR, Limits, OverBudget, Stopped
from verification.duties import CallsDue
from verification.statuses import Status

NUMBERS = [f"+1902905{n}" for n in range(2034, 2044)]


class Carrier:
    """Takes every call."""

    def __init__(self) -> None:
        self.placed: list[str] = []

    def place(self, attempt_id: str, number: str, limit_seconds: int) -> Answer:
        self.placed.append(number)
        return Placed(f"CA{attempt_id}")

    def calls_to(self, number: str, since: float) -> list[CarrierCall] | None:
        return None

    def call(self, call_sid: str, number: str) -> CarrierCall | None:
        return None

    def end(self, call_sid: str, number: str) -> bool:
        return True


def ask(office, order, limits):
    with office.store.write() as tx:
        found = tx.orders.get(order.sid)
        return calling.request_call(tx, office.keyring, found, "A", office.clock.now(), limits)


def stop(office):
    with office.store.write() as tx:
        return dialling.stop(tx, "operator", "odd calls", office.clock.now())


def start(office):
    with office.store.write() as tx:
        return dialling.start(tx, "operator", office.clock.now())


def ready(office, count):
    for number in NUMBERS[:count]:
        office.request_call(office.order(number))


def worker(office, limits):
    return CallsDue(office.store, Carrier(), office.clock.now, 0.0, limits)


def dial_all(duty):
    while duty._dial():
        pass
    return len(duty.carrier.placed)


class TestBudgets:
    def test_a_call_too_many_to_a_number_is_refused_over_all_accounts(self, office):
        limits = Limits(number_day=1)
        attempt = office.dialled()
        with office.store.write() as tx:
            account, _ = accounts.create(tx, office.keyring, "B", office.clock.now())
        second = replace(office, account=account).order()
        office.clock.tick(HOUR)
        before = office.order_now(second.sid)
        with pytest.raises(OverBudget, match="At most 1 verification calls to this number") as told:
            ask(office, second, limits)
        assert office.order_now(second.sid) == before
        assert abs(told.value.retry_after - (DAY - HOUR)) <= 1
        office.clock.tick(told.value.retry_after)
        assert ask(office, second, limits).status is Status.PENDING_VERIFICATION
        assert attempt.state is State.DIALLED

    def test_a_call_that_is_to_come_counts_and_asking_again_for_it_does_not(self, office):
        limits = Limits(account_day=1)
        first, second = office.order(NUMBERS[0]), office.order(NUMBERS[1])
        ask(office, first, limits)
        ask(office, first, limits)
        with pytest.raises(OverBudget, match="of this account"):
            ask(office, second, limits)

    def test_a_call_that_was_never_dialled_counts_no_more(self, office):
        limits = Limits(number_day=1)
        order = office.order()
        ask(office, order, limits)
        with office.store.write() as tx:
            calling.abandon(tx, tx.orders.get(order.sid), office.clock.now())
        ask(office, order, limits)

    def test_a_validation_request_counts_as_an_order_s_call(self, office):
        office.dialled()
        with office.store.write() as tx, pytest.raises(OverBudget):
            validating.request(
                tx,
                office.keyring,
                office.account,
                NUMBER,
                {},
                office.clock.now(),
                Limits(number_day=1),
            )


class TestLimits:
    def test_dialling_stops_at_the_count_of_an_hour_and_goes_on_by_hand(self, office):
        ready(office, 5)
        duty = worker(office, Limits(per_hour=2))
        assert dial_all(duty) == 2
        office.clock.tick(60)
        with office.store.read() as tx:
            assert tx.dialling.switch().reason == "The limit of 2 calls in one hour is reached"
        assert start(office)
        office.clock.tick(1)
        assert dial_all(duty) == 4
        assert office.events(dialling.SWITCH)[:2] == [
            "dialling stopped: The limit of 2 calls in one hour is reached",
            "dialling started",
        ]

    def test_calls_of_an_hour_ago_count_for_the_day_only(self, office):
        ready(office, 1)
        duty = worker(office, Limits(per_hour=3, per_day=3))
        duty._dial()
        office.clock.tick(HOUR + 1)
        for number in NUMBERS[4:8]:
            office.request_call(office.order(number))
        assert dial_all(duty) == 3
        with office.store.read() as tx:
            assert "one day" in tx.dialling.switch().reason

    def test_a_call_that_the_carrier_postponed_does_not_count(self, office):
        ready(office, 2)
        attempt = office.claim()
        with office.store.write() as tx:
            calling.record_answer(tx, attempt.id, Postponed(1.0), office.clock.now())
            assert tx.dialling.dialled(0.0, 9) == 0

    def test_dialling_stops_at_the_spend_limit(self, office):
        ready(office, 5)
        assert dial_all(worker(office, Limits(spend_per_day=0.06, price_per_minute=0.02))) == 3

    def test_two_workers_at_once_stay_within_the_limit(self, office):
        ready(office, 8)
        duties = [worker(office, Limits(per_day=5)) for _ in range(3)]

        def work(duty):
            dial_all(duty)
            office.store.close()

        threads = [threading.Thread(target=work, args=(duty,)) for duty in duties]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(len(duty.carrier.placed) for duty in duties) <= 5
        with office.store.read() as tx:
            assert tx.dialling.dialled(0.0, 99) == 5


class TestTheSwitch:
    def test_while_it_is_stopped_nothing_is_dialled_and_what_waits_goes_on_afterwards(self, office):
        office.request_call(office.order())
        assert stop(office)
        assert not stop(office)
        assert office.claim() is None
        start(office)
        assert office.claim() is not None

    def test_a_call_that_waits_until_its_code_expires_ends_with_the_reason(self, office):
        order = office.request_call(office.order())
        stop(office)
        office.clock.tick(HOUR)
        assert office.claim() is None
        assert office.order_now(order.sid).failure_reason.startswith(calling.STOPPED)

    def test_a_customer_s_request_for_a_call_is_refused_and_changes_nothing(self, office):
        order = office.order()
        stop(office)
        with pytest.raises(Stopped, match="nothing was changed"):
            ask(office, order, Limits())
        assert office.order_now(order.sid) == order


def test_real_calls_have_limits_and_the_emulator_s_only_what_is_set():
    assert settings.load({"LINEPROOF_CALLS_PER_HOUR": "7"}).limits == Limits(
        per_hour=7, price_per_minute=0.02
    )
    live = settings.load(
        {
            "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
            "TWILIO_AUTH_TOKEN": "t" * 32,
            "PUBLIC_BASE_URL": "https://example.com",
        }
    )
    assert (live.limits.number_day, live.limits.per_hour) == (3, 600)


def test_the_commands_stop_and_start_dialling(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.db")

    def run(*arguments):
        return CliRunner().invoke(app.main, arguments).output

    run("account", "create", "A")
    assert run("dialling", "status").startswith("Calls are placed.\nCalls in the last hour: 0")
    assert run("dialling", "stop", "--reason", "odd") == "Dialling is stopped.\n"
    assert re.match(r"Dialling is stopped since .+ by operator: odd\n", run("dialling", "status"))
    assert run("dialling", "start") == "Dialling is started.\n"
    assert run("dialling", "start") == "Dialling was not stopped.\n"
