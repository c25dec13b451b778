"""The words of the letter of authorization, on the page and in the PDF alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language. ``{name}``, ``{business}``, ``{customer}``: filled in."""

    title: str
    alone: str
    for_business: str
    body: tuple[str, ...]
    consent: str
    labels: Mapping[str, str]
    signature: Mapping[str, str]


ENGLISH = Words(
    title="Letter of authorization",
    alone="I, {name}, am authorized to decide about the telephone numbers listed in this letter.",
    for_business=(
        "I, {name}, am authorized to decide, on behalf of {business}, about the telephone numbers "
        "listed in this letter."
    ),
    body=(
        (
            "I authorize {customer}, and the messaging providers that act for it, to enable text "
            "messaging (SMS and MMS) on these numbers and to register them for this purpose."
        ),
        (
            "The voice service of the numbers does not change, and no number is transferred to "
            "another voice provider."
        ),
        (
            "My name and the service address in this letter are those that the present voice "
            "provider of the numbers has on record."
        ),
        "This authorization holds until I withdraw it by writing to {customer}.",
    ),
    consent="I have read this letter, I agree to it, and I agree to sign it electronically.",
    labels={
        "name": "Authorized user",
        "business": "Business",
        "contact_title": "Title",
        "address": "Service address",
        "email": "Email",
        "phone": "Telephone",
        "numbers": "Telephone numbers",
        "sent_at": "Sent out",
        "document": "Document",
    },
    signature={
        "title": "Signature page",
        "signed_by": "Signed by",
        "signed_at": "Time (UTC)",
        "remote_address": "Network address",
        "user_agent": "Browser",
        "consent": "Consent",
        "digest": "SHA-256 of the letter",
        "page": "Page",
    },
)

FRENCH = Words(
    title="Lettre d’autorisation",
    alone=(
        "Je, {name}, suis habilité(e) à prendre les décisions concernant les numéros de téléphone "
        "énumérés dans cette lettre."
    ),
    for_business=(
        "Je, {name}, suis habilité(e) à prendre, au nom de {business}, les décisions concernant "
        "les numéros de téléphone énumérés dans cette lettre."
    ),
    body=(
        (
            "J’autorise {customer}, et les fournisseurs de messagerie qui agissent pour son "
            "compte, à activer la messagerie texte (SMS et MMS) sur ces numéros et à les inscrire "
            "à cette fin."
        ),
        (
            "Le service vocal des numéros ne change pas, et aucun numéro n’est transféré à un "
            "autre fournisseur de service vocal."
        ),
        (
            "Mon nom et l’adresse de service qui figurent dans cette lettre sont ceux que le "
            "fournisseur actuel du service vocal a dans ses dossiers."
        ),
        "Cette autorisation est valable jusqu’à ce que je la retire en écrivant à {customer}.",
    ),
    consent=(
        "J’ai lu cette lettre, j’en accepte le contenu et j’accepte de la signer électroniquement."
    ),
    labels={
        "name": "Personne autorisée",
        "business": "Entreprise",
        "contact_title": "Titre",
        "address": "Adresse de service",
        "email": "Courriel",
        "phone": "Téléphone",
        "numbers": "Numéros de téléphone",
        "sent_at": "Envoyée",
        "document": "Document",
    },
    signature={
        "title": "Page de signature",
        "signed_by": "Signée par",
        "signed_at": "Heure (UTC)",
        "remote_address": "Adresse réseau",
        "user_agent": "Navigateur",
        "consent": "Consentement",
        "digest": "SHA-256 de la lettre",
        "page": "Page",
    },
)

SPANISH = Words(
    title="Carta de autorización",
    alone=(
        "Yo, {name}, tengo la facultad de decidir sobre los números de teléfono que figuran en "
        "esta carta."
    ),
    for_business=(
        "Yo, {name}, tengo la facultad de decidir, en nombre de {business}, sobre los números de "
        "teléfono que figuran en esta carta."
    ),
    body=(
        (
            "Autorizo a {customer}, y a los proveedores de mensajería que actúan por su cuenta, a "
            "activar los mensajes de texto (SMS y MMS) en estos números y a registrarlos con este "
            "fin."
        ),
        (
            "El servicio de voz de los números no cambia, y ningún número se transfiere a otro "
            "proveedor de voz."
        ),
        (
            "Mi nombre y la dirección de servicio de esta carta son los que constan en los "
            "registros del actual proveedor de voz de los números."
        ),
        "Esta autorización es válida hasta que la retire por escrito ante {customer}.",
    ),
    consent="He leído esta carta, estoy de acuerdo con ella y acepto firmarla electrónicamente.",
    labels={
        "name": "Persona autorizada",
        "business": "Empresa",
        "contact_title": "Cargo",
        "address": "Dirección de servicio",
        "email": "Correo electrónico",
        "phone": "Teléfono",
        "numbers": "Números de teléfono",
        "sent_at": "Enviada",
        "document": "Documento",
    },
    signature={
        "title": "Página de firma",
        "signed_by": "Firmada por",
        "signed_at": "Hora (UTC)",
        "remote_address": "Dirección de red",
        "user_agent": "Navegador",
        "consent": "Consentimiento",
        "digest": "SHA-256 de la carta",
        "page": "Página",
    },
)

WORDS: Mapping[str, Words] = {"en": ENGLISH, "fr": FRENCH, "es": SPANISH}
