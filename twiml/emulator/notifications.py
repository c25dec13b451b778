"""Notifications: what Twilio's debugger would show of a call."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from twiml.emulator.calls import API_VERSION, rfc2822


class Notification(NamedTuple):
    """A warning (``log`` 1) or an error (0) of a call; ``moment`` is in Unix seconds."""

    sid: str
    account_sid: str
    call_sid: str
    code: int
    message: str
    url: str
    error: bool
    moment: float

    @property
    def log(self) -> str:
        """``0`` for an error, ``1`` for a warning."""
        return "0" if self.error else "1"

    def resource(self) -> dict[str, Any]:
        """The notification as Twilio's JSON (OpenAPI: api.v2010.account.notification)."""
        level = "ERROR" if self.error else "WARN"
        text = {"LogLevel": level, "Msg": self.message, "ErrorCode": self.code}
        date = rfc2822(self.moment)
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "call_sid": self.call_sid,
            "api_version": API_VERSION,
            "log": self.log,
            "error_code": str(self.code),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "message_text": urlencode(text),
            "message_date": date,
            "date_created": date,
            "date_updated": date,
            "request_method": "POST" if self.url else None,
            "request_url": self.url,
            "uri": f"/{API_VERSION}/Accounts/{self.account_sid}/Notifications/{self.sid}.json",
        }
