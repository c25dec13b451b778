"""Calls within calls: Dial, Reject, a Pause before the answer, Record."""

from __future__ import annotations

import pytest

from tests.twiml.emulator.world import START, THEM, World, happened, ivr, moments, twiml
from twiml.emulator import Phone

DESK = "+19025550199"
LONG = {"/voice": twiml("<Pause length='30'/>")}


def behind(dial: str, desk: Phone, **pages: str) -> World:
    world = World({**LONG, "/menu": twiml(dial), **pages}, ivr("/menu"), desk)
    world.trace = world.call()
    return world


def test_what_is_said_while_the_desk_rings_is_heard_by_nobody():
    world = World(
        {
            "/voice": twiml("<Say>Press 1 at once.</Say>", "<Pause length='30'/>"),
            "/menu": twiml(f"<Dial>{DESK}</Dial>"),
        },
        ivr("/menu"),
        Phone(DESK, "person", answer_after=5000),
    )
    assert happened(world.call(), "types", "person") == []


def test_a_key_while_the_desk_rings_is_lost():
    world = World(
        {
            "/voice": twiml("<Play digits='ww1'/>", "<Pause length='30'/>"),
            "/menu": twiml(f"<Dial>{DESK}</Dial>"),
        },
        ivr("/menu"),
        Phone(DESK, "person", answer_after=5000),
    )
    lost = happened(world.call(), "lost")
    assert [event.text for event in lost] == ["1: the next phone was still ringing"]


@pytest.mark.parametrize(
    ("kind", "status"), [("busy", "busy"), ("no-answer", "no-answer"), ("person", "completed")]
)
def test_the_action_is_told_how_the_dialling_ended(kind, status):
    desk = Phone(DESK, kind, answer_after=1000, hangs_up_after=3000)
    dial = f"<Dial timeout='9' action='/dialled'>{DESK}</Dial>"
    world = behind(dial, desk, **{"/dialled": twiml()})
    (form,) = world.forms("/dialled")
    assert form["DialCallStatus"] == status
    assert form.get("DialCallDuration") == ("3" if kind == "person" else None)


def test_send_digits_of_a_number_are_played_to_it_before_the_bridge():
    dial = f"<Dial><Number sendDigits='w5'>{DESK}</Number></Dial>"
    menu = twiml("<Gather numDigits='1' action='/chosen' timeout='9'/>")
    world = behind(dial, ivr("/inner", number=DESK), **{"/inner": menu, "/chosen": twiml()})
    assert [form["Digits"] for form in world.forms("/chosen")] == ["5"]


def test_the_first_number_that_answers_is_connected():
    dial = f"<Dial><Number>{DESK}</Number><Number>+19025550198</Number></Dial>"
    world = World(
        {**LONG, "/menu": twiml(dial)},
        ivr("/menu"),
        Phone(DESK, "person", answer_after=5000),
        Phone("+19025550198", "person", answer_after=2000),
    )
    answers = happened(world.call(), "answers", "person")
    assert [event.at_ms for event in answers] == [3000]


def test_a_number_we_dial_ourselves_is_listed_as_a_child():
    world = World(
        {"/voice": twiml(f"<Dial>{DESK}</Dial>")}, Phone(DESK, "person", hangs_up_after=2000)
    )
    call = world.call()
    (child,) = [found for found in world.emulator.calls.values() if found is not call]
    assert (child.parent_call_sid, child.direction) == (call.sid, "outbound-dial")
    assert (child.to, child.status, child.duration) == (DESK, "completed", 2)


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_an_application_may_reject_a_call(reason, status):
    world = World({**LONG, "/no": twiml(f"<Reject reason='{reason}'/>")}, ivr("/no"))
    call = world.call()
    assert (call.status, call.duration) == (status, 0)
    assert world.server.asked("/voice") == []


def test_a_pause_before_all_else_delays_the_answer():
    world = World({**LONG, "/slow": twiml("<Pause length='5'/>", "<Say>Hi.</Say>")}, ivr("/slow"))
    call = world.call()
    assert call.started == START + 5


def test_an_application_that_is_called_gets_an_inbound_call_of_its_own():
    world = World({**LONG, "/menu": twiml("<Say>Hi.</Say>")}, ivr("/menu"))
    call = world.call()
    (form,) = world.forms("/menu")
    assert (form["Direction"], form["CallStatus"]) == ("inbound", "ringing")
    assert form["CallSid"] != call.sid
    assert (form["From"], form["To"]) == (call.from_, THEM)


def test_record_ends_with_a_key_and_asks_its_action():
    world = World(
        {
            "/voice": twiml("<Record action='/recorded' maxLength='30'/>"),
            "/types": twiml("<Play digits='wwww#'/>", "<Pause length='60'/>"),
            "/recorded": twiml(),
        },
        ivr("/types"),
    )
    call = world.call()
    (form,) = world.forms("/recorded")
    assert form["Digits"] == "#"
    assert form["RecordingUrl"].endswith(form["RecordingSid"])
    assert moments(call, "plays", "caller") == [0]


def test_record_asks_its_action_after_a_hang_up_too():
    world = World(
        {"/voice": twiml("<Record action='/recorded'/>"), "/recorded": twiml()},
        Phone(THEM, "person", hangs_up_after=3000),
    )
    world.call()
    assert [form["Digits"] for form in world.forms("/recorded")] == ["hangup"]


def test_when_we_hang_up_everybody_behind_is_gone():
    world = behind(f"<Dial>{DESK}</Dial>", Phone(DESK, "person", greeting="", patience=600_000))
    assert world.trace.duration == 30
    assert happened(world.trace, "hangs up") == happened(world.trace, "hangs up", "caller")


def test_a_bad_number_is_warned_of():
    world = behind("<Dial>5550199</Dial>", Phone(DESK))
    assert set(world.codes()) == {13223, 13201}
