"""What becomes of a callback: its schedule, its end, its repeats, and who is left alone."""

import json

import pytest

from tests.conftest import NUMBER
from verification import callback_secrets, callbacks
from verification.callbacks import Endpoint, State
from verification.outgoing import Answer
from verification.store.migrations import spine
from verification.store.schema import MIGRATIONS
from verification.store.sqlite import SqliteStore

URL = "https://example.com/hook"
DAY = 86400.0


def message_of(office, url=URL, method=None, object_sid="HR1", **fields):
    return callbacks.message(
        office.account.sid, object_sid, "order.verified", url, method, fields, office.clock.now()
    )


def add(office, *messages):
    with office.store.write() as tx:
        for message in messages:
            tx.outbox.add(message)
    return [stored(office, message.id) for message in messages]


def stored(office, message_id):
    with office.store.read() as tx:
        return tx.outbox.get(message_id)


def test_a_message_is_kept_as_it_was_made(office):
    message = message_of(office, method="GET", Status="verified", PhoneNumber=NUMBER)
    assert add(office, message) == [message]


def test_the_messages_of_an_object_are_numbered(office):
    kept = add(office, message_of(office), message_of(office), message_of(office, object_sid="B"))
    assert [message.sequence for message in kept] == [0, 1, 0]


def test_an_order_reports_what_twilio_reports(office):
    order = office.order(status_callback_url=URL, status_callback_method="GET")
    with office.store.read() as tx:
        message = tx.outbox.of_object(order.sid)[0]
    assert message.fields == {
        "Status": "received",
        "HostedNumberOrderSid": order.sid,
        "PhoneNumber": NUMBER,
    }
    assert (message.url, message.method, message.event) == (URL, "GET", "order.received")


def test_a_message_that_is_refused_is_tried_ten_times_in_76_hours(office):
    message, now, waits = message_of(office), 0.0, []
    while message.state is State.PENDING:
        message = callbacks.settled(message, Answer(500), now, 1.0)
        if message.due_at is not None:
            waits.append(message.due_at - now)
            now = message.due_at
    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert (message.tries, message.state, message.answer) == (10, State.FAILED, "HTTP 500")
    assert 75 * 3600 < now < 77 * 3600


def test_the_wait_is_spread(office):
    assert callbacks.settled(message_of(office), Answer(500), 100.0, 0.8).due_at == 104.0


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_yes(office, status):
    message = callbacks.settled(message_of(office), Answer(status), 1.0, 1.0)
    assert (message.state, message.due_at, message.tries) == (State.SENT, None, 1)


@pytest.mark.parametrize("status", [100, 301, 302, 307, 400, 404, 429, 503])
def test_any_other_answer_is_tried_again(office, status):
    assert callbacks.settled(message_of(office), Answer(status), 1.0, 1.0).state is State.PENDING


def test_a_url_that_may_not_be_asked_is_not_asked_twice(office):
    answer = Answer(error="the URL leads to a private or reserved address", forbidden=True)
    message = callbacks.settled(message_of(office), answer, 1.0, 1.0)
    assert (message.state, message.answer) == (State.FAILED, answer.error)


@pytest.mark.parametrize(
    ("wish", "wait"), [(60.0, 60.0), (1.0, 5.0), (-9.0, 5.0), (1e9, DAY), (None, 5.0)]
)
def test_a_receivers_wish_to_be_asked_later_is_kept_within_a_day(office, wish, wait):
    answer = Answer(503, retry_after=wish)
    assert callbacks.settled(message_of(office), answer, 0.0, 1.0).due_at == wait


def test_a_url_that_said_it_is_gone_is_not_asked_by_later_messages(office):
    (message,) = add(office, message_of(office))
    with office.store.write() as tx:
        tx.outbox.save(callbacks.settled(message, Answer(410), 1.0, 1.0))
    later, elsewhere = add(office, message_of(office), message_of(office, url=URL + "/2"))
    assert (later.state, later.due_at) == (State.GONE, None)
    assert elsewhere.state is State.PENDING


