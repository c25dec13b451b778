"""Outgoing HTTP to URLs that customers chose, so that no answer and no address can do harm.

The name is looked up once; only the addresses that may be reached are connected to, and the
connection is the one that was checked: a name that changes its mind gets not even a SYN. Nothing
is read of the environment: no proxy, no ``.netrc``. Redirects are an answer like any other.

Standard library on purpose: ``requests-hardened`` knows one list of addresses, which cannot be
given exceptions, tries only the first address of a name, and bounds each read but not the whole.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult

import certifi

from verification.outgoing import (
    PORTS,
    Answer,
    ForbiddenUrl,
    Network,
    Request,
    check_url,
    may_reach,
)

TOTAL_SECONDS = 15.0  # Twilio and Standard Webhooks: what a receiver has for its answer
CONNECT_SECONDS = 5.0
MOST_ADDRESSES = 3
POLITE_BYTES = 4096  # read of any answer, so that the receiver may end what it is saying
HEADERS = {"User-Agent": "Lineproof", "Accept": "*/*", "Accept-Encoding": "identity"}


def trust() -> ssl.SSLContext:
    """The system's certificate authorities and those of certifi; names are checked."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@dataclass(frozen=True, slots=True)
class Http:
    """Sends requests. ``allowed``: networks that may be reached though they are not public.

    ``total_seconds``: from the connection to the last byte; looking up the name comes on top.
    """

    allowed: Sequence[Network] = ()
    total_seconds: float = TOTAL_SECONDS
    connect_seconds: float = CONNECT_SECONDS
    context: ssl.SSLContext = field(default_factory=trust)

    def send(self, request: Request) -> Answer:
        """Make one request, once; whatever goes wrong is said in the answer."""
        try:
            parts = check_url(request.url, self.allowed)
            addresses = self._addresses(parts)
        except ForbiddenUrl as error:
            return Answer(error=f"the URL {error}", forbidden=True)
        except (OSError, ValueError):  # also a name that cannot be encoded
            return Answer(error="the host's name cannot be looked up")
        try:
            with self._connected(parts, addresses) as connection:
                return _exchange(connection, parts, request)
        except ssl.SSLError as error:
            return Answer(error=f"TLS: {error.reason or 'the connection was cut'}")
        except TimeoutError:
            return Answer(error="timed out")
        except OSError as error:
            return Answer(error=(error.strerror or "the connection was cut").lower())
        except (http.client.HTTPException, ValueError):
            return Answer(error="the answer is no HTTP")

    def _addresses(self, parts: SplitResult) -> Sequence[tuple[int, str, int]]:
        """Family, address and port of each address that may be connected to."""
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        known = [(family, str(where[0]), port) for family, _, _, _, where in found]
        reachable = [one for one in known if may_reach(one[1], self.allowed)]
        if not reachable:
            raise ForbiddenUrl("leads to a private or reserved address")
        return reachable[:MOST_ADDRESSES]

    @contextmanager
    def _connected(
        self, parts: SplitResult, addresses: Sequence[tuple[int, str, int]]
    ) -> Iterator[http.client.HTTPConnection]:
        plain = self._socket(addresses)
        # The bound on each read does not stop who sends a byte now and then; this does. It holds
        # its own copy of the connection, which stays the same when TLS takes the first one over.
        late = threading.Event()
        copy = plain.dup()
        timer = threading.Timer(self.total_seconds, _cut, (copy, late))
        timer.daemon = True
        timer.start()
        connection = http.client.HTTPConnection(parts.hostname or "")
        connection.auto_open = 0  # it has the connection that was checked, or none
        try:
            connection.sock = plain
            if parts.scheme == "https":
                connection.sock = self.context.wrap_socket(plain, server_hostname=parts.hostname)
            yield connection
        except (OSError, http.client.HTTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
            connection.close()
            plain.close()
            copy.close()

    def _socket(self, addresses: Sequence[tuple[int, str, int]]) -> socket.socket:
        trouble: OSError = TimeoutError()
        for family, address, port in addresses:
            plain = socket.socket(family, socket.SOCK_STREAM)
            plain.settimeout(self.connect_seconds)
            try:
                plain.connect((address, port))
            except OSError as error:
                plain.close()
                trouble = error
                continue
            plain.settimeout(self.total_seconds)
            return plain
        raise trouble


def _cut(connection: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _exchange(
    connection: http.client.HTTPConnection, parts: SplitResult, request: Request
) -> Answer:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    headers = {"Host": parts.netloc, **HEADERS, "Connection": "close", **request.headers}
    if request.body is not None:
        headers["Content-Length"] = str(len(request.body))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(request.body)
    response = connection.getresponse()
    body, whole = _beginning(response, max(request.wanted_bytes, POLITE_BYTES))
    return Answer(
        status=response.status,
        body=body[: request.wanted_bytes],
        whole=whole and len(body) <= request.wanted_bytes,
        content_type=response.getheader("Content-Type") or "",
        retry_after=_seconds(response.getheader("Retry-After"), response.getheader("Date")),
    )


def _beginning(response: http.client.HTTPResponse, wanted: int) -> tuple[bytes, bool]:
    """The first bytes of a body, and whether they are all of it; the status stands either way."""
    body = b""
    try:
        while len(body) <= wanted:
            piece = response.read1(wanted + 1 - len(body))
            if not piece:
                return body, not response.length
            body += piece
    except (OSError, http.client.HTTPException, ValueError):
        return body[:wanted], False
    return body[:wanted], False


def _seconds(wish: str | None, date: str | None) -> float | None:
    """A Retry-After in seconds: given so, or as a time, which is held against the answer's own."""
    if wish is None:
        return None
    if wish.strip().isascii() and wish.strip().isdigit():
        return float(wish[:12])
    try:
        return (parsedate_to_datetime(wish) - parsedate_to_datetime(date or "")).total_seconds()
    except (TypeError, ValueError):
        return None
