"""The person, the voicemail and the fax (row 69)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.twiml.emulator.world import THEM, World, happened, moments, twiml
from twiml.emulator import Phone, Timing
from twiml.emulator.understanding import understand

CODE = "024680"
ASKS = {
    "/voice": twiml(
        "<Gather numDigits='1' action='/key' timeout='8'>",
        "<Say loop='2'>This is Lineproof. Press 7 to go on. To refuse, press star.</Say></Gather>",
    ),
    "/key": lambda request: (
        twiml("<Gather numDigits='6' action='/code' timeout='8'>", PLEASE, "</Gather>")
        if request.parameters["Digits"] == "7"
        else twiml("<Say>Goodbye.</Say>")
    ),
    "/code": lambda request: (
        twiml("<Say>Thank you.</Say>")
        if request.parameters["Digits"] == CODE
        else twiml("<Gather numDigits='6' action='/code' timeout='8'>", PLEASE, "</Gather>")
    ),
}
PLEASE = "<Say>Please type the six-digit code now.</Say>"


def asked(**phone) -> World:
    world = World(ASKS, Phone(THEM, "person", **phone), code_of=lambda _: CODE)
    world.trace = world.call()
    return world


def typed(world: World, path: str = "/code") -> list[str]:
    return [form["Digits"] for form in world.forms(path)]


def test_row_69_a_person_answers_presses_what_he_is_asked_and_types_the_code():
    world = asked(answer_after=4000)
    assert happened(world.trace, "answers", "person")[0].at_ms == 4000
    assert happened(world.trace, "says", "person")[0].text == "Hello?"
    assert (typed(world, "/key"), typed(world)) == (["7"], [CODE])


def test_row_69_he_hears_a_prompt_only_from_when_he_picks_up():
    picks_up = Phone("+19025550199", "person", answer_after=4000, greeting="")
    words = "Press 7 now. Now wait. And wait. And wait. And wait. Again, press 8 now."
    world = World(
        {
            "/voice": twiml(f"<Gather numDigits='1' action='/got'><Say>{words}</Say></Gather>"),
            "/desk": twiml("<Dial>+19025550199</Dial>"),
            "/got": twiml(),
        },
        Phone(THEM, "ivr", "http://them.test/desk", answer_after=1000),
        picks_up,
    )
    call = world.call()
    assert [event.text for event in happened(call, "types", "person")] == ["8"]


def test_row_69_his_speed_and_reaction_are_settings():
    world = asked(key_every=1000, reaction=2500)
    keys = moments(world.trace, "sends", "person")[1:]
    assert [later - earlier for earlier, later in pairwise(keys)] == [1000] * 5
    asked_at = happened(world.trace, "says", "caller", "six-digit")[0]
    first = happened(world.trace, "sends", "person")[1]
    assert first.at_ms - asked_at.at_ms - asked_at.ms == 2500


def test_row_69_he_may_mistype_and_then_do_better():
    world = asked(types=("wrong", "111111", "code"))
    wrong, other, right = typed(world)
    assert wrong != CODE
    assert len(wrong) == 6
    assert (other, right) == ("111111", CODE)


def test_row_69_he_may_hang_up():
    world = asked(hangs_up_after=2000)
    assert world.trace.duration == 2
    assert happened(world.trace, "hangs up", "person")


def test_row_69_he_may_stay_silent():
    world = asked(presses="nothing")
    assert typed(world, "/key") == []
    assert world.trace.status == "completed"


def test_he_refuses_with_star_when_he_is_told_so():
    assert typed(asked(types=("refuse",)), "/key") == ["*"]


def test_he_presses_another_key_if_he_is_made_so():
    assert typed(asked(presses="3"), "/key") == ["3"]


def test_without_a_code_he_types_nothing_and_the_trace_says_why():
    world = World(ASKS, Phone(THEM, "person"))
    call = world.call()
    assert typed(world) == []
    assert happened(call, "does not know", "person")


def test_he_hangs_up_after_a_minute_of_silence():
    world = World({"/voice": twiml("<Pause length='300'/>")}, Phone(THEM, "person", greeting=""))
    assert world.call().duration == 60


@pytest.mark.parametrize(
    ("sentence", "press", "star", "code"),
    [
        ("To go on, press 7.", "7", False, False),
        ("Please press the number 4 now.", "4", False, False),
        ("Press seven to continue.", "7", False, False),
        ("Pour continuer, appuyez sur le 3.", "3", False, False),
        ("Appuyez sur la touche étoile pour refuser.", None, True, False),
        ("Para continuar, oprima el 5.", "5", False, False),
        ("Pulse 8 para seguir.", "8", False, False),
        ("Marque el número 2.", "2", False, False),
        ("Para rechazar, oprima asterisco.", None, True, False),
        ("To refuse, press star.", None, True, False),
        ("Please enter the six-digit code.", None, False, True),
        ("Type the 6 digits on your screen.", None, False, True),
        ("Tapez les six chiffres.", None, False, True),
        ("Marque los seis dígitos.", None, False, True),
        ("Introduzca las seis cifras.", None, False, True),
        ("Thank you for calling.", None, False, False),
    ],
)
def test_what_a_person_understands(sentence, press, star, code):
    assert understand(sentence) == (press, star, code)


def test_a_voicemail_greeting_may_play_the_codes_tones():
    phone = Phone(THEM, "voicemail", greeting_plays="code")
    world = World(
        {"/voice": twiml("<Gather numDigits='6' timeout='30' action='/code'/>"), "/code": twiml()},
        phone,
        code_of=lambda _: CODE,
    )
    world.call()
    assert typed(world) == [CODE]


def test_voicemail_beeps_records_and_hangs_up():
    world = World(
        {"/voice": twiml("<Pause length='600'/>")}, Phone(THEM, "voicemail", hangs_up_after=30_000)
    )
    call = world.call()
    assert happened(call, "plays", "voicemail", "beep")
    assert happened(call, "hangs up", "voicemail")


def test_who_is_called_by_a_code_is_the_number_that_was_dialled_first():
    numbers: list[str] = []

    def code_of(number: str) -> str:
        numbers.append(number)
        return CODE

    world = World(
        {**ASKS, "/desk": twiml("<Dial>+19025550199</Dial>")},
        Phone(THEM, "ivr", "http://them.test/desk"),
        code_of=code_of,
        timing=Timing(latency=0, words_per_minute=60),
    )
    world.call()
    assert set(numbers) == {THEM}
