"""An operator's commands: moving an order, accepting for a RespOrg, porting a number."""

import time

import pytest
from click.testing import CliRunner

import app
from tests.conftest import LANDLINE
from verification import hosting, ordering, orders, phone_numbers
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
    assert "only to action-required, testing" in " ".join(refused.output.split())
    assert run("order", "move", order.sid, "testing", "--reason", "done").exit_code == 0
    moved = run("order", "move", order.sid, "completed", "--reason", "tested by hand")
    assert moved.output == f"{order.sid} is completed.\n"
    with store.read() as tx:
        number = tx.phone_numbers.get(order.incoming_phone_number_sid)
        assert number.status is phone_numbers.NumberStatus.IN_USE
        assert "operator's reason: tested by hand" in [
            entry.text for entry in tx.audit.of_object(order.sid)
        ]


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
