"""The carrier's reports: every order of them, with duplicates, ends in one state."""

from dataclasses import replace
from itertools import permutations, zip_longest

import pytest

from tests.conftest import CALL, LANDLINE
from verification import attempts, calling, ordering
from verification.attempts import ENDINGS, REASONS, Outcome, State
from verification.calling import Placed
from verification.ordering import Policy
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


def all_dialled(office, count):
    """So many calls that are on the line, made in a few transactions."""
    now, numbers = office.clock.now(), [f"+1212456{n:04d}" for n in range(count)]
    with office.store.write() as tx:
        made = [ordering.create(tx, office.account.sid, one, {}, now) for one in numbers]
        for order in made:
            settled = ordering.settle_eligibility(tx, order.sid, LANDLINE, Policy(), now)
            assert settled
            calling.request_call(tx, office.keyring, settled, office.account.name, now)
    with office.store.write() as tx:
        for n in range(count):
            attempt = calling.claim(tx, now, 0.0)
            assert attempt
            calling.record_answer(tx, attempt.id, Placed(f"CA{n:032x}"), now)
    with office.store.read() as tx:
        return [tx.attempts.of_subject(order.sid)[0] for order in made]


SIX = ("queued", "initiated", "ringing", "in-progress", "completed", "busy")


def test_all_720_orders_of_six_events_with_duplicates_end_in_one_state(office):
    """A call hears one report in a transaction; all the calls hear theirs side by side."""
    told = []
    for n, order in enumerate(permutations(SIX)):
        again = [status for at, status in enumerate(order) for _ in range(1 + (n + at) % 3)]
        told.append([*again, *order[::-1]])
    calls = all_dialled(office, len(told))
    for reports in zip_longest(*told):
        with office.store.write() as tx:
            for call, status in zip(calls, reports, strict=True):
                if status:
                    at = office.clock.now()
                    attempts.hear_report(tx, call.id, call.call_sid, status, False, at)
    seen = {final_state(office, call) for call in calls}
    assert len(calls) == 720
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
