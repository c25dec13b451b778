"""What whoever answers is asked, and what his keys mean."""

import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import CALL, NUMBER, Clock, Office
from verification import accounts, attempts, calling, codes, conversation, ordering
from verification.attempts import Outcome, State
from verification.codes import Keyring
from verification.conversation import LATE_SECONDS, PROMPTS, Call, Note, Reply, Say
from verification.statuses import Status
from verification.store.sqlite import SqliteStore


class Talk:
    """A call with its attempt, key by key."""

    def __init__(self, office, digits=1, **wishes):
        self.office = office
        self.digits = digits
        self.attempt = office.dialled(**wishes)
        self.reply = self.begin()

    def begin(self, call_sid=CALL, number=NUMBER):
        call = Call(call_sid, number)
        with self.office.store.write() as tx:
            return conversation.begin(
                tx,
                self.office.keyring,
                self.attempt.id,
                call,
                self.digits,
                self.office.clock.now(),
            )[1]

    def press(self, keys, step=None, call_sid=CALL):
        step = self.reply.step if step is None else step
        with self.office.store.write() as tx:
            self.reply = conversation.answer(
                tx,
                self.office.keyring,
                self.attempt.id,
                call_sid,
                step,
                keys,
                self.office.clock.now(),
            )[1]
        return self.reply

    def consent(self):
        return self.press(self.now.challenge)

    def end(self, status="completed", machine=False):
        with self.office.store.write() as tx:
            attempts.hear_report(
                tx, self.attempt.id, CALL, status, machine, self.office.clock.now()
            )

    @property
    def now(self):
        return self.office.attempt(self.attempt.id)

    @property
    def order(self):
        return self.office.order_of(self.attempt)

    @property
    def code(self):
        return self.office.code(self.attempt)

    @property
    def wrong(self):
        return f"{(int(self.code) + 1) % 10**6:06d}"

    @property
    def other_key(self):
        return str((int(self.now.challenge[0]) + 1) % 10)


@pytest.fixture
def talk(office):
    return Talk(office)


def test_first_the_person_is_asked_then_the_code_then_he_is_thanked(talk):
    keys = talk.now.challenge
    assert talk.reply == Reply(Say.ASK_CONSENT, Note.NONE, 1, keys)
    assert talk.consent() == Reply(Say.ASK_CODE, Note.NONE, 2, keys)
    assert talk.press(talk.code) == Reply(Say.GOODBYE, Note.VERIFIED, 3)
    assert talk.order.status is Status.VERIFIED


def test_a_verified_order_keeps_no_code(talk):
    talk.consent()
    talk.press(talk.code)
    assert talk.order.code is None


def test_each_call_has_its_own_random_key_and_none_of_the_codes():
    keys = {codes.new_challenge(1, "112233") for _ in range(300)}
    assert keys == set("0456789")


def test_a_greeting_that_plays_the_codes_tones_never_consents(talk):
    for key in talk.code * 3:
        talk.press(key)
    assert talk.now.outcome is Outcome.VOICEMAIL


def test_with_the_question_switched_off_the_code_is_asked_at_once(office):
    talk = Talk(office, digits=0)
    assert talk.reply.say is Say.ASK_CODE
    assert talk.press(talk.code).note is Note.VERIFIED


def test_the_code_alone_is_no_consent(talk):
    assert talk.press(talk.code[0]).say is Say.ASK_CONSENT
    assert talk.order.status is Status.PENDING_VERIFICATION


def test_two_other_keys_end_the_call_as_voicemail(talk):
    assert talk.press(talk.other_key).note is Note.WRONG_KEY
    assert len(talk.now.challenge) == 2  # harder to guess the second time
    assert talk.press(talk.other_key).say is Say.GOODBYE
    assert talk.now.outcome is Outcome.VOICEMAIL
    assert "voicemail" in talk.order.failure_reason


def test_a_slip_of_the_finger_gets_a_second_question(talk):
    talk.press(talk.other_key)
    assert talk.consent().say is Say.ASK_CODE


def test_silence_is_asked_four_times_and_then_ends_the_call(talk):
    for _ in range(PROMPTS - 1):
        reply = talk.press("")
        assert (reply.say, reply.note) == (Say.ASK_CONSENT, Note.NOT_HEARD)
    assert talk.press("").say is Say.GOODBYE
    assert talk.now.outcome is Outcome.VOICEMAIL


def test_silence_after_consent_ends_the_call_without_a_code(talk):
    talk.consent()
    for _ in range(PROMPTS - 1):
        assert talk.press("").say is Say.ASK_CODE
    assert talk.press("").say is Say.GOODBYE
    assert talk.now.outcome is Outcome.NO_CODE
    assert "2 of 3 attempts are left" in talk.order.failure_reason


