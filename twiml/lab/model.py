"""The model of a line: what answers when the lab calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from twiml.emulator import Application, BadPhones, Phone, Phones
from twiml.emulator.addresses import problem
from twiml.emulator.voicexml import reading
from twiml.emulator.voicexml.elements import BadVoiceXml
from twiml.lab.gallery.menus import MENUS, menu

NUMBER = "+12025550123"  # whom the lab calls where the model is no number of a phones.toml
_GALLERY = "gallery:"
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


class BadModel(ValueError):
    """There is no such line; the message says what is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class Model:
    """A line that can be called any number of times.

    ``name`` is what it was opened by; ``number`` is called; ``phones`` says who answers it and
    everybody it dials; ``greetings`` are those it has. ``application`` answers in place of the
    web, where it is given; ``auth_token`` signs the requests to the web as Twilio's.
    """

    name: str
    number: str
    phones: Phones = field(repr=False, compare=False)
    greetings: tuple[str, ...] = ("day",)
    application: Application | None = field(default=None, repr=False, compare=False)
    auth_token: str = field(default="", repr=False, compare=False)


def open_model(name: str | Path, phones: Phones | None = None, answer_after: int = 2000) -> Model:
    """Return the model that a text names.

    It is a number (of ``phones``, which are the emulator's own by default), the URL of a running
    TwiML application, a folder of TwiML documents, a VoiceXML document, or ``gallery:NAME``. All
    but a number ring for ``answer_after`` ms. Raises BadModel.
    """
    text = str(name)
    known = Phones.built_in() if phones is None else phones
    if _NUMBER.fullmatch(text):
        if text not in known.by_number:
            raise BadModel(f"{text} is not in the phones.toml: its tables say who can be called")
        return Model(text, text, known, _greetings(known, known.find(text)))
    return _made(text, _from_gallery(text), known, answer_after)


def _from_gallery(text: str) -> str:
    if not text.startswith(_GALLERY):
        return text
    found = menu(text.removeprefix(_GALLERY))
    if found is None:
        raise BadModel(f"{text} is not in the gallery: {', '.join(one.name for one in MENUS)} are")
    return str(found.path)


def model_of(application: Application, url: str = "http://ivr.invalid/", name: str = "") -> Model:
    """Return the model of a TwiML application that is an object here, asked at ``url`` first."""
    phones = _copy(Phones.built_in())
    phones.by_number[NUMBER] = Phone(NUMBER, "ivr", url, answer_after=2000)
    return Model(name or url, NUMBER, phones, application=application)


def pasted(document: str) -> Model:
    """Return the model of a VoiceXML document that is a text. No file is opened for it.

    Raises BadModel.
    """
    phones = _copy(Phones.built_in())
    try:
        read = reading.read(document.encode(), "pasted.vxml")
    except (BadVoiceXml, ValueError) as error:
        raise BadModel(str(error)) from error
    phones.documents["pasted.vxml"] = {"": read}
    phones.by_number[NUMBER] = Phone(NUMBER, "voicexml", "pasted.vxml", answer_after=2000)
    return Model("pasted.vxml", NUMBER, phones)


def _made(name: str, text: str, known: Phones, answer_after: int) -> Model:
    phones = _copy(known)
    if text.startswith(("http://", "https://")):
        wrong = problem(text)
        if wrong:
            raise BadModel(wrong)
        phone = Phone(NUMBER, "ivr", text, answer_after=answer_after)
    else:
        try:
            kind, url = phones.answering(text, Path.cwd())
        except BadPhones as error:
            raise BadModel(str(error)) from error
        phone = Phone(NUMBER, kind, url, answer_after=answer_after)
    phones.by_number[NUMBER] = phone
    return Model(name, NUMBER, phones, _greetings(phones, phone))


def _copy(phones: Phones) -> Phones:
    return Phones(dict(phones.by_number), dict(phones.folders), dict(phones.documents))


def _greetings(phones: Phones, phone: Phone) -> tuple[str, ...]:
    return ("day", *phones.greetings_of(phone))
