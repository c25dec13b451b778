"""The sheet of a certificate: the same words in both languages, of every method."""

import string

import pytest

from verification import proofs
from verification.audit import Entry
from verification.certificate_sheet import PROVES, PROVES_NOT, TEXTS, sheet
from verification.console.words import said as speaking
from verification.proofs import Certificate

SAID = {
    "sub": "HR1",
    "account_sid": "AC1",
    "account_name": "Acme",
    "phone_number": "+19029052034",
    "verified_at": 1_700_000_000,
    "method": "ownership-call",
    "consent": {"asked": True, "given": True, "random_keys": 2},
    "code_known_to": ["account", "owner-link"],
    "audit": {"row": 7, "hash": "ab" * 32},
    "iss": "https://lineproof.example.com",
    "iat": 1_700_000_100,
    "proves": "It proves.",
    "proves_not": "It does not.",
}


def made(*trail, **changes):
    return Certificate("a.b.c", {**SAID, **changes}, trail, "https://example.com/keys")


def entry(event, detail=""):
    return Entry(1, 0.0, "customer", "AC1", "HR1", event, detail, "", "")


def blanks(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_blanks():
    english, french = TEXTS["en"], TEXTS["fr"]
    assert english.keys() == french.keys()
    for name, text in english.items():
        assert blanks(text) == blanks(french[name]), name


def test_every_method_has_its_words_in_both_languages():
    methods = proofs.PROVES.keys()
    assert methods == proofs.PROVES_NOT.keys() == PROVES.keys() == PROVES_NOT.keys()
    assert methods <= TEXTS["en"].keys() & TEXTS["fr"].keys()


@pytest.mark.parametrize("method", ["phone-bill", "operator"])
def test_where_nobody_was_called_no_control_of_the_line_is_claimed(method):
    assert "That is no test of control of the line" in proofs.PROVES[method]
    assert "épreuve du contrôle" in PROVES[method]


def test_in_english_it_proves_what_was_signed():
    assert sheet(made()).proves == ("It proves.", "It does not.")
    assert sheet(made(), "fr").proves == (PROVES["ownership-call"], PROVES_NOT["ownership-call"])


def test_the_trail_speaks_the_readers_language_but_not_what_somebody_wrote():
    trail = (entry("status", "received -> verified: verified by Anne"), entry("call ended", "busy"))
    rows = sheet(made(*trail), "fr", speaking("fr")).evidence
    assert [what for _, _, what in rows] == [
        "état : reçue -> vérifiée : verified by Anne",
        "appel terminé : busy",
    ]
    assert rows[0][:2] == ("1970-01-01 00:00:00", "client")


def test_what_a_later_version_signs_is_shown_as_it_stands():
    told = dict(sheet(made(method="new-way", code_known_to=["somebody"])).facts)
    assert (told["Method"], told["Code known to"]) == ("new-way", "somebody")
