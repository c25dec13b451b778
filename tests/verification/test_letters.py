"""What a letter says, whether a name is its signer's, and the PDF that is kept of it."""

import subprocess

import pytest
from pypdf import PdfReader

from verification.adapters.letter_pdf import letter_pdf, printed
from verification.letters import Letter, Mismatch, Signature, from_json, mismatch

SIGNATURE = Signature("Anne-Marie Élise Roy", 1_800_000_000.0, "203.0.113.5", "Mozilla/5.0")


def letter(**parts):
    whole = {
        "document_sid": "PX" + "a" * 32,
        "sending": 1,
        "sent_at": 1_800_000_000.0,
        "language": "en",
        "customer": "Acme",
        "first_name": "Anne-Marie",
        "last_name": "Élise Roy",
        "business": "Clinique de l’Érable",
        "contact_title": "Owner",
        "contact_phone_number": "+19029050000",
        "email": "anne@example.com",
        "address": ("14 Maple Street", "Halifax, NS B3J 1A1", "CA"),
        "numbers": ("+19029052034", "+19029052035"),
    }
    return Letter(**{**whole, **parts})


def pdf_text(content):
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    return done.stdout.decode()


@pytest.mark.parametrize(
    "typed",
    [
        *("Anne-Marie Élise Roy", "ANNE-MARIE ELISE ROY", "  anne  marie   elise roy "),
        *("AnneMarie Elise Roy", "Anne\u2010Marie E\u0301lise Roy", "anne-marie élise-roy."),
    ],
)
def test_case_accents_and_spaces_of_a_name_make_no_difference(typed):
    assert mismatch(letter(), typed) is None


@pytest.mark.parametrize(
    ("typed", "missing", "extra"),
    [
        ("Anne-Marie Roy", ("Élise",), ()),
        ("Anne-Marie Élise Roi", ("Roy",), ("Roi",)),
        ("Anne-Marie Élise Roy Smith", (), ("Smith",)),
        ("Roy Anne-Marie Élise", (), ()),
        ("Anne Anne-Marie Élise Roy", (), ("Anne",)),
        ("李", ("Anne-Marie", "Élise", "Roy"), ("李",)),
    ],
)
def test_what_does_not_match_is_told_exactly(typed, missing, extra):
    assert mismatch(letter(), typed) == Mismatch(missing, extra)


@pytest.mark.parametrize(
    ("first", "last", "typed"),
    [("Łukasz", "Øst", "lukasz ost"), ("Œdipe", "Weiß", "OEDIPE WEISS"), ("李", "明", "李明")],
)
def test_letters_of_other_alphabets_are_compared_too(first, last, typed):
    assert mismatch(letter(first_name=first, last_name=last), typed) is None


def test_a_letter_is_the_same_after_it_was_kept():
    assert from_json(letter().to_json()) == letter()


@pytest.mark.parametrize(
    "change",
    [{"numbers": ("+19029052034",)}, {"last_name": "Roi"}, {"language": "fr"}, {"sending": 2}],
)
def test_the_digest_is_of_everything_that_was_shown(change):
    assert letter(**change).digest != letter().digest
    assert letter().digest == letter().digest


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ("Letter of authorization", "on behalf of Clinique de l’Érable", "Signature page")),
        ("fr", ("Lettre d’autorisation", "Personne autorisée", "j’accepte de la signer")),
        ("es", ("Carta de autorización", "números de teléfono", "Página de firma")),
    ],
)
def test_the_pdf_holds_the_letter_and_its_signature_with_their_accents(language, shown):
    text = pdf_text(letter_pdf(letter(language=language), SIGNATURE))
    for part in (
        *shown,
        *("Anne-Marie Élise Roy", "14 Maple Street", "203.0.113.5", "Mozilla/5.0"),
        *("+19029052034", "+19029052035", "2027-01-15 08:00:00 UTC", "PX" + "a" * 32),
    ):
        assert part in text
    assert letter(language=language).digest in text.replace("\n", "").replace(" ", "")


def test_every_one_of_15000_numbers_is_found_in_the_pdf():
    numbers = tuple(f"+1902{2_340_000 + n}" for n in range(15_000))
    content = letter_pdf(letter(numbers=numbers), SIGNATURE)
    found = set(pdf_text(content).split())
    assert found >= set(numbers)
    assert len(content) < 1_000_000  # measured: 149 kB in 0.8 s


def test_every_font_of_the_pdf_is_embedded(tmp_path):
    file = tmp_path / "letter.pdf"
    file.write_bytes(letter_pdf(letter(), SIGNATURE))
    assert len(PdfReader(file).pages) == 2
    done = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True)
    fonts = done.stdout.splitlines()[2:]
    assert len(fonts) == 2
    assert all("BitstreamVera" in font and font.split()[-5] == "yes" for font in fonts)


def test_what_the_fonts_lack_is_printed_as_near_as_can_be():
    assert printed("Őze Łukasz É 王") == "Oze Łukasz É ?"


@pytest.mark.parametrize("agent", ["x" * 300, "\x00\x1b[31m", "<script>", "% (", "漢" * 300])
def test_no_browser_s_name_breaks_the_pdf(agent):
    signature = Signature("A" * 200, 1.0, "::1", agent)
    assert "PXaaaa" in pdf_text(letter_pdf(letter(last_name="B" * 128), signature))
