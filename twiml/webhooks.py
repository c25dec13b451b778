"""What Twilio asks during a call, answered.

Two locks on every door: Twilio's signature (who asks) and the sealed token in the path (which call,
which step). What does not open both is 403 and changes nothing. A genuine request of a call that
is not, or no longer, live is told to hang up: an error would be spoken to a person.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from flask import Blueprint, Response, request

from twiml import script, signature
from verification import attempts, conversation, forms
from verification.attempts import Attempt
from verification.codes import Keyring, Unsealable
from verification.conversation import Reply

PREFIX = "/tw/v1"

# What the doors read. The signature does not tell where a name ends and its value begins
# (Digits=12 and Digit=s12 are signed alike), so each must look like itself and stand by itself.
_LOOKS = {
    "AccountSid": re.compile(r"AC[0-9a-fA-F]{32}", re.ASCII),
    "AnsweredBy": re.compile(r"[a-z_]*", re.ASCII),
    "CallSid": re.compile(r"CA[0-9a-fA-F]{32}", re.ASCII),
    "CallStatus": re.compile(r"[a-z-]*", re.ASCII),
    "Digits": re.compile(r"[0-9A-D*#]*", re.ASCII),
    "To": re.compile(r"\+[0-9]{1,15}", re.ASCII),
}
_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)
# Which of them each door reads; what Twilio may add to the others is no concern of it.
_DOORS = {
    "voice": ("AccountSid", "CallSid", "To"),
    "keys": ("AccountSid", "CallSid", "Digits"),
    "status": ("AccountSid", "CallSid", "CallStatus", "AnsweredBy"),
    "fallback": ("AccountSid", "CallSid"),
}

log = structlog.get_logger()


class Store(Protocol):
    """Where calls are written down."""

    def read(self) -> AbstractContextManager[conversation.Transaction]: ...
    def write_together(self) -> AbstractContextManager[conversation.Transaction]: ...


class Forbidden(Exception):
    """The request is not a genuine one of ours; the message is for the log only."""


@dataclass(frozen=True, slots=True)
class Links:
    """The URLs that we give to the carrier, each sealed for one call and one purpose."""

    keyring: Keyring
    base_url: str

    def voice(self, attempt_id: str) -> str:
        """Where the carrier asks what to say when the call is answered."""
        return self._url("voice", [attempt_id])

    def keys(self, attempt_id: str, step: int) -> str:
        """Where it sends the keys of one step."""
        return self._url("keys", [attempt_id, step])

    def status(self, attempt_id: str) -> str:
        """Where it reports how the call goes."""
        return self._url("status", [attempt_id])

    def fallback(self, attempt_id: str) -> str:
        """Where it asks when one of the others has failed."""
        return self._url("fallback", [attempt_id])

    def read(self, purpose: str, token: str) -> list[str | int]:
        """What a token was sealed with. Raises Unsealable."""
        return self.keyring.read_link(f"call-{purpose}.v1", token)

    def _url(self, purpose: str, payload: list[str | int]) -> str:
        token = self.keyring.link(f"call-{purpose}.v1", payload)
        return f"{self.base_url}{PREFIX}/{purpose}/{token}"


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The doors. ``signers``: the accounts whose requests are taken, and the tokens that each may
    sign with; ``now`` in Unix seconds.
    """

    store: Store
    keyring: Keyring
    links: Links
    signers: Mapping[str, Sequence[str]]
    consent_digits: int = 1
    now: Callable[[], float] = time.time

    def blueprint(self) -> Blueprint:
        """The routes of this file."""
        doors = Blueprint("webhooks", __name__, url_prefix=PREFIX)
        doors.post("/voice/<token>")(self.voice)
        doors.post("/keys/<token>")(self.keys)
        doors.post("/status/<token>")(self.status)
        doors.post("/fallback/<token>")(self.fallback)
        doors.register_error_handler(Forbidden, _forbidden)
        return doors

    def voice(self, token: str) -> Response:
        """The call was answered: the first document."""
        (attempt_id,), call = self._genuine("voice", token)
        with self.store.write_together() as tx:
            attempt, reply = conversation.begin(
                tx,
                self.keyring,
                str(attempt_id),
                conversation.Call(call["CallSid"], call.get("To", "")),
                self.consent_digits,
                self.now(),
            )
        return self._speak(attempt, reply)

    def keys(self, token: str) -> Response:
        """Keys were pressed, or none in time: the next document."""
        (attempt_id, step), call = self._genuine("keys", token)
        with self.store.write_together() as tx:
            attempt, reply = conversation.answer(
                tx,
                self.keyring,
                str(attempt_id),
                call["CallSid"],
                int(step),
                call.get("Digits", ""),
                self.now(),
            )
        return self._speak(attempt, reply)

    def status(self, token: str) -> Response:
        """The carrier reports; whatever it reports, it is thanked."""
        (attempt_id,), call = self._genuine("status", token)
        machine = call.get("AnsweredBy", "").startswith(("machine", "fax"))
        with self.store.write_together() as tx:
            status = call.get("CallStatus", "")
            attempts.hear_report(tx, str(attempt_id), call["CallSid"], status, machine, self.now())
        return Response(status=204)

    def fallback(self, token: str) -> Response:
        """One of our documents could not be had: say so in the call's language and end it.

        Somebody is on the line, and this is the last door: it does without a store that is away.
        """
        (attempt_id,), call = self._genuine("fallback", token)
        attempt = None
        try:
            with self.store.read() as tx:
                attempt = tx.attempts.get(str(attempt_id))
        except Exception as error:  # noqa: BLE001 - whatever it is, it brought the call here
            log.error("call's language not known", attempt=attempt_id, error=str(error))
        log.warning("call fell back", attempt=attempt_id, error=call.get("ErrorCode"))
        return _twiml(script.apology(attempt.language if attempt else "en"))

    def _speak(self, attempt: Attempt | None, reply: Reply) -> Response:
        if attempt is None:
            return _twiml(script.hang_up())
        attempt_id = attempt.id
        return _twiml(script.document(attempt, reply, lambda s: self.links.keys(attempt_id, s)))

    def _genuine(self, purpose: str, token: str) -> tuple[list[str | int], dict[str, str]]:
        """The token's payload and the form of a genuine request. Raises Forbidden."""
        form, environ = _form(), request.environ
        target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
        url = signature.requested_url(self.links.base_url, target)
        given = environ.get("HTTP_X_TWILIO_SIGNATURE")  # two come as one that fits nothing
        signatures = [] if given is None else [given]
        tokens = self.signers.get(form.get("AccountSid", ""), ())
        if not signature.is_genuine(url, form, signatures, tokens):
            raise Forbidden("the signature is not Twilio's, or is of another account")
        try:
            payload = self.links.read(purpose, token)
        except Unsealable:
            raise Forbidden("the token was not made for this door") from None
        if "CallSid" not in form or not _is_uncut(form, _DOORS[purpose]):
            raise Forbidden("the request names no call, or its fields are cut elsewhere")
        return payload, form


