"""The web as an application: real HTTP, with the URL's bytes sent exactly as they were given."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import socket
import ssl
import string
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode, urlsplit

from twiml.emulator.addresses import problem
from twiml.emulator.document import LARGEST
from twiml.emulator.fetching import NoAnswer, Request, Response
from twiml.emulator.signing import signature
from twiml.emulator.whole import shown

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Web:
    """Requests over HTTP, signed with the account's token.

    ``measured``: report the time that a request really took (for a clock of speed 1); otherwise
    each takes ``latency`` ms of simulated time.
    """

    def __init__(self, auth_token: str, *, measured: bool, latency: int) -> None:
        self._auth_token = auth_token
        self._measured = measured
        self._latency = latency
        self._open: set[socket.socket] = set()
        self._closed = False

    def open(self) -> None:
        """Make requests again."""
        self._closed = False

    def close(self) -> None:
        """Break off the requests that are under way, and make no more."""
        self._closed = True
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def fetch(self, request: Request) -> tuple[Response, int]:
        """Send the request. Raises NoAnswer when nobody answers in time."""
        start, deadline = time.monotonic(), _Deadline(request)
        try:
            response = self._send(request, deadline)
        except _NotConnected as error:
            raise NoAnswer("ct", str(error), self._took(start)) from error
        except TimeoutError as error:
            limits = request.overrides
            limit = limits.total if deadline.is_over() else limits.read
            took = max(self._took(start), limit)
            raise NoAnswer("rt", f"{request.url} gave no answer in time", took, 11200) from error
        except (ValueError, http.client.InvalidURL) as error:
            text = f"{shown(request.url)} cannot be asked: {shown(str(error))}"
            raise NoAnswer("", text, 0, 11100) from error
        except (OSError, http.client.HTTPException) as error:
            text = f"{request.url} broke off: {shown(str(error)) or type(error).__name__}"
            raise NoAnswer("rt", text, self._took(start), 11206) from error
        return response, self._took(start)

    def _took(self, start: float) -> int:
        return round((time.monotonic() - start) * 1000) if self._measured else self._latency

    def _send(self, request: Request, deadline: _Deadline) -> Response:
        url = request.sent_url
        wrong = problem(url)
        if wrong:
            raise NoAnswer("", wrong, 0, 11100)
        connection = _connection(url)
        with contextlib.closing(connection):
            sock = connection.sock = self._connected(connection, request, deadline)
            try:
                body = urlencode(request.parameters) if request.method == "POST" else None
                deadline.grant(sock, request.overrides.total)
                connection.request(request.method, _target(url), body, self._headers(request, url))
                answer = _answer(sock, request.method, deadline, request.overrides.read)
                with contextlib.closing(answer):
                    answer.begin()
                    return _response(answer)
            finally:
                self._open.discard(sock)

    def _connected(
        self, connection: http.client.HTTPConnection, request: Request, deadline: _Deadline
    ) -> socket.socket:
        """A socket that is connected, and in ``_open`` from before it was."""
        host, port = connection.host, connection.port
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise NoAnswer("ct", f"{host} is not a known host", 0, 11210) from error
        failure: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            self._open.add(sock)
            if self._closed:
                self._drop(sock)
                raise ConnectionAbortedError("the emulator stops")
            try:
                deadline.grant(sock, request.overrides.connect)
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._secured(sock, connection)
            except ssl.SSLError as error:
                self._drop(sock)
                raise NoAnswer("ct", f"No TLS with {host}: {error}", 0, 11220) from error
            except OSError as error:
                self._drop(sock)
                failure = error
        raise _NotConnected(f"No connection to {host}: {failure}") from failure

    def _secured(
        self, plain: socket.socket, connection: http.client.HTTPConnection
    ) -> socket.socket:
        if not isinstance(connection, http.client.HTTPSConnection):
            return plain
        context = ssl.create_default_context()
        sock = context.wrap_socket(
            plain, server_hostname=connection.host, do_handshake_on_connect=False
        )
        self._open.add(sock)
        self._open.discard(plain)
        try:
            sock.do_handshake()
        except OSError:
            self._drop(sock)
            raise
        return sock

    def _drop(self, sock: socket.socket) -> None:
        self._open.discard(sock)
        sock.close()

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


class _Deadline:
    """Until when a request must be over, whatever its server does meanwhile.

    A socket's own time-out begins again with each byte, so that a server which sends one a second
    would never be given up.
    """

    def __init__(self, request: Request) -> None:
        self._end = time.monotonic() + request.overrides.total / 1000

    def grant(self, sock: socket.socket, most_ms: int) -> None:
        """Let a socket wait for what is left, at most ``most_ms``. Raises TimeoutError."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole request is over")
        sock.settimeout(min(left, most_ms / 1000))

    def is_over(self) -> bool:
        """Whether nothing is left."""
        return time.monotonic() >= self._end


class _Timed(io.RawIOBase):
    """The bytes of a socket; each read of them may last as long as the deadline grants."""

    def __init__(self, sock: socket.socket, deadline: _Deadline, read_ms: int) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline
        self._read_ms = read_ms

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        self._deadline.grant(self._sock, self._read_ms)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _answer(
    sock: socket.socket, method: str, deadline: _Deadline, read_ms: int
) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(sock, method=method)
    answer.fp.close()
    answer.fp = io.BufferedReader(_Timed(sock, deadline, read_ms))
    return answer


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port)


def _target(url: str) -> str:
    """Everything after the host: http.client would not touch it, urlsplit would."""
    rest = url.partition("://")[2]
    cut = min((place for mark in "/?" if (place := rest.find(mark)) >= 0), default=len(rest))
    target = rest[cut:]
    return target if target.startswith("/") else "/" + target


def _response(answer: http.client.HTTPResponse) -> Response:
    return Response(
        status=answer.status,
        body=answer.read(LARGEST + 1),  # one more, by which a larger one is known (11750)
        content_type=answer.getheader("Content-Type"),
        location=_as_ascii(answer.getheader("Location")),
        cookies=tuple(answer.headers.get_all("Set-Cookie") or ()),
        challenge=answer.getheader("WWW-Authenticate"),
    )


def _as_ascii(location: str | None) -> str | None:
    """What http.client has read as Latin-1 gets percent signs, byte for byte as it was sent."""
    if location is None or location.isascii():
        return location
    return quote(location.encode("latin-1", "replace"), safe=string.printable)


def _basic(url: str) -> str:
    user = urlsplit(url).netloc.rpartition("@")[0]
    return "Basic " + base64.b64encode(unquote(user).encode()).decode()
