"""The words of the ownership call, in three languages."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from twiml import script
from verification.attempts import Attempt, State
from verification.conversation import Note, Reply, Say
from verification.ordering import LANGUAGES

ATTEMPT = Attempt(
    id="a",
    subject_sid="HR",
    ordinal=1,
    account_sid="AC",
    number="+19029052034",
    state=State.LIVE,
    requested_at=1.0,
    due_at=None,
    business="Maple Street Dental",
    language="en",
    extension=None,
)


def spoken(reply, **changes):
    reply = reply if reply.keys else replace(reply, keys="7")
    document = script.document(replace(ATTEMPT, **changes), reply, lambda step: f"/keys/{step}")
    root = ElementTree.fromstring(document)
    return root, " ".join(str(say.text) for say in root.iter("Say"))


def test_there_are_words_for_every_language_an_order_can_have():
    assert set(script.LANGUAGES) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("say", [Say.ASK_CONSENT, Say.ASK_CODE, Say.GOODBYE])
@pytest.mark.parametrize("note", Note)
def test_everything_that_can_be_said_can_be_said_in_each_language(language, say, note):
    root, text = spoken(Reply(say, note, 3), language=language)
    assert "{" not in text
    locale = script.LANGUAGES[language].locale
    assert {element.get("language") for element in root.iter("Say")} <= {locale}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_person_hears_who_asks_what_for_the_key_and_how_to_refuse(language):
    _, text = spoken(Reply(Say.ASK_CONSENT, Note.NONE, 1), language=language)
    assert "Maple Street Dental" in text
    assert " 7" in text
    assert re.search(r"star|étoile|asterisco", text)


def test_two_keys_are_read_one_by_one():
    _, text = spoken(Reply(Say.ASK_CONSENT, Note.NONE, 1, "42"))
    assert "press 4 2." in text


def test_after_silence_the_purpose_is_said_again_for_whoever_has_just_picked_up():
    assert "verify" in spoken(Reply(Say.ASK_CONSENT, Note.NOT_HEARD, 2))[1]
    assert "verify" not in spoken(Reply(Say.ASK_CONSENT, Note.WRONG_KEY, 2))[1]


def test_no_code_is_ever_spoken():
    for say in Say:
        _, text = spoken(Reply(say, Note.NONE, 2))
        assert not re.search(r"\d{6}", text.replace(" ", ""))


def test_silence_is_reported_to_us_and_not_left_to_the_end_of_the_document():
    root, _ = spoken(Reply(Say.ASK_CODE, Note.NONE, 2))
    gather = root.find("Gather")
    assert gather.get("actionOnEmptyResult") == "true"
    assert gather.get("action") == "/keys/2"
