"""The other direction: the call speaks a code, and who ordered enters it in the API."""

import pytest

from tests.verification.test_conversation import Talk
from verification import attempts, calling, codes, ordering, spoken_code
from verification.attempts import ATTEMPTS, ATTEMPTS_USED, Outcome
from verification.conversation import WRONG_CODES_PER_CODE, Note, Say
from verification.spoken_code import NoCodeAwaited, WrongCode
from verification.statuses import Status


@pytest.fixture
def talk(office):
    return Talk(office, code_entry="api")


def enter(office, order, code):
    with office.store.write() as tx:
        found = tx.orders.get(order.sid)
        return spoken_code.enter(tx, office.keyring, found, code, office.clock.now())


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_after_consent_the_code_is_spoken_and_it_verifies_in_the_api(office, talk):
    said = talk.consent()
    assert said.say is Say.SPEAK_CODE
    assert len(said.code) == codes.CODE_DIGITS
    assert talk.now.outcome is Outcome.SPOKEN
    assert enter(office, talk.order, said.code) is None
    assert talk.order.status is Status.VERIFIED
    assert talk.order.verified_at == office.clock.now()
    assert talk.order.code is None


def test_such_a_code_is_never_shown(office, talk):
    talk.consent()
    assert calling.visible_code(talk.order, office.keyring, office.clock.now()) is None


def test_without_consent_nothing_is_spoken(talk):
    assert talk.press(talk.other_key).say is Say.ASK_CONSENT
    assert talk.press("").code == ""


def test_where_consent_is_switched_off_it_is_spoken_at_once(office):
    assert Talk(office, digits=0, code_entry="api").reply.say is Say.SPEAK_CODE


def test_a_repeated_request_gets_the_code_again_and_the_reply_does_not_keep_it(office, talk):
    said = talk.consent()
    again = talk.press("", step=1)
    assert again == said
    with office.store.read() as tx:
        assert tx.replies.get(talk.attempt.id, 1).code == ""


def test_a_code_that_died_is_not_spoken_again(office, talk):
    talk.consent()
    office.clock.tick(codes.CODE_SECONDS)
    assert talk.press("", step=1).say is Say.HANG_UP


def test_the_end_of_the_call_leaves_the_order_waiting_for_its_code(talk):
    talk.consent()
    talk.end()
    assert talk.order.status is Status.PENDING_VERIFICATION
    assert talk.order.failure_reason is None
    assert talk.now.outcome is Outcome.SPOKEN


def test_wrong_codes_are_counted_until_the_code_is_dead(office, talk):
    code = talk.consent().code
    for left in range(WRONG_CODES_PER_CODE - 1, 0, -1):
        assert f"{left} more" in str(enter(office, talk.order, wrong(code)))
    assert isinstance(enter(office, talk.order, wrong(code)), WrongCode)
    assert isinstance(enter(office, talk.order, code), WrongCode)
    assert talk.order.status is Status.PENDING_VERIFICATION
    assert "wrong code entered" in office.events(talk.order.sid)


def test_a_code_that_is_typed_on_the_phone_is_not_taken_by_the_api(office):
    talk = Talk(office)
    assert "on the phone" in str(enter(office, talk.order, talk.code))
    assert talk.order.code_tries == 0


def test_no_code_is_taken_before_a_call_was_asked_for(office):
    order = office.order(code_entry="api")
    with pytest.raises(NoCodeAwaited):
        enter(office, order, "123456")


def test_a_spoken_code_outlives_the_last_call_and_then_the_order_needs_action(office):
    order = office.order(code_entry="api")
    for n in range(ATTEMPTS):
        call = f"CA{n:032x}"
        attempt = office.dial(office.request_call(order), call)
        with office.store.write() as tx:
            spoken = n == ATTEMPTS - 1
            outcome = Outcome.SPOKEN if spoken else Outcome.NO_CODE
            attempts.conclude(tx, attempt, outcome, office.clock.now())
            attempts.hear_report(tx, attempt.id, call, "completed", False, office.clock.now())
    assert office.order_now(order.sid).status is Status.PENDING_VERIFICATION
    office.clock.tick(codes.CODE_SECONDS)
    with office.store.write() as tx:
        attempts.let_code_die(tx, tx.orders.get(order.sid), office.clock.now())
    assert office.order_now(order.sid).status is Status.ACTION_REQUIRED
    assert office.order_now(order.sid).failure_reason == ATTEMPTS_USED


def test_an_expired_code_ends_the_call_with_a_word(office, talk):
    office.clock.tick(codes.CODE_SECONDS)
    assert talk.consent().note is Note.EXPIRED


def test_a_code_that_was_shown_is_not_spoken_afterwards(office):
    order = office.request_call(office.order())
    with office.store.write() as tx:
        attempt = tx.attempts.of_subject(order.sid)[0]
        attempts.conclude(tx, attempt, Outcome.BUSY, office.clock.now())
    with office.store.write() as tx:
        found = tx.orders.get(order.sid)
        ordering.edit(tx, found, {"code_entry": "api"}, office.clock.now())
    assert office.order_now(order.sid).code is None
