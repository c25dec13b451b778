"""A placed call while it lasts: its line, who is on it, and what the customer is told."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import Protocol

from twiml.emulator import fetching
from twiml.emulator.actions import Instead, Ring
from twiml.emulator.answering import answerer
from twiml.emulator.caller import Verdict, outbound
from twiml.emulator.calls import FINAL, Call
from twiml.emulator.document import Document, read
from twiml.emulator.fetching import Application, Cookies, Outcome, Request
from twiml.emulator.leg import Leg
from twiml.emulator.line import Line
from twiml.emulator.people import Around
from twiml.emulator.phones import Phone, Phones
from twiml.emulator.placing import Placement
from twiml.emulator.progress import event_of, parameters
from twiml.emulator.schedule import Schedule
from twiml.emulator.session import Session
from twiml.emulator.timing import Timing
from twiml.emulator.trace import Event
from twiml.emulator.whole import shown

_log = logging.getLogger(__name__)


class Exchange(Protocol):
    """What a conversation needs of the exchange."""

    timing: Timing
    phones: Phones
    schedule: Schedule

    def application(self, url: str) -> Application:
        """Who answers requests to a URL."""

    def code_for(self, number: str) -> str | None:
        """The code that the one who answers a number would know."""

    def new_sid(self, prefix: str) -> str:
        """A new SID."""

    def new_token(self) -> str:
        """A new I-Twilio-Idempotency-Token."""

    def add(self, call: Call) -> None:
        """List a call that was dialled from within another."""

    def answered(self, call: Call) -> None:
        """A placed call is answered."""

    def ended(self, call: Call) -> None:
        """A call is over."""

    def notify(self, call: Call, code: int, message: str, url: str, error: bool) -> None:
        """Keep a notification."""

    def happened(self, call: Call, event: Event) -> None:
        """Hand on an event of a trace."""

    def post(self, call: Call, request: Request, moment: float) -> None:
        """Send a status callback at a moment, beside everything else."""


class Conversation:
    """Runs one call. It is the :class:`~twiml.emulator.line.World` of its line."""

    def __init__(self, call: Call, exchange: Exchange) -> None:
        self.call = call
        self._exchange = exchange
        self._timing = exchange.timing
        self._line = line = Line(self, exchange.timing, call.events, self._happened)
        self._around = Around(lambda: line.now, lambda: exchange.code_for(call.to), exchange.timing)
        self._guard = threading.Lock()
        self._stepping = False
        self._again = False

    def begin(self) -> None:
        """Dial."""
        session = self._session(self.call)
        leg = Leg("caller", "caller", outbound(session, self._detected), self.call)
        self._line.begin(leg)
        try:
            self.progress(leg, "initiated")
        except Exception as error:  # noqa: BLE001  as in go_on
            self._fail(error)
        self.go_on()

    def go_on(self) -> None:
        """Let everything happen that is due; only one thread at a time does it.

        Whatever is raised meanwhile ends this call as failed (12400), and no other.
        """
        with self._guard:
            if self._stepping:
                self._again = True
                return
            self._stepping = True
        while True:
            due = None
            try:
                due = self._line.step(self._now_ms(), self._go_on_at)
            except Exception as error:  # noqa: BLE001  a call must end, whatever went wrong in it
                self._fail(error)
            with self._guard:
                if not self._again:
                    self._stepping = False
                    break
                self._again = False
        if due is not None and not self._line.over:
            self._schedule(self._moment(due))

    def hang_up(self) -> None:
        """End the call from the customer's side."""
        try:
            self._line.command(self._now_ms(), self._line.hang_up)
        except Exception as error:  # noqa: BLE001  as in go_on
            self._fail(error)

    def replace_document(self) -> None:
        """Let the call go on with what its placement now says."""
        placement = self.call.placement
        line = self._line

        def instead() -> None:
            then: Request | Document
            if placement.twiml is not None:
                then = read(placement.twiml.encode())
            else:
                session = self._session(self.call)
                then = session.first_request(placement.url or "", placement.method)
            line.instead(Instead(then))

        line.command(self._now_ms(), lambda: line.at(line.now, instead))
        self._schedule(self._exchange.schedule.now())

    # What the line asks for (line.World)

    def connect(self, number: str, dialling: Leg, ring: Ring) -> Leg:
        """Return the leg that a number leads to."""
        phone = self._exchange.phones.find(number)
        call = self._called(phone, dialling, ring)
        return answerer(self._exchange.phones, phone, call, self._session, self._around)

    def fetch(self, request: Request, leg: Leg) -> Outcome:
        """Ask the application of a URL, with the cookies of the leg's call."""
        cookies = leg.call.cookies if leg.call is not None else Cookies()
        application = self._exchange.application(request.url)
        return fetching.fetch(request, application, cookies, self._timing.request_total)

    def progress(self, leg: Leg, status: str) -> None:
        """Note the new status of a leg's call; of the call itself the customer is told."""
        call = leg.call
        if call is None or call.status in FINAL:
            return
        moment = self._moment(self._line.now)
        if status == "completed" and call.started is None:
            status = "canceled"
        if status == "in-progress":
            call.started = moment
            if call is self.call:
                self._line.limit(call.placement.time_limit)
                self._exchange.answered(call)
        if status in FINAL:
            call.ended = moment
        call.status, call.updated = status, moment
        if call is self.call:
            self._line.note(leg.name, "status", status)
            self._tell(status, moment)
            if status in FINAL:
                self._exchange.ended(call)

    def time_limit(self) -> None:
        """The call has reached its TimeLimit (Twilio error 32015)."""
        self._warn(self.call, 32015, "The call reached its time limit", "", False)

    # Details

    def _happened(self, event: Event) -> None:
        self.call.events.append(event)
        self._exchange.happened(self.call, event)

    def _fail(self, error: Exception) -> None:
        """End the call as failed: by the line if that can still do it, else without it."""
        _log.error("call %s failed", self.call.sid, exc_info=error)
        text = f"The call failed inside the emulator: {type(error).__name__}: {shown(str(error))}"
        warn = partial(self._warn, self.call, 12400, text, "", True)
        for do in (warn, self._end_as_failed):
            try:
                do()
            except Exception:  # noqa: BLE001  nothing may keep the call from ending
                _log.exception("call %s could not be ended in order", self.call.sid)
        if self.call.status not in FINAL:
            self.call.status, self.call.ended = "failed", self._moment(self._line.now)
        self._exchange.ended(self.call)

    def _end_as_failed(self) -> None:
        line = self._line
        line.command(line.now, lambda: line.break_off("failed"))

    def _called(self, phone: Phone, dialling: Leg, ring: Ring) -> Call:
        root = self.call
        direction = "inbound" if phone.kind == "ivr" else "outbound-dial"
        call = Call(
            sid=self._exchange.new_sid("CA"),
            account_sid=root.account_sid,
            to=phone.number,
            from_=ring.caller,
            direction=direction,
            placement=Placement(phone.number, ring.caller, url=phone.url or None),
            created=self._moment(self._line.now),
            starts=root.starts,
            status="ringing",
        )
        if not ring.main:
            call.parent_call_sid = dialling.sid
            if dialling.call is root:
                self._exchange.add(call)
        return call

    def _session(self, call: Call) -> Session:
        def warn(code: int, message: str, url: str, error: bool) -> None:
            self._warn(call, code, message, url, error)

        return Session(call, self._timing, warn, self._exchange.new_token)

    def _warn(self, call: Call, code: int, message: str, url: str, error: bool) -> None:
        who_ = "caller" if call is self.call else "ivr"
        self._line.note(who_, "error" if error else "warning", f"{code}: {message}")
        self._exchange.notify(call, code, message, url, error)

    def _tell(self, status: str, moment: float) -> None:
        placement = self.call.placement
        wanted = event_of(status) in placement.status_callback_events
        if placement.status_callback is None or not wanted:
            return
        form = parameters(self.call, status, moment)
        self._post(placement.status_callback, placement.status_callback_method, form, moment)

    def _detected(self, verdict: Verdict) -> None:
        """Send what asynchronous machine detection says, when it says it."""
        detection = self.call.placement.detection
        if detection is None:
            return
        moment = self._moment(self._line.now + verdict.after)
        self.call.answered_by = None
        if detection.callback is None:
            self._warn(self.call, 21262, "AsyncAmd without AsyncAmdStatusCallback", "", False)
            return
        form = {
            "AccountSid": self.call.account_sid,
            "AnsweredBy": verdict.answered_by,
            "CallSid": self.call.sid,
            "MachineDetectionDuration": str(verdict.after),
        }
        self._post(detection.callback, detection.callback_method, form, moment)

    def _post(self, url: str, method: str, form: dict[str, str], moment: float) -> None:
        request = Request(url, method, form, token=self._exchange.new_token())
        self._exchange.post(self.call, request, moment)

    def _go_on_at(self, ms: int) -> bool:
        return self._exchange.schedule.go_on_at(self._moment(ms))

    def _moment(self, ms: int) -> float:
        return self.call.starts + ms / 1000

    def _now_ms(self) -> int:
        return round((self._exchange.schedule.now() - self.call.starts) * 1000)

    def _schedule(self, when: float) -> None:
        self._exchange.schedule.at(when, self.go_on)
