"""What the pages say, in the languages of the letters."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "fr", "es")

Texts = Mapping[str, str]

SIGNER: Mapping[str, Texts] = {
    "en": {
        "intro": "{customer} asks you to read this letter and to sign it, if you agree.",
        "until": "It can be signed until {until}.",
        "sign": "Sign",
        "name": "Your full name, as it stands in the letter",
        "sign_button": "Sign the letter",
        "decline": "I do not want to sign",
        "decline_text": "The letter is then canceled, and nothing is changed on the numbers.",
        "decline_button": "Decline the letter",
        "not_signed": "The letter is not signed yet",
        "name_missing": "Type your full name: {name}",
        "name_too_long": "A name has at most {most} characters.",
        "name_lacks": "The name on the letter is {name}. Missing in what you typed: {words}",
        "name_extra": "The name on the letter is {name}. Not part of it: {words}",
        "name_order": "Type the name in the order of the letter: {name}",
        "consent_missing": "Tick the box if you agree to the letter and sign it electronically.",
        "csrf": (
            "This page was open for too long, or your browser takes no cookies. Check what you "
            "entered and send it again."
        ),
    },
    "fr": {
        "intro": (
            "{customer} vous demande de lire cette lettre et, si vous êtes d’accord, de la signer."
        ),
        "until": "Elle peut être signée jusqu’au {until}.",
        "sign": "Signer",
        "name": "Votre nom complet, tel qu’il figure dans la lettre",
        "sign_button": "Signer la lettre",
        "decline": "Je ne veux pas signer",
        "decline_text": "La lettre est alors annulée, et rien ne change pour les numéros.",
        "decline_button": "Refuser la lettre",
        "not_signed": "La lettre n’est pas encore signée",
        "name_missing": "Tapez votre nom complet : {name}",
        "name_too_long": "Un nom compte au plus {most} caractères.",
        "name_lacks": "Le nom de la lettre est {name}. Il manque : {words}",
        "name_extra": "Le nom de la lettre est {name}. N’en fait pas partie : {words}",
        "name_order": "Tapez le nom dans l’ordre de la lettre : {name}",
        "consent_missing": (
            "Cochez la case si vous acceptez la lettre et la signez électroniquement."
        ),
        "csrf": (
            "Cette page est restée ouverte trop longtemps, ou votre navigateur refuse les témoins. "
            "Vérifiez ce que vous avez saisi et envoyez-le de nouveau."
        ),
    },
    "es": {
        "intro": "{customer} le pide que lea esta carta y que la firme, si está de acuerdo.",
        "until": "Se puede firmar hasta el {until}.",
        "sign": "Firmar",
        "name": "Su nombre completo, tal como figura en la carta",
        "sign_button": "Firmar la carta",
        "decline": "No quiero firmar",
        "decline_text": "La carta queda entonces anulada, y nada cambia en los números.",
        "decline_button": "Rechazar la carta",
        "not_signed": "La carta todavía no está firmada",
        "name_missing": "Escriba su nombre completo: {name}",
        "name_too_long": "Un nombre tiene como máximo {most} caracteres.",
        "name_lacks": "El nombre de la carta es {name}. Falta: {words}",
        "name_extra": "El nombre de la carta es {name}. No forma parte de él: {words}",
        "name_order": "Escriba el nombre en el orden de la carta: {name}",
        "consent_missing": (
            "Marque la casilla si está de acuerdo con la carta y la firma electrónicamente."
        ),
        "csrf": (
            "Esta página estuvo abierta demasiado tiempo, o su navegador no acepta cookies. Revise "
            "lo que escribió y envíelo de nuevo."
        ),
    },
}

# A letter that can no longer be signed, by its document's status: title and text.
GONE: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "opened": (
            "This letter is no longer valid",
            "It has been taken back. If it is sent again, the newest mail has the link.",
        ),
        "signed": (
            "The letter is signed",
            "Thank you. A copy is on its way to you by mail. You can close this page.",
        ),
        "canceled": (
            "The letter is canceled",
            "It can no longer be signed, and nothing is changed on the numbers.",
        ),
        "failed": (
            "The time to sign has passed",
            "The letter can no longer be signed. Whoever sent it can make a new one.",
        ),
    },
    "fr": {
        "opened": (
            "Cette lettre n’est plus valable",
            "Elle a été reprise. Si elle est envoyée de nouveau, le dernier courriel a le lien.",
        ),
        "signed": (
            "La lettre est signée",
            "Merci. Une copie vous est envoyée par courriel. Vous pouvez fermer cette page.",
        ),
        "canceled": (
            "La lettre est annulée",
            "Elle ne peut plus être signée, et rien ne change pour les numéros.",
        ),
        "failed": (
            "Le délai de signature est passé",
            "La lettre ne peut plus être signée. L’expéditeur peut en faire une autre.",
        ),
    },
    "es": {
        "opened": (
            "Esta carta ya no es válida",
            "Ha sido retirada. Si se envía de nuevo, el correo más reciente tiene el enlace.",
        ),
        "signed": (
            "La carta está firmada",
            "Gracias. Recibirá una copia por correo. Puede cerrar esta página.",
        ),
        "canceled": (
            "La carta está anulada",
            "Ya no se puede firmar, y nada cambia en los números.",
        ),
        "failed": (
            "El plazo para firmar ha terminado",
            "La carta ya no se puede firmar. Quien la envió puede hacer otra.",
        ),
    },
}

# Errors, by HTTP status; 400 and 500 stand for those that have no text of their own.
TROUBLES: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "en": {
        400: ("This could not be read", "Go back to the page and try again."),
        404: ("There is no such page", "Open the link of the mail as a whole."),
        429: ("Too many requests", "Wait for a few minutes, then try again."),
        500: ("Something went wrong", "Nothing was changed. Please try again in a moment."),
    },
    "fr": {
        400: ("La demande est illisible", "Revenez à la page et réessayez."),
        404: ("Cette page n’existe pas", "Ouvrez le lien complet du courriel."),
        429: ("Trop de demandes", "Attendez quelques minutes, puis réessayez."),
        500: ("Une erreur s’est produite", "Rien n’a été changé. Réessayez dans un moment."),
    },
    "es": {
        400: ("La solicitud no se puede leer", "Vuelva a la página e inténtelo de nuevo."),
        404: ("Esta página no existe", "Abra el enlace completo del correo."),
        429: ("Demasiadas solicitudes", "Espere unos minutos e inténtelo de nuevo."),
        500: ("Algo ha fallado", "No se ha cambiado nada. Inténtelo de nuevo en un momento."),
    },
}
