"""The words of the ownership call, and its documents.

Each sentence is short, says who asks and what for before it asks for anything, and gives keys as
single words, so that a voice reads them one by one. What must be heard in full stands outside the
Gather: keys pressed into it (a voicemail greeting's tones) are then no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from twilio.twiml.voice_response import VoiceResponse

from verification import sids
from verification.attempts import Attempt
from verification.codes import CODE_DIGITS
from verification.conversation import Note, Reply, Say

KEY_SECONDS = 6  # for the first key, after the question
PAUSE_SECONDS = 1  # after the code was said: time to write it down
CODE_SECONDS = 8  # for each key: a person reads the code from a screen while he types

# What is filled in, between two characters that no text of ours has; and what XML wants of it.
_NAMES = ("business", "key", "code", "extension", "action")
_MARKS = {name: f"\ue000{name}\ue001" for name in _NAMES}
_PLACES = re.compile("\ue000([a-z]+)\ue001")
_QUOTES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}


@dataclass(frozen=True, slots=True)
class Words:
    """One language. ``{business}``, ``{key}``, ``{code}``: filled in."""

    locale: str
    purpose: str
    calling: str
    consent: str
    code: str
    spoken: str
    again: str
    notes: dict[Note, str]
    goodbye: str
    error: str


ENGLISH = Words(
    locale="en-US",
    purpose=(
        "Hello. This is a call to verify this phone number. "
        "{business} asks to send and receive text messages with it. "
        "Your voice service does not change."
    ),
    calling=(
        "Hello. This is a call to verify this phone number. "
        "{business} asks to show it as the caller when it makes phone calls."
    ),
    consent="To allow this, press {key}. To refuse, press star.",
    code="Please enter the six-digit code that {business} gave you.",
    spoken="Your code for {business} is: {code}.",
    again="Once more: {code}.",
    notes={
        Note.NOT_HEARD: "We did not hear a key.",
        Note.WRONG_KEY: "That was another key.",
        Note.WRONG_CODE: "That code is not right.",
        Note.VERIFIED: "Thank you. The number is verified. Goodbye.",
        Note.DECLINED: "You have refused. We will not call this number again. Goodbye.",
        Note.FAILED: "The number could not be verified. Goodbye.",
        Note.EXPIRED: "The code has expired. {business} can ask for a new one. Goodbye.",
    },
    goodbye="Goodbye.",
    error="We are sorry, the call cannot go on. Goodbye.",
)

FRENCH = Words(
    locale="fr-CA",
    purpose=(
        "Bonjour. Cet appel sert à vérifier ce numéro de téléphone. "
        "{business} demande à l'utiliser pour envoyer et recevoir des messages texte. "
        "Votre service vocal ne change pas."
    ),
    calling=(
        "Bonjour. Cet appel sert à vérifier ce numéro de téléphone. "
        "{business} demande à l'afficher comme appelant lors de ses appels."
    ),
    consent="Pour accepter, appuyez sur le {key}. Pour refuser, appuyez sur l'étoile.",
    code="Veuillez entrer le code à six chiffres que {business} vous a donné.",
    spoken="Votre code pour {business} est : {code}.",
    again="Je répète : {code}.",
    notes={
        Note.NOT_HEARD: "Nous n'avons pas entendu de touche.",
        Note.WRONG_KEY: "C'était une autre touche.",
        Note.WRONG_CODE: "Ce code n'est pas le bon.",
        Note.VERIFIED: "Merci. Le numéro est vérifié. Au revoir.",
        Note.DECLINED: "Vous avez refusé. Nous n'appellerons plus ce numéro. Au revoir.",
        Note.FAILED: "Le numéro n'a pas pu être vérifié. Au revoir.",
        Note.EXPIRED: "Le code a expiré. {business} peut en demander un nouveau. Au revoir.",
    },
    goodbye="Au revoir.",
    error="Nous sommes désolés, l'appel ne peut pas continuer. Au revoir.",
)

SPANISH = Words(
    locale="es-US",
    purpose=(
        "Hola. Esta llamada es para verificar este número de teléfono. "
        "{business} pide usarlo para enviar y recibir mensajes de texto. "
        "Su servicio de voz no cambia."
    ),
    calling=(
        "Hola. Esta llamada es para verificar este número de teléfono. "
        "{business} pide mostrarlo como quien llama cuando haga llamadas."
    ),
    consent="Para permitirlo, oprima el {key}. Para rechazarlo, oprima la tecla de asterisco.",
    code="Por favor ingrese el código de seis dígitos que le dio {business}.",
    spoken="Su código para {business} es: {code}.",
    again="Otra vez: {code}.",
    notes={
        Note.NOT_HEARD: "No oímos ninguna tecla.",
        Note.WRONG_KEY: "Esa fue otra tecla.",
        Note.WRONG_CODE: "Ese código no es correcto.",
        Note.VERIFIED: "Gracias. El número está verificado. Adiós.",
        Note.DECLINED: "Usted rechazó. No volveremos a llamar a este número. Adiós.",
        Note.FAILED: "El número no se pudo verificar. Adiós.",
        Note.EXPIRED: "El código venció. {business} puede pedir uno nuevo. Adiós.",
    },
    goodbye="Adiós.",
    error="Lo sentimos, la llamada no puede continuar. Adiós.",
)

LANGUAGES = {"en": ENGLISH, "fr": FRENCH, "es": SPANISH}


def document(attempt: Attempt, reply: Reply, answer_url: Callable[[int], str]) -> str:
    """The TwiML of a reply. ``answer_url``: where the keys of a step are sent."""
    template = _template(
        attempt.language,
        reply.say,
        reply.note,
        _Parts(
            plays=bool(attempt.extension) and reply.step == 1,
            introduces=_introduces(reply),
            of_order=attempt.subject_sid.startswith(sids.ORDER),
            keys=len(reply.keys),
        ),
    )
    given = {
        "business": attempt.business,
        "key": " ".join(reply.keys),
        "code": ", ".join(reply.code),
        "extension": attempt.extension or "",
    }
    if "action" in template.names:
        given["action"] = answer_url(reply.step)
    filled = [escape(given[name], _QUOTES) for name in template.names]
    woven = zip(template.texts, [*filled, ""], strict=True)
    return "".join([part for pair in woven for part in pair])


class _Parts(NamedTuple):
    """What a document has or has not."""

    plays: bool
    introduces: bool
    of_order: bool
    keys: int


class _Template(NamedTuple):
    """A document of the SDK's, cut where something of one call is filled in.

    ``names`` say what stands between one of ``texts`` and the next.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]


