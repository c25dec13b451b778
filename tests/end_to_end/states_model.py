"""What orders and calls must do, said once more without a database, a server or a carrier.

A model to hold the real system against: it knows orders by their place in a list, calls by theirs,
and the clock; nothing in it is read from the product. Times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ATTEMPTS, PROMPTS, WRONG_KEYS = 3, 4, 2
TRIES_OF_A_CALL, TRIES_OF_A_CODE = 3, 5
CODE, DECLINED, WEEK, MONTH, DAY = 600.0, 30 * 86_400.0, 7 * 86_400.0, 30 * 86_400.0, 86_400.0
LEASE, SETTLE, AGAIN, GRACE, WATCH, TAKEN, LATE, TALK = 30.0, 20.0, 5.0, 90.0, 60.0, 15.0, 60.0, 240
KEEP = 59 * DAY
SLICE = 20
ON_THE_LINE = ("dialling", "unknown", "dialled", "live")
ENDINGS = {
    "canceled": "canceled",
    "failed": "failed",
    "no-answer": "no-answer",
    "busy": "busy",
    "completed": "hung-up",
}
REPORTS = ("queued", "initiated", "ringing", "in-progress", *ENDINGS)
REPORTED = frozenset(ENDINGS.values())
DECIDED = ("verified", "declined")
CALLABLE = ("received", "pending-verification", "action-required")
HANG_UP = ("hang-up", "")


@dataclass(eq=False)
class Order:
    """An order. ``told``: when its customer was told of a change. ``code_until`` None: no code."""

    account: int
    number: str
    touched: float
    status: str = "received"
    attempts: int = 0
    code_until: float | None = None
    code_tries: int = 0
    deleted: bool = False
    verified: bool = False
    deleted_at: float = 0.0
    told: list[float] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def move(self, status: str, now: float) -> None:
        self.status, self.touched = status, now
        self.told.append(now)
        self.verified = self.verified or status == "verified"

    def has_code(self, now: float) -> bool:
        return self.code_until is not None and self.code_until > now


@dataclass(eq=False)
class Call:
    """An ownership call. ``rank``: the furthest report of the carrier; ``said``: what each of its
    requests was answered.
    """

    order: Order
    due: float | None
    state: str = "ready"
    outcome: str | None = None
    sid: str | None = None
    dialled: float | None = None
    finished: float | None = None
    rank: int = -1
    machine: bool = False
    hang_up: bool = False
    stage: str = ""
    step: int = 0
    prompts: int = 0
    wrong_keys: int = 0
    tries: int = 0
    said: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Model:
    """Two accounts' orders and their calls."""

    now: float
    orders: list[Order] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    declined: dict[str, float] = field(default_factory=dict)

    # What customers ask for.

    def may_order(self, account: int, number: str) -> bool:
        return not any(
            (one.account, one.number) == (account, number)
            and not one.deleted
            and one.status != "failed"
            for one in self.orders
        )

    def order(self, account: int, number: str) -> Order:
        self.orders.append(Order(account, number, self.now, told=[self.now]))
        return self.orders[-1]

    def ask(self, order: Order) -> bool:
        """Ask for a call; False if it must be refused."""
        if order.deleted:
            return False
        if any(call.outcome is None for call in order.calls):
            return True
        suppressed = self.declined.get(order.number, 0) > self.now
        if order.attempts >= ATTEMPTS or suppressed or order.verified:
            return False
        if order.status not in CALLABLE:
            return False
        if not order.has_code(self.now):
            order.code_until, order.code_tries = self.now + CODE, 0
        order.attempts += 1
        if order.status == "pending-verification":
            order.touched = self.now
        else:
            order.move("pending-verification", self.now)
        call = Call(order, self.now)
        order.calls.append(call)
        self.calls.append(call)
        return True

    def delete(self, order: Order) -> bool:
        if order.deleted:
            return False
        order.deleted, order.deleted_at, order.code_until = True, self.now, None
        for call in order.calls:
            self._drop(call)
        return True

    # What the worker does.

    def next_to_dial(self) -> Call | None:
        busy = {call.order.number for call in self.calls if call.state in ON_THE_LINE}
        ready = [
            call
            for call in self.calls
            if call.state == "ready" and call.order.number not in busy and _is_due(call, self.now)
        ]
        return min(ready, key=lambda call: call.due or 0, default=None)

    def dial(self) -> Call | None:
        """Take the next call; None if none is due, or if it may not be placed any more."""
        call = self.next_to_dial()
        if call is None:
            return None
        order = call.order
        if order.deleted or order.status != "pending-verification":
            self._end(call, "canceled")
        elif not order.has_code(self.now):
            self._end(call, "expired")
        elif self.declined.get(order.number, 0) > self.now:
            self._end(call, "blocked")
        else:
            call.state, call.dialled, call.due = "dialling", self.now, self.now + LEASE
            return call
        return None

    def answered(self, call: Call, answer: str, sid: str) -> None:
        """The carrier's answer to the one request for a call."""
        if answer == "placed":
            self.adopt(call, sid)
        elif answer == "postponed":
            call.state, call.dialled, call.due = "ready", None, self.now + 10
        elif answer == "refused":
            self._end(call, "refused")
        else:
            call.state, call.due = "unknown", self.now + SETTLE

    def look_after(self, listed: dict[str, list[tuple[str, str, float]]] | None) -> None:
        """Look after the calls that are due. ``listed``: the carrier's calls to each number, as
        SID, status and time; None: it cannot be asked.
        """
        due = [call for call in self.calls if call.state != "ready" and _is_due(call, self.now)]
        for call in sorted(due, key=lambda call: call.due or 0)[:SLICE]:
            call.due = self.now + TAKEN
            if call.state in ("dialling", "unknown"):
                self._settle(call, listed)
            elif call.hang_up and call.sid:
                if listed is not None:
                    call.hang_up = False
                    call.due = None if call.state == "done" else self.now + WATCH
            elif call.sid:
                self._watch(call, listed)

    def let_codes_die(self) -> None:
        for order in self.orders:
            if order.code_until is None or order.code_until > self.now or order.deleted:
                continue
            order.code_until = None
            over = order.attempts >= ATTEMPTS and all(call.outcome for call in order.calls)
            if order.status == "pending-verification" and over:
                order.move("action-required", self.now)

    def end_idle(self) -> None:
        limits = (
            ("action-required", WEEK, "failed"),
            ("received", WEEK, "action-required"),
            ("pending-verification", WEEK, "action-required"),
            ("verified", MONTH, "failed"),
        )
        for status, seconds, to in limits:
            for order in self.orders:
                if order.deleted or order.status != status or order.touched > self.now - seconds:
                    continue
                order.code_until = None
                order.move(to, self.now)

    def purge(self) -> list[Order]:
        """Forget what is over for so long; gives the orders that were."""
        over = self.now - KEEP
        gone = [order for order in self.orders if _ended(order) <= over]
        self.orders = [order for order in self.orders if order not in gone]
        self.calls = [call for call in self.calls if call.order not in gone]
        for order in self.orders:
            order.told = [at for at in order.told[:-1] if at > over] + order.told[-1:]
        return gone

    # What the carrier's webhooks bring.

    def adopt(self, call: Call, sid: str) -> bool:
        """Bind a call of the carrier's; False if there is another."""
        if call.sid is not None:
            return call.sid == sid
        call.sid = sid
        if call.state == "done":
            call.hang_up, call.due = True, self.now
        else:
            call.state = "dialled"
            call.due = self.now if call.hang_up else self.now + WATCH
        return True

    def report(self, call: Call, sid: str, status: str, machine: bool) -> None:
        if not self.adopt(call, sid):
            return
        before = (call.rank, call.machine)
        call.machine = call.machine or machine
        call.rank = max(call.rank, REPORTS.index(status))
        if (call.rank, call.machine) == before:
            return
        furthest = REPORTS[call.rank]
        if furthest not in ENDINGS:
            return
        if call.state != "done":
            call.state, call.finished, call.due = "done", self.now, None
        if call.outcome is None or call.outcome in REPORTED:
            self._end(call, self._reported(call, furthest))

    def begin(self, call: Call, sid: str) -> tuple[str, str]:
        """The call was answered: what it says."""
        if call.sid not in (None, sid):
            return HANG_UP
        if 0 in call.said:
            return call.said[0]
        self.adopt(call, sid)
        if call.state == "done" or call.outcome:
            return HANG_UP
        call.state, call.stage = "live", "consent"
        return self._ask(call, 0, "")

    def press(self, call: Call, sid: str, step: int, keys: str) -> tuple[str, str]:
        """Keys, by what they are: right, wrong, none, star."""
        if call.sid != sid:
            return HANG_UP
        if step in call.said:
            return call.said[step]
        if step != call.step:
            return HANG_UP
        recent = self.now - (call.finished or self.now) <= LATE
        if keys == "star" and recent:
            return self._goodbye(call, step, "declined", "declined")
        undecided = call.outcome is None or call.outcome in REPORTED
        if call.order.deleted or not (undecided and recent):
            return HANG_UP
        return (self._consent if call.stage == "consent" else self._code)(call, step, keys)

    def _consent(self, call: Call, step: int, keys: str) -> tuple[str, str]:
        if keys == "right":
            call.stage, call.prompts = "code", 0
            return self._ask(call, step, "")
        call.wrong_keys += keys == "wrong"
        if call.wrong_keys >= WRONG_KEYS or call.prompts >= PROMPTS:
            return self._goodbye(call, step, "voicemail", "failed")
        return self._ask(call, step, "wrong-key" if keys == "wrong" else "not-heard")

    def _code(self, call: Call, step: int, keys: str) -> tuple[str, str]:
        order = call.order
        if not order.has_code(self.now):
            return self._goodbye(call, step, "expired", "expired")
        if keys == "none":
            if call.prompts >= PROMPTS:
                return self._goodbye(call, step, "no-code", "failed")
            return self._ask(call, step, "not-heard")
        counted = call.tries < TRIES_OF_A_CALL and order.code_tries < TRIES_OF_A_CODE
        if counted:
            call.tries, order.code_tries = call.tries + 1, order.code_tries + 1
            if keys == "right":
                return self._goodbye(call, step, "verified", "verified")
        spent = order.code_tries >= TRIES_OF_A_CODE
        if spent:
            order.code_until = None
        over = not counted or call.tries >= TRIES_OF_A_CALL
        if spent or over or call.prompts >= PROMPTS:
            return self._goodbye(call, step, "wrong-code", "failed")
        return self._ask(call, step, "wrong-code")

    def _ask(self, call: Call, step: int, note: str) -> tuple[str, str]:
        call.step, call.prompts = step + 1, call.prompts + 1
        call.said[step] = (f"ask-{call.stage}", note)
        return call.said[step]

    def _goodbye(self, call: Call, step: int, outcome: str, note: str) -> tuple[str, str]:
        call.step = step + 1
        self._end(call, outcome)
        call.said[step] = ("goodbye", note)
        return call.said[step]

    # How calls end, and what their orders learn of it.

    def _end(self, call: Call, outcome: str) -> None:
        if call.outcome == outcome:
            return
        call.outcome = outcome
        if call.state == "ready" or outcome in ("refused", "lost"):
            call.state, call.finished, call.due = "done", self.now, None
        if outcome == "declined":
            self.declined[call.order.number] = self.now + DECLINED
        latest = call.order.calls[-1] is call
        if not call.order.deleted and (outcome in DECIDED or latest):
            self._tell(call.order, call, outcome)

    def _tell(self, order: Order, call: Call, outcome: str) -> None:
        if outcome in DECIDED:
            for other in order.calls:
                if other is not call and other.outcome is None:
                    self._drop(other)
        if outcome == "verified":
            order.code_until = None
            order.move("verified", self.now)
            return
        if outcome == "lost" or call.dialled is None:
            order.attempts, order.touched = order.attempts - 1, self.now
        if order.status != "pending-verification":
            return
        used_up = order.attempts >= ATTEMPTS
        if outcome in ("declined", "refused", "blocked") or used_up:
            if outcome not in REPORTED:
                order.code_until = None
            order.move("action-required", self.now)
        else:
            order.touched = self.now

    def _drop(self, call: Call) -> None:
        if call.state != "done":
            call.hang_up, call.due = call.state != "ready", self.now
            self._end(call, "canceled")

    def _reported(self, call: Call, furthest: str) -> str:
        if furthest != "completed":
            return ENDINGS[furthest]
        deaf = call.stage == "consent" and call.prompts > 1
        if call.machine or deaf:
            return "voicemail"
        return "hung-up" if call.stage else "failed"

    def _settle(self, call: Call, listed: dict[str, list[tuple[str, str, float]]] | None) -> None:
        dialled = call.dialled or self.now
        theirs = {other.sid for other in self.calls}
        free = [
            (sid, status)
            for sid, status, at in (listed or {}).get(call.order.number, [])
            if sid not in theirs and at >= dialled - LEASE
        ]
        if len(free) == 1:
            sid, status = free[0]
            self.adopt(call, sid)
            self.report(call, sid, status, False)
        elif listed is not None and self.now - dialled >= GRACE:
            self._end(call, "lost")
        else:
            call.state, call.due = "unknown", self.now + AGAIN

    def _watch(self, call: Call, listed: dict[str, list[tuple[str, str, float]]] | None) -> None:
        if call.state == "done":
            return
        known = (listed or {}).get(call.order.number, [])
        status = next((status for sid, status, _ in known if sid == call.sid), "")
        over = self.now - (call.dialled or self.now) > DAY + TALK
        if over or status in ENDINGS:
            self.report(call, call.sid or "", status if status in ENDINGS else "failed", False)
        else:
            call.due = self.now + WATCH


def _ended(order: Order) -> float:
    """When an order was over; never, while it or a call of it goes on."""
    if any(call.state != "done" for call in order.calls):
        return float("inf")
    if order.status == "failed":
        return order.touched
    return order.deleted_at if order.deleted else float("inf")


def _is_due(call: Call, now: float) -> bool:
    return call.due is not None and call.due <= now
