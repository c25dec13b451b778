"""What the core says, in French: refusals, reasons of orders, events of the audit trail.

The core speaks English, to programs as well. ``{name}`` stands for what differs from case to case.
"""

from __future__ import annotations

from collections.abc import Mapping

from verification.phrases import Phrases

REASONS: Mapping[str, str] = {
    # Why an order failed or waits
    "The person who answered the verification call declined.": (
        "La personne qui a répondu à l’appel a refusé."
    ),
    "A wrong code was entered too often in the verification call.": (
        "Un mauvais code a été tapé trop souvent pendant l’appel."
    ),
    "The verification call was answered, but no code was entered.": (
        "L’appel a été pris, mais aucun code n’a été tapé."
    ),
    "The verification code expired before it was entered.": ("Le code a expiré avant d’être tapé."),
    "The verification call was answered by voicemail or by a menu: nobody pressed the key that was "
    "asked for.": ("Une messagerie ou un menu a répondu : personne n’a pressé la touche demandée."),
    "The verification call was hung up before the code was entered.": (
        "L’appel a été raccroché avant que le code soit tapé."
    ),
    "The number was busy.": "Le numéro était occupé.",
    "The verification call was not answered.": "Personne n’a répondu à l’appel.",
    "The verification call could not be completed as dialled.": "L’appel n’a pas pu aboutir.",
    "The verification call was canceled.": "L’appel a été annulé.",
    "The carrier refused the verification call.": "L’opérateur a refusé l’appel.",
    "The number may not be called: it is not allowed any more, or its person declined before.": (
        "Le numéro ne peut pas être appelé : il n’est plus admis, ou la personne a déjà refusé."
    ),
    "The verification call was not placed.": "L’appel n’a pas été lancé.",
    "{reason} It does not count as an attempt.": "{reason} Il ne compte pas comme un essai.",
    "{reason} 1 of 3 attempts are left.": "{reason} Il reste 1 essai sur 3.",
    "{reason} 2 of 3 attempts are left.": "{reason} Il reste 2 essais sur 3.",
    "{reason} 3 of 3 attempts are left.": "{reason} Il reste 3 essais sur 3.",
    "The Hosted Number Order has reached the maximum number of verification attempts.": (
        "Tous les appels de la commande ont été faits."
    ),
    "The number is already enabled for messaging by another provider.": (
        "Un autre fournisseur achemine déjà les messages de ce numéro."
    ),
    "Twilio cannot host the phone number because carrier information is unavailable.": (
        "Le numéro ne peut pas être hébergé : son opérateur est inconnu."
    ),
    "Mobile numbers are not supported.": "Les numéros mobiles ne sont pas acceptés.",
    "VoIP numbers are not accepted by this server.": (
        "Ce serveur n’accepte pas les numéros de voix sur IP."
    ),
    "Numbers of this line type are not supported: only landline, toll-free and VoIP.": (
        "Ce type de ligne n’est pas accepté : seulement fixe, sans frais et voix sur IP."
    ),
    "The Hosted Number Order was idle in the verification process for seven days.": (
        "Rien ne s’est passé pendant sept jours de vérification."
    ),
    "The Hosted Number Order was idle for more than thirty days.": (
        "Rien ne s’est passé pendant plus de trente jours."
    ),
    "The Letter of Authorization was not signed within seven days.": (
        "La lettre d’autorisation n’a pas été signée dans les sept jours."
    ),
    "There was a problem processing your Hosted Number Order: the Letter of Authorization could "
    "not be delivered to the signer.": (
        "La commande n’a pas abouti : la lettre d’autorisation n’a pas pu être remise au "
        "signataire."
    ),
    "There was a problem processing your Hosted Number Order. The inbound messaging test failed: "
    "{trouble}.": "La commande n’a pas abouti. L’essai des messages entrants a échoué : {trouble}.",
    "The number is in use for voice by another account of this server: only that account can host "
    "it for messaging.": (
        "Un autre compte de ce serveur utilise le numéro pour la voix : lui seul peut l’héberger."
    ),
    "The number is being released: it can be ordered again when its three days are over.": (
        "Le numéro est en cours de libération : on peut le commander de nouveau après trois jours."
    ),
}

