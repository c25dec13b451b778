"""The letter of authorization as it goes out: who authorizes what, and whether he has signed.

A letter is a snapshot: what is edited afterwards changes nothing of what was read and signed.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from verification.addresses import Address
from verification.letter_words import WORDS, Words

NAME_LENGTH = 200
AGENT_LENGTH = 300

# Letters that Unicode does not take apart into a base and an accent.
_BASES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "\u0131": "i", "æ": "ae", "œ": "oe"}
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What the signer reads. ``sent_at`` in Unix seconds, ``numbers`` in E.164.

    ``customer``: the account's name. ``sending``: how many times the document has been sent out.
    """

    document_sid: str
    sending: int
    sent_at: float
    language: str
    customer: str
    first_name: str
    last_name: str
    business: str | None
    contact_title: str | None
    contact_phone_number: str
    email: str
    address: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def name(self) -> str:
        """The authorized user's first and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def words(self) -> Words:
        """The words of the letter's language."""
        return WORDS[self.language]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What the letter says."""
        words = self.words
        first = words.for_business if self.business else words.alone
        filled = {"name": self.name, "business": self.business or "", "customer": self.customer}
        return tuple(text.format_map(filled) for text in (first, *words.body))

    @property
    def facts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Label and lines of what the letter knows of its signer; what there is none of is not."""
        labels = self.words.labels
        facts = (
            ("name", (self.name,)),
            ("business", (self.business or "",)),
            ("contact_title", (self.contact_title or "",)),
            ("address", self.address),
            ("phone", (self.contact_phone_number,)),
            ("email", (self.email,)),
            ("sent_at", (utc(self.sent_at),)),
            ("document", (self.document_sid,)),
        )
        return tuple((labels[name], lines) for name, lines in facts if lines[0])

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the signer was shown, as hexadecimal text."""
        shown = [self.to_json(), self.words.title, *self.paragraphs, self.words.consent]
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()

    def to_json(self) -> str:
        """The letter as text; ``from_json`` reads it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Letter:
    """The letter that ``to_json`` wrote."""
    values = json.loads(text)
    return Letter(
        **values | {"address": tuple(values["address"]), "numbers": tuple(values["numbers"])}
    )


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed: the name as it was typed, when (Unix seconds), from where, with what."""

    name: str
    signed_at: float
    remote_address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How a typed name differs from the letter's; neither: the words stand in another order."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]


def mismatch(letter: Letter, typed: str) -> Mismatch | None:
    """How the typed name differs from the authorized user's, or None if it is his.

    Case, accents, spaces, hyphens and dots make no difference.
    """
    wanted, given = letter.name.split(), typed.split()
    if _bare(letter.name) == _bare(typed):
        return None
    missing, extra = _without(wanted, given), _without(given, wanted)
    return Mismatch(missing, extra)


def address_lines(address: Address) -> tuple[str, ...]:
    """A service address as it is written on a letter."""
    place = f"{address.city}, {address.region} {address.postal_code}"
    lines = (address.street, address.street_secondary or "", place, address.iso_country)
    return tuple(line for line in lines if line)


def utc(at: float) -> str:
    """Unix seconds as people read them, in UTC."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold().translate(_BASES))
    return "".join(c for c in parts if c.isalnum())


def _without(words: list[str], others: list[str]) -> tuple[str, ...]:
    left = Counter(_bare(word) for word in others)
    rest = []
    for word in words:
        if left[_bare(word)]:
            left[_bare(word)] -= 1
        elif _bare(word):
            rest.append(word)
    return tuple(rest)
