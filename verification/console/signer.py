"""The signer's page: read the letter, then sign it or decline it.

Whoever has the link may sign: it was mailed to the signer alone, and dies with the letter.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Protocol

import structlog
from flask import Blueprint, Response, request

from verification import letter_mails, letters, signing
from verification.codes import Keyring, Unsealable
from verification.console import csrf
from verification.console.pages import Pages
from verification.console.room import posted, see_other
from verification.console.texts import GONE, SIGNER, Texts
from verification.documents import SIGNING_SECONDS, Document, DocumentStatus, LetterGone
from verification.letters import AGENT_LENGTH, NAME_LENGTH, Letter, Signature

PATH = letter_mails.PATH

log = structlog.get_logger()


class Store(Protocol):
    """Where the letters are."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


Printer = Callable[[Letter, Signature], bytes]


@dataclass(frozen=True, slots=True)
class Filled:
    """What the signer entered, and what is wrong with it."""

    name: str = ""
    consent: bool = False
    name_fault: str = ""
    consent_fault: str = ""
    form_fault: str = ""

    @property
    def faults(self) -> bool:
        """Whether it cannot be taken as it is."""
        return bool(self.name_fault or self.consent_fault or self.form_fault)


@dataclass(frozen=True, slots=True)
class SignerPage:
    """The page. ``printer`` makes the PDF of a signed letter, ``now`` gives Unix seconds."""

    store: Store
    keyring: Keyring
    pages: Pages
    printer: Printer
    now: Callable[[], float]

    def blueprint(self) -> Blueprint:
        """Its routes."""
        blueprint = Blueprint("signer", __name__)
        rule = f"{PATH}/<token>"
        blueprint.add_url_rule(rule, "show", self.show, methods=["GET"])
        blueprint.add_url_rule(rule, "answer", self.answer, methods=["POST"])
        return blueprint

    def show(self, token: str) -> Response:
        """The letter with its form, or why it cannot be signed any more."""
        link = self._link(token)
        if link is None:
            return self.pages.trouble(HTTPStatus.NOT_FOUND)
        found = self._letter(*link)
        return found if isinstance(found, Response) else self._form(found, token, Filled())

    def answer(self, token: str) -> Response:
        """Take a signature, or a refusal."""
        link = self._link(token)
        if link is None:
            return self.pages.trouble(HTTPStatus.NOT_FOUND)
        fields = posted()
        if fields is None:
            return self.pages.trouble(HTTPStatus.BAD_REQUEST)
        letter = self._letter(*link)
        if isinstance(letter, Response):
            return letter
        filled = self._checked(letter, fields)
        if filled.form_fault:
            return self._form(letter, token, filled, HTTPStatus.FORBIDDEN)
        if fields.get("answer") == "decline":
            self._decline(letter)
        elif filled.faults:
            return self._form(letter, token, filled, HTTPStatus.UNPROCESSABLE_ENTITY)
        else:
            self._sign(letter, filled.name)
        return see_other(f"{PATH}/{token}")

    def _link(self, token: str) -> tuple[str, int] | None:
        try:
            sid, sending = self.keyring.read_link(signing.LINK, token)
        except (Unsealable, ValueError):
            return None
        return str(sid), int(sending)

    def _letter(self, sid: str, sending: int) -> Letter | Response:
        with self.store.read() as tx:
            document: Document | None = tx.documents.get(sid)
            try:
                desk = signing.Desk(tx, self.keyring, self.now())
                return signing.letter_out(desk, sid, sending)
            except LetterGone as gone:
                stands = gone.status
        language = document.language if document else "en"
        title, text = GONE[language][stands]
        signed = stands is DocumentStatus.SIGNED
        status = HTTPStatus.OK if signed else HTTPStatus.GONE
        return self.pages.page("notice.html", status, language=language, title=title, text=text)

    def _form(
        self, letter: Letter, token: str, filled: Filled, status: int = HTTPStatus.OK
    ) -> Response:
        value, csrf_token = csrf.issue(self.keyring, letter.document_sid)
        texts = SIGNER[letter.language]
        until = letters.utc(letter.sent_at + SIGNING_SECONDS)
        response = self.pages.page(
            "signer.html",
            status,
            language=letter.language,
            letter=letter,
            texts=texts,
            intro=texts["intro"].format(customer=letter.customer),
            until=texts["until"].format(until=until),
            filled=filled,
            action=f"{PATH}/{token}",
            csrf_field=csrf.FIELD,
            csrf_token=csrf_token,
        )
        return csrf.remember(response, value)

    def _checked(self, letter: Letter, fields: dict[str, str]) -> Filled:
        texts = SIGNER[letter.language]
        name = " ".join(fields.get("name", "").split())
        filled = Filled(name, fields.get("consent") == "yes", _name_fault(letter, name, texts))
        if not filled.consent:
            filled = replace(filled, consent_fault=texts["consent_missing"])
        if not csrf.is_valid(self.keyring, letter.document_sid, fields.get(csrf.FIELD, "")):
            filled = replace(filled, form_fault=texts["csrf"])
        return filled

    def _sign(self, letter: Letter, name: str) -> None:
        """The PDF is made before the store is locked; of two answers at once one counts."""
        signature = Signature(name, self.now(), request.remote_addr or "unknown", _user_agent())
        pdf = self.printer(letter, signature)
        try:
            with self.store.write() as tx:
                desk = signing.Desk(tx, self.keyring, signature.signed_at)
                signing.sign(desk, letter, pdf)
        except LetterGone as gone:
            log.info("letter.not_signed", document=letter.document_sid, status=gone.status)

    def _decline(self, letter: Letter) -> None:
        try:
            with self.store.write() as tx:
                desk = signing.Desk(tx, self.keyring, self.now())
                signing.decline(desk, letter)
        except LetterGone as gone:
            log.info("letter.not_declined", document=letter.document_sid, status=gone.status)


def _name_fault(letter: Letter, name: str, texts: Texts) -> str:
    if not name:
        return texts["name_missing"].format(name=letter.name)
    if len(name) > NAME_LENGTH or not name.isprintable():
        return texts["name_too_long"].format(most=NAME_LENGTH)
    wrong = letters.mismatch(letter, name)
    if wrong is None:
        return ""
    if wrong.missing:
        return texts["name_lacks"].format(name=letter.name, words=", ".join(wrong.missing))
    if wrong.extra:
        return texts["name_extra"].format(name=letter.name, words=", ".join(wrong.extra))
    return texts["name_order"].format(name=letter.name)


def _user_agent() -> str:
    text = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())
    return text[:AGENT_LENGTH] or "unknown"
