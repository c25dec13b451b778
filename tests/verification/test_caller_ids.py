"""Caller IDs: a request is one call, and its customer is told once how it ended."""

import pytest

from tests.conftest import CALL, NUMBER
from verification import attempts, calling, codes, conversation, validating
from verification.attempts import Outcome
from verification.caller_ids import LATE_SECONDS, AlreadyVerified, CallerIdStatus
from verification.calling import Placed
from verification.duties import ValidationsDue
from verification.statuses import Status

HOOK = "https://example.com/validated"
CALLER = "+14157234000"


@pytest.fixture
def due(office):
    return ValidationsDue(office.store, office.clock.now)


def request(office, **wishes):
    with office.store.write() as tx:
        wishes = {"status_callback_url": HOOK, **wishes}
        return validating.request(
            tx, office.keyring, office.account, NUMBER, wishes, office.clock.now()
        )


def answered(office):
    """The call of the request, answered and consented to; gives the attempt and the next step."""
    attempt = office.claim()
    with office.store.write() as tx:
        calling.record_answer(tx, attempt.id, Placed(CALL, CALLER), office.clock.now())
        call = conversation.Call(CALL, NUMBER)
        conversation.begin(tx, office.keyring, attempt.id, call, 1, office.clock.now())
    return press(office, office.attempt(attempt.id).challenge, attempt.id)


def press(office, keys, attempt_id):
    step = office.attempt(attempt_id).step
    with office.store.write() as tx:
        conversation.answer(tx, office.keyring, attempt_id, CALL, step, keys, office.clock.now())
    return attempt_id


def report(office, attempt_id, status="completed"):
    with office.store.write() as tx:
        attempts.hear_report(tx, attempt_id, CALL, status, False, office.clock.now())


def caller_id(office, sid):
    with office.store.read() as tx:
        return tx.caller_ids.get(sid)


def told(office, sid):
    with office.store.read() as tx:
        return [message.fields for message in tx.outbox.of_object(sid)]


def test_the_right_code_makes_the_caller_id_and_the_customer_is_told_after_the_call(office, due):
    made = request(office)
    attempt_id = press(office, made.code, answered(office))
    assert caller_id(office, made.caller_id.sid).status is CallerIdStatus.VERIFIED
    assert due.do() is False
    office.clock.tick(12)
    report(office, attempt_id)
    assert due.do() is True
    assert told(office, made.caller_id.sid) == [
        {
            "VerificationStatus": "success",
            "OutgoingCallerIdSid": made.caller_id.sid,
            "CallSid": f"CA{attempt_id}",
            "AccountSid": office.account.sid,
            "ApiVersion": "2010-04-01",
            "Direction": "outbound-api",
            "CallStatus": "completed",
            "CallDuration": "12",
            "To": NUMBER,
            "Called": NUMBER,
            "From": CALLER,
            "Caller": CALLER,
        }
    ]
    assert due.do() is False


def test_an_end_that_is_never_reported_keeps_the_customer_waiting_for_a_minute_only(office, due):
    made = request(office)
    press(office, made.code, answered(office))
    office.clock.tick(LATE_SECONDS)
    assert due.do() is True
    assert told(office, made.caller_id.sid)[0]["VerificationStatus"] == "success"


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_takes_fails_and_is_told_once(office, due, status):
    made = request(office)
    attempt = office.claim()
    with office.store.write() as tx:
        calling.record_answer(tx, attempt.id, Placed(CALL), office.clock.now())
    report(office, attempt.id, status)
    assert due.do() is False
    office.clock.tick(LATE_SECONDS)
    assert due.do() is True
    (fields,) = told(office, made.caller_id.sid)
    assert (fields["VerificationStatus"], fields["CallStatus"]) == ("failed", status)
    assert "OutgoingCallerIdSid" not in fields
    assert caller_id(office, made.caller_id.sid).code is None


def test_keys_that_arrive_after_the_end_was_reported_still_verify(office, due):
    made = request(office)
    attempt_id = answered(office)
    report(office, attempt_id)
    press(office, made.code, attempt_id)
    assert caller_id(office, made.caller_id.sid).status is CallerIdStatus.VERIFIED
    due.do()
    office.clock.tick(LATE_SECONDS)
    due.do()
    assert [fields["VerificationStatus"] for fields in told(office, made.caller_id.sid)] == [
        "success"
    ]


def test_three_wrong_codes_fail(office, due):
    made = request(office)
    attempt_id = answered(office)
    for _ in range(3):
        press(office, f"{(int(made.code) + 1) % 10**6:06d}", attempt_id)
    report(office, attempt_id)
    due.do()
    assert told(office, made.caller_id.sid)[0]["VerificationStatus"] == "failed"


def test_who_refuses_is_not_called_for_it_again(office):
    request(office)
    press(office, "*", answered(office))
    with pytest.raises(calling.NotCallable):
        request(office)


def test_asked_again_while_the_call_is_to_come_it_is_the_same_call_and_code(office):
    first = request(office)
    assert request(office) == first
    assert office.claim() is not None
    assert office.claim() is None


def test_asked_again_after_a_failure_it_is_another_call_and_the_first_is_told(office):
    first = request(office)
    attempt = office.claim()
    with office.store.write() as tx:
        calling.record_answer(tx, attempt.id, Placed(CALL), office.clock.now())
    report(office, attempt.id, "busy")
    second = request(office)
    assert second.caller_id.sid != first.caller_id.sid
    assert caller_id(office, first.caller_id.sid).status is CallerIdStatus.FAILED
    assert told(office, first.caller_id.sid)[0]["VerificationStatus"] == "failed"


def test_a_number_that_is_verified_is_not_verified_twice(office):
    made = request(office)
    press(office, made.code, answered(office))
    with pytest.raises(AlreadyVerified):
        request(office)


def test_a_code_that_expired_before_the_call_ends_the_request(office, due):
    made = request(office)
    office.clock.tick(codes.CODE_SECONDS)
    assert office.claim() is None
    office.clock.tick(LATE_SECONDS)
    due.do()
    assert told(office, made.caller_id.sid)[0]["VerificationStatus"] == "failed"


def test_a_verified_caller_id_proves_an_order_of_the_account_and_is_used_up(office):
    made = request(office)
    press(office, made.code, answered(office))
    order = office.order()
    assert order.status is Status.VERIFIED
    assert caller_id(office, made.caller_id.sid).deleted_at is not None
    assert "caller id deleted" in office.events(made.caller_id.sid)


def test_a_pending_request_proves_nothing(office):
    request(office)
    assert office.order().status is Status.RECEIVED


def test_after_the_call_has_said_goodbye_no_key_verifies(office):
    made = request(office)
    attempt_id = answered(office)
    attempt = office.attempt(attempt_id)
    with office.store.write() as tx:
        attempts.conclude(tx, attempt, Outcome.NO_CODE, office.clock.now())
    press(office, made.code, attempt_id)
    assert caller_id(office, made.caller_id.sid).status is CallerIdStatus.FAILED
