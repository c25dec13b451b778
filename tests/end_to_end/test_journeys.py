"""Whole orders, from the SDK's create to the verdict, against phones of every kind."""

from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask, request
from twilio.base.exceptions import TwilioRestException
from twilio.twiml.voice_response import Gather, VoiceResponse

import twiml.demo
from tests.conftest import ENGINES
from tests.end_to_end.conftest import NUMBER
from twiml.emulator.serving import bind, listening, url_of
from verification import ordering
from verification.attempts import ATTEMPTS_USED

pytestmark = pytest.mark.parametrize("engine", ENGINES)

DESK = "+19029050199"
DEMO_IVR = Path(twiml.demo.__file__).parent / "ivr"


def phone(answers, number=NUMBER, **more):
    lines = [f'["{number}"]', 'line_type = "landline"', f'answers = "{answers}"']
    for name, value in more.items():
        lines.append(f"{name} = {value if isinstance(value, list) else repr(value)}")
    return "\n".join(lines).replace("'", '"') + "\n"


def test_a_person_who_types_the_code_verifies_the_number(serve):
    customer = serve(phone("person", types="code"))
    order = customer.call(customer.order())
    assert order.status == "verified"
    assert order.verification_attempts == 1
    assert len(order.verification_call_sids) == 1
    assert order.verification_code is None
    customer.quiet()
    assert customer.house.store.check() == []


@pytest.mark.parametrize(
    ("listed", "status", "words"),
    [
        (phone("person", types="wrong"), "pending-verification", "A wrong code"),
        (phone("person", types="nothing"), "pending-verification", "no code was entered"),
        (phone("person", types="refuse"), "action-required", "declined"),
        (phone("person", presses="nothing"), "pending-verification", "nobody pressed"),
        (phone("person", hangs_up_after="6s"), "pending-verification", "hung up"),
        (phone("voicemail"), "pending-verification", "nobody pressed"),
        (phone("busy"), "pending-verification", "busy"),
        (phone("no-answer"), "pending-verification", "not answered"),
        (phone("fax"), "pending-verification", "nobody pressed"),
    ],
    ids=[
        "three wrong codes",
        "no code",
        "refuses",
        "no consent",
        "hangs up",
        "voicemail",
        "busy",
        "no answer",
        "fax",
    ],
)
def test_each_outcome_is_told_to_the_customer(serve, listed, status, words):
    customer = serve(listed)
    order = customer.call(customer.order())
    assert order.status == status
    assert words in order.failure_reason


def test_a_wrong_code_and_then_the_right_one_verifies(serve):
    customer = serve(phone("person", types=["wrong", "code"]))
    assert customer.call(customer.order()).status == "verified"


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_the_person_is_asked_in_the_orders_language(serve, language):
    customer = serve(phone("person", types="code"))
    order = customer.order()
    with customer.house.store.write() as tx:
        ordering.edit(tx, tx.orders.get(order.sid), {"language": language}, 1.0)
    assert customer.call(order).status == "verified"


def test_after_three_calls_the_order_needs_action_with_the_faqs_reason(serve):
    customer = serve(phone("busy"))
    order = customer.order()
    for _ in range(3):
        order = customer.call(order)
        customer.quiet()
    assert (order.status, order.failure_reason) == ("action-required", ATTEMPTS_USED)
    with pytest.raises(TwilioRestException) as error:
        order.update(status="pending-verification")
    assert error.value.code == 22100


@pytest.mark.parametrize("number", ["+12124567890", "+12124567891", "+12124567892"])
def test_a_voicemail_that_plays_the_tones_of_the_code_does_not_verify(serve, number):
    customer = serve(phone("voicemail", number, greeting_plays="code"))
    order = customer.call(customer.order(number))
    assert order.status == "pending-verification"
    assert "voicemail" in order.failure_reason


def test_without_the_question_that_voicemail_does_verify_which_is_why_it_is_asked(serve):
    customer = serve(phone("voicemail", greeting_plays="code"), LINEPROOF_CONSENT_DIGITS=0)
    assert customer.call(customer.order()).status == "verified"


def test_the_demo_menu_is_passed_with_the_faqs_extension(serve):
    customer = serve(phone(DEMO_IVR, answer_after="1s"))
    order = customer.call(customer.order(), extension="wwww2wwwwww5wwwwww9")
    assert order.status == "verified"


def test_with_one_wait_fewer_before_the_5_it_is_not(serve):
    customer = serve(phone(DEMO_IVR, answer_after="1s"))
    order = customer.call(customer.order(), extension="wwww2wwwww5wwwwww9")
    assert order.status == "pending-verification"


def test_the_unfit_number_of_the_faq_fails_with_its_reason(serve):
    customer = serve()
    order = customer.order("+19029052032")
    assert order.status == "failed"
    assert (
        order.failure_reason == "The number is already enabled for messaging by another provider."
    )


@pytest.mark.parametrize(
    ("line_type", "status"),
    [("landline", "received"), ("voip", "received"), ("mobile", "failed")],
)
def test_the_directorys_line_type_decides(serve, line_type, status):
    customer = serve(f'["+12124567890"]\nline_type = "{line_type}"\nanswers = "person"\n')
    assert customer.order("+12124567890").status == status


def test_a_toll_free_number_of_unknown_type_is_received(serve):
    assert serve().order("+18002345678").status == "received"


def test_the_call_of_a_deleted_order_is_ended(serve):
    customer = serve(phone("person", types="nothing"), LINEPROOF_SPEED=50)
    order = customer.order()
    order = order.update(status="pending-verification")
    customer.follow(order, lambda now: bool(now.verification_call_sids))
    assert customer.orders(order.sid).delete()
    customer.quiet()


def ivr_of_another_program():
    """A menu as any TwiML application might write it: 3 leads to a person."""
    flask = Flask("ivr")

    @flask.post("/welcome")
    def welcome():
        response = VoiceResponse()
        response.say("Thank you for calling.")
        gather = Gather(num_digits=1, action="/choice", timeout=4)
        gather.say("For accounting, press 3.")
        response.append(gather)
        response.hangup()
        return str(response), {"Content-Type": "text/xml"}

    @flask.post("/choice")
    def choice():
        response = VoiceResponse()
        if request.form["Digits"] == "3":
            response.dial(DESK)
        else:
            response.say("Goodbye.")
        return str(response), {"Content-Type": "text/xml"}

    return flask


def test_a_live_twiml_application_is_called_as_it_is(serve):
    with closing(bind(0)) as door:
        url = url_of(door) + "/welcome"
        with listening(ivr_of_another_program(), door):
            customer = serve(phone(url) + phone("person", DESK, types="code"))
            assert customer.call(customer.order(), extension="wwwwww3").status == "verified"


def test_a_person_presses_two_keys_when_the_server_is_strict(serve):
    customer = serve(phone("person", types="code"), LINEPROOF_CONSENT_DIGITS=2)
    assert customer.call(customer.order()).status == "verified"