REFUSALS: Mapping[str, str] = {
    # Numbers
    "Only numbers of the United States and Canada can be hosted": (
        "Seuls les numéros des États-Unis et du Canada peuvent être hébergés"
    ),
    "The number must be in E.164 form, as in +19025550123: + and 1, then ten digits, neither the "
    "area code nor the exchange beginning with 0 or 1": (
        "Le numéro doit être au format E.164, comme +19025550123 : + et 1, puis dix chiffres ; ni "
        "l’indicatif ni le central ne commencent par 0 ou 1"
    ),
    "Numbers of the exchange {exchange} are services and cannot be hosted": (
        "Les numéros du central {exchange} sont des services et ne peuvent pas être hébergés"
    ),
    "The number is not in service in the North American Numbering Plan": (
        "Le numéro n’est pas en service dans le plan nord-américain"
    ),
    "A test account orders only fictional numbers: +1 NPA 555-01xx": (
        "Un compte d’essai ne commande que des numéros fictifs : +1 NPA 555-01xx"
    ),
    "No test number ends in {digits}: there are {known}": (
        "Aucun numéro d’essai ne finit par {digits} : il y a {known}"
    ),
    "The area code {area} is not in the United States or Canada: only numbers of these two "
    "countries can be hosted": (
        "L’indicatif {area} n’est ni des États-Unis ni du Canada : seuls les numéros de ces deux "
        "pays peuvent être hébergés"
    ),
    "The area code {area} cannot be hosted: use a local or toll-free number of the United States "
    "or Canada": (
        "L’indicatif {area} ne peut pas être hébergé : prenez un numéro local ou sans frais des "
        "États-Unis ou du Canada"
    ),
    "The number is already in the hosting process under the order {sid}, which is {status}": (
        "Le numéro fait déjà l’objet de la commande {sid}, dont l’état est {status}"
    ),
    "The same number stands at line {line} already": "Le même numéro est déjà à la ligne {line}",
    "At most {most} orders for one number are taken in {days} days": (
        "Au plus {most} commandes pour un même numéro sont prises en {days} jours"
    ),
    "The account has no address {sid}": "Le compte n’a pas l’adresse {sid}",
    "The account is {status}": "Le compte est fermé ou suspendu ({status})",
    "The order's account is gone": "Le compte de la commande n’existe plus",
    # A list
    "The file is empty": "Le fichier est vide",
    "This is the file of a spreadsheet program: save it there as CSV UTF-8": (
        "C’est le fichier d’un tableur : enregistrez-le en CSV UTF-8"
    ),
    "The file is in UTF-16: save it as CSV UTF-8": (
        "Le fichier est en UTF-16 : enregistrez-le en CSV UTF-8"
    ),
    "This line is not in UTF-8: save the file as CSV UTF-8": (
        "Cette ligne n’est pas en UTF-8 : enregistrez le fichier en CSV UTF-8"
    ),
    "The first line must name the columns: {columns}": (
        "La première ligne doit nommer les colonnes : {columns}"
    ),
    "There is no column {name}: there are {columns}": (
        "Il n’y a pas de colonne {name} : il y a {columns}"
    ),
    "The column phone_number is missing": "La colonne phone_number manque",
    "The column {name} stands there twice": "La colonne {name} s’y trouve deux fois",
    "The list has no numbers": "La liste n’a aucun numéro",
    "The list has {count} numbers: at most {most} are taken at once": (
        "La liste a {count} numéros : {most} au plus sont pris à la fois"
    ),
    "This line cannot be read: is a quotation mark not closed?": (
        "Cette ligne est illisible : un guillemet n’est-il pas fermé ?"
    ),
    "This line has {count} cells, the first line {columns}": (
        "Cette ligne a {count} cellules, la première {columns}"
    ),
    "The phone number is missing": "Le numéro manque",
    "A cell is a formula: save the values only": (
        "Une cellule est une formule : enregistrez seulement les valeurs"
    ),
    "The number was shortened: format its column as text, and fill it in anew": (
        "Le numéro a été abrégé : mettez sa colonne au format texte et saisissez-le de nouveau"
    ),
    "A name has at most {most} printable characters, on one line": (
        "Un nom compte au plus {most} caractères imprimables, sur une ligne"
    ),
    "This is no email address: {text}": "Ce n’est pas une adresse de courriel : {text}",
    "The language must be one of {languages}": "La langue doit être l’une de : {languages}",
    "address_sid must be AD and 32 hexadecimal digits": (
        "address_sid doit être AD et 32 chiffres hexadécimaux"
    ),
    "{name} must be an http or https URL of at most {most} ASCII characters": (
        "{name} doit être une URL http ou https d’au plus {most} caractères ASCII"
    ),
    "{name} must have a host, and a port that is a number": (
        "{name} doit avoir un hôte, et un port qui est un nombre"
    ),
    "{name} must have no user, no password and no backslash": (
        "{name} ne doit avoir ni utilisateur, ni mot de passe, ni barre oblique inverse"
    ),
    "{name} must have the scheme's own port, or one from {port} on": (
        "{name} doit avoir le port de son schéma, ou un port à partir de {port}"
    ),
    "{name} must have a host name, or an address in its usual form": (
        "{name} doit avoir un nom d’hôte, ou une adresse dans sa forme usuelle"
    ),
    "{name} must not lead to a private or reserved address": (
        "{name} ne doit pas mener à une adresse privée ou réservée"
    ),
    "The extension has {count} characters: at most {most} are allowed": (
        "Le poste a {count} caractères : {most} au plus sont permis"
    ),
    "The extension takes {seconds} s to play: at most {most} s are allowed": (
        "Le poste dure {seconds} s : {most} s au plus sont permises"
    ),
    "{key} at position {place} of the extension is not allowed: use the keys 0-9, * and #, w "
    "(waits 0.5 s) and W (waits 1 s)": (
        "{key} à la position {place} du poste n’est pas permis : prenez les touches 0-9, * et #, "
        "w (attend 0,5 s) et W (attend 1 s)"
    ),
    # Orders and letters
    "{before} -> {to}: {reason}": "{before} → {to} : {reason}",
    "{before} -> {to}": "{before} → {to}",
    "An order that is {status} cannot be moved to {to}: only {choice}": (
        "Une commande dans l’état {status} ne peut passer à {to} : seulement {choice}"
    ),
    "An order that is {status} does not allow this now": (
        "Une commande dans l’état {status} ne le permet pas maintenant"
    ),
    "A reason has 1 to {most} characters": "Un motif compte de 1 à {most} caractères",
    "The order has no letter": "La commande n’a pas de lettre",
    "The letter is {status}: only one that is out is sent again": (
        "La lettre est {status} : seule une lettre envoyée peut l’être de nouveau"
    ),
    "The letter cannot be written with {sid}: {faults}": (
        "La lettre ne peut être écrite avec {sid} : {faults}"
    ),
    "HostedNumberOrderSids: no order of the document is left": (
        "La lettre n’a plus aucune commande"
    ),
    # Numbers in use
    "A number that is {status} does not allow this now": (
        "Un numéro dans l’état {status} ne le permet pas maintenant"
    ),
    "The account has the number in use already, as {sid}": (
        "Le compte utilise déjà ce numéro, comme {sid}"
    ),
}