def _form() -> dict[str, str]:
    """The form as it was signed, each name once. Raises Forbidden.

    Read from WSGI's own environment: Werkzeug's views of it cost more than all that is done here.
    """
    environ = request.environ
    if environ["REQUEST_METHOD"] != "POST":  # Werkzeug takes "post" for it
        raise Forbidden("not a POST")
    media_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type != forms.MEDIA_TYPE or environ.get("QUERY_STRING"):
        raise Forbidden("not a form, or with a query")
    body = _body(environ)
    try:
        pairs = forms.read(body)
    except forms.UnreadableForm:
        raise Forbidden("the form cannot be read") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise Forbidden("a field is repeated")
    return form


def _body(environ: Mapping[str, Any]) -> bytes:
    said = environ.get("CONTENT_LENGTH", "")
    is_length = _LENGTH.fullmatch(said) and "HTTP_TRANSFER_ENCODING" not in environ
    if not is_length or int(said) > forms.MOST_BYTES:
        raise Forbidden("no length, or more than a call ever sends")
    try:
        body: bytes = environ["wsgi.input"].read(int(said))
    except (OSError, ValueError):  # the client has gone
        body = b""
    if len(body) != int(said):
        raise Forbidden("the body is shorter than it says")
    return body


def _is_uncut(form: dict[str, str], names: Sequence[str]) -> bool:
    signed = "".join(name + form[name] for name in sorted(form))
    return all(
        _LOOKS[name].fullmatch(form[name]) if name in form else name not in signed for name in names
    )


def _twiml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")


def _forbidden(error: Forbidden) -> Response:
    log.warning("webhook refused", reason=str(error))
    return Response(status=403, content_type="text/plain")
