"""The words of the ownership call, and its documents.

Each sentence is short, says who asks and what for before it asks for anything, and gives keys as
single words, so that a voice reads them one by one. What must be heard in full stands outside the
Gather: keys pressed into it (a voicemail greeting's tones) are then no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

from verification import sids
from verification.attempts import Attempt
from verification.codes import CODE_DIGITS
from verification.conversation import Note, Reply, Say

KEY_SECONDS = 6  # for the first key, after the question
PAUSE_SECONDS = 1  # after the code was said: time to write it down
CODE_SECONDS = 8  # for each key: a person reads the code from a screen while he types


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
    words = LANGUAGES[attempt.language]
    response = VoiceResponse()

    def say(parent: VoiceResponse, text: str) -> None:
        key, code = " ".join(reply.keys), ", ".join(reply.code)
        filled = text.format(business=attempt.business, key=key, code=code)
        parent.say(filled, language=words.locale)

    if attempt.extension and reply.step == 1:
        response.play(digits=attempt.extension)
    if words.notes.get(reply.note):
        say(response, words.notes[reply.note])
    if reply.say in (Say.HANG_UP, Say.GOODBYE):
        response.hangup()
        return str(response)
    if _introduces(reply):
        of_order = attempt.subject_sid.startswith(sids.ORDER)
        say(response, words.purpose if of_order else words.calling)
    if reply.say is Say.SPEAK_CODE:
        for text in (words.spoken, words.again, words.again, words.goodbye):
            say(response, text)
            response.pause(length=PAUSE_SECONDS)
        response.hangup()
        return str(response)
    consent = reply.say is Say.ASK_CONSENT
    gather = response.gather(
        action=answer_url(reply.step),
        method="POST",
        action_on_empty_result=True,
        num_digits=len(reply.keys) if consent else CODE_DIGITS,
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
