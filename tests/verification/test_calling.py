"""Asking for ownership calls and dialling each of them once."""

import threading
from dataclasses import replace

import pytest

from tests.conftest import CALL, NUMBER
from verification import accounts, attempts, calling, codes, ordering, orders, phone_bills
from verification.attempts import ATTEMPTS, ATTEMPTS_USED, Outcome, State
from verification.calling import (
    AttemptsUsed,
    CallUnderWay,
    CarrierCall,
    NotCallable,
    Placed,
    Postponed,
    Refused,
    Unclear,
)
from verification.statuses import Mover, MoveRefused, Status

OTHER_NUMBER = "+12124567890"


def answer(office, attempt, given):
    with office.store.write() as tx:
        calling.record_answer(tx, attempt.id, given, office.clock.now())
    return office.attempt(attempt.id)


def settle(office, attempt, found):
    with office.store.write() as tx:
        calling.settle(tx, attempt.id, found, office.clock.now())
    return office.attempt(attempt.id)


def claimed(office):
    office.request_call(office.order())
    return office.claim()


def report(office, attempt, status, call_sid=CALL):
    with office.store.write() as tx:
        attempts.hear_report(tx, attempt.id, call_sid, status, False, office.clock.now())
    return office.attempt(attempt.id)


class TestAsking:
    def test_asking_counts_an_attempt_and_shows_a_code_of_six_digits(self, office):
        order = office.request_call(office.order())
        assert order.status is Status.PENDING_VERIFICATION
        assert order.verification_attempts == 1
        code = calling.visible_code(order, office.keyring, office.clock.now())
        assert code is not None
        assert len(code) == 6
        assert code.isdigit()

    def test_asking_again_while_the_call_is_to_come_changes_nothing(self, office):
        order = office.request_call(office.order())
        assert office.request_call(order) == order

    def test_a_new_call_within_ten_minutes_keeps_the_code_and_a_later_one_has_another(self, office):
        attempt = office.dialled()
        code = office.code(attempt)
        report(office, attempt, "busy")
        office.clock.tick(codes.CODE_SECONDS - 1)
        office.request_call(office.order_of(attempt))
        assert office.code(attempt) == code
        second = office.dial(office.order_of(attempt), "CA" + "d" * 32)
        report(office, second, "busy", second.call_sid)
        office.clock.tick(1)
        office.request_call(office.order_of(attempt))
        expires_at = office.order_of(attempt).code_expires_at
        assert expires_at == office.clock.now() + codes.CODE_SECONDS

    def test_the_code_is_not_shown_after_its_ten_minutes(self, office):
        order = office.request_call(office.order())
        office.clock.tick(codes.CODE_SECONDS)
        assert calling.visible_code(order, office.keyring, office.clock.now()) is None

    def test_an_order_that_is_not_yet_received_cannot_be_called(self, office):
        with office.store.write() as tx:
            order = ordering.create(tx, office.account.sid, NUMBER, {}, office.clock.now())
        with pytest.raises(MoveRefused, match="twilio-processing"):
            office.request_call(order)

    def test_a_phone_bill_order_is_not_called(self, office):
        with office.store.write() as tx:
            now = office.clock.now()
            bill = phone_bills.upload(tx, office.keyring, office.account.sid, b"%PDF-%%EOF", now)
        order = office.order(verification_type="phone-bill", verification_document_sid=bill.sid)
        with pytest.raises(NotCallable, match="phone-bill"):
            office.request_call(order)

    def test_what_belongs_to_the_call_cannot_change_while_it_is_under_way(self, office):
        order = office.request_call(office.order(extension="ww2"))
        with office.store.read() as tx:
            calling.refuse_late_changes(tx, order, {"extension": "ww2", "friendly_name": "x"})
            with pytest.raises(CallUnderWay, match="extension"):
                calling.refuse_late_changes(tx, order, {"extension": "ww3"})

    def test_after_three_calls_the_order_needs_action_and_no_fourth_is_made(self, office):
        order = office.order()
        for n in range(ATTEMPTS):
            office.request_call(order)
            attempt = office.dial(order, f"CA{n:032x}")
            report(office, attempt, "no-answer", attempt.call_sid)
        used = office.order_now(order.sid)
        assert (used.status, used.failure_reason) == (Status.ACTION_REQUIRED, ATTEMPTS_USED)
        with pytest.raises(AttemptsUsed):
            office.request_call(used)


