"""What the console says in French. Its English is in the templates: the text itself is the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verification.console.list_words import ENGLISH, LISTS
from verification.console.sentences import french_of

FRENCH: Mapping[str, str] = {
    **LISTS,
    # Everywhere
    "Console": "Console",
    "Orders": "Commandes",
    "Lab": "Labo",
    "Letters": "Lettres",
    "Callbacks": "Rappels HTTP",
    "Sign out": "Se déconnecter",
    "To the content": "Aller au contenu",
    "Back": "Retour",
    "Notice": "Avis",
    "The server cannot be reached. What you see may be old.": (
        "Le serveur ne répond pas. Ce que vous voyez est peut-être périmé."
    ),
    "viewer": "lecteur",
    "operator": "opérateur",
    "admin": "administrateur",
    # The door
    "Sign in": "Se connecter",
    "This link opens nothing": "Ce lien n’ouvre rien",
    "A link works once, within 15 minutes of being made.": (
        "Un lien sert une seule fois, dans les 15 minutes qui suivent sa création."
    ),
    "You get in with a one-time link. Whoever has this server’s command line makes one:": (
        "On entre avec un lien à usage unique, créé avec la ligne de commande de ce serveur :"
    ),
    "Your role does not allow this": "Votre rôle ne le permet pas",
    "The form was open for too long: go back, reload the page, try again": (
        "Le formulaire est resté ouvert trop longtemps : revenez, rechargez la page, réessayez"
    ),
    "There is no such button": "Ce bouton n’existe pas",
    "There is no such order": "Cette commande n’existe pas",
    "There is no such status": "Cet état n’existe pas",
    # Statuses
    "twilio-processing": "vérification de la ligne",
    "received": "reçue",
    "pending-verification": "appel en attente",
    "verified": "vérifiée",
    "pending-loa": "lettre à signer",
    "carrier-processing": "chez l’opérateur",
    "testing": "à l’essai",
    "completed": "en service",
    "failed": "échouée",
    "action-required": "action requise",
    "canceled": "annulée",
    # The table
    "Export as CSV": "Exporter en CSV",
    "Filter the orders": "Filtrer les commandes",
    "Status": "État",
    "All": "Tous",
    "Number or start": "Numéro ou début",
    "From (UTC)": "Du (UTC)",
    "To": "Au",
    "Reason": "Motif",
    "Filter": "Filtrer",
    "Number": "Numéro",
    "Account": "Compte",
    "Made (UTC)": "Créée (UTC)",
    "There are no orders here.": "Il n’y a pas de commande ici.",
    "Pages": "Pages",
    "Newer": "Plus récentes",
    "Older": "Plus anciennes",
    "Type a number with at least its area code and exchange, as +1 902 905": (
        "Tapez au moins l’indicatif régional et le central, comme +1 902 905"
    ),
    "Type a date as 2026-01-31": "Tapez une date comme 2026-01-31",
    # A new one
    "New order": "Nouvelle commande",
    "Language of the call": "Langue de l’appel",
    "Order the number": "Commander le numéro",
    "Choose an account": "Choisissez un compte",
    "Choose a language": "Choisissez une langue",
    # One order
    "Where it stands": "Où elle en est",
    "Order": "Commande",
    "Ownership call": "Appel de vérification",
    "Letter": "Lettre",
    "Certificate": "Certificat",
    "What was proved, to be printed": "Ce qui a été prouvé, à imprimer",
    "Print": "Imprimer",
    "As a PDF": "En PDF",
    "The signed text (JWS)": "Le texte signé (JWS)",
    "With the number": "Avec le numéro",
    "With a pseudonym for the number": "Avec un pseudonyme du numéro",
    "The number is shown as plain or as pseudonym": (
        "Le numéro se montre comme plain ou comme pseudonym"
    ),
    "This order was never verified: there is nothing to certify": (
        "Cette commande n’a jamais été vérifiée : il n’y a rien à certifier"
    ),
    "Registration": "Enregistrement",
    "In use": "En service",
    "stage: done": "terminé",
    "stage: here": "en cours",
    "stage: trouble": "bloqué",
    "stage: ahead": "à venir",
    "Who must act": "Qui doit agir",
    "What comes next": "Ensuite",
    "Lineproof checks the line": "Lineproof vérifie la ligne",
    "The customer or an operator asks for the call": "Le client ou un opérateur demande l’appel",
    "The owner of the number answers the call": "Le titulaire du numéro répond à l’appel",
    "The customer makes the letter of authorization": "Le client établit la lettre d’autorisation",
    "The signer signs the letter": "Le signataire signe la lettre",
    "The carrier registers the number": "L’opérateur enregistre le numéro",
    "Lineproof tests the messages": "Lineproof teste les messages",
    "Nobody: the number is in use": "Personne : le numéro est en service",
    "An operator clears the reason and resumes the order": (
        "Un opérateur règle le motif et reprend la commande"
    ),
    "The customer orders anew when the reason no longer holds": (
        "Le client commande de nouveau quand le motif a disparu"
    ),
    "Wait for the eligibility check.": "Attendre la vérification d’admissibilité.",
    "Request the verification call with Status=pending-verification.": (
        "Demander l’appel de vérification (Status=pending-verification)."
    ),
    "Answer the verification call and enter the code.": "Répondre à l’appel et taper le code.",
    "Create an AuthorizationDocument with this order.": (
        "Créer un AuthorizationDocument avec cette commande."
    ),
    "Sign the letter of authorization.": "Signer la lettre d’autorisation.",
    "Wait for the carrier to register the number.": "Attendre l’enregistrement du numéro.",
    "Wait for the inbound messaging test.": "Attendre l’essai des messages entrants.",
    "Resolve the failure reason, or ask the operator of this server.": (
        "Régler le motif, ou demander à l’opérateur de ce serveur."
    ),
    "Create a new order when the failure reason no longer holds.": (
        "Commander de nouveau quand le motif a disparu."
    ),
    "Wait for the review of the phone bill.": "Attendre l’examen de la facture de téléphone.",
    "Resolve the failure reason, then create an AuthorizationDocument with this order. After seven "
    "days the order fails.": (
        "Régler le motif, puis créer un AuthorizationDocument avec cette commande. Après sept "
        "jours, elle échoue."
    ),
    "Resolve the failure reason, then request the verification call again with "
    "Status=pending-verification, while attempts are left. After seven days the order fails.": (
        "Régler le motif, puis redemander l’appel de vérification (Status=pending-verification) "
        "tant qu’il reste des essais. Après sept jours, la commande échoue."
    ),
    "Actions": "Actions",
    "Place the call": "Lancer l’appel",
    "Resume": "Reprendre",
    "Show the code": "Montrer le code",
    "Send the letter again": "Renvoyer la lettre",
    "Link for the owner": "Lien pour le titulaire",
    "Mail the link to the owner": "Envoyer le lien au titulaire",
    "Take the owner’s link back": "Reprendre le lien du titulaire",
    "Give it to the person at the phone, and to nobody else": (
        "Donnez-le à la personne au téléphone, et à personne d’autre"
    ),
    "Whoever has it can have the number called, sees the code while a call is on, and can stop "
    "the order.": (
        "Qui l’a peut faire appeler le numéro, voit le code pendant l’appel et peut arrêter la "
        "commande."
    ),
    "Owner’s link until (UTC)": "Lien du titulaire jusqu’au (UTC)",
    "Call planned for (UTC)": "Appel prévu le (UTC)",
    "Cancel the order": "Annuler la commande",
    "Code": "Code",
    "None is valid now": "Aucun n’est valable en ce moment",
    "Valid until (UTC)": "Valable jusqu’à (UTC)",
    "The customer sees it in the API, the owner on the page of the owner’s link, operators here. "
    "Viewers do not.": (
        "Le client le voit dans l’API, le titulaire sur la page de son lien, les opérateurs ici ; "
        "les lecteurs non."
    ),
    "It is only spoken in the call: nobody sees it.": (
        "Il est seulement dicté pendant l’appel : personne ne le voit."
    ),
    "Only the customer and operators may see it. The audit trail says that you did.": (
        "Seuls le client et les opérateurs peuvent le voir. Le journal indique que vous l’avez vu."
    ),
    "Calls": "Appels",
    "Call": "Appel",
    "Extension": "Poste",
    "No call was asked for yet.": "Aucun appel n’a encore été demandé.",
    "The order": "La commande",
    "Name": "Nom",
    "Unique name": "Nom unique",
    "Mail": "Courriel",
    "Copies to": "Copies à",
    "Callbacks to": "Rappels HTTP à",
    "Verified (UTC)": "Vérifiée (UTC)",
    "Move by hand": "Changer l’état à la main",
    "To the status": "Nouvel état",
    "Reason, for the audit trail and the customer": "Motif, pour le journal et le client",
    "Move the order": "Changer l’état",
    "Audit trail": "Journal",
    "letter: opened": "ouverte",
    "letter: signing": "à signer",
    "letter: signed": "signée",
    "letter: canceled": "annulée",
    "letter: failed": "échouée",
    # Letters and callbacks
    "Letters of authorization": "Lettres d’autorisation",
    "Filter the letters": "Filtrer les lettres",
    "There are no letters here.": "Il n’y a pas de lettre ici.",
    "There is no such letter": "Cette lettre n’existe pas",
    "Signer": "Signataire",
    "Numbers": "Numéros",
    "Action": "Action",
    "sent": "envoyée",
    "Send again": "Renvoyer",
    "Filter the callbacks": "Filtrer les rappels HTTP",
    "There are no callbacks here.": "Il n’y a pas de rappel HTTP ici.",
    "There is no such callback": "Ce rappel HTTP n’existe pas",
    "This callback is on its way already": "Ce rappel HTTP est déjà en route",
    "Event": "Événement",
    "Receiver": "Destinataire",
    "Last answer": "Dernière réponse",
    "Next try (UTC)": "Prochain essai (UTC)",
    "Tries:": "Essais :",
    "callback: pending": "en attente",
    "callback: sent": "remis",
    "callback: failed": "échoué",
    "callback: gone": "destinataire parti",
    # A call
    "The call was asked for": "L’appel a été demandé",
    "The carrier was asked": "L’opérateur a été sollicité",
    "The call is queued": "L’appel est en file",
    "The call is set up": "L’appel s’établit",
    "The phone rings": "Le téléphone sonne",
    "The phone rang": "Le téléphone a sonné",
    "The keys of the extension were sent": "Les touches du poste ont été envoyées",
    "The call was answered": "L’appel a été pris",
    "The carrier took the answer for a machine’s": "L’opérateur a cru entendre une machine",
    "The call asked for the consent key": "L’appel a demandé la touche de consentement",
    "The call asked for the code": "L’appel a demandé le code",
    "The call spoke the code": "L’appel a dicté le code",
    "The call said goodbye": "L’appel a pris congé",
    "The call was hung up": "L’appel a été raccroché",
    "The consent key was heard": "La touche de consentement a été entendue",
    "No key was heard": "Aucune touche entendue",
    "A wrong key was heard": "Une mauvaise touche a été entendue",
    "A wrong code was heard": "Un mauvais code a été entendu",
    "The right code was heard": "Le bon code a été entendu",
    "The person declined": "La personne a refusé",
    "The code was wrong too often": "Le code a été faux trop souvent",
    "The code had expired": "Le code avait expiré",
    "Waits for its turn": "attend son tour",
    "The carrier is being asked": "l’opérateur est sollicité",
    "The carrier’s answer was unclear": "réponse de l’opérateur incertaine",
    "Placed": "lancé",
    "Answered, and talking": "pris, en cours",
    "Ended": "terminé",
    "Verified": "vérifié",
    "The code was spoken": "code dicté",
    "Declined": "refusé",
    "Wrong code too often": "code faux trop souvent",
    "No code was entered": "aucun code tapé",
    "The code expired": "code expiré",
    "Voicemail or a menu": "messagerie ou menu",
    "Hung up": "raccroché",
    "Busy": "occupé",
    "No answer": "sans réponse",
    "The call failed": "appel échoué",
    "Canceled": "annulé",
    "The carrier refused": "refusé par l’opérateur",
    "May not be called": "ne peut pas être appelé",
    "Not placed": "non lancé",
}


_MARKS = ("stage", "letter", "callback", "column", "request", "number", "capability", "origin")


def said(language: str) -> Callable[[str], str]:
    """Turns the console's English into the reader's language; what has no French stays."""
    return _french if language == "fr" else _english


def french(text: str) -> str | None:
    """The French of a text of the console or of the core; None for what is neither's."""
    return FRENCH.get(text) or french_of(text, FRENCH)


def _french(text: str) -> str:
    return french(text) or text


def _english(text: str) -> str:
    """The text itself, without the mark that tells two uses of a word apart."""
    mark, _, word = text.partition(": ")
    return ENGLISH.get(text, word if mark in _MARKS else text)
