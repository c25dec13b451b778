"""Any sequence of requests, calls, webhooks, waits and kills, against a small model of the rules.

    make states STEPS=1000000

Hypothesis chooses the steps and shrinks a sequence in which the system and the model differ. After
each step everything that is written down is compared; at the end the audit trail is checked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

import click
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.end_to_end.states_model import HANG_UP, REPORTS, Call, Model, Order
from tests.end_to_end.states_world import CALLBACK, ORDERS, START, World, world

STEPS = 400  # of one sequence
LOT_STEPS = 20_000  # of one seed; what hypothesis remembers of a run grows with it
NUMBERS = ("+12124567890", "+12124567891", "+19029052034")
ANSWERS = (
    *("placed", "placed", "placed", "unclear", "unclear-lost"),
    *("postponed", "refused", "died", "died-lost"),
)
WAITS = (0.5, 5.0, 21.0, 61.0, 95.0, 300.0, 601.0)
LONG_WAITS = (3_600.0, 90_000.0, 8 * 86_400.0, 31 * 86_400.0)
SETTLED = 100  # steps between two new keys
MOMENT = 0.001  # no two steps at one time
PICK = st.integers(0, 7)  # counted from the newest, to which most belongs


class States(RuleBasedStateMachine):
    """The steps. ``sids``, ``dialled``: what the system calls the model's orders and calls."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world: World = self.stack.enter_context(world())
        self.model = Model(START)
        self.sids: list[str] = []
        self.steps = 0
        self.dialled: dict[str, Call] = {}
        self.bodies: dict[tuple[str, int, int], bytes] = {}

    def teardown(self) -> None:
        try:
            assert self.world.house.store.check() == []
            assert self.world.exchange.doubled == []
        finally:
            self.stack.close()

    @initialize(account=st.integers(0, 1), number=st.sampled_from(NUMBERS))
    def first_order(self, account: int, number: str) -> None:
        self.order(account=account, number=number)

    # Customers.

    @rule(account=st.integers(0, 1), number=st.sampled_from(NUMBERS))
    def order(self, account: int, number: str) -> None:
        self._pass(MOMENT)
        form = {"PhoneNumber": number, "SmsCapability": "true", "StatusCallbackUrl": CALLBACK}
        status, answer = self.world.ask(account, "POST", ORDERS, **form)
        if self.model.may_order(account, number):
            assert (status, answer["status"]) == (201, "received"), answer
            self.model.order(account, number)
            self.sids.append(answer["sid"])
        else:
            assert (status, answer["code"]) == (400, 22110), answer

    @precondition(lambda self: self.sids)
    @rule(pick=PICK)
    def ask_for_a_call(self, pick: int) -> None:
        self._pass(MOMENT)
        order, path = self._order(pick)
        status, answer = self.world.ask(order.account, "POST", path, Status="pending-verification")
        granted = self.model.ask(order)
        if order.deleted:
            assert status == 404
        elif granted:
            assert (status, answer["status"]) == (200, order.status), answer
        else:
            assert 400 <= status < 500, answer

    @precondition(lambda self: self.sids)
    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        self._pass(MOMENT)
        order, path = self._order(pick)
        status, _ = self.world.ask(order.account, "DELETE", path)
        assert status == (204 if self.model.delete(order) else 404)

    @precondition(lambda self: self.sids)
    @rule(pick=PICK, method=st.sampled_from(("GET", "POST", "DELETE")))
    def meddle(self, pick: int, method: str) -> None:
        """The other account asks: for it there is no such order."""
        self._pass(MOMENT)
        order, path = self._order(pick)
        status, answer = self.world.ask(1 - order.account, method, path)
        assert (status, answer["code"]) == (404, 20404)

    # The worker.

    @rule(answer=st.sampled_from(ANSWERS), reachable=st.sampled_from((True, True, False)))
    def work(self, answer: str, reachable: bool) -> None:
        self._pass(MOMENT)
        before = len(self.world.exchange.of_attempt)
        listed = self._listed(reachable)
        lived = self.world.work(answer, reachable)
        self.model.look_after(listed)
        call = self.model.dial()
        if call:
            new = [*self.world.exchange.of_attempt][before:]
            self.dialled |= dict.fromkeys(new, call)
        if call and lived:
            placed = [*self.world.exchange.of_attempt.values()][before:]
            self.model.answered(call, answer, placed[0] if placed else "")
        assert lived or call

    def let_codes_die(self) -> None:
        self._pass(MOMENT)
        self.world.codes.do()
        self.model.let_codes_die()

    def end_idle(self) -> None:
        self._pass(MOMENT)
        self.world.idle.do()
        self.model.end_idle()

    # The carrier.

    @rule(number=st.sampled_from(NUMBERS))
    def another_call(self, number: str) -> None:
        """The carrier's account calls the number for a reason of its own."""
        self._pass(MOMENT)
        self.world.exchange.connect(number)

    @precondition(lambda self: self.world.exchange.of_attempt)
    @rule(pick=PICK, other=st.booleans())
    def answer(self, pick: int, other: bool) -> None:
        """A call is answered; ``other``: a call that is none of ours asks in its place."""
        self._pass(MOMENT)
        call, attempt, sid = self._call(pick)
        number = self.world.exchange.calls[sid][0]
        if other and call and call.sid:
            sid = "CA" + "f" * 32
        url = self.world.house.carriers.links.voice(attempt)
        status, body = self.world.hook(url, sid, To=number)
        assert status == 200
        self._hear(attempt, 0, body, self.model.begin(call, sid) if call else HANG_UP)

    @precondition(lambda self: self.world.exchange.of_attempt)
    @rule(
        pick=PICK,
        back=st.sampled_from((0, 0, 0, 0, 1, 2, -1)),
        what=st.sampled_from(("right", "right", "right", "wrong", "wrong", "none", "star")),
    )
    def press(self, pick: int, back: int, what: str) -> None:
        """Keys of the step that is asked for, or of one before it or behind it."""
        self._pass(MOMENT)
        call, attempt, sid = self._call(pick)
        step = max(1, call.step - back if call else 1)  # the first that is ever handed out
        keys = self.world.keys_for(attempt, what)
        url = self.world.house.carriers.links.keys(attempt, step)
        status, body = self.world.hook(url, sid, Digits=keys)
        assert status == 200
        expected = self.model.press(call, sid, step, what) if call else HANG_UP
        self._hear(attempt, step, body, expected)

    @precondition(lambda self: self.world.exchange.of_attempt)
    @rule(
        pick=PICK,
        word=st.sampled_from(REPORTS),
        machine=st.sampled_from((False, False, True)),
        times=st.integers(1, 2),
    )
    def report(self, pick: int, word: str, machine: bool, times: int) -> None:
        """The carrier reports, in any order and more than once."""
        self._pass(MOMENT)
        call, attempt, sid = self._call(pick)
        self.world.exchange.end_of(sid, word)
        url = self.world.house.carriers.links.status(attempt)
        for _ in range(times):
            by = {"AnsweredBy": "machine_start"} if machine else {}
            assert self.world.hook(url, sid, CallStatus=word, **by)[0] == 204
        if call:
            self.model.report(call, sid, word, machine)

    # Time and death.

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: float) -> None:
        self._pass(seconds)

    @rule(
        what=st.sampled_from(("let_codes_die", "end_idle", "purge", "die", "new_key", "wait")),
        seconds=st.sampled_from(LONG_WAITS),
    )
    def now_and_then(self, what: str, seconds: float) -> None:
        """What is a rule of its own would come as often as all the rest, and nothing would live."""
        if what == "wait":
            self._pass(seconds)
        elif what != "new_key":
            getattr(self, what)()
        elif self.steps > SETTLED * len(self.world.keys):
            self.start_with_a_new_key()

    @precondition(lambda self: self.sids)
    @rule(
        pick=PICK,
        pressed=st.lists(st.sampled_from(("wrong", "wrong", "wrong", "none", "right")), max_size=4),
        word=st.sampled_from(("completed", "completed", "busy", "in-progress")),
    )
    def talk(self, pick: int, pressed: list[str], word: str) -> None:
        """A call as most are: steps that by chance alone would seldom come in a row."""
        self.ask_for_a_call(pick)
        self.work("placed", True)
        if self.world.exchange.of_attempt:
            self.answer(0, False)
            for what in ("right", *pressed):
                self.press(0, 0, what)
                self.agrees()
            self.report(0, word, False, 1)

    def die(self) -> None:
        self._pass(MOMENT)
        self.world.store.reopen()

    def start_with_a_new_key(self) -> None:
        self._pass(MOMENT)
        self.world.new_key()
        self._purged()

    def purge(self) -> None:
        self._pass(MOMENT)
        self.world.purge()
        self._purged()

    @invariant()
    def agrees(self) -> None:
        """Everything that is written down is what the model says."""
        orders, calls = self.world.standing()
        assert [order[0] for order in orders] == self.sids
        now = self.model.now
        for found, order in zip(orders, self.model.orders, strict=True):
            visible = not order.deleted and order.has_code(now)
            expected = (order.status, order.attempts, visible, order.deleted, len(order.told))
            assert found[1:] == expected, (found, order)
            written = [call[1:] for call in calls[found[0]]]
            assert written == [(call.state, call.outcome, call.sid) for call in order.calls]

    def _pass(self, seconds: float) -> None:
        self.steps += 1
        self.model.now += seconds
        self.world.clock.time = self.model.now

    def _order(self, pick: int) -> tuple[Order, str]:
        place = -1 - pick % len(self.sids)
        return self.model.orders[place], f"{ORDERS}/{self.sids[place]}"

    def _purged(self) -> None:
        before = [*self.model.orders]
        gone = self.model.purge()
        kept = zip(self.sids, before, strict=True)
        self.sids = [sid for sid, order in kept if order not in gone]

    def _call(self, pick: int) -> tuple[Call | None, str, str]:
        """A call that the carrier placed: the model's (None: it was erased), our id, its SID."""
        placed = [*self.world.exchange.of_attempt.items()]
        attempt, sid = placed[-1 - pick % len(placed)]
        call = self.dialled[attempt]
        return (call if call in self.model.calls else None), attempt, sid

    def _listed(self, reachable: bool) -> dict[str, list[tuple[str, str, float]]] | None:
        self.world.exchange.reachable = reachable
        return self.world.exchange.listed()

    def _hear(self, attempt: str, step: int, body: bytes, expected: tuple[str, str]) -> None:
        """What was said is what the model says, and the same bytes whenever it is asked again."""
        assert self.world.said(attempt, step, body) == expected
        if expected != HANG_UP:
            asked = (attempt, step, len(self.world.keys))
            assert self.bodies.setdefault(asked, body) == body


