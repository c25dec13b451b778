"""The signatures of a webhook: Twilio's, which we check and make, and Standard Webhooks'."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret of Standard Webhooks begins with
_SECRET_BYTES = 32


def twilio(url: str, parameters: Mapping[str, str], auth_token: str) -> str:
    """Twilio's signature of a request for ``url`` (without fragment) with these form parameters.

    HMAC-SHA1 over the URL and each parameter's name and value, in the order of the names (Twilio:
    Webhooks Security).
    """
    signed = url + "".join(name + parameters[name] for name in sorted(parameters))
    digest = hmac.digest(auth_token.encode(), signed.encode(), "sha1")
    return base64.b64encode(digest).decode()


def new_secret() -> str:
    """A secret for ``standard``, as the libraries of Standard Webhooks take it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def standard(
    message_id: str, timestamp: int, content: bytes, whsecrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of Standard Webhooks, with a signature for each secret.

    ``timestamp``: Unix seconds of this try. HMAC-SHA256 over id, timestamp and content.
    """
    signed = f"{message_id}.{timestamp}.".encode() + content
    made = []
    for text in whsecrets:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX))
        digest = hmac.digest(key, signed, "sha256")
        made.append("v1," + base64.b64encode(digest).decode())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(made),
    }
