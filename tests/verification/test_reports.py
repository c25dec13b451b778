"""The carrier's reports: every order of them, with duplicates, ends in one state."""

from dataclasses import replace
from itertools import permutations

import pytest

from tests.conftest import CALL
from verification import attempts
from verification.attempts import ENDINGS, REASONS, Outcome, State
from verification.statuses import Status


def hear(office, attempt, status, call_sid=CALL, machine=False):
    with office.store.write() as tx:
        attempts.hear_report(tx, attempt.id, call_sid, status, machine, office.clock.now())


def final_state(office, attempt):
    """What is left of a call, without its own names."""
    order = office.order_of(attempt)
    standing = replace(office.attempt(attempt.id), id="", subject_sid="", number="", call_sid="")
    return standing, order.status, order.failure_reason, order.verification_attempts


def dialled(office, n):
    """The n-th fresh attempt, each with a number and a call of its own."""
    number = f"+1212456{n:04d}"
    order = office.request_call(office.order(number))
    return office.dial(order, f"CA{n:032x}")


SIX = ("queued", "initiated", "ringing", "in-progress", "completed", "busy")


def test_all_720_orders_of_six_events_with_duplicates_end_in_one_state(office):
    seen = set()
    for n, order in enumerate(permutations(SIX)):
        attempt = dialled(office, n)
        for place, status in enumerate(order):
            for _ in range(1 + (n + place) % 3):
                hear(office, attempt, status, attempt.call_sid)
        for status in order[::-1]:
            hear(office, attempt, status, attempt.call_sid)
        seen.add(final_state(office, attempt))
    assert len(seen) == 1
    attempt, status, _, _ = seen.pop()
    assert (attempt.state, attempt.carrier_status) == (State.DONE, "completed")
    assert status is Status.PENDING_VERIFICATION


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_ending_is_told_to_the_customer(office, ending):
    attempt = office.dialled()
    hear(office, attempt, ending)
    outcome = Outcome.FAILED if ending == "completed" else ENDINGS[ending]
    assert office.attempt(attempt.id).outcome is outcome
    assert office.order_of(attempt).failure_reason.startswith(REASONS[outcome])


def test_a_machine_that_answered_is_told_as_voicemail_in_whichever_report_it_comes(office):
    for n, flags in enumerate([(True, False), (False, True)]):
        attempt = dialled(office, n)
        statuses = ("completed", "in-progress")
        for status, machine in zip(statuses, flags, strict=True):
            hear(office, attempt, status, attempt.call_sid, machine)
        assert office.attempt(attempt.id).outcome is Outcome.VOICEMAIL


def test_reports_of_another_call_change_nothing(office):
    attempt = office.dialled()
    before = office.attempt(attempt.id)
    hear(office, attempt, "completed", "CA" + "d" * 32)
    assert office.attempt(attempt.id) == before


def test_unknown_words_change_nothing(office):
    attempt = office.dialled()
    before = office.attempt(attempt.id)
    for status in ("", "answered", "verified", "COMPLETED"):
        hear(office, attempt, status)
    assert office.attempt(attempt.id) == before


def test_no_report_verifies(office):
    attempt = office.dialled()
    for status in (*SIX, *ENDINGS):
        hear(office, attempt, status)
    assert office.order_of(attempt).status is Status.PENDING_VERIFICATION


def test_the_end_of_a_call_frees_its_number(office):
    attempt = office.dialled()
    hear(office, attempt, "no-answer")
    office.request_call(office.order_of(attempt))
    assert office.claim() is not None
