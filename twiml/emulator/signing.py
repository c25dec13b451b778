"""X-Twilio-Signature, computed independently of Twilio's SDK so that the two check each other.

It also repeats the algorithm of :mod:`twiml.signature`, on purpose: the emulator is there to check
the server, and code shared by both would let a mistake of one be hidden by the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

_URL = re.compile(
    r"^(?P<scheme>https?)://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^:/?#]*)(?P<port>:\d*)?", re.I
)


def signed_url(url: str) -> str:
    """Return the URL that is signed for a voice request.

    User and password go, https loses its port, http keeps it, the fragment goes, and every other
    byte stays as it was sent (Twilio: Security page, "A few notes").
    """
    without_fragment = url.partition("#")[0]
    found = _URL.match(without_fragment)
    if found is None:
        return without_fragment
    port = (found["port"] or "") if found["scheme"].lower() == "http" else ""
    return f"{found['scheme']}://{found['host']}{port}{without_fragment[found.end() :]}"


def signature(url: str, parameters: Mapping[str, str], auth_token: str) -> str:
    """Return the signature of a request: base64 of HMAC-SHA1 over the URL and sorted parameters.

    For a GET request pass no parameters: they stand in the URL already.
    """
    text = signed_url(url) + "".join(name + parameters[name] for name in sorted(parameters))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
