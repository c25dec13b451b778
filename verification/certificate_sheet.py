"""A certificate as people read it: the one place for the words of the page, the PDF, the command.

The signed text itself is English; in French the sheet says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from verification.audit import Entry
from verification.proofs import Certificate

Texts = Mapping[str, str]
Fact = tuple[str, str]

_ENGLISH: Texts = {
    "title": "Certificate of the verification of a telephone number",
    "number": "Number",
    "pseudonym": "pseudonym {name}",
    "order": "Order",
    "account": "Account",
    "verified": "Verified",
    "method": "Method",
    "ownership-call": "The person who answered the number typed the order's code.",
    "spoken-code": "A code was spoken to who answered the number, and the account then knew it.",
    "verified-caller-id": "The number was a verified caller ID of the same account.",
    "phone-bill": "The operator accepted a phone bill.",
    "operator": "The operator of the server decided it by hand.",
    "consent": "Consent",
    "not asked": "The person was not asked by this method.",
    "given by one": "Given on the phone by pressing 1 random key that was spoken in the call.",
    "given": "Given on the phone by pressing {count} random keys that were spoken in the call.",
    "knew": "Code known to",
    "knew: account": "the account",
    "knew: owner-link": "whoever held the owner's link",
    "issued": "Issued",
    "by": "{at} by {issuer}",
    "trail": "Audit trail",
    "row": "row {row}, hash {hash}",
    "proves": "What it proves, and what not",
    "evidence": "Evidence",
    "when": "When (UTC)",
    "colon": ": ",
    "who": "Who",
    "what": "What",
    "chain": (
        "Each row of the audit trail carries the hash of the row before it: row {row}, which says "
        "that the number was verified, has the hash {hash}. A trail that is changed later no "
        "longer has it."
    ),
    "signed": "The signed certificate",
    "check": (
        "Check it offline with: lineproof proof verify FILE --keys KEYS, where FILE holds the text "
        "below and KEYS what {keys_url} answers."
    ),
}
_FRENCH: Texts = {
    "title": "Certificat de vérification d’un numéro de téléphone",
    "number": "Numéro",
    "pseudonym": "pseudonyme {name}",
    "order": "Commande",
    "account": "Compte",
    "verified": "Vérifié",
    "method": "Méthode",
    "ownership-call": "La personne qui a répondu au numéro a tapé le code de la commande.",
    "spoken-code": "Un code a été dicté à qui a répondu au numéro, et le compte l’a ensuite connu.",
    "verified-caller-id": "Le numéro était un identifiant d’appelant vérifié du même compte.",
    "phone-bill": "L’opérateur a accepté une facture de téléphone.",
    "operator": "L’opérateur du serveur l’a décidé à la main.",
    "consent": "Consentement",
    "not asked": "Cette méthode ne le demande pas à la personne.",
    "given by one": (
        "Donné au téléphone, en appuyant sur 1 touche tirée au hasard et dictée pendant l’appel."
    ),
    "given": (
        "Donné au téléphone, en appuyant sur {count} touches tirées au hasard et dictées pendant "
        "l’appel."
    ),
    "knew": "Code connu de",
    "knew: account": "le compte",
    "knew: owner-link": "quiconque avait le lien du titulaire",
    "issued": "Délivré",
    "by": "{at} par {issuer}",
    "trail": "Journal",
    "row": "ligne {row}, empreinte {hash}",
    "proves": "Ce qu’il prouve, et ce qu’il ne prouve pas",
    "evidence": "Pièces",
    "when": "Quand (UTC)",
    "colon": " : ",
    "who": "Qui",
    "what": "Quoi",
    "chain": (
        "Chaque ligne du journal porte l’empreinte de la ligne précédente : la ligne {row}, qui "
        "dit que le numéro a été vérifié, a l’empreinte {hash}. Un journal modifié plus tard ne "
        "l’a plus."
    ),
    "signed": "Le certificat signé",
    "check": (
        "Vérifiez-le hors ligne avec : lineproof proof verify FICHIER --keys CLÉS, où FICHIER "
        "contient le texte ci-dessous et CLÉS ce que répond {keys_url}."
    ),
}
TEXTS: Mapping[str, Texts] = {"en": _ENGLISH, "fr": _FRENCH}

# What the signed text says in English, by the method.
PROVES: Texts = {
    "ownership-call": (
        "Au moment de la vérification, quelqu’un avait le contrôle de cette ligne : appelée par ce "
        "serveur, cette personne y a tapé le code de la commande."
    ),
    "spoken-code": (
        "Au moment de la vérification, le compte connaissait un code qui avait été dicté à qui a "
        "répondu sur cette ligne : quelqu’un en avait le contrôle et a transmis le code."
    ),
    "verified-caller-id": (
        "Avant cette commande, le compte avait montré le contrôle de cette ligne par un appel de "
        "validation. Aucun appel n’a été lancé pour cette commande."
    ),
    "phone-bill": (
        "Un opérateur de ce serveur a accepté une facture de téléphone pour ce numéro. Ce n’est "
        "pas une épreuve du contrôle de la ligne."
    ),
    "operator": (
        "Un opérateur de ce serveur a tenu le numéro pour vérifié, à la main. Ce n’est pas une "
        "épreuve du contrôle de la ligne."
    ),
}
_NOT_WHO = (
    "Il ne prouve pas qui est cette personne, qu’elle peut décider du numéro, que la ligne n’est "
    "pas renvoyée vers une autre, ni qu’elle en a le contrôle à un autre moment."
)
_NOT_AT_ALL = (
    "Il ne prouve pas que quelqu’un avait le contrôle de la ligne, alors ou à un autre moment, ni "
    "qui peut décider du numéro."
)
PROVES_NOT: Texts = {
    "ownership-call": _NOT_WHO,
    "spoken-code": _NOT_WHO,
    "verified-caller-id": _NOT_WHO,
    "phone-bill": _NOT_AT_ALL,
    "operator": _NOT_AT_ALL,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that stands on it, in one language, from the top down.

    ``evidence``: when (UTC), who, what, a row each. ``signed``: the JWS.
    """

    language: str
    sid: str
    texts: Texts
    facts: list[Fact]
    proves: tuple[str, str]
    evidence: list[tuple[str, str, str]]
    chain: str
    check: str
    signed: str


