"""What the lab's page says in French. The key is the English of page, script and lab."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from twiml.lab.french_faults import FAULTS
from verification.phrases import Phrases

# The script is handed these and puts them together.
SCRIPT: Mapping[str, str] = {
    "Reached: {why}": "Atteint : {why}",
    "Not reached: {why}": "Non atteint : {why}",
    "Assumed: {over}.": "Hypothèses : {over}.",
    "Wait before key {key}": "Attente avant la touche {key}",
    "{seconds} seconds, {verdict}": "{seconds} secondes, {verdict}",
    "The server cannot be reached.": "Le serveur ne répond pas.",
    "The page is too old: load it again": "La page est trop ancienne : rechargez-la",
    "The document is too long for this page: use lineproof lab try": (
        "Le document est trop long pour cette page : prenez lineproof lab try"
    ),
    "Play": "Écouter",
    "Pause": "Pause",
    "Tuning …": "Réglage en cours…",
    "Tuned": "Réglage",
    "Over: {over}.": "Vaut pour : {over}.",
    "{name}: {margin}": "{name} : {margin}",
    "Widest": "Marge la plus large",
    "Most likely": "Le plus probable",
    "Shortest that keeps {seconds} s": "Le plus court qui garde {seconds} s",
    "no margin": "aucune marge",
    "margin {seconds} s": "marge {seconds} s",
    "reached in {reached} of {runs} runs": "atteint dans {reached} essais sur {runs}",
    "Use this": "Utiliser",
}

PAGE: Mapping[str, str] = {
    "Lab": "Laboratoire",
    "The way through a menu": "Le chemin dans un menu",
    "Line": "Ligne",
    "A VoiceXML document of mine": "Un document VoiceXML à moi",
    "Greeting": "Accueil",
    "day": "jour",
    "night": "nuit",
    "holiday": "jour férié",
    "day or night": "jour ou nuit",
    "day or holiday": "jour ou jour férié",
    "day or night or holiday": "jour, nuit ou jour férié",
    "VoiceXML document": "Document VoiceXML",
    "or choose a file": "ou choisissez un fichier",
    "Extension": "Poste",
    "w waits half a second, W a whole one": "w attend une demi-seconde, W une seconde",
    "Try": "Essayer",
    "Tune": "Régler",
    "This page needs JavaScript. In a terminal:": (
        "Cette page a besoin de JavaScript. Dans un terminal :"
    ),
    "Timeline": "Déroulement",
    "Drag a key, or focus it and press ← and →: half a second each. The keys behind it move "
    "along.": (
        "Faites glisser une touche, ou choisissez-la et pressez ← et → : une demi-seconde à la "
        "fois. Les touches suivantes se déplacent avec elle."
    ),
    "Key": "Touche",
    "Sent at": "Envoyée à",
    "What became of it": "Ce qu’elle est devenue",
    "Earlier": "Plus tôt",
    "Later": "Plus tard",
    # The gallery
    "one level, barge-in; another greeting at night": (
        "un niveau, qu’on peut interrompre ; un autre accueil la nuit"
    ),
    "a warning nobody can skip, then an account number and #": (
        "un avis que personne ne peut passer, puis un numéro de compte et #"
    ),
    "three levels of long prompts, all with barge-in": (
        "trois niveaux de longs messages, qu’on peut tous interrompre"
    ),
    "a choice of language before everything else": "un choix de langue avant tout le reste",
    "dial the extension at any time": "le poste se compose à tout moment",
    "a long disclaimer without barge-in": "un long avertissement qu’on ne peut interrompre",
    "2 and 21 are both choices: timers decide": "2 et 21 sont des choix : les délais décident",
    "a second between two digits, no more": "une seconde entre deux chiffres, pas plus",
    "hold music; a key leaves the queue": "musique d’attente ; une touche quitte la file",
    "a message that grows in winter, then a room and #": (
        "un message plus long en hiver, puis un numéro de salle et #"
    ),
}

PICTURE: Mapping[str, str] = {
    "rings": "sonne",
    "speaks": "parle",
    "listens": "écoute",
    "sends": "envoie",
}

KEYS: Mapping[str, str] = {
    "heard": "entendue",
    "stopped the prompt": "entendue, a interrompu le message",
    "too early": "trop tôt",
    "too late": "trop tard",
    "too early by {by}": "trop tôt de {by}",
    "too late by {by}": "trop tard de {by}",
    "timed out between keys": "délai écoulé entre deux touches",
    "lost: nobody listened": "perdue : personne n’écoutait",
    "lost: not recognised": "perdue : non reconnue",
    "never sent": "jamais envoyée",
    # Why
    "the entry before it had timed out": "la saisie précédente avait expiré",
    "the call had ended before its turn": "l’appel était terminé avant son tour",
    "nobody was on the line": "il n’y avait personne en ligne",
    "the prompt stopped for it": "le message s’est interrompu pour elle",
    "it had hung up": "la ligne avait raccroché",
    "the phone was still ringing": "le téléphone sonnait encore",
    "the next phone was still ringing": "le téléphone suivant sonnait encore",
    "it did not listen": "la ligne n’écoutait pas",
    "it was connected to nobody yet": "la ligne n’était encore reliée à personne",
    "it was fetching its next document": "la ligne cherchait son prochain document",
    "it was speaking and did not listen": "la ligne parlait et n’écoutait pas",
    "it was sending keys itself": "la ligne envoyait elle-même des touches",
    "it was pausing and did not listen": "la ligne faisait une pause et n’écoutait pas",
    "it was sound in the line, not a telephone event": (
        "c’était un son dans la ligne, pas un événement téléphonique"
    ),
    "its tone of {tone} ms is shorter than {least} ms": (
        "sa tonalité de {tone} ms est plus courte que {least} ms"
    ),
}

CALLS: Mapping[str, str] = {
    "{number} answered, but not for the keys: {key} was not heard": (
        "{number} a répondu, mais pas grâce aux touches : {key} n’a pas été entendue"
    ),
    "{number} answered": "{number} a répondu",
    "{number} did not answer": "{number} n’a pas répondu",
    "no person answered": "personne n’a répondu",
    "tone {tone} ms, gap {gap} ms, {adds}, half second {half} ms, answer delay {answer} ms, answer "
    "jitter {later} ms, network jitter {network} ms, words per minute {words}, greeting "
    "{greeting}, seed {seed}": (
        "tonalité {tone} ms, intervalle {gap} ms, {adds}, demi-seconde {half} ms, délai après le "
        "décroché {answer} ms, sa variation {later} ms, variation du réseau {network} ms, "
        "{words} mots par minute, accueil {greeting}, graine {seed}"
    ),
    "tone {a} to {b} ms, gap {c} to {d} ms, {adds}, playing begins {e} to {f} ms after the answer, "
    "network jitter {g} to {h} ms, {i} to {j} words per minute, greeting {greeting}": (
        "tonalité {a} à {b} ms, intervalle {c} à {d} ms, {adds}, envoi {e} à {f} ms après le "
        "décroché, variation du réseau {g} à {h} ms, {i} à {j} mots par minute, accueil {greeting}"
    ),
    "w adds to the gap": "w s’ajoute à l’intervalle",
    "w replaces the gap": "w remplace l’intervalle",
    "w adds to the gap or replaces it": "w s’ajoute à l’intervalle ou le remplace",
    "The call was broken off: {why}": "L’appel a été interrompu : {why}",
    "{said}: Line {line}: {count} dialogs in a row made no sound: the call is ended": (
        "{said} : ligne {line} : {count} dialogues de suite n’ont fait aucun son : l’appel est "
        "terminé"
    ),
    "{most} documents were asked for, the last by {said}": (
        "{most} documents ont été demandés, le dernier par {said}"
    ),
    "{most} things happened, the last in {said}": (
        "il s’y est passé {most} choses, la dernière dans {said}"
    ),
}

TUNING: Mapping[str, str] = {
    # No way for the keys
    "{greeting}: {after} the line never listens for {key}: {instead}": (
        "{greeting} : {after}, la ligne n’attend jamais {key} : {instead}"
    ),
    "{greeting}: {after} the line {when}, but {key} is not taken whole": (
        "{greeting} : {after}, la ligne {when}, mais {key} n’est pas prise en entier"
    ),
    "{greeting}: {after} the line {when}; too many ways were tried, and {who}": (
        "{greeting} : {after}, la ligne {when} ; trop de chemins ont été essayés, et {who}"
    ),
    "{greeting}: {after} the line {when}, but {key} leads to nothing, and {who}": (
        "{greeting} : {after}, la ligne {when}, mais {key} ne mène à rien, et {who}"
    ),
    "{greeting}: {after} the line {when}, but {key} leads to {led}, and {who}": (
        "{greeting} : {after}, la ligne {when}, mais {key} mène à {led}, et {who}"
    ),
    "nothing, {led}": "rien, {led}",
    "“{said}”, {led}": "« {said} », {led}",
    "“{said}”": "« {said} »",
    "{greeting}: the line is {how}": "{greeting} : {how}",
    "broken off: {why}": "l’appel a été interrompu : {why}",
    "from the answer on": "dès le décroché",
    "listens between {first} and {last} after the answer": (
        "écoute entre {first} et {last} après le décroché"
    ),
    "no person answers": "personne ne répond",
    "{number} does not answer": "{number} ne répond pas",
    "it says nothing, and {ends}": "elle ne dit rien, et {ends}",
    "it speaks from {first} to {last} without listening (“{said}”), and {ends}": (
        "elle parle de {first} à {last} sans écouter (« {said} »), et {ends}"
    ),
    "the call ends at {at}": "l’appel se termine à {at}",
    "has not listened after {seconds}": "n’a toujours pas écouté après {seconds}",
    # No common wait
    "no wait is right for {group} under all the unknowns; counted from when {since}, it must come "
    "{told}": (
        "aucune attente ne convient à {group} dans toutes les hypothèses ; comptée depuis {since}, "
        "la touche doit venir {told}"
    ),
    "playing begins": "le début de l’envoi",
    "{key} was sent": "l’envoi de {key}",
    "never": "jamais",
    "the line changes from call to call: once it said “{said}” ({first}), once “{said_later}” "
    "({second}); what was run holds for the prompts that came": (
        "la ligne change d’un appel à l’autre : une fois elle a dit « {said} » ({first}), une fois "
        "« {said_later} » ({second}) ; ce qui a été essayé vaut pour les messages entendus"
    ),
    "no extension is heard in every run of a line that changes": (
        "aucun poste n’est entendu à chaque essai d’une ligne qui change"
    ),
    "{one}; {other}": "{one} ; {other}",
    "day: {when}": "jour : {when}",
    "night: {when}": "nuit : {when}",
    "holiday: {when}": "jour férié : {when}",
    "after {first} and before {last}": "après {first} et avant {last}",
    "after {what}": "après {what}",
}

_PHRASES = Phrases({**PAGE, **PICTURE, **KEYS, **FAULTS, **CALLS, **TUNING})
_DECIMALS = re.compile(r"(-?\d+)\.(\d+ s\+?)")


def saying(language: str) -> Callable[[str], str]:
    """Turn the page's and the lab's English into a language; what has no French stays."""
    return _french if language == "fr" else str


def french(text: str) -> str | None:
    """The French of what the page or the lab says; None for what is neither's."""
    return SCRIPT.get(text) or _number(text) or _PHRASES.find(text, _number)


def _number(text: str) -> str | None:
    found = _DECIMALS.fullmatch(text)
    return f"{found[1]},{found[2]}" if found else None


def _french(text: str) -> str:
    return french(text) or text
