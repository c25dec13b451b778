"""A call as the REST API and the webhooks show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from twiml.emulator.fetching import Cookies
from twiml.emulator.placing import Placement
from twiml.emulator.trace import Event

API_VERSION = "2010-04-01"
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
SUBRESOURCES = ("notifications", "recordings", "events")


@dataclass(slots=True, eq=False)
class Call:
    """One call. Times are Unix seconds; ``events`` is its trace; ``queue_time`` is in ms."""

    sid: str
    account_sid: str
    to: str
    from_: str
    direction: str
    placement: Placement
    created: float
    starts: float
    parent_call_sid: str | None = None
    status: str = "queued"
    queue_time: int = 0
    started: float | None = None
    ended: float | None = None
    updated: float = 0.0
    answered_by: str | None = None
    sip_response: int | None = None
    fired: int = 0
    events: list[Event] = field(default_factory=list)
    cookies: Cookies = field(default_factory=Cookies)

    @property
    def url(self) -> str | None:
        """The URL that the call was placed with."""
        return self.placement.url

    @property
    def duration(self) -> int:
        """Whole seconds from answer to end; 0 when it was not answered or has not ended."""
        if self.started is None or self.ended is None:
            return 0
        return round(self.ended - self.started)

    def parameters(self, status: str | None = None) -> dict[str, str]:
        """The parameters of every webhook request (Twilio: TwiML page, request parameters)."""
        found = {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.sid,
            "CallStatus": status or self.status,
            "Direction": self.direction,
            **_of_numbers(self.from_, self.to),
        }
        if self.parent_call_sid:
            found["ParentCallSid"] = self.parent_call_sid
        if self.answered_by:
            found["AnsweredBy"] = self.answered_by
        return found

    def resource(self) -> dict[str, Any]:
        """The call as Twilio's JSON (OpenAPI: api.v2010.account.call)."""
        base = f"/{API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        over = self.status in FINAL
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "to": self.to,
            "to_formatted": national(self.to),
            "from": self.from_,
            "from_formatted": national(self.from_),
            "phone_number_sid": None,
            "parent_call_sid": self.parent_call_sid,
            "status": "ringing" if self.status == "initiated" else self.status,
            "direction": self.direction,
            "answered_by": self.answered_by,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "start_time": rfc2822(self.started or (self.ended if over else None)),
            "end_time": rfc2822(self.ended),
            "duration": str(self.duration) if over else None,
            "price": None,
            "price_unit": "USD",
            "forwarded_from": None,
            "caller_name": None,
            "group_sid": None,
            "trunk_sid": None,
            "queue_time": str(self.queue_time),
            "uri": f"{base}.json",
            "subresource_uris": {name: f"{base}/{name.title()}.json" for name in SUBRESOURCES},
        }


@lru_cache(maxsize=1024)
def _of_numbers(from_: str, to: str) -> Mapping[str, str]:
    found = {}
    for name, number in (("Called", to), ("Caller", from_), ("From", from_), ("To", to)):
        found[name] = number
        found[name + "City"] = found[name + "State"] = found[name + "Zip"] = ""
        found[name + "Country"] = "US" if number.startswith("+1") else ""
    return MappingProxyType(found)


def rfc2822(moment: float | None) -> str | None:
    """Return Unix seconds as Twilio writes a date, in UTC; None stays None."""
    return None if moment is None else format_datetime(datetime.fromtimestamp(int(moment), UTC))


def national(number: str) -> str:
    """Return ``(902) 905-2034`` for a North American number; any other stays as it is."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number