def test_whoever_refuses_again_and_again_is_answered_each_time(talk):
    for step in (1, 2, 3):
        assert talk.press("*") == Reply(Say.GOODBYE, Note.DECLINED, step + 1)


@pytest.mark.parametrize("consented", [False, True])
@pytest.mark.parametrize("keys", ["*", "12*"])
def test_a_star_refuses_and_nobody_calls_the_number_again(office, consented, keys):
    talk = Talk(office)
    if consented:
        talk.consent()
    assert talk.press(keys).note is Note.DECLINED
    assert talk.order.status is Status.ACTION_REQUIRED
    assert "declined" in talk.order.failure_reason
    assert talk.order.code is None
    with office.store.read() as tx:
        assert tx.suppressions.active(NUMBER, office.clock.now() + 29 * 86400)


def test_three_wrong_codes_end_the_call(talk):
    talk.consent()
    assert talk.press(talk.wrong).note is Note.WRONG_CODE
    assert talk.press(talk.wrong).note is Note.WRONG_CODE
    assert talk.press(talk.wrong).say is Say.GOODBYE
    assert talk.now.outcome is Outcome.WRONG_CODE


def test_the_right_code_after_wrong_ones_verifies(talk):
    talk.consent()
    talk.press(talk.wrong)
    talk.press(talk.wrong)
    assert talk.press(talk.code).note is Note.VERIFIED


def test_five_wrong_codes_end_the_code_over_two_calls(office):
    talk = Talk(office)
    talk.consent()
    for _ in range(3):
        talk.press(talk.wrong)
    talk.end()
    dead = talk.code
    again = Talk.__new__(Talk)
    again.office, again.digits = office, 1
    office.request_call(talk.order)
    again.attempt = office.claim()
    again.reply = again.begin("CA" + "d" * 32)
    sid = "CA" + "d" * 32
    again.press(again.now.challenge, call_sid=sid)
    again.press(again.wrong, call_sid=sid)
    assert again.press(again.wrong, call_sid=sid).say is Say.GOODBYE
    assert again.order.code is None
    with office.store.write() as tx:
        attempts.hear_report(tx, again.attempt.id, sid, "completed", False, office.clock.now())
    office.request_call(again.order)
    assert again.order.code_tries == 0
    assert again.code != dead or again.order.code_expires_at > office.clock.now()


@pytest.mark.parametrize(
    "keys", ["1", "12345", "1234567", "１２３４５６", "12345６", " 12345", "abc"]
)
def test_everything_but_six_digits_is_one_wrong_try(talk, keys):
    talk.consent()
    assert talk.press(keys).note is Note.WRONG_CODE
    assert talk.now.code_tries == 1