class TestDialling:
    def test_an_attempt_is_claimed_once(self, office):
        assert claimed(office).state is State.DIALLING
        assert office.claim() is None

    def test_one_of_many_diallers_at_the_same_moment_gets_the_attempt(self, office):
        office.request_call(office.order())
        start, got = threading.Barrier(8), []

        def dial():
            start.wait()
            got.append(office.claim())
            office.store.close()

        threads = [threading.Thread(target=dial) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([attempt for attempt in got if attempt]) == 1

    def test_the_call_delay_is_kept(self, office):
        office.request_call(office.order(call_delay=60))
        office.clock.tick(59.9)
        assert office.claim() is None
        office.clock.tick(0.1)
        assert office.claim() is not None

    def test_calls_are_an_interval_apart_over_all_accounts(self, office):
        office.request_call(office.order())
        office.request_call(office.order(OTHER_NUMBER))
        assert office.claim(interval=1.0) is not None
        assert office.claim(interval=1.0) is None
        office.clock.tick(1.0)
        assert office.claim(interval=1.0) is not None

    def test_a_clock_that_was_set_back_an_hour_stops_dialling_for_no_hour(self, office):
        office.request_call(office.order())
        office.request_call(office.order(OTHER_NUMBER))
        assert office.claim(interval=1.0) is not None
        office.clock.tick(-3600)
        with office.store.write() as tx:  # the second attempt is due on the old clock
            standing = tx.attempts.of_subject(
                tx.orders.open_for(office.account.sid, OTHER_NUMBER).sid
            )
            tx.attempts.save(replace(standing[0], due_at=office.clock.now()))
        assert office.claim(interval=1.0) is not None

    def test_a_number_that_is_on_the_line_is_not_dialled_for_another_account(self, office):
        first = office.dialled()
        with office.store.write() as tx:
            account, _ = accounts.create(tx, office.keyring, "Another", office.clock.now())
        other = replace(office, account=account)
        second = other.request_call(other.order())
        assert second.status is Status.PENDING_VERIFICATION
        assert office.claim() is None
        report(office, first, "busy")
        assert office.claim().subject_sid == second.sid

    def test_a_deleted_order_is_not_dialled(self, office):
        order = office.request_call(office.order())
        with office.store.write() as tx:
            ordering.delete(tx, order, office.clock.now())
            calling.abandon(tx, order, office.clock.now())
        assert office.claim() is None

    def test_an_order_whose_code_has_died_is_not_dialled_and_the_attempt_is_given_back(
        self, office
    ):
        order = office.request_call(office.order())
        office.clock.tick(codes.CODE_SECONDS)
        assert office.claim() is None
        waiting = office.order_now(order.sid)
        assert waiting.verification_attempts == 0
        assert "does not count as an attempt" in waiting.failure_reason

    def test_a_number_that_may_no_longer_be_dialled_is_not(self, office):
        order = office.request_call(office.order())
        with office.store.write() as tx:
            attempt = tx.attempts.of_subject(order.sid)[0]
            tx.attempts.save(replace(attempt, number="+19005551234"))
        assert office.claim() is None
        assert office.order_now(order.sid).status is Status.ACTION_REQUIRED

    def test_a_number_whose_person_declined_is_called_for_nobody(self, office):
        order = office.order()
        with office.store.write() as tx:
            tx.suppressions.add(NUMBER, office.clock.now() + 10)
        with pytest.raises(NotCallable, match="declined"):
            office.request_call(order)
        office.clock.tick(10)
        assert office.request_call(order).verification_attempts == 1

    def test_a_call_may_last_as_long_as_its_talk_and_its_extension(self, office):
        attempt = office.dialled(extension="WWWWW1")
        assert calling.limit_seconds(attempt) == calling.TALK_SECONDS + 6


class TestTheCarriersAnswer:
    def test_a_placed_call_is_bound_to_its_attempt(self, office):
        attempt = answer(office, claimed(office), Placed(CALL))
        assert (attempt.state, attempt.call_sid) == (State.DIALLED, CALL)

    def test_when_the_carrier_asks_to_wait_the_attempt_waits_and_is_dialled_again(self, office):
        attempt = answer(office, claimed(office), Postponed(7))
        assert attempt.state is State.READY
        assert office.claim() is None
        office.clock.tick(7)
        assert office.claim() is not None
        assert office.order_of(attempt).verification_attempts == 1

    def test_a_carrier_cannot_ask_to_wait_for_ever(self, office):
        attempt = answer(office, claimed(office), Postponed(10**9))
        assert attempt.due_at == office.clock.now() + calling.LONGEST_WAIT_SECONDS

    def test_a_refusal_needs_action_and_tells_the_carriers_number(self, office):
        attempt = answer(office, claimed(office), Refused(21215, "Geo permission"))
        order = office.order_of(attempt)
        assert (attempt.state, attempt.outcome) == (State.DONE, Outcome.REFUSED)
        assert order.status is Status.ACTION_REQUIRED
        assert "21215" in order.failure_reason

    def test_an_unclear_answer_is_never_dialled_again(self, office):
        attempt = answer(office, claimed(office), Unclear("HTTP 500"))
        assert attempt.state is State.UNKNOWN
        for _ in range(100):
            office.clock.tick(60)
            assert office.claim() is None

    def test_a_webhook_adopts_the_call_of_an_unclear_answer(self, office):
        attempt = answer(office, claimed(office), Unclear("HTTP 500"))
        assert report(office, attempt, "ringing").state is State.DIALLED

    def test_a_late_answer_of_the_carrier_adds_nothing_to_an_adopted_call(self, office):
        attempt = claimed(office)
        report(office, attempt, "ringing")
        assert answer(office, attempt, Unclear("timeout")).state is State.DIALLED
        assert answer(office, attempt, Postponed(1)).state is State.DIALLED


class TestSettling:
    def unclear(self, office):
        return answer(office, claimed(office), Unclear("HTTP 500"))

    def test_the_one_free_call_in_the_carriers_list_is_ours(self, office):
        attempt = settle(office, self.unclear(office), [CarrierCall(CALL, "in-progress")])
        assert (attempt.state, attempt.call_sid) == (State.DIALLED, CALL)

    def test_a_call_that_has_ended_meanwhile_ends_its_attempt(self, office):
        attempt = settle(office, self.unclear(office), [CarrierCall(CALL, "busy")])
        assert (attempt.state, attempt.outcome) == (State.DONE, Outcome.BUSY)

    def test_an_empty_list_means_lost_only_after_the_grace_time(self, office):
        attempt = self.unclear(office)
        office.clock.tick(calling.GRACE_SECONDS - 1)
        assert settle(office, attempt, []).state is State.UNKNOWN
        office.clock.tick(1)
        lost = settle(office, attempt, [])
        assert (lost.state, lost.outcome) == (State.DONE, Outcome.LOST)

    def test_a_lost_call_is_no_attempt_and_the_customer_can_ask_again(self, office):
        attempt = self.unclear(office)
        office.clock.tick(calling.GRACE_SECONDS)
        settle(office, attempt, [])
        order = office.order_of(attempt)
        assert (order.status, order.verification_attempts) == (Status.PENDING_VERIFICATION, 0)
        assert office.request_call(order).verification_attempts == 1

    def test_nor_is_one_of_an_order_that_waits_for_action_by_then(self, office):
        attempt = self.unclear(office)
        with office.store.write() as tx:
            attempts.drop(tx, attempt, office.clock.now())
            order = tx.orders.get(attempt.subject_sid)
            orders.move(tx, order, Status.ACTION_REQUIRED, Mover.OPERATOR, office.clock.now())
        office.clock.tick(calling.GRACE_SECONDS)
        assert settle(office, attempt, []).outcome is Outcome.LOST
        order = office.order_of(attempt)
        assert (order.status, order.verification_attempts) == (Status.ACTION_REQUIRED, 0)

    def test_nor_is_one_that_was_taken_back_before_it_was_dialled(self, office):
        asked = office.request_call(office.order())
        with office.store.write() as tx:
            (waiting,) = tx.attempts.of_subject(asked.sid)
            orders.move(tx, asked, Status.ACTION_REQUIRED, Mover.OPERATOR, office.clock.now())
            attempts.drop(tx, waiting, office.clock.now())
        order = office.order_now(asked.sid)
        assert (order.status, order.verification_attempts) == (Status.ACTION_REQUIRED, 0)

    def test_while_the_carrier_cannot_be_asked_nothing_is_lost(self, office):
        attempt = self.unclear(office)
        office.clock.tick(10 * calling.GRACE_SECONDS)
        assert settle(office, attempt, None).state is State.UNKNOWN

    def test_of_two_free_calls_none_is_adopted_and_the_trail_says_so_once(self, office):
        attempt = self.unclear(office)
        two = [CarrierCall(CALL, "ringing"), CarrierCall("CA" + "d" * 32, "ringing")]
        for _ in range(3):
            assert settle(office, attempt, two).state is State.UNKNOWN
        events = office.events(attempt.subject_sid)
        assert len([event for event in events if event.startswith("double call")]) == 1

    def test_the_late_call_of_a_lost_attempt_is_taken_only_to_be_ended(self, office):
        attempt = self.unclear(office)
        office.clock.tick(calling.GRACE_SECONDS)
        settle(office, attempt, [])
        late = answer(office, attempt, Placed(CALL))
        assert (late.state, late.outcome, late.hang_up) == (State.DONE, Outcome.LOST, True)
        assert late.due_at == office.clock.now()

    def given_up(self, office):
        """An attempt that is lost, and a second one of the same order that is unclear."""
        first = self.unclear(office)
        office.clock.tick(calling.GRACE_SECONDS)
        settle(office, first, [])
        office.request_call(office.order_of(first))
        second = answer(office, office.claim(), Unclear("HTTP 500"))
        return first, second

    def test_a_webhook_takes_its_call_back_from_an_attempt_that_had_it_from_the_list(self, office):
        first, second = self.given_up(office)
        assert settle(office, second, [CarrierCall(CALL, "queued")]).call_sid == CALL
        assert report(office, first, "ringing").call_sid == CALL
        robbed = office.attempt(second.id)
        assert (robbed.call_sid, robbed.state) == (None, State.UNKNOWN)
        own = "CA" + "d" * 32
        assert report(office, second, "ringing", own).call_sid == own

    def test_an_attempt_that_ended_by_anothers_call_is_looked_for_again(self, office):
        first, second = self.given_up(office)
        assert settle(office, second, [CarrierCall(CALL, "busy")]).outcome is Outcome.BUSY
        report(office, first, "ringing")
        robbed = office.attempt(second.id)
        assert (robbed.state, robbed.outcome, robbed.call_sid) == (State.UNKNOWN, None, None)
        assert (robbed.carrier_status, robbed.due_at) == (None, office.clock.now())
        own = "CA" + "d" * 32
        assert settle(office, robbed, [CarrierCall(own, "no-answer")]).outcome is Outcome.NO_ANSWER
        assert "not answered" in office.order_of(robbed).failure_reason

    def test_what_a_person_decided_stays_when_the_call_is_taken_away(self, office):
        first, second = self.given_up(office)
        settle(office, second, [CarrierCall(CALL, "in-progress")])
        with office.store.write() as tx:
            held = tx.attempts.get(second.id)
            attempts.conclude(tx, held, Outcome.DECLINED, office.clock.now())
        report(office, second, "completed")
        report(office, first, "ringing")
        robbed = office.attempt(second.id)
        assert (robbed.state, robbed.outcome) == (State.DONE, Outcome.DECLINED)
        assert (robbed.call_sid, robbed.due_at) == (None, None)

    def test_while_the_number_is_called_again_its_earlier_attempt_is_not_looked_for(self, office):
        first, second = self.given_up(office)
        settle(office, second, [CarrierCall(CALL, "busy")])
        third = office.dial(office.request_call(office.order_of(second)), "CA" + "e" * 32)
        report(office, first, "ringing")
        robbed = office.attempt(second.id)
        assert (robbed.state, robbed.outcome) == (State.DONE, Outcome.BUSY)
        assert (robbed.call_sid, robbed.due_at) == (None, None)
        assert office.attempt(third.id).state is State.DIALLED

    def test_two_calls_of_which_none_is_certain_are_given_up_in_the_end(self, office):
        attempt = self.unclear(office)
        two = [CarrierCall(CALL, "ringing"), CarrierCall("CA" + "d" * 32, "ringing")]
        office.clock.tick(calling.GRACE_SECONDS)
        assert settle(office, attempt, two).outcome is Outcome.LOST

    def test_a_call_of_another_attempt_is_not_taken(self, office):
        attempt = self.unclear(office)
        other = office.request_call(office.order(OTHER_NUMBER))
        taken = office.dial(other, CALL)
        assert settle(office, attempt, [CarrierCall(CALL, "ringing")]).call_sid is None
        assert office.attempt(taken.id).call_sid == CALL


class TestEnding:
    def test_a_deleted_order_s_call_is_hung_up(self, office):
        attempt = office.dialled()
        order = office.order_of(attempt)
        with office.store.write() as tx:
            ordering.delete(tx, order, office.clock.now())
            calling.abandon(tx, order, office.clock.now())
        ending = office.attempt(attempt.id)
        assert ending.hang_up
        assert ending.due_at == office.clock.now()
        with office.store.write() as tx:
            calling.hung_up(tx, attempt.id, office.clock.now())
        assert report(office, attempt, "completed").state is State.DONE

    def test_a_call_without_reports_is_looked_at_and_ended_by_what_the_carrier_says(self, office):
        attempt = office.dialled()
        with office.store.write() as tx:
            calling.watch(tx, attempt.id, CarrierCall(CALL, "in-progress"), office.clock.now())
        assert office.attempt(attempt.id).due_at == office.clock.now() + attempts.WATCH_SECONDS
        with office.store.write() as tx:
            calling.watch(tx, attempt.id, CarrierCall(CALL, "no-answer"), office.clock.now())
        assert office.attempt(attempt.id).outcome is Outcome.NO_ANSWER

    def test_a_call_that_the_carrier_never_tells_of_is_over_after_a_day(self, office):
        attempt = office.dialled()
        for seconds in (60.0, calling.LATE_SECONDS):
            office.clock.tick(seconds)
            with office.store.write() as tx:
                calling.watch(tx, attempt.id, None, office.clock.now())
            assert office.attempt(attempt.id).state is State.DIALLED
        office.clock.tick(calling.TALK_SECONDS)
        with office.store.write() as tx:
            calling.watch(tx, attempt.id, None, office.clock.now())
        assert office.attempt(attempt.id).outcome is Outcome.FAILED

    def test_a_suppressed_number_is_not_dialled_though_the_call_was_asked_for_before(self, office):
        order = office.request_call(office.order())
        with office.store.write() as tx:
            tx.suppressions.add(NUMBER, office.clock.now() + 10)
        assert office.claim() is None
        assert office.order_now(order.sid).status is Status.ACTION_REQUIRED

    def test_a_refusal_of_the_carrier_is_written_down_without_the_number(self, office):
        refusal = Refused(21211, f"The number {NUMBER} is not valid")
        attempt = answer(office, claimed(office), refusal)
        assert "...2034" in office.order_of(attempt).failure_reason
        assert NUMBER not in " ".join(office.events(attempt.subject_sid))

    def test_a_code_that_may_still_be_typed_outlives_the_last_report(self, office):
        attempt = office.dialled()
        order = replace(office.order_of(attempt), verification_attempts=ATTEMPTS)
        with office.store.write() as tx:
            tx.orders.save(order)
        report(office, attempt, "completed")
        assert office.order_of(attempt).status is Status.ACTION_REQUIRED
        assert office.order_of(attempt).code is not None

    def test_the_limits_are_those_that_the_documents_tell(self):
        assert (calling.TALK_SECONDS, attempts.WATCH_SECONDS) == (240, 60.0)
        assert codes.CODE_SECONDS == 600
