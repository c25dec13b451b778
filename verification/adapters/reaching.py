"""Asks this server for its health by its public URL, as a stranger would: by name, TLS, proxy."""

from __future__ import annotations

import http.client
import secrets
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from verification.adapters.front import HEALTH
from verification.adapters.http import trust

SECONDS = 10.0
_MOST_BYTES = 1000
_OK = 200


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of it. ``is_ours``: this program answered, and no page of somebody else's.

    ``address``: the network address that the name led to. ``certificate_ends``: in Unix seconds,
    where there is TLS. ``error``: why there was no answer, or a wrong one.
    """

    is_ours: bool = False
    address: str | None = None
    certificate_ends: float | None = None
    error: str | None = None


def reach(base_url: str, context: ssl.SSLContext | None = None) -> Reached:
    """Ask once. No proxy is used, no redirect is followed. ``context``: what TLS trusts."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        context = context or trust()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.connect()
        address, ends = _peer(connection)
        is_ours, error = _asked(connection)
        return Reached(is_ours, address, ends, error)
    except ssl.SSLCertVerificationError as error:
        return Reached(error=f"its certificate is not valid: {error.verify_message}")
    except ssl.SSLError as error:
        return Reached(error=f"no TLS: {error.reason or 'the connection was cut'}")
    except TimeoutError:
        return Reached(error=f"no answer in {SECONDS:.0f} seconds")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reached(error=(getattr(error, "strerror", None) or type(error).__name__).lower())
    finally:
        connection.close()


def _peer(connection: http.client.HTTPConnection) -> tuple[str, float | None]:
    address = str(connection.sock.getpeername()[0])
    if not isinstance(connection.sock, ssl.SSLSocket):
        return address, None
    certificate = connection.sock.getpeercert() or {}
    return address, float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))


def _asked(connection: http.client.HTTPConnection) -> tuple[bool, str | None]:
    # The id comes back from this program's front and from nobody else's health page.
    name = secrets.token_hex(16)
    connection.request("GET", HEALTH, headers={"X-Request-Id": name, "Connection": "close"})
    answer = connection.getresponse()
    answer.read(_MOST_BYTES)
    if answer.status != _OK:
        return False, f"it answers {HEALTH} with status {answer.status}"
    return answer.getheader("X-Request-Id") == name, None