def sheet(certificate: Certificate, language: str = "en", say: Callable[[str], str] = str) -> Sheet:
    """The sheet of a certificate. ``say``: the audit trail's own words in that language."""
    said, texts = certificate.said, TEXTS[language]
    return Sheet(
        language,
        said["sub"],
        texts,
        [*facts(said, language), issued(said, language)],
        proves(said, language),
        [
            (_time(one.at), _who(one, say), _happened(one, say, texts["colon"]))
            for one in certificate.trail
        ],
        texts["chain"].format(**said["audit"]),
        texts["check"].format(keys_url=certificate.keys_url),
        certificate.text,
    )


def facts(said: Mapping[str, Any], language: str = "en") -> list[Fact]:
    """What a certificate says of the order: a label and a text each."""
    texts = TEXTS[language]
    number = said.get("phone_number") or texts["pseudonym"].format(name=said["number_pseudonym"])
    told = [
        (texts["number"], number),
        (texts["order"], said["sub"]),
        (texts["account"], f"{said['account_name']} ({said['account_sid']})"),
        (texts["verified"], f"{_time(said['verified_at'])} UTC"),
        (texts["method"], texts.get(said["method"], said["method"])),
        (texts["consent"], _consent(said["consent"], texts)),
    ]
    if "code_known_to" in said:
        knew = ", ".join(texts.get(f"knew: {one}", one) for one in said["code_known_to"])
        told.append((texts["knew"], knew))
    return told


def issued(said: Mapping[str, Any], language: str = "en") -> Fact:
    """When it was issued, and by which server."""
    texts = TEXTS[language]
    return texts["issued"], texts["by"].format(at=f"{_time(said['iat'])} UTC", issuer=said["iss"])


def audited(said: Mapping[str, Any], language: str = "en") -> Fact:
    """The row of the audit trail that says that the number was verified."""
    texts = TEXTS[language]
    return texts["trail"], texts["row"].format(**said["audit"])


def proves(said: Mapping[str, Any], language: str = "en") -> tuple[str, str]:
    """What it proves, and what not: in English as it was signed."""
    if language == "en":
        return said["proves"], said["proves_not"]
    return PROVES[said["method"]], PROVES_NOT[said["method"]]


def _who(entry: Entry, say: Callable[[str], str]) -> str:
    """By whom; a customer with the SID of the key or account that he signed in with."""
    return f"{say(entry.actor)} {entry.credential}".rstrip()


def _happened(entry: Entry, say: Callable[[str], str], colon: str) -> str:
    """A row for people. A status has its name; what somebody wrote as a reason stays as it is."""
    if entry.event != "status":
        return f"{say(entry.event)}{colon}{entry.detail}" if entry.detail else say(entry.event)
    change, _, reason = entry.detail.partition(": ")
    told = f"{say(entry.event)}{colon}{' '.join(map(say, change.split(' ')))}"
    return f"{told}{colon}{reason}" if reason else told


def _consent(consent: Mapping[str, Any], texts: Texts) -> str:
    if not consent.get("given"):
        return texts["not asked"]
    count = consent["random_keys"]
    return texts["given by one" if count == 1 else "given"].format(count=count)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
