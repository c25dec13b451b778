"""The exchange: places calls, queues them, runs them, and tells the customer's server."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection

from twiml.emulator import fetching
from twiml.emulator.calls import FINAL, Call
from twiml.emulator.clock import Clock, Scaled, Virtual
from twiml.emulator.conversation import Conversation
from twiml.emulator.faults import Faults
from twiml.emulator.fetching import Application, Cookies, Request
from twiml.emulator.notifications import Notification
from twiml.emulator.phones import Phones
from twiml.emulator.placing import Form, RestError, changed, checked
from twiml.emulator.recording import Recording
from twiml.emulator.schedule import Schedule
from twiml.emulator.timing import Timing
from twiml.emulator.trace import Event
from twiml.emulator.web import Web

LONGEST_QUEUE_SECONDS = 86_400
DEFAULT_TIMING = Timing()


class Emulator:
    """Twilio on loopback: calls are placed, run in simulated time, and reported.

    Drive it with :meth:`run` (this thread, a Virtual clock) or with :meth:`start` and
    :meth:`stop` (threads of its own, any clock).

    ``owned_numbers`` are allowed as From. ``code_of`` gives the code that somebody who answers
    would know, by the number that was called; :attr:`codes` is asked where it is None.
    ``on_event`` is told everything that happens. ``application_for`` says who answers the
    requests to a URL: by default the web. ``seed`` makes SIDs and faults repeatable.
    ``since`` is when the emulator was made (Unix seconds).
    """

    def __init__(  # noqa: PLR0913  each is a setting of its own
        self,
        phones: Phones,
        clock: Clock,
        *,
        account_sid: str,
        auth_token: str,
        timing: Timing = DEFAULT_TIMING,
        owned_numbers: Collection[str] = frozenset({"+15005550006"}),
        calls_per_second: float = 1.0,
        code_of: Callable[[str], str | None] | None = None,
        on_event: Callable[[Call, Event], None] | None = None,
        application_for: Callable[[str], Application] | None = None,
        seed: int | None = None,
    ) -> None:
        self.phones = phones
        self.clock = clock
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.timing = timing
        self.owned_numbers = frozenset(owned_numbers)
        self.calls_per_second = calls_per_second
        self.calls: dict[str, Call] = {}
        self.notifications: list[Notification] = []
        self.recordings: dict[str, Recording] = {}
        self.codes: dict[str, str] = {}
        self.faults = Faults(seed=seed or 0)
        self.schedule = Schedule(clock)
        self.since = clock.now()
        self._code_of = code_of
        self._on_event = on_event
        self._random = random.Random(seed)  # noqa: S311  SIDs on loopback, repeatable
        self._lock = threading.Lock()
        self._next_start = 0.0
        self._running: dict[str, Conversation] = {}
        measured = isinstance(clock, Scaled) and clock.speed == 1
        self._web = Web(auth_token, measured=measured, latency=timing.latency)
        self._application_for = application_for or (lambda _: self._web)

    # Placing, changing, finding

    def place(self, form: Form) -> Call:
        """Place a call from the form of POST Calls; it waits in the queue until its turn.

        At most ``calls_per_second`` start; the rest is queued, not refused (Twilio: Call
        resource). Raises RestError as :func:`twiml.emulator.placing.checked` does, and 22005
        when the queue is longer than 24 hours.
        """
        placement = checked(form, self.owned_numbers)
        with self._lock:
            now = self.clock.now()
            starts = max(now, self._next_start)
            if starts - now > LONGEST_QUEUE_SECONDS:
                raise RestError(400, 22005, "The call queue is full: it holds 24 hours of calls")
            self._next_start = starts + 1 / self.calls_per_second
            call = Call(
                sid=self._sid("CA"),
                account_sid=self.account_sid,
                to=placement.to,
                from_=placement.from_,
                direction="outbound-api",
                placement=placement,
                created=now,
                starts=starts,
                queue_time=round((starts - now) * 1000),
            )
            self.calls[call.sid] = call
        self.schedule.at(starts, lambda: self._dial(call))
        return call

    def change(self, sid: str, form: Form) -> Call:
        """Change a call as POST Calls/{Sid} does: Status, Url or Twiml, and its callbacks.

        Raises RestError: 20404 for an unknown call, 21220 when its state does not allow it.
        """
        call = self.call(sid)
        status = next(iter(form.get("Status") or ()), "")
        if status not in ("", "canceled", "completed"):
            raise RestError(400, 20001, f"Status is {status}: canceled or completed are allowed")
        placement = changed(form, call.placement)
        if call.status in FINAL or (status == "canceled" and call.status == "in-progress"):
            text = f"The call is {call.status}: {status or 'a new document'} is not possible"
            raise RestError(400, 21220, text)
        call.placement = placement
        if status:
            self._end(call)
            return call
        running = self._running.get(sid)
        if running is not None and ("Url" in form or "Twiml" in form):
            running.replace_document()
        return call

    def call(self, sid: str) -> Call:
        """Return a call. Raises RestError 20404."""
        found = self.calls.get(sid)
        if found is None:
            raise RestError(404, 20404, f"The call {sid} was not found")
        return found

    # Running

    def run(self, until: float | None = None) -> None:
        """Run in this thread up to a moment (Unix seconds), or until nothing is left to do.

        Needs a Virtual clock, and moves it. Raises TypeError with another one.
        """
        if not isinstance(self.clock, Virtual):
            raise TypeError("run() moves the clock, so it needs a Virtual one; or use start()")
        self.schedule.run(self.clock, until)

    def start(self) -> None:
        """Run in the background until :meth:`stop`."""
        self._web.open()
        self.schedule.start()

    def stop(self) -> None:
        """Stop, breaking off open requests; takes two seconds at most, whatever hangs."""
        self._web.close()
        self.schedule.stop()

    # What conversations need (conversation.Exchange)

    def application(self, url: str) -> Application:
        """Who answers requests to a URL: a folder of ours, or what ``application_for`` says."""
        folder = self.phones.folder_of(url)
        if folder is None:
            return self._application_for(url)
        return folder.taking(self.timing.latency)

    def code_for(self, number: str) -> str | None:
        """The code that the one who answers a number would know."""
        code = self._code_of(number) if self._code_of is not None else None
        return self.codes.get(number) if code is None else code

    def new_sid(self, prefix: str) -> str:
        """A new SID: the prefix and 32 hexadecimal digits."""
        with self._lock:
            return self._sid(prefix)

    def new_token(self) -> str:
        """A new I-Twilio-Idempotency-Token: a UUID."""
        with self._lock:
            text = f"{self._random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"

    def add(self, call: Call) -> None:
        """List a call that was dialled from within another."""
        self.calls[call.sid] = call

    def answered(self, call: Call) -> None:
        """A placed call is answered: its recording begins, if it was asked for."""
        if call.placement.record:
            recording = Recording(self.new_sid("RE"), call)
            self.recordings[recording.sid] = recording

    def ended(self, call: Call) -> None:
        """Forget the conversation of a call; the call itself stays listed."""
        self._running.pop(call.sid, None)

    def notify(self, call: Call, code: int, message: str, url: str, error: bool) -> None:
        """Keep a notification."""
        sid = self.new_sid("NO")
        now = self.clock.now()
        found = Notification(sid, call.account_sid, call.sid, code, message, url, error, now)
        self.notifications.append(found)

    def happened(self, call: Call, event: Event) -> None:
        """Hand on an event of a trace."""
        if self._on_event is not None:
            self._on_event(call, event)

    def post(self, call: Call, request: Request, moment: float) -> None:
        """Send a status callback at a moment; its answer never changes the call (15003)."""
        unruly = self.phones.find(call.to).callbacks == "late"
        times = 2 if unruly or self.faults.duplicate_callbacks else 1
        for _ in range(times):
            late = self.faults.late(self.timing.callback_shuffle, unruly)
            self.schedule.at(moment + late, lambda: self._deliver(call, request), aside=True)

    # Details

    def _sid(self, prefix: str) -> str:
        return f"{prefix}{self._random.getrandbits(128):032x}"

    def _dial(self, call: Call) -> None:
        with self._lock:
            if call.status != "queued":
                return
            conversation = self._running[call.sid] = Conversation(call, self)
            call.status = "initiated"
        conversation.begin()

    def _end(self, call: Call) -> None:
        with self._lock:
            running = self._running.get(call.sid)
            if call.status == "queued":
                # Cancelled while queued: no status callback at all (Twilio: Call resource).
                call.status = "canceled"
                call.ended = call.updated = self.clock.now()
        if running is not None:
            running.hang_up()

    def _deliver(self, call: Call, request: Request) -> None:
        application = self.application(request.url)
        outcome = fetching.fetch(request, application, Cookies(), self.timing.request_total)
        if outcome.code:
            code = 15003 if outcome.response is not None else outcome.code
            self.notify(call, code, outcome.message, request.url, error=False)
