"""Placing a call through the twilio SDK: Twilio itself, or whatever answers at its base URL.

Each call is asked for once. No layer below retries; what the answer does not tell is ``Unclear``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
import structlog
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from twiml import client as sdk
from twiml.webhooks import Links
from verification.calling import Answer, CarrierCall, Placed, Postponed, Refused, Unclear
from verification.numbers import Line, LineType

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0
RECONNECT_SECONDS = 2.0
LATER_SECONDS = 60.0
RING_SECONDS = 30
LISTED = 50  # the newest calls to one number; since a moment ago there are one or two
# Twilio fetches our documents anew when a connection fails, when nothing comes, and on a 5xx.
OVERRIDES = "#rc=2&rp=ct,rt,5xx"
EVENTS = ["initiated", "ringing", "answered", "completed"]

_NOT_FOUND = 404
_TOO_MANY = 429
_SERVER_ERROR = 500

Had = TypeVar("Had")

log = structlog.get_logger()


class NotNow(Exception):
    """The carrier has done nothing: it asks to slow down, or it could not be connected to."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


class HttpClient(sdk.HttpClient):
    """The SDK's HTTP client with a host of choice, our time limits, and no second try anywhere.

    Each request has a connection of its own: one that was kept open and has died meanwhile would
    leave it unclear whether a call was placed. ``kept``: it is kept open nevertheless.
    """

    def __init__(self, base_url: str | None = None, kept: bool = False) -> None:
        super().__init__(base_url, pool_connections=kept)
        self.timeout = (CONNECT_SECONDS, ANSWER_SECONDS)  # type: ignore[assignment] # requests' pair

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Send one request. Raises NotNow if it is certain that nothing has been done."""
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.ConnectionError as error:
            if _never_connected(error):
                raise NotNow(RECONNECT_SECONDS) from error
            raise
        if response.status_code == _TOO_MANY:
            raise NotNow(_retry_after(response.headers))
        return response


class TwilioCarrier:
    """Calls and look-ups of one Twilio account; a Carrier and a Directory of the core."""

    def __init__(
        self,
        client: Client,
        links: Links,
        from_number: str | None,
        detect: bool,
        directory: Client | None = None,
    ) -> None:
        """``from_number`` None: the account's own first number. ``detect``: machine detection.

        ``directory``: looks numbers up instead of ``client``. A look-up may be made again, so that
        it can keep its connections: each new one costs more than the look-up.
        """
        self._client = client
        self._directory = directory or client
        self._links = links
        self._from = from_number
        self._detect = detect

    def place(self, attempt_id: str, number: str, limit_seconds: int) -> Answer:
        """Ask for a call once. What the carrier refuses before it dials is Refused."""
        try:
            self._from = self._from or self._own_number()
        except (TwilioException, requests.RequestException, NotNow) as error:
            log.error("the number to call from is not known", **_told(error))
            return Postponed(LATER_SECONDS)
        if self._from is None:
            return Refused(21213, "The Twilio account has no number to call from")
        try:
            call = self._client.calls.create(
                to=number,
                from_=self._from,
                url=self._links.voice(attempt_id) + OVERRIDES,
                fallback_url=self._links.fallback(attempt_id) + OVERRIDES,
                status_callback=self._links.status(attempt_id) + OVERRIDES,
                status_callback_event=EVENTS,
                timeout=RING_SECONDS,
                time_limit=limit_seconds,
                record=False,
                **({"machine_detection": "Enable"} if self._detect else {}),
            )
        except NotNow as error:
            return Postponed(error.seconds)
        except TwilioRestException as error:
            if error.status < _SERVER_ERROR:
                return Refused(int(error.code or error.status), str(error.msg))
            return Unclear(f"HTTP {error.status}")
        except Exception as error:  # noqa: BLE001 - whatever it was, a call may have been placed
            return Unclear(type(error).__name__)
        return Placed(call.sid, self._from) if call.sid else Unclear("no SID in the answer")

    def calls_to(self, number: str, since: float) -> list[CarrierCall] | None:
        """The calls to a number since a time in Unix seconds; None if they cannot be had now."""
        caller = self._from or values.unset
        calls = _had(lambda: self._client.calls.list(to=number, from_=caller, limit=LISTED))
        if calls is None:
            return None
        # Not asked for by StartTime: a call that still waits in the carrier's queue has none.
        earliest = datetime.fromtimestamp(since, UTC)
        ours = [call for call in calls if call.date_created and call.date_created >= earliest]
        return [CarrierCall(str(call.sid), str(call.status)) for call in ours]

    def call(self, call_sid: str, number: str) -> CarrierCall | None:
        """One call; None if it cannot be had now. One that the carrier does not know is over."""

        def fetch() -> str:
            try:
                return str(self._client.calls(call_sid).fetch().status)
            except TwilioRestException as error:
                if error.status == _NOT_FOUND:
                    return "failed"
                raise

        status = _had(fetch)
        return None if status is None else CarrierCall(call_sid, status)

    def end(self, call_sid: str, number: str) -> bool:
        """Hang up; True also if the call had ended by itself."""

        def end() -> bool:
            try:
                self._client.calls(call_sid).update(status="completed")
            except TwilioRestException as error:
                return bool(error.status < _SERVER_ERROR)
            return True

        return bool(_had(end))

    def look_up(self, number: str) -> Line | None:
        """What Twilio's Lookup knows of the line; None if it cannot be asked now."""
        numbers = self._directory.lookups.v2.phone_numbers(number)
        found = _had(lambda: numbers.fetch(fields="line_type_intelligence"))
        if found is None:
            return None
        known: Any = found.line_type_intelligence or {}
        return Line(_line_type(known.get("type")), known.get("carrier_name"))

    def _own_number(self) -> str | None:
        owned: list[Any] = self._client.incoming_phone_numbers.list(limit=1)
        owned = owned or self._client.outgoing_caller_ids.list(limit=1)
        return str(owned[0].phone_number) if owned else None


def _had(ask: Callable[[], Had]) -> Had | None:
    """What the carrier gives, None for whatever kept it from us: broken answers included."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001
        log.warning("carrier not reached", **_told(error))
        return None


def _told(error: Exception) -> dict[str, object]:
    """What a log may say of an error: a message could hold a number."""
    told: dict[str, object] = {"error": type(error).__name__}
    if isinstance(error, TwilioRestException):
        told |= {"status": error.status, "code": error.code}
    return told


def _never_connected(error: requests.ConnectionError) -> bool:
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(cause, (NewConnectionError, ConnectTimeoutError))


def _retry_after(headers: Any) -> float:
    try:
        return float((headers or {}).get("Retry-After", RECONNECT_SECONDS))
    except ValueError:  # a date; the core has its own longest wait
        return RECONNECT_SECONDS


def _line_type(word: str | None) -> LineType | None:
    """Lookup v2 has eleven words, v1 three; an unknown line has none."""
    match word:
        case None | "unknown":
            return None
        case "landline":
            return LineType.LANDLINE
        case "mobile":
            return LineType.MOBILE
        case "voip" | "fixedVoip" | "nonFixedVoip":
            return LineType.VOIP
        case "tollFree":
            return LineType.TOLL_FREE
        case _:
            return LineType.OTHER