def run(
    steps: int,
    first_seed: int = 1,
    shrink: bool = True,
    tell: Callable[[int], None] = lambda taken: None,
) -> int:
    """Take at least so many steps, the same ones for the same seed; gives how many were taken.

    ``tell`` hears how many they are after each lot. Raises AssertionError with the shortest
    sequence found in which the two differ.
    """
    taken, lot = 0, first_seed
    while taken < steps:
        taken += _run(max(1, min(steps - taken, LOT_STEPS) // STEPS), lot, shrink)
        lot += 1
        tell(taken)
    return taken


def _run(sequences: int, lot: int, shrink: bool) -> int:
    taken = 0

    class Counted(States):
        def _pass(self, seconds: float) -> None:
            nonlocal taken
            taken += 1
            super()._pass(seconds)

    run_state_machine_as_test(
        seed(lot)(Counted),
        settings=settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    return taken


@click.command()
@click.option("--steps", default=1_000_000, show_default=True, type=click.IntRange(1))
@click.option("--seed", "lot", default=1, show_default=True, type=int)
def main(steps: int, lot: int) -> None:
    """Take STEPS steps and compare the system with the model after each."""
    begun = time.monotonic()

    def tell(taken: int) -> None:
        click.echo(f"{taken:,} steps in {time.monotonic() - begun:.0f} s: no difference")

    run(steps, lot, tell=tell)


if __name__ == "__main__":
    main()
