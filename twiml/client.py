"""Twilio's SDK with this server as its host.

from twilio.rest import Client
from twiml.client import HttpClient

client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=HttpClient("https://lineproof.example.com"))
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
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
            if self.session:  # nor is the environment searched for one at each request
                self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Send one request."""
        return super().request(method, self._address(url), *args, **kwargs)

    def content(self, url: str, auth: tuple[str, str], seconds: float) -> bytes:
        """Return the bytes of a recording, which the SDK itself would read as text.

        Raises requests.RequestException, also for an answer that is an error.
        """
        address = self._address(url)
        answer = requests.get(address, auth=auth, proxies=self.proxy or None, timeout=seconds)
        answer.raise_for_status()
        return answer.content

    def _address(self, url: str) -> str:
        asked = urlsplit(url)
        if not self._base or not f".{asked.hostname}".endswith(_TWILIO):
            return url
        path = self._base.path.rstrip("/") + asked.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))
