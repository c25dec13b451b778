"""Sending callbacks: signed, repeated under one id, and no receiver waits for another one."""

import base64
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import pytest
from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

from tests.verification.test_callbacks import DAY, URL, add, message_of, stored
from verification import accounts, callback_secrets, callbacks, delivery
from verification.callbacks import State
from verification.delivery import CallbacksDue
from verification.outgoing import Answer, Request
from verification.store.trouble import StoreBusy

SICK_ROUNDS = 3  # a round to begin, a round to write down, and one for what both begin late
MOST_ROUNDS = 10_000


@dataclass
class Receivers:
    """Every receiver there is: what each host answers, and what it was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    asked: list[Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    deepest: dict[str, int] = field(default_factory=dict)
    _at_once: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request):
        host = urlsplit(request.url).hostname
        with self._lock:
            self.asked.append(request)
            self._at_once[host] = self._at_once.get(host, 0) + 1
            self.deepest[host] = max(self.deepest.get(host, 0), self._at_once[host])
        if host in self.hanging:
            self.released.wait()  # as long as the test lasts, however slow the machine is
        with self._lock:
            self._at_once[host] -= 1
        return self.answers.get(host, Answer(200))

    def ids(self, host=None):
        return [
            request.headers["webhook-id"]
            for request in self.asked
            if host is None or urlsplit(request.url).hostname == host
        ]


@pytest.fixture
def receivers():
    receivers = Receivers()
    yield receivers
    receivers.released.set()


@pytest.fixture
def duty(office, receivers, monkeypatch):
    monkeypatch.setattr(delivery, "IDLE_SECONDS", 0.01)
    return another(office, receivers)


def another(office, receivers):
    return CallbacksDue(office.store, receivers, office.keyring, office.clock.now, lambda: 1.0)


def finish(duty):
    while duty.do():
        pass


def run_schedule(office, duty, hours, step=60):
    """Let the time pass, in steps (seconds) short enough for every rest and retry."""
    for _ in range(hours * 3600 // step):
        office.clock.tick(step)
        finish(duty)


def test_what_is_due_is_sent_once_and_kept_as_sent(office, receivers, duty):
    (message,) = add(office, message_of(office, Status="verified"))
    finish(duty)
    assert receivers.ids() == [message.id]
    assert stored(office, message.id).state is State.SENT
    office.clock.tick(10 * DAY)
    assert duty.do() is False


def token_of(office):
    return office.keyring.open(office.account.auth_token, office.account.sid)


@pytest.mark.parametrize(
    "url", [URL, "https://example.com", "http://example.com:8080/a?b=c%20d#rc=2", URL + "?x=1&x=2"]
)
def test_twilios_own_validator_accepts_a_post(office, receivers, duty, url):
    add(office, message_of(office, url, Status="verified", PhoneNumber="+19029052034", Name="Zoë"))
    finish(duty)
    (request,) = receivers.asked
    form = dict(parse_qsl(request.body.decode()))
    signature = request.headers["X-Twilio-Signature"]
    assert form == {"Status": "verified", "PhoneNumber": "+19029052034", "Name": "Zoë"}
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert RequestValidator(token_of(office)).validate(request.url, form, signature)
    assert not RequestValidator(token_of(office)).validate(
        request.url, form | {"Status": "failed"}, signature
    )


@pytest.mark.parametrize("url", [URL, URL + "?order=7"])
def test_twilios_own_validator_accepts_a_get(office, receivers, duty, url):
    add(office, message_of(office, url, "GET", Status="verified", PhoneNumber="+19029052034"))
    finish(duty)
    (request,) = receivers.asked
    assert request.body is None
    assert dict(parse_qsl(urlsplit(request.url).query))["PhoneNumber"] == "+19029052034"
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(token_of(office)).validate(request.url, {}, signature)
    assert not RequestValidator(token_of(office)).validate(request.url + "&a=b", {}, signature)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_library_of_standard_webhooks_accepts_a_callback(
    office, receivers, duty, method, monkeypatch
):
    add(office, message_of(office, method=method, Status="verified"))
    finish(duty)
    (request,) = receivers.asked
    with office.store.write() as tx:
        old = callback_secrets.signing(tx, office.keyring, office.account.sid, 0.0)[0]
        new = callback_secrets.rotate(tx, office.keyring, office.account.sid, office.clock.now())
    add(office, message_of(office, method=method, Status="verified"))
    finish(duty)
    rotated = receivers.asked[-1]

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _At(office.clock.now()))
    for secret, one in ((old, request), (old, rotated), (new, rotated)):
        content = one.body if method == "POST" else urlsplit(one.url).query
        Webhook(secret).verify(content, dict(one.headers), json_parse=False)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(new).verify(content, dict(request.headers), json_parse=False)
    assert len(base64.b64decode(new.removeprefix("whsec_"))) == 32


class _At:
    """The library's clock, set to the test's."""

    def __init__(self, now):
        self._now = now

    def now(self, tz):
        return self.fromtimestamp(self._now, tz)

    def fromtimestamp(self, at, tz):
        from datetime import datetime  # noqa: PLC0415 - the name is the library's here

        return datetime.fromtimestamp(at, tz)


def test_the_second_token_does_not_sign_before_it_is_the_first(office, receivers, duty):
    with office.store.write() as tx:
        accounts.rotate(tx, office.keyring, office.account, office.clock.now())
    add(office, message_of(office))
    finish(duty)
    signature = receivers.asked[0].headers["X-Twilio-Signature"]
    assert RequestValidator(token_of(office)).validate(URL, {}, signature)


def test_each_repeat_has_the_first_id_and_its_own_time(office, receivers, duty):
    receivers.answers["example.com"] = Answer(500)
    (message,) = add(office, message_of(office))
    run_schedule(office, duty, 96, step=1200)
    assert receivers.ids() == [message.id] * 10
    times = [int(request.headers["webhook-timestamp"]) for request in receivers.asked]
    assert times == sorted(set(times))
    tokens = {request.headers["I-Twilio-Idempotency-Token"] for request in receivers.asked}
    assert tokens == {message.id}
    assert stored(office, message.id).state is State.FAILED


def test_a_worker_that_is_killed_before_it_wrote_down_repeats_under_the_first_id(
    office, receivers, duty
):
    (message,) = add(office, message_of(office))
    receivers.hanging.add("example.com")
    duty.do()  # it has sent, and never lives to write it down
    receivers.hanging.clear()

    heir = another(office, receivers)
    finish(heir)
    assert receivers.ids() == [message.id], "the lease keeps others off meanwhile"
    office.clock.tick(delivery.LEASE_SECONDS)
    finish(heir)
    assert receivers.ids() == [message.id] * 2
    assert stored(office, message.id).state is State.SENT


def test_an_answer_that_comes_when_another_worker_has_settled_changes_nothing(
    office, receivers, duty
):
    (message,) = add(office, message_of(office))
    receivers.hanging.add("example.com")
    duty.do()
    receivers.hanging.clear()
    office.clock.tick(delivery.LEASE_SECONDS)
    finish(another(office, receivers))
    receivers.answers["example.com"] = Answer(500)
    receivers.released.set()
    finish(duty)
    assert (stored(office, message.id).state, stored(office, message.id).tries) == (State.SENT, 1)


def test_what_was_answered_while_the_store_was_busy_is_written_down_later(
    office, receivers, duty, monkeypatch
):
    (message,) = add(office, message_of(office))
    duty.do()
    write, busy = office.store.write, [StoreBusy(), StoreBusy()]

    def sometimes():
        if busy:
            raise busy.pop()
        return write()

    monkeypatch.setattr(office.store, "write", sometimes)
    refused = 0
    while stored(office, message.id).state is State.PENDING:
        try:
            duty.do()
        except StoreBusy:
            refused += 1
    assert refused == 2
    assert receivers.ids() == [message.id]


def test_a_healthy_receiver_waits_for_no_sick_one(office, receivers, duty):
    """Counted in rounds: however many others hang, each round serves it."""
    add(office, message_of(office, "https://good.example/", object_sid="first"))
    finish(duty)
    sick = {f"sick{number}.example" for number in range(3 * delivery.SLOTS)}
    receivers.hanging |= sick
    add(office, *(message_of(office, f"https://{host}/", object_sid=host) for host in sick))

    def asked():
        return {urlsplit(one.url).hostname for one in receivers.asked} & sick

    for _ in range(MOST_ROUNDS):  # its threads begin when the machine lets them
        if len(asked()) >= delivery.OTHER_SLOTS:
            break
        duty.do()
    for _ in range(SICK_ROUNDS):
        duty.do()
    assert len(asked()) == delivery.OTHER_SLOTS

    turns = 5
    good = [
        message_of(office, "https://good.example/", object_sid=f"good{number}")
        for number in range(turns * delivery.TURN)
    ]
    add(office, *good)
    rounds = 0
    while any(stored(office, message.id).state is State.PENDING for message in good):
        before = len(receivers.ids("good.example"))
        duty.do()
        rounds += len(receivers.ids("good.example")) > before or not duty._answers.empty()
    assert rounds <= 2 * turns + 1
    assert receivers.deepest["good.example"] <= delivery.TURN


def test_a_new_receiver_is_first_asked_with_one_message(office, receivers, duty):
    receivers.hanging.add("example.com")
    add(office, *(message_of(office, object_sid=f"HR{number}") for number in range(10)))
    for _ in range(SICK_ROUNDS):
        duty.do()
    assert len(receivers.asked) == 1


def test_two_messages_of_one_object_are_not_under_way_at_once(office, receivers, duty):
    add(office, message_of(office, object_sid="first"))
    finish(duty)
    receivers.hanging.add("example.com")
    same = add(office, message_of(office, object_sid="HR1"), message_of(office, object_sid="HR1"))
    for _ in range(SICK_ROUNDS):
        duty.do()
    assert receivers.ids()[1:] == [same[0].id]


def test_a_dead_receiver_with_much_to_take_is_asked_now_and_then_only(office, receivers, duty):
    receivers.answers["example.com"] = Answer(error="timed out")
    add(office, *(message_of(office, object_sid=f"HR{number}") for number in range(200)))
    run_schedule(office, duty, 2, step=120)
    assert len(receivers.asked) < 40

    receivers.answers["example.com"] = Answer(200)
    before = len(receivers.asked)
    run_schedule(office, duty, 1, step=600)
    with office.store.read() as tx:
        assert not tx.outbox.latest({"state": "pending"}, None)
        assert len(tx.outbox.latest({"state": "sent"}, None)) == 200
    assert len(receivers.asked) - before == 200


def test_after_five_days_of_failures_all_that_waits_is_failed_and_the_next_tried_once(
    office, receivers, duty
):
    receivers.answers["example.com"] = Answer(error="connection refused")
    waiting = add(office, *(message_of(office, object_sid=f"HR{number}") for number in range(100)))
    run_schedule(office, duty, 5 * 24 + 3, step=3 * 3600)
    assert {stored(office, message.id).state for message in waiting} == {State.FAILED}
    assert stored(office, waiting[-1].id).answer == "the receiver has failed for days"

    before = len(receivers.asked)
    (later,) = add(office, message_of(office, object_sid="later"))
    run_schedule(office, duty, 1, step=600)
    assert len(receivers.asked) == before + 1
    assert stored(office, later.id).state is State.FAILED

    receivers.answers["example.com"] = Answer(200)
    with office.store.write() as tx:
        callbacks.resend(tx, tx.outbox.get(later.id), "operator", office.clock.now())
    finish(duty)
    assert stored(office, later.id).state is State.SENT


def test_a_clock_that_was_ahead_does_not_keep_a_receiver_waiting(office, receivers, duty):
    office.clock.tick(DAY)
    add(office, message_of(office, object_sid="ahead"))
    receivers.hanging.add("example.com")
    duty.do()  # leased by a clock that was a day ahead
    receivers.hanging.clear()
    office.clock.tick(-DAY)
    (message,) = add(office, message_of(office))
    finish(another(office, receivers))
    assert stored(office, message.id).state is State.SENT


def test_at_its_end_a_worker_writes_down_what_comes_in_time(office, receivers, duty):
    (message,) = add(office, message_of(office))
    duty.do()
    duty.close()
    assert stored(office, message.id).state is State.SENT


def test_a_sender_that_breaks_holds_up_nothing(office, duty, receivers, monkeypatch):
    (message,) = add(office, message_of(office))

    def broken(request):
        raise RuntimeError

    monkeypatch.setattr(receivers, "send", broken)
    finish(duty)
    assert stored(office, message.id).answer == "the request could not be made"
    assert stored(office, message.id).state is State.PENDING


def test_a_url_that_says_it_is_gone_is_asked_no_more(office, receivers, duty):
    receivers.answers["example.com"] = Answer(410)
    first, second = add(office, message_of(office), message_of(office, object_sid="HR2"))
    (other,) = add(office, message_of(office, URL + "/other", object_sid="HR3"))
    finish(duty)
    assert receivers.ids() == [first.id, other.id]
    assert {stored(office, one.id).state for one in (first, second, other)} == {State.GONE}
