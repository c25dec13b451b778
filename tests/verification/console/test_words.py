"""Every word of the console in both its languages."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

import app
from tests.verification.console.conftest import ORDERS
from tests.verification.console.pages import PAGES
from tests.verification.console.test_roles import sids  # noqa: F401
from verification import (
    attempts,
    availability,
    bulk,
    extension,
    fictional,
    limits,
    numbers,
    operating,
    operating_numbers,
    order_lists,
    ordering,
    outgoing,
    phone_numbers,
    signing,
)
from verification.attempts import ATTEMPTS, REASONS
from verification.callbacks import State
from verification.console import many_orders, new_order, order, process, room
from verification.console import numbers as number_pages
from verification.console import orders as order_pages
from verification.console.list_words import ENGLISH
from verification.console.words import FRENCH, french, said
from verification.documents import DocumentStatus
from verification.operators import Role
from verification.order_lists import COLUMNS
from verification.phone_numbers import NumberStatus, Origin
from verification.statuses import Status

TEMPLATES = sorted((app.TEMPLATES / "console").glob("*.html"))
FRENCH_READER = {"Accept-Language": "fr-CA,fr;q=0.9"}
# Names, signs and codes, which are the same in every language.
SAME = {"Lineproof", "SID", "AC", "HR", "CSV", "English", "Français", "Español", "x"}


def codes():
    """What the templates make keys of."""
    keys = {str(one) for one in (*Status, *Role)}
    keys |= {f"stage: {one}" for one in ("done", "here", "trouble", "ahead")}
    keys |= {f"letter: {one}" for one in DocumentStatus} | {f"callback: {one}" for one in State}
    keys |= {f"number: {one}" for one in NumberStatus} | {f"origin: {one}" for one in Origin}
    keys |= {f"column: {one}" for one in COLUMNS} | {"request: done", "request: going on"}
    keys |= {f"capability: {one}" for one in number_pages.CAPABILITIES}
    keys |= {*process.STAGES, *process.WHO.values(), *process.VERDICTS.values()}
    keys |= {*process._SAID.values(), *process._HEARD.values(), *process._STATES.values()}
    return keys | {text for text in ordering.NEXT_STEPS.values() if text}


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_every_text_of_a_template_goes_through_the_words(file):
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", file.read_text(), flags=re.DOTALL)
    seen = re.sub(r"<[^>]*>|[\w-]+=\"[^\"]*\"", " ", text, flags=re.DOTALL)
    assert {*re.findall(r"[A-Za-zÀ-ÿ]{2,}", seen)} - SAME - {"lineproof", "operator", "link",
                                                             "NAME"} == set()  # fmt: skip
    labels = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"{}]+)"', text)
    assert [one for one in labels if one.strip()] == []


def test_every_word_has_its_french():
    texts = "".join(file.read_text() for file in TEMPLATES)
    keys = set(re.findall(r'_\("([^"]+)"', texts)) | codes()
    keys -= {key for key in keys if key.endswith(": ")}  # the beginning of a code
    assert {key for key in keys if not french(key)} == set()


def test_every_code_is_a_word_in_english_too():
    for key in codes():
        assert not re.match(r"[a-z]+: ", said("en")(key)), key
    assert ENGLISH.keys() <= FRENCH.keys()


def messages(*modules):
    """The sentences with which modules refuse, with an x for what differs from case to case."""
    raised = re.compile(r"(?:raise|return \[?|= )\s*\(?(?:\w+\()?\(?\s*((?:f?\"[^\"\n]*\"\s*)+)")
    for module in modules:
        for text in raised.findall(inspect.getsource(module)):
            parts = re.findall(r'(f?)"([^"\n]*)"', text)
            whole = "".join(re.sub(r"\{[^}]*\}", "x", part) if f else part for f, part in parts)
            if len(whole.split()) > 3 and whole[0].isupper():
                yield whole


# These are said to programs alone, or to those who own a server.
ELSEWHERE = re.compile(
    r"UniqueName|VerificationDocumentSid|An order that is x cannot be deleted|SELECT|"
    r"A number that is x cannot be (x|released)|The number x has been ported|is no port|"
    r"being ported already|in the messaging service|The account x has no address|"
    r"The document is x|The extension is empty|The same number stands at x|"
    r"There is no account x"
)


def test_what_the_core_refuses_with_has_its_french():
    core: tuple[Any, ...] = (
        numbers,
        fictional,
        availability,
        bulk,
        extension,
        order_lists,
        outgoing,
    )
    core += (operating, operating_numbers, phone_numbers, signing, ordering)
    faces = (new_order, many_orders, number_pages, order_pages, order, room)
    found = {one for one in messages(*core, *faces) if not ELSEWHERE.search(one)}
    assert len(found) > 40
    assert {one for one in found if not french(one)} == set()


def test_the_reasons_of_orders_have_their_french():
    reasons = {*REASONS.values(), attempts.ATTEMPTS_USED, limits.IDLE, limits.IDLE_IN_VERIFICATION}
    reasons |= {ordering.ALREADY_ENABLED, ordering.NO_CARRIER_INFORMATION, ordering.MOBILE}
    reasons |= {ordering.VOIP, ordering.OTHER_TYPE, signing.NOT_SIGNED, signing.NOT_DELIVERED}
    reasons |= {f"{REASONS[one]} It does not count as an attempt." for one in REASONS}
    reasons |= {
        f"{one} {left} of {ATTEMPTS} attempts are left."
        for one in tuple(reasons)
        for left in range(1, ATTEMPTS + 1)
    }
    assert {one for one in reasons if not french(one)} == set()


def test_no_page_asks_for_a_word_that_has_no_french(desk, sids, monkeypatch):  # noqa: F811
    missing = set()

    def noting(language):
        def noted(text):
            if not french(text):
                missing.add(text)
            return said(language)(text)

        return noted

    monkeypatch.setattr(room, "said", noting)
    client = desk.client()
    for page in PAGES:
        answer = client.get(page.at(**sids), headers=FRENCH_READER)
        assert '<html lang="fr">' in answer.text
    for path in ("?status=x", "?number=9", "?since=x", "/nothing"):
        client.get(ORDERS + path, headers=FRENCH_READER)
        client.get(f"/console/numbers{path}", headers=FRENCH_READER)
    desk_words = {one for one in missing if one and not re.search(r"\b[A-Z]{2}[0-9a-f]{32}\b", one)}
    assert desk_words == set()


def test_what_differs_from_case_to_case_stands_in_the_french_too():
    told = "The number is already in the hosting process under the order HR1, which is received"
    assert french(told) == "Le numéro fait déjà l’objet de la commande HR1, dont l’état est reçue"
    assert french("received -> verified") == "reçue → vérifiée"
    assert french("what a customer has written") is None