EVENTS: Mapping[str, str] = {
    "order created": "commande créée",
    "order edited": "commande modifiée",
    "order deleted": "commande supprimée",
    "order ended": "commande terminée",
    "canceled": "annulée",
    "status": "état",
    "call requested": "appel demandé",
    "call placed": "appel lancé",
    "call ended": "appel terminé",
    "call taken away": "appel retiré",
    "call unclear": "appel incertain",
    "double call": "appel en double",
    "wrong code entered": "mauvais code tapé",
    "code shown": "code montré",
    "consent given": "consentement donné",
    "callback asked for": "rappel HTTP redemandé",
    "callback sent again": "rappel HTTP renvoyé",
    "moved by hand": "état changé à la main",
    "operator's reason": "motif de l’opérateur",
    "resumed": "reprise",
    "ordered in the console": "commandée dans la console",
    "registration begun": "enregistrement commencé",
    "resporg accepted": "accepté par le RespOrg",
    "release asked for": "libération demandée",
    "transfer asked for": "transfert demandé",
    "number in use": "numéro en service",
    "number configured": "numéro configuré",
    "number transferred": "numéro transféré",
    "number released": "numéro libéré",
    "number attached": "numéro ajouté au service",
    "number detached": "numéro retiré du service",
    "number gone": "numéro parti",
    "port requested": "portage demandé",
    "port completed": "portage terminé",
    "port taken back": "portage retiré",
    "customer": "client",
    "person": "personne",
    "signer": "signataire",
    "registrar": "registraire",
    "lineproof": "lineproof",
    "owner": "titulaire",
    "owner link handed over": "lien du titulaire remis",
    "owner link mailed": "lien du titulaire envoyé",
    "owner link taken back": "lien du titulaire repris",
    "owner link not delivered": "courriel au titulaire non remis",
    "call asked for with the owner link": "appel demandé avec le lien du titulaire",
    "call planned": "appel prévu",
    "planned call given up": "appel prévu abandonné",
}

_PHRASES = Phrases({**REASONS, **REFUSALS, **EVENTS})


def french_of(text: str, words: Mapping[str, str]) -> str | None:
    """The French of one of the core's sentences, None for what it does not say.

    ``words``: the French of what may stand in a sentence, such as a status.
    """
    return _PHRASES.find(text, words.get)
