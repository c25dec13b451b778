"""The web as an application: real HTTP, with the URL's bytes sent exactly as they were given."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import ssl
import time
from urllib.parse import unquote, urlencode, urlsplit

from twiml.emulator.fetching import NoAnswer, Request, Response
from twiml.emulator.signing import signature

_LARGEST_BODY = 64 * 1024 + 1


class Web:
    """Requests over HTTP, signed with the account's token.

    ``measured``: report the time that a request really took (for a clock of speed 1); otherwise
    each takes ``latency`` ms of simulated time.
    """

    def __init__(self, auth_token: str, *, measured: bool, latency: int) -> None:
        self._auth_token = auth_token
        self._measured = measured
        self._latency = latency
        self._open: set[http.client.HTTPConnection] = set()
        self._closed = False

    def open(self) -> None:
        """Make requests again."""
        self._closed = False

    def close(self) -> None:
        """Break off the requests that are under way, and make no more."""
        self._closed = True
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def fetch(self, request: Request) -> tuple[Response, int]:
        """Send the request. Raises NoAnswer when nobody answers in time."""
        start = time.monotonic()
        try:
            response = self._send(request)
        except _NotConnected as error:
            raise NoAnswer("ct", str(error), self._took(start)) from error
        except TimeoutError as error:
            took = max(self._took(start), request.overrides.read)
            raise NoAnswer("rt", f"{request.url} gave no answer in time", took, 11200) from error
        except (OSError, http.client.HTTPException) as error:
            text = f"{request.url} broke off: {str(error) or type(error).__name__}"
            raise NoAnswer("rt", text, self._took(start), 11206) from error
        return response, self._took(start)

    def _took(self, start: float) -> int:
        return round((time.monotonic() - start) * 1000) if self._measured else self._latency

    def _send(self, request: Request) -> Response:
        url = request.sent_url
        connection = _connect(url, request)
        self._open.add(connection)
        try:
            if self._closed:
                raise ConnectionAbortedError("the emulator stops")
            body = urlencode(request.parameters) if request.method == "POST" else None
            connection.request(request.method, _target(url), body, self._headers(request, url))
            return _response(connection.getresponse())
        finally:
            self._open.discard(connection)
            connection.close()

    def _headers(self, request: Request, url: str) -> dict[str, str]:
        headers = {
            "Accept": "*/*",
            "User-Agent": "TwilioProxy/1.1",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": request.token,
        }
        form = request.parameters if request.method == "POST" else {}
        headers["X-Twilio-Signature"] = signature(url, form, self._auth_token)
        if request.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        if request.cookie:
            headers["Cookie"] = request.cookie
        if request.authorize:
            headers["Authorization"] = _basic(url)
        return headers


class _NotConnected(Exception):
    """The server could not be reached."""


def _connect(url: str, request: Request) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoAnswer("", f"{url} is not an absolute http or https URL", 0, 11100)
    try:
        port = parts.port
    except ValueError as error:
        raise NoAnswer("", f"{url}: {error}", 0, 11100) from error
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, port, timeout=request.overrides.connect / 1000)
    try:
        connection.connect()
    except ssl.SSLError as error:
        raise NoAnswer("ct", f"No TLS with {parts.netloc}: {error}", 0, 11220) from error
    except socket.gaierror as error:
        raise NoAnswer("ct", f"{parts.hostname} is not a known host", 0, 11210) from error
    except OSError as error:
        raise _NotConnected(f"No connection to {parts.hostname}: {error}") from error
    connection.sock.settimeout(request.overrides.read / 1000)
    return connection


def _target(url: str) -> str:
    """Everything after the host: http.client would not touch it, urlsplit would."""
    rest = url.partition("://")[2]
    cut = min((place for mark in "/?" if (place := rest.find(mark)) >= 0), default=len(rest))
    target = rest[cut:]
    return target if target.startswith("/") else "/" + target


def _response(answer: http.client.HTTPResponse) -> Response:
    return Response(
        status=answer.status,
        body=answer.read(_LARGEST_BODY),
        content_type=answer.getheader("Content-Type"),
        location=answer.getheader("Location"),
        cookies=tuple(answer.headers.get_all("Set-Cookie") or ()),
        challenge=answer.getheader("WWW-Authenticate"),
    )


def _basic(url: str) -> str:
    user = urlsplit(url).netloc.rpartition("@")[0]
    return "Basic " + base64.b64encode(unquote(user).encode()).decode()