@given(keys=st.text(max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_keys_whatever_make_it_fail(tmp_path_factory, keys):
    store = SqliteStore(tmp_path_factory.mktemp("keys") / "x.db")
    store.migrate()
    keyring, clock = Keyring([b"k" * 32]), Clock()
    with store.write() as tx:
        account, _ = accounts.create(tx, keyring, "A", clock.now())
    talk = Talk(Office(store, keyring, clock, account))
    talk.press(keys)
    talk.press(keys)
    assert talk.order.status is not Status.VERIFIED
    store.close()


def test_a_code_that_has_died_in_the_call_is_refused(talk):
    talk.consent()
    code = talk.code
    talk.office.clock.tick(codes.CODE_SECONDS)
    assert talk.press(code).note is Note.EXPIRED
    assert talk.now.outcome is Outcome.EXPIRED
    assert talk.order.status is Status.PENDING_VERIFICATION


def test_a_step_that_is_asked_again_gets_the_same_answer_and_counts_once(talk):
    talk.consent()
    step = talk.reply.step
    first = talk.press(talk.wrong, step)
    assert talk.press(talk.code, step) == first
    assert talk.now.code_tries == 1
    assert talk.begin() == Reply(Say.ASK_CONSENT, Note.NONE, 1, talk.now.challenge)
    assert talk.order.status is Status.PENDING_VERIFICATION


def test_a_step_that_has_not_been_asked_hangs_up(talk):
    assert talk.press(talk.code, step=5).say is Say.HANG_UP


def test_another_call_of_the_attempt_hangs_up_and_the_trail_says_so(talk):
    assert talk.begin("CA" + "d" * 32).say is Say.HANG_UP
    assert talk.press(talk.now.challenge, call_sid="CA" + "d" * 32).say is Say.HANG_UP
    assert any(event.startswith("double call") for event in talk.office.events(talk.order.sid))


def test_a_call_to_another_number_hangs_up(talk):
    assert talk.begin(number="+12124567890").say is Say.HANG_UP


def test_a_call_of_a_lost_attempt_hangs_up_before_a_word(office):
    attempt = office.dialled()
    with office.store.write() as tx:
        lost = replace(attempt, state=State.UNKNOWN, call_sid=None)
        tx.attempts.save(lost)
        attempts.conclude(tx, lost, Outcome.LOST, office.clock.now())
    with office.store.write() as tx:
        call, now = Call(CALL, NUMBER), office.clock.now()
        _, reply = conversation.begin(tx, office.keyring, attempt.id, call, 1, now)
    assert reply.say is Say.HANG_UP


def test_a_deleted_order_s_call_hangs_up(talk):
    order = talk.order
    with talk.office.store.write() as tx:
        ordering.delete(tx, order, talk.office.clock.now())
        calling.abandon(tx, order, talk.office.clock.now())
    assert talk.consent().say is Say.HANG_UP


def test_keys_that_arrive_just_after_the_end_of_the_call_still_verify(talk):
    talk.consent()
    talk.end("completed")
    assert talk.order.failure_reason.startswith("The verification call was hung up")
    talk.office.clock.tick(LATE_SECONDS)
    assert talk.press(talk.code).note is Note.VERIFIED
    assert talk.order.status is Status.VERIFIED
    assert talk.order.failure_reason is None


def asked_again(talk):
    """The call was reported ended before its last keys came; the next one was asked for."""
    talk.consent()
    talk.end("completed")
    order = talk.office.request_call(talk.order)
    with talk.office.store.read() as tx:
        return tx.attempts.of_subject(order.sid)[1]


def test_a_late_right_code_verifies_though_the_next_call_was_asked_for_and_that_one_is_dropped(
    talk,
):
    second = asked_again(talk)
    assert talk.press(talk.code).note is Note.VERIFIED
    assert talk.order.status is Status.VERIFIED
    assert talk.office.attempt(second.id).outcome is Outcome.CANCELED
    assert talk.office.claim() is None


def test_a_late_refusal_counts_too_and_hangs_up_the_next_call(talk):
    second = asked_again(talk)
    talk.office.dial(talk.order, "CA" + "d" * 32)
    assert talk.press("*").note is Note.DECLINED
    assert talk.order.status is Status.ACTION_REQUIRED
    assert talk.office.attempt(second.id).hang_up


def test_a_late_report_of_the_first_call_says_nothing_of_the_second(talk):
    asked_again(talk)
    before = talk.order
    talk.end("completed", machine=True)
    assert talk.order == before


def test_a_refusal_counts_even_if_the_order_was_deleted_meanwhile(talk):
    order = talk.order
    with talk.office.store.write() as tx:
        ordering.delete(tx, order, talk.office.clock.now())
        calling.abandon(tx, order, talk.office.clock.now())
    assert talk.press("*").note is Note.DECLINED
    with talk.office.store.read() as tx:
        assert tx.suppressions.active(NUMBER, talk.office.clock.now())


def test_wrong_codes_and_silence_together_are_four_prompts(talk):
    talk.consent()
    talk.press("")
    talk.press(talk.wrong)
    talk.press("")
    assert talk.press(talk.wrong).say is Say.GOODBYE


def test_the_fifth_wrong_code_is_the_last_that_is_counted(talk):
    talk.consent()
    order = talk.order
    with talk.office.store.write() as tx:
        tx.orders.save(replace(order, code_tries=5))
        assert tx.attempts.count_try(talk.attempt.id, 3, 5) is None
    assert talk.press(talk.code).say is Say.GOODBYE
    assert talk.order.status is Status.PENDING_VERIFICATION


def test_keys_that_arrive_later_than_that_do_not(talk):
    talk.consent()
    talk.end("completed")
    talk.office.clock.tick(LATE_SECONDS + 1)
    assert talk.press(talk.code).say is Say.HANG_UP
    assert talk.order.status is Status.PENDING_VERIFICATION


def test_a_clock_that_is_set_back_does_not_end_the_call(talk):
    talk.consent()
    talk.office.clock.tick(-3600)
    assert talk.press(talk.code).note is Note.VERIFIED


def test_of_many_tries_at_once_no_more_than_three_are_counted(talk):
    talk.consent()
    start, counted = threading.Barrier(8), []

    def try_code():
        start.wait()
        with talk.office.store.write() as tx:
            counted.append(tx.attempts.count_try(talk.attempt.id, 3, 5))
        talk.office.store.close()

    threads = [threading.Thread(target=try_code) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in counted if one]) == 3


def test_the_call_of_an_account_that_is_suspended_meanwhile_ends_without_a_verdict(office, talk):
    talk.consent()
    with office.store.write() as tx:
        account = tx.accounts.get(office.account.sid)
        accounts.set_status(tx, account, accounts.AccountStatus.SUSPENDED, office.clock.now())
    assert talk.press(talk.code).say is Say.HANG_UP
    assert talk.begin().say is not Say.HANG_UP  # what was said before is said again
    assert talk.order.status is Status.PENDING_VERIFICATION
