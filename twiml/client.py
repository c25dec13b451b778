"""Twilio's SDK with this server as its host.

from twilio.rest import Client
from twiml.client import HttpClient

client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=HttpClient("https://lineproof.example.com"))
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TWILIO = ".twilio.com"


class HttpClient(TwilioHttpClient):
    """The SDK's HTTP client, which asks ``base_url`` instead of every host of Twilio's.

    What is no host of Twilio's, such as the next page of a list, is asked where it is. No proxy is
    used for this machine itself. ``base_url`` None: Twilio. All else is as in the SDK's own client.
    """

    def __init__(self, base_url: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._base = urlsplit(base_url) if base_url else None
        if self._base and self._base.hostname in LOOPBACK and not self.proxy:
            self.proxy = {"http": "", "https": ""}

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Send one request."""
        asked = urlsplit(url)
        if self._base and f".{asked.hostname}".endswith(_TWILIO):
            path = self._base.path.rstrip("/") + asked.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))
        return super().request(method, url, *args, **kwargs)