def test_a_gone_url_that_takes_a_message_again_is_back(office):
    (message,) = add(office, message_of(office))
    with office.store.write() as tx:
        tx.outbox.save(callbacks.settled(message, Answer(410), 1.0, 1.0))
        callbacks.resend(tx, message, "operator", 2.0)
        again = tx.outbox.get(message.id)
        tx.outbox.save(callbacks.settled(again, Answer(200), 3.0, 1.0))
    assert add(office, message_of(office))[0].state is State.PENDING


def test_sent_again_it_keeps_its_id_and_begins_its_schedule_anew(office):
    (message,) = add(office, message_of(office))
    with office.store.write() as tx:
        for _ in range(10):
            message = callbacks.settled(message, Answer(500), 5.0, 1.0)
        tx.outbox.save(message)
        callbacks.resend(tx, message, "operator", 9.0)
    again = stored(office, message.id)
    assert (again.state, again.tries, again.due_at) == (State.PENDING, 0, 9.0)
    assert office.events("HR1") == [f"callback sent again: {message.id}"]


def fail(endpoint, times, at=0.0):
    for _ in range(times):
        endpoint = callbacks.judged(endpoint, Answer(error="timed out"), at)
    return endpoint


def test_a_receiver_that_fails_again_and_again_rests_longer_and_longer():
    endpoint = Endpoint("AC1 https://example.com:443", 0.0, 0.0)
    rests = [callbacks.rest_seconds(fail(endpoint, times)) for times in (1, 2, 3, 4, 8, 9, 99)]
    assert rests == [0, 0, 5, 10, 160, 300, 300]
    back = callbacks.judged(fail(endpoint, 99), Answer(200), 5.0)
    assert callbacks.rest_seconds(back) == 0
    assert back.healthy


def test_one_url_that_is_gone_or_forbidden_says_nothing_of_its_receiver():
    endpoint = Endpoint("AC1 https://example.com:443", 0.0, 0.0, proven=True)
    assert callbacks.judged(endpoint, Answer(410), 1.0) == endpoint
    assert callbacks.judged(endpoint, Answer(error="x", forbidden=True), 1.0) == endpoint


def test_a_receiver_is_given_up_after_five_days_of_nothing_but_failures():
    endpoint = Endpoint("AC1 https://example.com:443", 0.0, 0.0)
    assert callbacks.given_up(fail(endpoint, 10), 5 * DAY)
    assert not callbacks.given_up(fail(endpoint, 10), 5 * DAY - 1)
    assert not callbacks.given_up(fail(endpoint, 9), 6 * DAY)
    assert not callbacks.given_up(callbacks.judged(fail(endpoint, 10), Answer(200), 1), 6 * DAY)


def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(office, keyring):
    sid = office.account.sid
    with office.store.write() as tx:
        (old,) = callback_secrets.signing(tx, keyring, sid, 0.0)
        new = callback_secrets.rotate(tx, keyring, sid, 100.0)
        assert callback_secrets.signing(tx, keyring, sid, 100.0 + DAY - 1) == (new, old)
        assert callback_secrets.signing(tx, keyring, sid, 100.0 + DAY) == (new,)


def test_what_an_earlier_program_left_in_its_outbox_is_still_sent(tmp_path, monkeypatch):
    at = [name for name, _ in MIGRATIONS].index("0008_callbacks")
    monkeypatch.setattr("verification.store.sqlite.MIGRATIONS", MIGRATIONS[:at])
    assert MIGRATIONS[0][1] is spine.STATEMENTS
    store = SqliteStore(tmp_path / "old.db")
    store.migrate()
    connection = store.database().conn
    connection.execute(
        "INSERT INTO accounts (sid, name, status, auth_token, created_at) VALUES"
        " ('AC1', 'A', 'active', x'00', 1)"
    )
    connection.execute(
        "INSERT INTO outbox VALUES ('msg_1', 'AC1', 'HR1', ?, 'POST', 'verified', ?, 1.0, 2.0)",
        (URL, NUMBER),
    )
    monkeypatch.setattr("verification.store.sqlite.MIGRATIONS", MIGRATIONS)
    store.migrate()
    with store.read() as tx:
        message = tx.outbox.get("msg_1")
        assert tx.outbox.any_due(2.0)
    assert message is not None
    assert message.fields["PhoneNumber"] == NUMBER
    assert json.dumps(message.fields).count("verified") == 1
    assert (message.object_sid, message.event, message.due_at) == ("HR1", "order.verified", 2.0)
    store.close()
