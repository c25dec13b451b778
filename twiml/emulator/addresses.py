"""URLs as strangers write them: every function here takes any text and raises nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

from twiml.emulator.whole import shown

# What may stand in a URL stays as it was written; the rest becomes UTF-8 in percent signs.
_ASCII = "".join(chr(code) for code in range(0x21, 0x7F))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*://", re.I)
_AUTHORITY = re.compile(r"^(https?://)([^/?#]*)", re.I)


@lru_cache(maxsize=1024)
def problem(url: str) -> str:
    """Return why a URL cannot be asked (Twilio: error 11100), or an empty string.

    It must be absolute, http or https, and have a host whose name DNS could carry.
    """
    if _CONTROL.search(url):
        return f"{shown(url)} has a control character: no URL has one"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # asking for the port reads it
        if host:
            host.encode("idna")
    except ValueError as error:
        return f"{shown(url)} is not a valid URL: {error}"
    if parts.scheme not in ("http", "https") or not host or " " in host:
        return f"{shown(url)} is not an absolute http or https URL"
    return ""


@lru_cache(maxsize=1024)
def host_of(url: str) -> str:
    """Return the host name of a URL; empty if it has none, or is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=1024)
def joined(base: str, url: str) -> str:
    """Return ``url`` as it is meant in ``base``; what cannot be joined stays as it is.

    So does an absolute one: urljoin would take ``http://`` for the base itself.
    """
    if _ABSOLUTE.match(url):
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def ascii_url(url: str) -> str:
    """Return a URL as it goes over the wire: an IDNA host, everything else in UTF-8 percent signs.

    What is ASCII already stays byte for byte, for it is what a signature is made of.
    """
    if url.isascii() and " " not in url:
        return url
    found = _AUTHORITY.match(url)
    if found is None:
        return _quoted(url)
    user, at, host = found[2].rpartition("@")
    return found[1] + _quoted(user) + at + _idna(host) + _quoted(url[found.end() :])


def _idna(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return _quoted(host)


def _quoted(text: str) -> str:
    return quote(text, safe=_ASCII, errors="replace")
