"""One simulated call to a model: keys are sent at their moments, and everything is written down."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from twiml.emulator import Application, Call, Event, fetching
from twiml.emulator.actions import Action, Refuse, Ring, Send, wait
from twiml.emulator.addresses import host_of
from twiml.emulator.answering import answerer
from twiml.emulator.fetching import Outcome, Request
from twiml.emulator.leg import Leg
from twiml.emulator.line import Line, TraceFull
from twiml.emulator.people import Around
from twiml.emulator.placing import Placement
from twiml.emulator.session import Session
from twiml.emulator.web import Web
from twiml.lab.model import Model
from twiml.lab.unknowns import Chances, Unknowns
from verification.extension import Key

CALLER = "+15005550006"
RINGS_MS = 60_000
LINGER_MS = 1500  # how long a person who was reached is listened to
MOST_EVENTS = 20_000
MOST_REQUESTS = 500
FOREVER = 10**9
_ACCOUNT = "AC" + "0" * 32
_placement = lru_cache(maxsize=1024)(Placement)


class Plan(NamedTuple):
    """What is sent: its text, its keys with their onsets (ms from the start of playing) and how
    long the line is held after the last of them, when nobody is reached.
    """

    text: str
    keys: tuple[Key, ...]
    length: int
    stay: int = 60_000


class Answered(NamedTuple):
    """Somebody who was dialled has picked up."""

    at: int
    number: str
    kind: str


@dataclass(slots=True)
class Trace:
    """All that happened in one call. Times are milliseconds since dialling."""

    events: list[Event] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    length: int = 0
    broken_off: str = ""

    @property
    def answered_at(self) -> int | None:
        """When the number that was called picked up."""
        return self.answers[0].at if self.answers else None


class Runaway(Exception):
    """The call does more than any call does."""


def simulate(model: Model, plan: Plan, unknowns: Unknowns, reach: str | None = None) -> Trace:
    """Call the model, send what is planned, and return all that happened.

    The call ends when the line does, when ``reach`` (or, without it, any person) has answered and
    nothing is left to be sent, or when ``plan.stay`` is over. A call that makes MOST_EVENTS
    events or MOST_REQUESTS requests is broken off, so that no document can hold it for ever.
    """
    return _Probe(model, plan, unknowns, reach).run()


class _Probe:
    """The world of one line (:class:`twiml.emulator.leg.World`)."""

    def __init__(self, model: Model, plan: Plan, unknowns: Unknowns, reach: str | None) -> None:
        self._model = model
        self._plan = plan
        self._timing = unknowns.timing()
        self._greeting = "" if unknowns.greeting == "day" else unknowns.greeting
        self._chances = Chances(unknowns)
        self._start = unknowns.answer_delay + self._chances.answer()
        self._reach = reach
        self._requests = 0
        self._count = 1  # things that bear a number: the first is the call of the lab itself
        self._applications: dict[str, Application] = {}
        self._sessions: dict[str, Session] = {}
        self._legs: dict[str, Leg] = {}
        self._trace = trace = Trace()
        self._line = line = Line(self, self._timing, trace.events, most=MOST_EVENTS)
        self._around = Around(lambda: line.now, lambda: None, self._timing)

    def run(self) -> Trace:
        """Run the call to its end."""
        line, trace = self._line, self._trace
        caller = Leg("caller", "caller", self._caller())
        line.begin(caller)
        try:
            line.step(FOREVER)
        except Runaway as error:
            trace.broken_off = str(error)
        except TraceFull:
            del trace.events[MOST_EVENTS:]
            last = self._where(trace.events[-1].who)
            trace.broken_off = f"{MOST_EVENTS} things happened, the last in {last}"
        trace.length = line.now
        vars(self).clear()  # nothing points in a circle then, and the call is freed at once
        return trace

    def _caller(self) -> Generator[Action, Any, None]:
        rang = yield Ring((self._model.number,), RINGS_MS, CALLER, main=True)
        if rang.status != "answered":
            yield Refuse(rang.status)
            return
        yield wait(self._start)
        plan, onsets, now = self._plan, [], 0
        for place, key in enumerate(plan.keys):
            onset = max(now, key.onset + self._chances.key(place))
            onsets.append(onset)
            now = onset + self._timing.tone
        keys = "".join([key.key for key in plan.keys])
        yield Send(plan.text, keys, tuple(onsets), self._timing.tone, max(now, plan.length))
        yield wait(plan.stay)

    # What the line asks for

    def connect(self, number: str, dialling: Leg, ring: Ring) -> Leg:
        """Return the leg that a number leads to."""
        phone = self._model.phones.find(number)
        direction = "inbound" if phone.kind == "ivr" else "outbound-dial"
        call = self._call(phone.number, ring.caller, direction)
        around, greeting = self._around, self._greeting
        leg = answerer(self._model.phones, phone, call, self._session, around, greeting)
        if leg.name in self._legs:
            leg.name = self._another(leg.name)
        self._legs[leg.name] = leg
        return leg

    def fetch(self, request: Request, leg: Leg) -> Outcome:
        """Ask the application of a URL."""
        self._requests += 1
        if self._requests > MOST_REQUESTS:
            raise Runaway(
                f"{MOST_REQUESTS} documents were asked for, the last by {self._where(leg.name)}"
            )
        cookies = leg.call.cookies if leg.call is not None else fetching.Cookies()
        application = self._application(request.url)
        outcome = fetching.fetch(request, application, cookies, self._timing.request_total)
        late = self._chances.request(self._requests)
        return outcome._replace(elapsed_ms=outcome.elapsed_ms + late) if late else outcome

    def progress(self, leg: Leg, status: str) -> None:
        """Note who answers; the call is over soon after the wanted one does."""
        if status != "in-progress" or leg.call is None or leg.kind == "caller":
            return
        line, answers = self._line, self._trace.answers
        answers.append(Answered(line.now, leg.call.to, leg.kind))
        wanted = leg.kind == "person" if self._reach is None else leg.call.to == self._reach
        if wanted:
            sent = answers[0].at + self._start + self._plan.length
            line.at(max(line.now + LINGER_MS, sent), line.hang_up)

    def time_limit(self) -> None:
        """No limit but ours is set."""

    # Details

    def _another(self, name: str) -> str:
        return next(new for n in count(2) if (new := f"{name} {n}") not in self._legs)

    def _application(self, url: str) -> Application:
        host = host_of(url)
        known = self._applications.get(host)
        if known is None:
            known = self._applications[host] = self._found(url)
        return known

    def _found(self, url: str) -> Application:
        folder = self._model.phones.folder_of(url)
        if folder is not None:
            return folder.greeting(self._greeting).taking(self._timing.latency)
        if self._model.application is not None:
            return self._model.application
        return Web(self._model.auth_token, measured=False, latency=self._timing.latency)

    def _call(self, to: str, from_: str, direction: str) -> Call:
        sid, placement = self._numbered("CA"), _placement(to, from_)
        return Call(sid, _ACCOUNT, to, from_, direction, placement, 0.0, 0.0, status="ringing")

    def _session(self, call: Call) -> Session:
        session = Session(call, self._timing, self._warn, self._token)
        self._sessions[call.sid] = session
        return session

    def _warn(self, code: int, message: str, url: str, error: bool) -> None:
        where = f" ({url})" if url else ""
        self._line.note("ivr", "error" if error else "warning", f"{code}: {message}{where}")

    def _where(self, who: str) -> str:
        """The document and the line that a leg is at."""
        leg = self._legs.get(who)
        session = None if leg is None else self._sessions.get(leg.sid)
        if session is None or session.url is None:
            return who
        return f"{session.url} line {session.line}"

    def _token(self) -> str:
        return self._numbered("")

    def _numbered(self, prefix: str) -> str:
        self._count += 1
        return _identifier(prefix, self._count)


@lru_cache(maxsize=1024)
def _identifier(prefix: str, number: int) -> str:
    return f"{prefix}{number:032x}"
