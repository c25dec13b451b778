"""What the pages of many orders and of the numbers in use say in French."""

from __future__ import annotations

from collections.abc import Mapping

LISTS: Mapping[str, str] = {
    # Many orders
    "Many orders": "Plusieurs commandes",
    "Show all orders": "Voir toutes les commandes",
    "A CSV file has a line for each number. You see what was read before anything is ordered.": (
        "Un fichier CSV a une ligne par numéro. Vous voyez ce qui a été lu avant que rien ne soit "
        "commandé."
    ),
    "CSV file": "Fichier CSV",
    "At most {most} numbers, in UTF-8, with commas, semicolons or tabs.": (
        "Au plus {most} numéros, en UTF-8, avec des virgules, des points-virgules ou des "
        "tabulations."
    ),
    "Download a template": "Télécharger un modèle",
    "Language of the calls, for lines that name none": (
        "Langue des appels, pour les lignes qui n’en nomment pas"
    ),
    "Look at the list": "Examiner la liste",
    "The columns": "Les colonnes",
    "column: phone_number": "Le numéro, par exemple +1 902 905 2034. Obligatoire.",
    "column: friendly_name": "Un nom pour la commande, 64 caractères au plus",
    "column: email": "Le courriel de celui qui signera la lettre",
    "column: extension": "Les touches qui mènent à une personne, par exemple ww2wwww1",
    "column: language": "La langue de l’appel : en, fr ou es",
    "column: address_sid": "Une adresse du compte (AD…) pour la lettre",
    "column: sms_url": "Où vont les messages du numéro",
    "column: status_callback_url": "Où les changements d’état sont annoncés",
    "The newest requests": "Les demandes récentes",
    "List": "Liste",
    "request: done": "terminée",
    "request: going on": "en cours",
    "Choose a file": "Choisissez un fichier",
    "The file is too large": "Le fichier est trop grand",
    "There is no such request": "Cette demande n’existe pas",
    "What was read": "Ce qui a été lu",
    "Nothing was ordered: what can be ordered has changed meanwhile. Look at the list again.": (
        "Rien n’a été commandé : ce qui peut l’être a changé entre-temps. Examinez de nouveau la "
        "liste."
    ),
    "Nothing is ordered yet": "Rien n’est encore commandé",
    "Nothing of this list can be ordered": "Rien de cette liste ne peut être commandé",
    "Can be ordered": "Peuvent être commandés",
    "Bad lines": "Lignes fautives",
    "Order the numbers": "Commander les numéros",
    "Order without the bad lines": "Commander sans les lignes fautives",
    "Choose another file": "Choisir un autre fichier",
    "Bad lines as CSV": "Lignes fautives en CSV",
    "Line": "Ligne",
    "What is wrong": "Ce qui ne va pas",
    "Lines that are not shown here, but are in the CSV file:": (
        "Lignes qui ne sont pas montrées ici, mais dans le fichier CSV :"
    ),
    "The first that can be ordered": "Les premiers qui peuvent être commandés",
    "Request": "Demande",
    "How far it is": "Avancement",
    "Every line was looked up.": "Toutes les lignes ont été vérifiées.",
    "The lines of the numbers are looked up.": "Les lignes des numéros sont en vérification.",
    "Done (UTC)": "Terminée (UTC)",
    "Cannot be hosted": "Ne peuvent pas être hébergés",
    # Numbers in use
    "Numbers in use": "Numéros en service",
    "Filter the numbers": "Filtrer les numéros",
    "number: in-use": "en service",
    "number: released": "libéré",
    "number: pending": "à venir",
    "number: gone": "parti",
    "Capabilities": "Possibilités",
    "capability: messages": "messages",
    "capability: voice": "messages et voix",
    "until": "jusqu’au",
    "There are no numbers here.": "Il n’y a pas de numéro ici.",
    "A number is in use when its order is completed.": (
        "Un numéro est en service quand sa commande est terminée."
    ),
    "There is no such number": "Ce numéro n’existe pas",
    "There is no such capability": "Cette possibilité n’existe pas",
    "The number": "Le numéro",
    "Released until (UTC)": "Libéré jusqu’au (UTC)",
    "Then it is gone, and can be ordered again.": (
        "Ensuite il est parti, et peut être commandé de nouveau."
    ),
    "Came by": "Venu par",
    "origin: hosted": "hébergement",
    "origin: twilio": "portage",
    "its order": "sa commande",
    "Messages to": "Messages à",
    "Calls to": "Appels à",
    "Messaging service": "Service de messagerie",
    "Move to another account": "Passer à un autre compte",
    "Its address and its messaging service stay behind. Its order stays with the account that "
    "made it.": (
        "Son adresse et son service de messagerie restent. Sa commande reste au compte qui l’a "
        "faite."
    ),
    "To the account": "Au compte",
    "Move the number": "Passer le numéro",
    "Choose an account of the same owner": "Choisissez un compte du même titulaire",
    "Release the number": "Libérer le numéro",
    "The port is taken back at once.": "Le portage est retiré aussitôt.",
    "It carries no more messages from now on. After three days it is gone, with its order; it "
    "cannot be taken back.": (
        "Il n’achemine plus de messages dès maintenant. Après trois jours, il est parti, avec sa "
        "commande ; on ne peut pas revenir en arrière."
    ),
    "Yes, release the number": "Oui, libérer le numéro",
    "Tick the box if the number is to be released": "Cochez la case si le numéro doit être libéré",
    "Nothing has happened to it yet.": "Il ne lui est encore rien arrivé.",
}

# Where the text itself would not do: a mark tells two uses of a word apart.
ENGLISH: Mapping[str, str] = {
    "column: phone_number": "The number, such as +1 902 905 2034. Required.",
    "column: friendly_name": "A name for the order, of at most 64 characters",
    "column: email": "The mail address of whoever will sign the letter",
    "column: extension": "The keys that lead to a person, such as ww2wwww1",
    "column: language": "The language of the call: en, fr or es",
    "column: address_sid": "An address of the account (AD…) for the letter",
    "column: sms_url": "Where the number’s messages go",
    "column: status_callback_url": "Where changes of status are reported",
    "capability: voice": "messages and voice",
    "origin: hosted": "hosting",
    "origin: twilio": "a port",
    "number: in-use": "in use",
}
