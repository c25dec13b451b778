"""Security tokens (six digits), the random key of a call, sealed values and sealed links.

Everything is derived from the server's root secrets: the newest seals and signs, all of them open
and verify, so that a root can be replaced while calls are under way.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadSignature, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode, want_bytes
from itsdangerous.signer import SigningAlgorithm

CODE_DIGITS = 6
CODE_SECONDS = 600  # Twilio: a code lives ten minutes, a new request inside them keeps it
ROOT_BYTES = 32

_NONCE_BYTES = 12


class Unsealable(ValueError):
    """The value was not sealed by one of our secrets for this purpose."""


def new_code() -> str:
    """Six random digits, leading zeros included."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def new_challenge(digits: int, code: str) -> str:
    """The key (or keys) that only somebody who listens to this call can know.

    None of them is in ``code``: a greeting that plays the code's tones can never be the answer.
    """
    keys = [key for key in "0123456789" if key not in code]
    return "".join(secrets.choice(keys) for _ in range(digits))


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


class Keyring:
    """Seals values and links with keys derived from the root secrets.

    ``roots``: at least one secret of at least 32 bytes, the newest last.
    """

    def __init__(self, roots: Sequence[bytes]) -> None:
        if not roots or any(len(root) < ROOT_BYTES for root in roots):
            raise ValueError(f"Each secret key must have at least {ROOT_BYTES} bytes")
        self._roots = tuple(roots)
        self._ciphers = tuple(AESGCM(derive(root, "seal.v1")) for root in self._roots)
        self._links: dict[str, URLSafeSerializer] = {}

    def seal(self, value: str, context: str) -> bytes:
        """Encrypt ``value`` so that it opens only in the same ``context`` (such as a SID)."""
        return self.seal_bytes(value.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        """The value that ``seal`` was given. Raises Unsealable."""
        return self.open_bytes(sealed, context).decode()

    def seal_bytes(self, value: bytes, context: str) -> bytes:
        """``seal`` for what is no text."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[-1].encrypt(nonce, value, context.encode())

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The bytes that ``seal_bytes`` was given. Raises Unsealable."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        for cipher in reversed(self._ciphers):
            try:
                return cipher.decrypt(nonce, body, context.encode())
            except InvalidTag:
                continue
        raise Unsealable("The value cannot be opened with the secret keys of this server")

    def is_newest(self, sealed: bytes, context: str) -> bool:
        """Whether the newest secret alone opens a value."""
        try:
            self._ciphers[-1].decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()
            )
        except InvalidTag:
            return False
        return True

    def pseudonym(self, number: str) -> str:
        """A number as whoever has no key cannot read or guess it; the same for the same number."""
        key = derive(self._roots[0], "pseudonym.v1")
        return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()

    def link(self, purpose: str, payload: list[str | int]) -> str:
        """A token for a URL's path; one purpose's token is worthless for another.

        It carries no time: the row that it names decides how long it lives, so that a clock that
        is set back in the middle of a call does not end the call.
        """
        return str(self._serializer(purpose).dumps(payload))

    def read_link(self, purpose: str, token: str) -> list[str | int]:
        """The payload of a token. Raises Unsealable."""
        try:
            payload = self._serializer(purpose).loads(token)
        except BadSignature as error:
            raise Unsealable("The link was not made by this server") from error
        if not isinstance(payload, list):
            raise Unsealable("The link was not made by this server")
        return payload

    def derived(self, purpose: str) -> str:
        """A secret of the newest root for one purpose, as hexadecimal text."""
        return derive(self._roots[-1], purpose).hex()

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        if purpose not in self._links:
            self._links[purpose] = _Links(
                [derive(root, "link.v1") for root in self._roots],
                salt=purpose,
                signer=_LinkSigner,
                signer_kwargs={
                    "algorithm": _Hmac(),
                    "digest_method": hashlib.sha256,
                    "key_derivation": "hmac",
                },
            )
        return self._links[purpose]


class _Hmac(SigningAlgorithm):
    """HMAC-SHA256 in one step; itsdangerous' own takes several."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """The signature of a value."""
        return hmac.digest(key, value, "sha256")


class _LinkSigner(Signer):
    """itsdangerous' signer, which derives each key once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._derived = {key: super(_LinkSigner, self).derive_key(key) for key in self.secret_keys}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        """The key of one purpose that is made of a secret; the newest secret's for None."""
        return self._derived[want_bytes(secret_key or self.secret_keys[-1])]


class _Links(URLSafeSerializer):
    """itsdangerous' serializer with one signer for all links of a purpose."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signer = super().make_signer()

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        """The signer."""
        return self._signer

    def iter_unsigners(self, salt: str | bytes | None = None) -> Iterator[Signer]:
        """The signers whose links are read."""
        yield self._signer

    def dump_payload(self, obj: Any) -> bytes:
        """A payload as it stands in a link; one so short is not worth being compressed."""
        return base64_encode(json.dumps(obj, separators=(",", ":")))


def derive(root: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256)."""
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(root)
