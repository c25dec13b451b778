"""Is this request really Twilio's? One total function: it says yes or no and never raises.

Twilio signs the URL as it requested it, byte for byte, followed by each form parameter's name and
value in the order of the names (HMAC-SHA1 with the auth token). Over https it leaves out the port
(Twilio: Webhooks Security). The URL is put together from the configured base and the raw path:
what a proxy or a client says about host and scheme plays no part.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from verification import signatures

sign = signatures.twilio


def requested_url(base_url: str, raw_target: str) -> str:
    """The URL that Twilio signed: our public base and the request's raw path and query."""
    parts = urlsplit(base_url)
    host = parts.netloc if parts.scheme == "http" else _without_port(parts.netloc)
    return f"{parts.scheme}://{host}{raw_target}"


def is_genuine(
    url: str,
    parameters: Mapping[str, str],
    signatures: Sequence[str],
    auth_tokens: Iterable[str],
) -> bool:
    """Whether the request carries exactly one signature, made with one of the tokens."""
    if len(signatures) != 1:
        return False
    given = signatures[0].encode("utf-8", "replace")
    try:
        expected = [sign(url, parameters, token).encode() for token in auth_tokens]
    except UnicodeEncodeError:
        return False
    return any(hmac.compare_digest(given, one) for one in expected)


def _without_port(netloc: str) -> str:
    host, _, port = netloc.rpartition(":")
    return host if host and port.isdigit() else netloc
