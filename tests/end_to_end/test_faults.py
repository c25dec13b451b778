"""The server against a carrier that fails: reports out of order and twice, unclear answers.

Rows 21 to 23 of the checklist of faithful emulation, as the server meets them.
"""

from contextlib import ExitStack

import pytest
from twilio.rest import Client

import app
from tests.conftest import ENGINES
from tests.end_to_end.conftest import NUMBER, Customer
from twiml.carrier import HttpClient
from twiml.emulator import Emulator, Phones, clock_for
from twiml.emulator.serving import serving
from verification import calling, cli, settings

pytestmark = pytest.mark.parametrize("engine", ENGINES)

SID, TOKEN = "AC" + "a" * 32, "t" * 32


@pytest.fixture
def world(tmp_path, free_port, database_url):
    """A customer, and the emulator that his server calls through."""
    with ExitStack() as stack:
        toml = tmp_path / "phones.toml"
        toml.write_text(f'["{NUMBER}"]\nline_type = "landline"\nanswers = "person"\n')
        houses: list[app.House] = []
        emulator = Emulator(
            Phones.load(toml),
            clock_for(0),
            account_sid=SID,
            auth_token=TOKEN,
            calls_per_second=100,
            code_of=lambda number: houses[0].code_of(number),  # noqa: PLW0108 - known later
        )
        api = stack.enter_context(serving(emulator))
        chosen = settings.load(
            {
                "DATABASE_URL": database_url,
                "LINEPROOF_SECRET_KEYS": "made-up-secret-key-of-the-faults",
                "TWILIO_ACCOUNT_SID": SID,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_FROM_NUMBER": "+15005550006",
                "TWILIO_API_BASE_URL": api,
                "PUBLIC_BASE_URL": f"http://127.0.0.1:{free_port}",
                "LINEPROOF_CALLS_PER_SECOND": 100,
            }
        )
        house = stack.enter_context(app.running(chosen, free_port))
        houses.append(house)
        sid, token = cli.new_account(app._opened(house), "Acme")
        client = Client(sid, token, http_client=HttpClient(house.base_url))
        yield Customer(house, client), emulator


def test_row_21_reports_in_any_order_of_arrival_leave_the_order_verified(world):
    customer, emulator = world
    emulator.faults.shuffle(seed=7)
    assert customer.call(customer.order()).status == "verified"
    customer.quiet()


def test_row_22_reports_that_come_twice_change_nothing(world):
    customer, emulator = world
    emulator.faults.duplicate_callbacks = True
    order = customer.call(customer.order())
    customer.quiet()
    assert (order.status, order.verification_attempts) == ("verified", 1)
    assert customer.house.store.check() == []


@pytest.mark.parametrize("fault", ["place-then-500", "place-then-drop"])
def test_a_call_that_was_placed_though_the_answer_failed_is_adopted_and_not_dialled_again(
    world, fault
):
    customer, emulator = world
    emulator.faults.refuse(1, fault)
    order = customer.call(customer.order())
    assert order.status == "verified"
    assert list(emulator.calls) == order.verification_call_sids


def test_a_429_is_dialled_later_and_counts_once(world):
    customer, emulator = world
    emulator.faults.refuse(2, "429")
    order = customer.call(customer.order())
    assert (order.status, order.verification_attempts) == ("verified", 1)
    assert len(emulator.calls) == 1


def test_a_call_that_was_never_placed_is_given_back_and_can_be_asked_for_again(world, monkeypatch):
    customer, emulator = world
    monkeypatch.setattr(calling, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(calling, "GRACE_SECONDS", 0.0)
    emulator.faults.refuse(1, "500")
    order = customer.order().update(status="pending-verification")
    order = customer.follow(order, lambda now: bool(now.failure_reason))
    assert "does not count" in order.failure_reason
    assert order.verification_attempts == 0
    assert customer.call(order).status == "verified"


def test_a_refused_number_needs_action_and_tells_the_carriers_error(world):
    customer, emulator = world
    emulator.owned_numbers = frozenset()
    order = customer.call(customer.order())
    assert order.status == "action-required"
    assert "21210" in order.failure_reason


def test_the_code_typed_by_the_person_is_never_in_the_carriers_urls(world):
    customer, emulator = world
    order = customer.order().update(status="pending-verification")
    code = order.verification_code
    customer.follow(order, lambda now: now.status == "verified")
    for call in emulator.calls.values():
        assert code not in str(call.placement)
        assert NUMBER not in (call.placement.url or "")
