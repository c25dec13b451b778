"""What is wrong with what was sent to the lab's page, in French."""

from __future__ import annotations

from collections.abc import Mapping

FAULTS: Mapping[str, str] = {
    # A form
    "{menu} is not in the gallery: paste a document, or choose a menu": (
        "{menu} n’est pas un menu d’ici : collez un document, ou choisissez un menu"
    ),
    "the extension has more than {most} characters": "le poste a plus de {most} caractères",
    "the extension has no keys to tune: type those of each menu, such as ww2ww5": (
        "le poste n’a pas de touches à régler : tapez celles de chaque menu, comme ww2ww5"
    ),
    "this line does more than can be shown here: use `lineproof lab try`": (
        "cette ligne fait plus que ce qui peut être montré ici : prenez `lineproof lab try`"
    ),
    "{line} has no greeting {greeting}: it has {known}": (
        "{line} n’a pas l’accueil {greeting} : il y a {known}"
    ),
    "{key} at position {place} of the extension is not allowed: use the keys 0-9, * and #, A-D, w "
    "(waits 0.5 s) and W (waits 1 s)": (
        "{key} à la position {place} du poste n’est pas permis : prenez les touches 0-9, * et #, "
        "A-D, w (attend 0,5 s) et W (attend 1 s)"
    ),
    "{keys} in {all} are no keys: write the keys 0-9, * and # of each menu, such as 2,5,1234#": (
        "{keys} dans {all} ne sont pas des touches qui se règlent : prenez 0-9, * et #"
    ),
    "{count} groups of keys: at most {most} are tuned": (
        "{count} groupes de touches : {most} au plus se règlent"
    ),
    # A document
    "The document has {count} bytes: at most {most} are allowed": (
        "Le document a {count} octets : {most} au plus sont permis"
    ),
    "Line {line}: {what}": "Ligne {line} : {what}",
    "the document is not XML: {said}": "le document n’est pas du XML : {said}",
    "the document has no element": "le document n’a aucun élément",
    "elements are nested deeper than {most}": (
        "des éléments sont imbriqués sur plus de {most} niveaux"
    ),
    "<{said}> is not allowed as the root: it may have {known}": (
        "<{said}> n’est pas permis à la racine : {known} l’est"
    ),
    "<{said}> is not allowed in <{said_where}>: it may have {known}": (
        "<{said}> n’est pas permis dans <{said_where}>, qui peut avoir : {known}"
    ),
    "no element": "aucun élément",
    "none": "aucun",
    'the attribute "{said}" is not allowed in <{element}>: it may have {known}': (
        "l’attribut « {said} » n’est pas permis dans <{element}>, qui peut avoir : {known}"
    ),
    "text is not allowed in <{element}>: put it into a <prompt>": (
        "un texte n’est pas permis dans <{element}> : mettez-le dans un <prompt>"
    ),
    "a DTD is not allowed": "une DTD n’est pas permise",
    '<{element}> needs the attribute "{name}"': "<{element}> a besoin de l’attribut « {name} »",
    '<vxml> needs version="2.1"': '<vxml> a besoin de version="2.1"',
    "{name} is {said}: use one of {known}": "{name} vaut {said} : prenez l’un de {known}",
    'the id "{said}" is there twice': "l’id « {said} » s’y trouve deux fois",
    "the document has neither a <form> nor a <menu>": "le document n’a ni <form> ni <menu>",
    'next="{said}" is no dialog here: use {said_known}': (
        'next="{said}" n’est pas un dialogue d’ici : prenez {said_known}'
    ),
    'next="{said}": no <form> and no <menu> here has an id': (
        'next="{said}" : ni <form> ni <menu> n’a d’id ici'
    ),
    "the <form> is empty: it may have block, field, transfer": (
        "le <form> est vide : il peut avoir block, field, transfer"
    ),
    'dtmf="{said}" is no keys: use 0-9, * and #': (
        'dtmf="{said}" n’est pas une suite de touches : prenez 0-9, * et #'
    ),
    'dtmf="{said}" is there twice': 'dtmf="{said}" s’y trouve deux fois',
    "the <menu> has no <choice>": "le <menu> n’a pas de <choice>",
    'type must be "digits", "digits?length=4" or such': (
        "type doit être « digits », « digits?length=4 » ou semblable"
    ),
    "digits may have length, minlength and maxlength": (
        "digits peut avoir length, minlength et maxlength"
    ),
    "minlength {shortest} is above maxlength {longest}": (
        "minlength {shortest} dépasse maxlength {longest}"
    ),
    'dest must be a number in E.164, such as "tel:+14155550123"': (
        "dest doit être un numéro au format E.164, comme « tel:+14155550123 »"
    ),
    'the recording "{said}" is not here, and <audio> has no words in its place': (
        "l’enregistrement « {said} » n’est pas ici, et <audio> n’a pas de texte à sa place"
    ),
    'termchar is "{said}": one key, or nothing': "termchar vaut « {said} » : une touche, ou rien",
    'the property "{said}" is unknown: use {known}': (
        "la propriété « {said} » est inconnue : prenez {known}"
    ),
    "{name} belongs into <vxml> itself": "{name} a sa place dans <vxml> même",
    '"{said}" is no time: write "1500ms" or "1.5s", at most an hour': (
        "« {said} » n’est pas une durée : écrivez « 1500ms » ou « 1.5s », une heure au plus"
    ),
    'the timeout "{said}" is below {least} ms': "le délai « {said} » est sous {least} ms",
    '{name}="{said}": true or false is allowed': '{name}="{said}" : true ou false est permis',
    '"{said}" is no whole number from 1 to 999': "« {said} » n’est pas un nombre entier de 1 à 999",
}
