"""Certificates: what was proved about an order, signed so that anybody can check it offline.

A certificate is a JWS (RFC 7515) with an Ed25519 key (RFC 8037). The keys' public halves are
published as a JWK set (RFC 7517); a key that was replaced stays in it, so that what it signed can
still be checked.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from verification.accounts import Reading
from verification.attempts import Attempt, Outcome
from verification.audit import Entry
from verification.codes import Keyring
from verification.orders import Audit, Order
from verification.owner_links import HANDED_OVER
from verification.statuses import Mover, Status

ALGORITHM = "EdDSA"
MEDIA_TYPE = "lineproof-certificate+jwt"

KEYS_PATH = "/.well-known/jwks.json"

# What is signed as proved, by the method: it says no more than the method shows.
PROVES = {
    "ownership-call": (
        "At the time of verification somebody had control of this line: called on it by this "
        "server, that person typed the order's code."
    ),
    "spoken-code": (
        "At the time of verification the account knew a code that had been spoken to whoever "
        "answered this line: somebody had control of it and passed the code on."
    ),
    "verified-caller-id": (
        "Before this order the account had shown control of this line in a validation call of its "
        "own. No call was placed for this order."
    ),
    "phone-bill": (
        "An operator of this server accepted a phone bill for this number. That is no test of "
        "control of the line."
    ),
    "operator": (
        "An operator of this server took the number for verified, by hand. That is no test of "
        "control of the line."
    ),
}
_NOT_WHO = (
    "It does not prove who that person is, that he may decide about the number, that the line is "
    "not forwarded to another one, or that he has control of it at any other time."
)
_NOT_AT_ALL = (
    "It does not prove that anybody had control of the line, then or at any other time, or who may "
    "decide about the number."
)
PROVES_NOT = {
    "ownership-call": _NOT_WHO,
    "spoken-code": _NOT_WHO,
    "verified-caller-id": _NOT_WHO,
    "phone-bill": _NOT_AT_ALL,
    "operator": _NOT_AT_ALL,
}


@dataclass(frozen=True, slots=True)
class ProofKey:
    """A signing key. ``private`` is sealed; ``retired_at``: signs nothing new from then on."""

    kid: str
    public: str
    private: bytes
    created_at: float
    retired_at: float | None = None


class ProofKeys(Protocol):
    """The signing keys of one transaction."""

    def insert(self, key: ProofKey) -> None: ...
    def save(self, key: ProofKey) -> None: ...
    def all(self) -> list[ProofKey]: ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """``text``: the JWS; ``said``: what it says; ``trail``: what was written down of the order."""

    text: str
    said: Mapping[str, Any]
    trail: Sequence[Entry]
    keys_url: str


class Calls(Protocol):
    """The ownership calls of one transaction."""

    def of_subject(self, subject_sid: str) -> list[Attempt]: ...


class Trail(Audit, Protocol):
    """The audit trail as it is read."""

    def of_object(self, object_sid: str) -> list[Entry]: ...


class Transaction(Reading, Protocol):
    """What proofs need of a transaction."""

    @property
    def proof_keys(self) -> ProofKeys: ...
    @property
    def attempts(self) -> Calls: ...
    @property
    def audit(self) -> Trail: ...


class NotProved(ValueError):
    """The order has not been verified: there is nothing to certify (Twilio error 20404)."""


class NotGenuine(ValueError):
    """The certificate was not signed by one of the keys, or was changed since."""


def signing_key(tx: Transaction, keyring: Keyring, now: float) -> ProofKey:
    """The key that signs now; the first one is made when it is first needed."""
    standing = [key for key in tx.proof_keys.all() if key.retired_at is None]
    return standing[-1] if standing else _make(tx, keyring, now)


def rotate(tx: Transaction, keyring: Keyring, now: float) -> ProofKey:
    """Retire the key that signs now and make another; what the old one signed stays valid."""
    for key in tx.proof_keys.all():
        if key.retired_at is None:
            tx.proof_keys.save(replace(key, retired_at=now))
    return _make(tx, keyring, now)


def key_set(keys: Sequence[ProofKey]) -> dict[str, Any]:
    """The public keys as a JWK set."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": key.public,
                "kid": key.kid,
                "use": "sig",
                "alg": ALGORITHM,
            }
            for key in keys
        ]
    }


