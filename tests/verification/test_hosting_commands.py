"""An operator's commands: moving an order, accepting for a RespOrg, porting a number."""

import time

import pytest
from click.testing import CliRunner

import app
from tests.conftest import LANDLINE
from verification import calling, hosting, ordering, orders, phone_numbers
from verification.attempts import Outcome, State
from verification.calling import Placed
from verification.codes import Keyring
from verification.ordering import Policy
from verification.statuses import Mover, Status
from verification.store.sqlite import SqliteStore

TOLL_FREE = "+18882345678"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.db")

    def run(*arguments):
        return CliRunner().invoke(app.main, arguments)

    return run


@pytest.fixture
def store(run, tmp_path):
    assert run("account", "create", "A").exit_code == 0
    store = SqliteStore(tmp_path / "cli.db")
    yield store
    store.close()


@pytest.fixture
def keyring():
    return Keyring([b"k" * 32])


def _line(told):
    return " ".join(told.output.replace("│", " ").split())


def _received(store):
    now = time.time()
    with store.write() as tx:
        made = ordering.create(tx, tx.accounts.all()[0].sid, TOLL_FREE, {}, now)
        return ordering.settle_eligibility(tx, made.sid, LANDLINE, Policy(), now)


def _called(store, keyring, dialled=True):
    order, now = _received(store), time.time()
    with store.write() as tx:
        asked = calling.request_call(tx, keyring, order, "Acme", now)
        if dialled:
            call = calling.claim(tx, now, 0.0)
            assert call
            calling.record_answer(tx, call.id, Placed("CA" + "1" * 32), now)
    return asked


@pytest.fixture
def order(store):
    now = time.time()
    with store.write() as tx:
        made = ordering.create(tx, tx.accounts.all()[0].sid, TOLL_FREE, {}, now)
        ordering.settle_eligibility(tx, made.sid, LANDLINE, Policy(), now)
        found = tx.orders.get(made.sid)
        for status, mover in (
            (Status.VERIFIED, Mover.OPERATOR),
            (Status.PENDING_LOA, Mover.CUSTOMER),
            (Status.CARRIER_PROCESSING, Mover.SIGNER),
        ):
            found = orders.move(tx, found, status, mover, now)
        hosting.begin(tx, found, now)
    return found


def test_an_order_is_moved_with_a_reason_and_only_where_the_table_lets_it(run, store, order):
    assert "--reason" in run("order", "move", order.sid, "testing").output
    refused = run("order", "move", order.sid, "received", "--reason", "no")
    assert refused.exit_code == 2
    assert "only testing, action-required" in " ".join(refused.output.split())
    assert run("order", "move", order.sid, "testing", "--reason", "done").exit_code == 0
    moved = run("order", "move", order.sid, "completed", "--reason", "tested by hand")
    assert moved.output == f"{order.sid} is completed.\n"
    with store.read() as tx:
        number = tx.phone_numbers.get(order.incoming_phone_number_sid)
        assert number.status is phone_numbers.NumberStatus.IN_USE
        assert "operator's reason: tested by hand" in [
            entry.text for entry in tx.audit.of_object(order.sid)
        ]


def test_the_call_under_way_ends_and_its_code_dies_when_its_order_is_moved(run, store, keyring):
    order = _called(store, keyring)
    moved = run("order", "move", order.sid, "verified", "--reason", "seen the contract")
    assert moved.output == f"{order.sid} is verified.\n"
    with store.read() as tx:
        (call,) = tx.attempts.of_subject(order.sid)
        assert (call.outcome, call.hang_up) == (Outcome.CANCELED, True)
        now = tx.orders.get(order.sid)
        assert (now.code, now.code_expires_at, now.due_at) == (None, None, None)
        told = [entry.text for entry in tx.audit.of_object(order.sid)]
    assert "moved by hand: command line" in told


def test_a_call_that_waits_is_not_dialled_once_its_order_has_been_moved(run, store, keyring):
    order = _called(store, keyring, dialled=False)
    assert not run(
        "order", "move", order.sid, "action-required", "--reason", "wrong number"
    ).exit_code
    with store.read() as tx:
        (call,) = tx.attempts.of_subject(order.sid)
    assert (call.state, call.outcome) == (State.DONE, Outcome.CANCELED)


@pytest.mark.parametrize("status", ["pending-verification", "pending-loa", "received"])
def test_a_status_that_a_call_or_a_letter_brings_is_not_reached_by_hand(run, store, status):
    order = _received(store)
    refused = run("order", "move", order.sid, status, "--reason", "please")
    assert (refused.exit_code, "only verified, action-required" in _line(refused)) == (2, True)


def test_an_order_that_waits_for_action_is_resumed_with_all_its_calls(run, store, keyring):
    order = _called(store, keyring)
    assert "does not allow this now" in _line(run("order", "resume", order.sid))
    run("order", "move", order.sid, "action-required", "--reason", "nobody is there")
    assert run("order", "resume", order.sid).output == f"{order.sid} is received.\n"
    with store.read() as tx:
        assert tx.orders.get(order.sid).verification_attempts == 0


def test_a_resporgs_acceptance_is_taken_for_an_order_that_is_there(run, store, order):
    assert run("order", "accept", order.sid).exit_code == 0
    with store.read() as tx:
        assert tx.registrations.get(order.sid).accepted_at is not None
    assert "there is no order" in run("order", "accept", "HR" + "0" * 32).output


def test_a_number_is_ported_by_two_commands(run, store, order):
    sid = order.incoming_phone_number_sid
    assert "only one in-use" in " ".join(run("number", "port", sid).output.split())
    for status in ("testing", "completed"):
        assert run("order", "move", order.sid, status, "--reason", "by hand").exit_code == 0
    asked = run("number", "port", sid, "--take-settings")
    ported = asked.output.strip().removeprefix("PHONE_NUMBER_SID=")
    assert run("number", "ported", ported).output == f"{ported} (...5678) is in-use.\n"
    assert "no port that is under way" in run("number", "ported", ported).output
