"""The owner's link: how long it lives, what its holder may do, and what he may not."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.conftest import CALL, NUMBER
from verification import attempts, calling, conversation, dialling, owner_links, owning, proofs
from verification.calling import Placed
from verification.conversation import Call
from verification.dialling import NO_LIMITS, Limits
from verification.owner_duties import OwnerCallsDue
from verification.owner_links import LINK_SECONDS, End, Giver, NoOwnerLink, TooManyMails, Trouble
from verification.owning import LATE_SECONDS, NOT_MINE, LinkGone, Stage, UnfitTime
from verification.statuses import Mover, Status


@dataclass
class Owner:
    """The person at the phone, with a link, over an office."""

    office: Any
    order: Any
    link: Any

    def look(self, number=None):
        with self.office.store.read() as tx:
            return self._look(tx, number)

    def _look(self, tx, number=None):
        number = number or self.link.number
        clock = self.office.clock
        return owning.look(tx, self.office.keyring, self.order.sid, number, clock.now())

    def ask(self, limits=NO_LIMITS):
        with self.office.store.write() as tx:
            view = self._look(tx)
            owning.ask(tx, self.office.keyring, limits, view, self.office.clock.now())

    def plan(self, seconds):
        with self.office.store.write() as tx:
            now = self.office.clock.now()
            owning.plan(tx, self._look(tx), now + seconds, "UTC", now)

    def refuse(self):
        with self.office.store.write() as tx:
            owning.refuse(tx, self._look(tx), self.office.clock.now())

    @property
    def now(self):
        return self.office.order_now(self.order.sid)

    def talk(self):
        """Be called, and answer: the call asks for its key."""
        attempt = self.office.claim()
        with self.office.store.write() as tx:
            now = self.office.clock.now()
            calling.record_answer(tx, attempt.id, Placed(CALL), now)
            conversation.begin(tx, self.office.keyring, attempt.id, Call(CALL, NUMBER), 1, now)
        return self.office.attempt(attempt.id)

    def press(self, attempt, keys):
        with self.office.store.write() as tx:
            now = self.office.clock.now()
            conversation.answer(tx, self.office.keyring, attempt.id, CALL, attempt.step, keys, now)
        return self.office.attempt(attempt.id)

    def busy(self):
        """Be called once, and be on the phone."""
        self.ask()
        attempt = self.office.claim()
        with self.office.store.write() as tx:
            now = self.office.clock.tick(1)
            sid = f"CA{attempt.id}"
            calling.record_answer(tx, attempt.id, Placed(sid), now)
            attempts.hear_report(tx, attempt.id, sid, "busy", False, now)

    def duty(self, limits=NO_LIMITS):
        clock = self.office.clock
        return OwnerCallsDue(self.office.store, self.office.keyring, limits, clock.now)


def hand_over(office, order, recipient=None, name="api"):
    with office.store.write() as tx:
        giver = Giver(Mover.CUSTOMER, name, office.clock.now())
        return owner_links.hand_over(tx, order, giver, recipient)


@pytest.fixture
def owner(office):
    order = office.order(status_callback_url="https://example.com/hook")
    return Owner(office, order, hand_over(office, order))


# The link


def test_the_same_link_is_given_again_for_three_more_days_while_it_is_open(owner):
    owner.office.clock.tick(LINK_SECONDS - 1)
    again = hand_over(owner.office, owner.order)
    assert again.number == owner.link.number
    owner.office.clock.tick(LINK_SECONDS - 1)
    assert owner.look().stage is Stage.READY
    owner.office.clock.tick(1)
    with pytest.raises(LinkGone):
        owner.look()


def test_a_link_that_was_taken_back_stays_dead_when_there_is_another(owner):
    with owner.office.store.write() as tx:
        giver = Giver(Mover.CUSTOMER, "api", owner.office.clock.now())
        owner_links.take_back(tx, owner.order, giver)
    with pytest.raises(LinkGone):
        owner.look()
    newer = hand_over(owner.office, owner.order)
    assert newer.number == owner.link.number + 1
    with pytest.raises(LinkGone):
        owner.look(owner.link.number)
    assert owner.look(newer.number).stage is Stage.READY


def test_an_order_that_waits_for_no_call_has_no_link(office):
    by_bill = replace(office.order(), verification_type="phone-bill")
    done = replace(by_bill, verification_type="phone-call", status=Status.VERIFIED)
    for order in (by_bill, done):
        with pytest.raises(NoOwnerLink):
            hand_over(office, order)


def test_a_link_is_mailed_five_times_and_no_more(owner):
    for _ in range(owner_links.MOST_MAILS):
        hand_over(owner.office, owner.order, "anne@example.com")
    with pytest.raises(TooManyMails):
        hand_over(owner.office, owner.order, "anne@example.com")
    assert hand_over(owner.office, owner.order).number == owner.link.number


# A call now


def test_a_call_is_asked_for_under_the_rules_of_the_core(owner):
    owner.ask()
    order = owner.now
    assert (order.status, order.verification_attempts) == (Status.PENDING_VERIFICATION, 1)
    assert "call asked for with the owner link" in owner.office.events(order.sid)
    assert owner.look().stage is Stage.CALLING
    owner.ask()
    assert owner.now.verification_attempts == 1


def test_the_code_is_shown_while_the_phone_may_ring_and_at_no_other_time(owner):
    owner.ask()
    assert owner.look().code is None
    attempt = owner.talk()
    code = owner.office.code(attempt)
    assert owner.look().code == code
    with owner.office.store.write() as tx:
        now = owner.office.clock.now()
        attempts.hear_report(tx, attempt.id, CALL, "completed", False, now)
    assert owner.look().code is None
    assert owner.look().stage is Stage.READY


def test_a_code_that_is_spoken_is_not_shown(office):
    order = office.order(code_entry="api")
    owner = Owner(office, order, hand_over(office, order))
    owner.ask()
    owner.talk()
    assert owner.look().stage is Stage.CALLING
    assert owner.look().code is None


def test_after_the_right_code_the_link_only_says_so(owner):
    owner.ask()
    attempt = owner.talk()
    attempt = owner.press(attempt, attempt.challenge)
    owner.press(attempt, owner.office.code(attempt))
    view = owner.look()
    assert (view.stage, view.code) == (Stage.VERIFIED, None)
    owner.refuse()
    owner.ask()
    assert owner.now.status is Status.VERIFIED


def test_all_calls_used_up_leave_nothing_to_ask_for(owner):
    for _ in range(attempts.ATTEMPTS):
        owner.busy()
    assert owner.look().stage is Stage.STOPPED
    owner.ask()
    assert owner.now.verification_attempts == attempts.ATTEMPTS


@pytest.mark.parametrize(
    ("limits", "stopped", "trouble"),
    [(Limits(number_day=1), False, Trouble.BUDGET), (NO_LIMITS, True, Trouble.STOPPED)],
)
def test_what_stands_against_a_call_is_kept_and_changes_nothing(owner, limits, stopped, trouble):
    owner.busy()
    before = owner.now
    if stopped:
        with owner.office.store.write() as tx:
            dialling.stop(tx, "operator", "fraud", owner.office.clock.now())
    owner.ask(limits)
    assert owner.look().link.trouble is trouble
    assert owner.now == before


# A call later


def test_a_planned_call_is_asked_for_when_its_time_has_come(owner):
    owner.plan(7200)
    assert owner.look().stage is Stage.PLANNED
    owner.office.clock.tick(7199)
    assert owner.duty().do() is False
    owner.office.clock.tick(1)
    assert owner.duty().do() is True
    assert owner.look().stage is Stage.CALLING
    assert owner.look().link.call_at is None
    # Its code is as old as the call, not as the wish.
    assert owner.now.code_expires_at == owner.office.clock.now() + 600


def test_a_call_that_would_come_far_too_late_is_not_made(owner):
    owner.plan(600)
    owner.office.clock.tick(600 + LATE_SECONDS + 1)
    owner.duty().do()
    assert owner.look().link.trouble is Trouble.LATE
    assert owner.now.verification_attempts == 0


@pytest.mark.parametrize("seconds", [-1, 0, 59, LINK_SECONDS, LINK_SECONDS * 50])
def test_a_time_outside_the_life_of_the_link_is_refused(owner, seconds):
    with pytest.raises(UnfitTime):
        owner.plan(seconds)


def test_a_call_that_was_made_meanwhile_is_not_made_twice(owner):
    owner.plan(600)
    owner.office.request_call(owner.order)
    owner.office.clock.tick(600)
    owner.duty().do()
    assert owner.now.verification_attempts == 1
    assert owner.duty().do() is False


def test_a_plan_dies_with_its_link(owner):
    owner.plan(600)
    with owner.office.store.write() as tx:
        owner_links.take_back(tx, owner.order, Giver(Mover.CUSTOMER, "api", 1.0))
    owner.office.clock.tick(600)
    assert owner.duty().do() is False
    assert owner.now.verification_attempts == 0


def test_the_budget_holds_for_a_planned_call_too(owner):
    owner.busy()
    owner.plan(600)
    owner.office.clock.tick(600)
    owner.duty(Limits(number_day=1)).do()
    assert owner.look().link.trouble is Trouble.BUDGET
    assert owner.now.verification_attempts == 1


# Not my number


@pytest.mark.parametrize("on_a_call", [False, True])
def test_not_my_number_stops_the_order_and_tells_the_account(owner, on_a_call):
    attempt = None
    if on_a_call:
        owner.ask()
        attempt = owner.talk()
    owner.refuse()
    order = owner.now
    assert (order.status, order.failure_reason) == (Status.ACTION_REQUIRED, NOT_MINE)
    assert order.code is None
    with owner.office.store.read() as tx:
        told = tx.outbox.of_object(order.sid)[-1]
        trail = tx.audit.of_object(order.sid)
    assert told.fields["FailureReason"] == NOT_MINE
    assert [e.actor for e in trail if e.detail.endswith(f"action-required: {NOT_MINE}")] == [
        "owner"
    ]
    with pytest.raises(LinkGone) as gone:
        owner.look()
    assert gone.value.end is End.NOT_MINE
    if attempt:
        assert owner.office.attempt(attempt.id).hang_up
        late = owner.press(attempt, attempt.challenge)
        assert late.outcome is not attempts.Outcome.VERIFIED
    # Whoever holds a link need not be at its phone: the number itself is left alone.
    with owner.office.store.read() as tx:
        assert not tx.suppressions.active(NUMBER, owner.office.clock.now())


# What it proves


def test_a_certificate_says_that_the_code_stood_on_the_owners_page(owner):
    owner.ask()
    attempt = owner.talk()
    attempt = owner.press(attempt, attempt.challenge)
    owner.press(attempt, owner.office.code(attempt))
    order = owner.now
    with owner.office.store.read() as tx:
        said = proofs.claims(tx, order, "Acme", {"phone_number": NUMBER})
    assert said["method"] == "ownership-call"
    assert said["code_known_to"] == ["account", "owner-link"]
