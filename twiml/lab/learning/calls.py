"""Probe calls through the twilio SDK: keys are played, the line is recorded, the recording fetched.

A probe is no ownership call: nobody is asked for anything, no order is touched. Each call is asked
for once; what is unclear is never asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from twiml.carrier import ANSWER_SECONDS, RING_SECONDS, HttpClient, NotNow
from verification.extension import check, schedule

POLL_SECONDS = 2.0
_MOST_REFUSALS = 5  # times that a carrier may ask to come back later, for one request
_RECORDING_POLLS = 60
_SPARE_SECONDS = 5
_FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_HOST = "https://api.twilio.com"
Had = TypeVar("Had")


class NotCalled(Exception):
    """A probe call gave no recording; the message says why, and what may be done."""


class UsedUp(NotCalled):
    """The number of calls that may be placed is reached."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls may be placed, how many may begin a second, and how long one is heard (s)."""

    most_calls: int
    calls_per_second: float
    listen_seconds: int


class Prober:
    """Places probe calls one after another, and counts them and their seconds.

    ``wait`` lets so many seconds pass: the clock is the caller's, real or virtual. ``From`` is
    ``from_number``, or the account's own first number.
    """

    def __init__(
        self,
        client: Client,
        from_number: str | None,
        limits: Limits,
        wait: Callable[[float], None],
    ) -> None:
        self.calls = 0
        self.seconds = 0
        self.limits = limits
        self._client = client
        self._from = from_number
        self._wait = wait

    def record(self, number: str, digits: str, listen_seconds: int | None = None) -> bytes:
        """Call a number, play digits, listen on, and return the recording as WAV.

        Raises NotCalled where there is none: not answered, refused, or unclear; UsedUp where no
        call may be placed any more.
        """
        if self.calls >= self.limits.most_calls:
            raise UsedUp(
                f"{self.calls} calls were placed, and --most-calls allows no more: "
                "what was found so far is all there is"
            )
        listen = self.limits.listen_seconds if listen_seconds is None else listen_seconds
        if self.calls:
            self._wait(1 / self.limits.calls_per_second)
        sid = self._place(number, digits, listen)
        self._finished(sid)
        return self._sound(sid)

    def _place(self, number: str, digits: str, listen: int) -> str:
        played = ceil(schedule(check(digits)).length / 1000)
        document = VoiceResponse()
        if digits:
            document.play(digits=digits)
        document.pause(length=listen)
        caller = self._from = self._from or self._own_number()
        self.calls += 1  # before it is asked for: a call that is unclear counts
        try:
            call = self._patiently(
                lambda: self._client.calls.create(
                    to=number,
                    from_=caller,
                    twiml=str(document),
                    record=True,
                    recording_channels="dual",
                    timeout=RING_SECONDS,
                    time_limit=played + listen + _SPARE_SECONDS,
                )
            )
        except TwilioRestException as error:
            if error.status < 500:
                raise NotCalled(f"the carrier refuses ({error.code}): {error.msg}") from None
            raise NotCalled(_UNCLEAR) from None
        except requests.RequestException:
            raise NotCalled(_UNCLEAR) from None
        return str(call.sid)

    def _finished(self, sid: str) -> None:
        """Wait until a call is over. Raises NotCalled if nobody has answered."""
        longest = RING_SECONDS + self.limits.listen_seconds + 600
        for _ in range(ceil(longest / POLL_SECONDS)):
            self._wait(POLL_SECONDS)
            call = self._asked(lambda: self._client.calls(sid).fetch())
            if str(call.status) in _FINAL:
                self.seconds += int(call.duration or 0)
                if str(call.status) != "completed":
                    raise NotCalled(f"the call was not answered: {call.status}")
                return
        raise NotCalled(f"the call {sid} does not end: look at the carrier's log")

    def _sound(self, sid: str) -> bytes:
        for _ in range(_RECORDING_POLLS):
            found = self._asked(lambda: self._client.calls(sid).recordings.list(limit=1))
            if found and str(found[0].status) == "completed":
                return self._fetched(str(found[0].uri))
            self._wait(POLL_SECONDS)
        raise NotCalled(f"the carrier has no recording of the call {sid}")

    def _fetched(self, uri: str) -> bytes:
        url = urljoin(_HOST, uri).removesuffix(".json") + ".wav?RequestedChannels=2"
        http_client: Any = self._client.http_client
        user = (str(self._client.username), str(self._client.password))
        return bytes(self._asked(lambda: http_client.content(url, user, ANSWER_SECONDS)))

    def _own_number(self) -> str:
        owned = self._asked(lambda: self._client.incoming_phone_numbers.list(limit=1))
        if not owned:
            raise NotCalled("the account has no number to call from: set TWILIO_FROM_NUMBER")
        return str(owned[0].phone_number)

    def _asked(self, ask: Callable[[], Had]) -> Had:
        try:
            return self._patiently(ask)
        except (TwilioRestException, requests.RequestException) as error:
            raise NotCalled(f"the carrier does not answer ({type(error).__name__})") from None

    def _patiently(self, ask: Callable[[], Had]) -> Had:
        """Ask, and again when the carrier says that it has done nothing and when to come back."""
        for _ in range(_MOST_REFUSALS):
            try:
                return ask()
            except NotNow as later:
                self._wait(later.seconds)
        raise NotCalled("the carrier cannot be reached, or asks to slow down again and again")


_UNCLEAR = (
    "it is unclear whether a call was placed: look at the carrier's log before you go on; "
    "it is not asked for again"
)


def client_for(base_url: str | None, user: tuple[str, str], account_sid: str) -> Client:
    """Return an SDK client whose HTTP tries nothing twice."""
    return Client(*user, account_sid, http_client=HttpClient(base_url))