def claims(tx: Transaction, order: Order, account_name: str, number: Mapping[str, str]) -> Any:
    """What a certificate says of a verified order. Raises NotProved.

    ``number``: under which name the number stands in it, and how.
    """
    trail = tx.audit.of_object(order.sid)
    # The first time counts: an order is verified again when its letter is taken back.
    proved = next((entry for entry in trail if _verifies(entry)), None)
    if order.verified_at is None or proved is None:
        raise NotProved(f"The order is {order.status} and was never verified")
    calls = tx.attempts.of_subject(order.sid)
    call = next((c for c in calls if c.outcome in (Outcome.VERIFIED, Outcome.SPOKEN)), None)
    method = _method(order, proved, call)
    return {
        "sub": order.sid,
        "account_sid": order.account_sid,
        "account_name": account_name,
        **number,
        "verified_at": int(order.verified_at),
        "method": method,
        "consent": _consent(call),
        **({"code_known_to": _knew(trail, proved)} if call else {}),
        "audit": {"row": proved.seq, "hash": proved.hash},
        "proves": PROVES[method],
        "proves_not": PROVES_NOT[method],
    }


def issue(
    tx: Transaction, keyring: Keyring, said: Mapping[str, Any], issuer: str, now: float
) -> str:
    """Sign what a certificate says; gives the JWS in its compact form."""
    key = signing_key(tx, keyring, now)
    private = Ed25519PrivateKey.from_private_bytes(keyring.open_bytes(key.private, key.kid))
    whole = {**said, "iss": issuer, "iat": int(now), "jti": secrets.token_hex(16)}
    headers = {"kid": key.kid, "typ": MEDIA_TYPE}
    return jwt.encode(whole, private, algorithm=ALGORITHM, headers=headers)


def certify(
    tx: Transaction,
    keyring: Keyring,
    order: Order,
    issuer: str,
    now: float,
    pseudonym: bool = False,
) -> Certificate:
    """The certificate of a verified order, made anew each time. Raises NotProved.

    ``issuer``: where people outside reach this server. ``pseudonym``: it names the number by a
    keyed hash only.
    """
    account = tx.accounts.get(order.account_sid)
    number = (
        {"number_pseudonym": keyring.pseudonym(order.phone_number)}
        if pseudonym
        else {"phone_number": order.phone_number}
    )
    said = claims(tx, order, account.name if account else "", number)
    text = issue(tx, keyring, said, issuer, now)
    return Certificate(
        text,
        verify(text, key_set(tx.proof_keys.all())),
        tx.audit.of_object(order.sid),
        f"{issuer}{KEYS_PATH}",
    )


def verify(certificate: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What a genuine certificate says; needs nothing but the JWK set. Raises NotGenuine."""
    try:
        header = jwt.get_unverified_header(certificate)
        known = {key.get("kid"): key for key in keys["keys"]}
        if header.get("typ") != MEDIA_TYPE:
            raise NotGenuine("This is no certificate of Lineproof's")
        if header.get("kid") not in known:
            raise NotGenuine("The key that signed it is not among the keys")
        key = jwt.PyJWK(known[header["kid"]], algorithm=ALGORITHM)
        said: dict[str, Any] = jwt.decode(
            certificate, key, algorithms=[ALGORITHM], options={"verify_iat": False}
        )
    except (jwt.PyJWTError, KeyError, TypeError, AttributeError) as error:
        raise NotGenuine(f"The certificate cannot be verified: {error}") from None
    return said


def _make(tx: Transaction, keyring: Keyring, now: float) -> ProofKey:
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public = _base64(raw)
    thumbprint = json.dumps(
        {"crv": "Ed25519", "kty": "OKP", "x": public}, separators=(",", ":"), sort_keys=True
    )
    kid = _base64(hashlib.sha256(thumbprint.encode()).digest())  # RFC 7638
    secret = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    key = ProofKey(kid, public, keyring.seal_bytes(secret, kid), now)
    tx.proof_keys.insert(key)
    tx.audit.append(now, Mover.LINEPROOF, "", kid, "proof key made")
    return key


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _verifies(entry: Entry) -> bool:
    change = entry.detail.partition(": ")[0]  # behind it stands what somebody gave as the reason
    return entry.event == "status" and change.endswith(f"-> {Status.VERIFIED}")


def _method(order: Order, proved: Entry, call: Attempt | None) -> str:
    if proved.actor == Mover.OPERATOR:
        return "phone-bill" if order.verification_type == "phone-bill" else "operator"
    if call is None:
        return "verified-caller-id"
    return "ownership-call" if call.outcome is Outcome.VERIFIED else "spoken-code"


def _knew(trail: Sequence[Entry], proved: Entry) -> list[str]:
    """Who could know the code before it was entered; a link shows it to whoever holds it."""
    given = any(e.event in HANDED_OVER and e.seq < proved.seq for e in trail)
    return ["account", "owner-link"] if given else ["account"]


def _consent(call: Attempt | None) -> dict[str, Any]:
    """How far the person at the phone was asked, and answered."""
    if call is None:
        return {"asked": False}
    digits = len(call.challenge)
    return {"asked": digits > 0, "given": digits > 0, "random_keys": digits}