@cache
def _template(language: str, speaks: Say, note: Note, parts: _Parts) -> _Template:
    """The TwiML of a reply, as the SDK writes it once for all calls."""
    cut = _PLACES.split(_built(LANGUAGES[language], speaks, note, parts))
    return _Template(tuple(cut[::2]), tuple(cut[1::2]))


def _built(words: Words, speaks: Say, note: Note, parts: _Parts) -> str:
    response = VoiceResponse()

    def say(parent: VoiceResponse, text: str) -> None:
        parent.say(text.format_map(_MARKS), language=words.locale)

    if parts.plays:
        response.play(digits=_MARKS["extension"])
    if words.notes.get(note):
        say(response, words.notes[note])
    if speaks in (Say.HANG_UP, Say.GOODBYE):
        response.hangup()
        return str(response)
    if parts.introduces:
        say(response, words.purpose if parts.of_order else words.calling)
    if speaks is Say.SPEAK_CODE:
        for text in (words.spoken, words.again, words.again, words.goodbye):
            say(response, text)
            response.pause(length=PAUSE_SECONDS)
        response.hangup()
        return str(response)
    consent = speaks is Say.ASK_CONSENT
    gather = response.gather(
        action=_MARKS["action"],
        method="POST",
        action_on_empty_result=True,
        num_digits=parts.keys if consent else CODE_DIGITS,
        finish_on_key="" if consent else "#",
        timeout=KEY_SECONDS if consent else CODE_SECONDS,
    )
    say(gather, words.consent if consent else words.code)
    return str(response)


def apology(language: str = "en") -> str:
    """What is said when our own document could not be had."""
    words = LANGUAGES[language]
    response = VoiceResponse()
    response.say(words.error, language=words.locale)
    response.hangup()
    return str(response)


def hang_up() -> str:
    """End the call without a word."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def _introduces(reply: Reply) -> bool:
    # Whoever picks up late, behind a menu that rang on, hears it all with the next prompt.
    return reply.step == 1 or (reply.say is Say.ASK_CONSENT and reply.note is Note.NOT_HEARD)
