"""Requests that this server makes to a URL which a customer chose: what may be asked, and of whom.

Whoever may name a URL could otherwise reach what only this machine can: a cloud's metadata, a
database, a neighbour (facts of reliability, sections F and 4.9). The rules are asked when a URL is
taken and again, with the address that its name then has, when it is used.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

URL_LENGTH = 2048
LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
PORTS = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1024  # below it are mail, shells, file shares: nothing that takes callbacks

# IANA's special-purpose registries: nothing in them is a public server.
_FORBIDDEN_4 = tuple(
    IPv4Network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
# Of IPv6 only global unicast is public at all; these are not, though they lie in it: protocol
# assignments (Teredo, ORCHID), documentation, and 6to4, which hides an IPv4 address.
_GLOBAL_6 = IPv6Network("2000::/3")
_FORBIDDEN_6 = tuple(
    IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``headers`` beside those that every request has; no ``body``: none is sent.

    ``wanted_bytes``: how much of the answer's body is read; the rest is never fetched.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    wanted_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: a status, or else the ``error`` that kept it from coming.

    ``body``: its beginning; ``whole``: whether that is all of it. ``retry_after``: the receiver's
    wish, in seconds. ``forbidden``: the URL may not be asked, now or later.
    """

    status: int | None = None
    error: str | None = None
    body: bytes = b""
    whole: bool = False
    content_type: str = ""
    retry_after: float | None = None
    forbidden: bool = False


class Sender(Protocol):
    """Who makes the request; it never raises, and ends within a time that it knows."""

    def send(self, request: Request) -> Answer: ...


class ForbiddenUrl(ValueError):
    """This server makes no request to the URL; the message says what is allowed."""


def check_url(url: str, allowed: Sequence[Network]) -> SplitResult:
    """The parts of a URL that may be asked, as far as it shows without looking up its name.

    ``allowed``: networks that may be reached though they are not public. Raises ForbiddenUrl.
    """
    if len(url) > URL_LENGTH or not re.fullmatch(r"https?://[!-~]+", url, re.ASCII | re.IGNORECASE):
        raise ForbiddenUrl(f"must be an http or https URL of at most {URL_LENGTH} ASCII characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ForbiddenUrl("must have a host, and a port that is a number") from None
    if "@" in parts.netloc or "\\" in url or parts.netloc.endswith(":"):
        raise ForbiddenUrl("must have no user, no password and no backslash")
    if port is not None and port != PORTS[parts.scheme] and port < FIRST_FREE_PORT:
        raise ForbiddenUrl(f"must have the scheme's own port, or one from {FIRST_FREE_PORT} on")
    _check_host(host, allowed)
    return parts


def requested(url: str, query: str = "") -> str:
    """A URL as it is requested and signed: with a path, with more ``query``, without fragment."""
    parts = urlsplit(url)
    both = "&".join(one for one in (parts.query, query) if one)
    return parts._replace(path=parts.path or "/", query=both, fragment="").geturl()


def may_reach(text: str, allowed: Sequence[Network]) -> bool:
    """Whether an address may be connected to: a public one, or one in a network of ``allowed``."""
    try:
        address = _bare(ipaddress.ip_address(text))
    except ValueError:
        return False
    if any(address in network for network in allowed if network.version == address.version):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _FORBIDDEN_4)
    return address in _GLOBAL_6 and not any(address in network for network in _FORBIDDEN_6)


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a list such as ``127.0.0.1/32,fd00::/8``. Raises ValueError."""
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def _bare(address: Address) -> Address:
    """An IPv4 address out of the IPv6 address that stands for it (mapped, or compatible)."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if 1 < int(address) < 2**32:
            return IPv4Address(int(address))
    return address


def _check_host(host: str, allowed: Sequence[Network]) -> None:
    if ":" in host or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise ForbiddenUrl("must have a host name, or an address in its usual form") from None
        if not may_reach(host, allowed):
            raise ForbiddenUrl("must not lead to a private or reserved address")
        return
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_NAME.fullmatch(label) for label in labels):
        raise ForbiddenUrl("must have a host name, or an address in its usual form")
    if labels[-1].lower() == "localhost" and not may_reach("127.0.0.1", allowed):
        raise ForbiddenUrl("must not lead to a private or reserved address")
