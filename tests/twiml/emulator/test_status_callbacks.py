"""What the customer is told of a call (rows 17-24)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.twiml.emulator.world import ALL_EVENTS, SERVER, START, THEM, World, happened, twiml
from twiml.emulator import Phone, Request, Response, Timing

STATUS: dict[str, Any] = {"StatusCallback": f"{SERVER}/status", "StatusCallbackEvent": ALL_EVENTS}
PAUSE = {"/voice": twiml("<Pause length='49'/>")}


def test_row_17_subscribed_events_come_in_order_with_their_numbers():
    world = World(PAUSE)
    world.call(**STATUS)
    told = [(form["CallStatus"], form["SequenceNumber"]) for form in world.forms("/status")]
    assert told == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]


def test_row_18_the_number_counts_callbacks_that_were_fired():
    world = World(PAUSE)
    world.call(StatusCallback=f"{SERVER}/status")
    assert [form["SequenceNumber"] for form in world.forms("/status")] == ["0"]


def test_row_19_durations_are_in_final_callbacks_only():
    world = World(PAUSE)
    world.call(**STATUS)
    *earlier, final = world.forms("/status")
    assert (final["CallDuration"], final["Duration"]) == ("49", "1")
    assert final["Timestamp"] == "Tue, 14 Nov 2023 22:14:10 +0000"
    assert final["CallbackSource"] == "call-progress-events"
    assert not any("CallDuration" in form or "Duration" in form for form in earlier)


@pytest.mark.parametrize(("kind", "sip"), [("busy", "486"), ("no-answer", "487")])
def test_row_20_busy_and_no_answer_carry_their_sip_codes(kind, sip):
    world = World({}, Phone(THEM, kind))
    call = world.call(**STATUS)
    final = world.forms("/status")[-1]
    assert call.status == final["CallStatus"] == kind
    assert [form["CallStatus"] for form in world.forms("/status")].count("ringing") == (
        kind == "no-answer"
    )
    assert (final["SipResponseCode"], final["CallDuration"], final["Duration"]) == (sip, "0", "0")
    assert world.server.asked("/voice") == []


def test_row_21_the_order_of_arrival_can_be_shuffled_with_a_seed():
    def order(seed: int) -> list[str]:
        world = World(PAUSE, timing=Timing(callback_shuffle=200_000))
        world.emulator.faults.shuffle(seed)
        world.call(**STATUS)
        return [form["SequenceNumber"] for form in world.forms("/status")]

    orders = {tuple(order(seed)) for seed in range(8)}
    assert len(orders) > 1
    assert all(sorted(one) == ["0", "1", "2", "3"] for one in orders)
    assert order(3) == order(3)


def test_row_22_a_duplicate_has_the_same_idempotency_token():
    world = World(PAUSE)
    world.emulator.faults.duplicate_callbacks = True
    world.call(**STATUS)
    tokens = [request.token for request in world.server.asked("/status")]
    assert len(tokens) == 8
    assert len(set(tokens)) == 4


def test_row_23_a_callback_that_fails_is_a_warning_and_no_more():
    world = World({**PAUSE, "/status": Response(500, b"")})
    call = world.call(**STATUS)
    assert world.codes() == [15003] * 4
    assert call.status == "completed"


def test_row_24_a_slow_callback_does_not_delay_the_call():
    slow = World({**PAUSE, "/status": (Response(204, b""), 14_000)})
    quick = World(PAUSE)
    assert slow.call(**STATUS).ended == quick.call(**STATUS).ended
    assert [event.at_ms for event in slow.emulator.calls.popitem()[1].events] == [
        event.at_ms for event in quick.emulator.calls.popitem()[1].events
    ]


def test_callbacks_are_sent_at_their_simulated_moments():
    times = []

    def status(_: Request) -> str:
        times.append(world.emulator.clock.now())
        return twiml()

    world = World({**PAUSE, "/status": status})
    call = world.call(**STATUS)
    assert times == [START, START, START + 1, START + 50]
    assert happened(call, "status", "caller", "completed")[0].at_ms == 50_000
