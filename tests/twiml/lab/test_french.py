"""The lab's page in French: its own words, its script's, and what the lab says of a call."""

from __future__ import annotations

import ast
import random
import re
import threading
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

import app
from tests.end_to_end.browser import browsing
from tests.twiml.lab.test_web import OWN, Desk
from twiml.emulator import voicexml
from twiml.lab import french, reasons, web
from twiml.lab.gallery.menus import MENUS
from twiml.lab.report import Verdict
from twiml.lab.unknowns import GREETINGS

TEMPLATE = (app.TEMPLATES / "lab" / "lab.html").read_text()
SCRIPT = (app.TEMPLATES / "static" / "lab.js").read_text()
SPEAKERS = (*Path(voicexml.__file__).parent.glob("*.py"), Path(reasons.__file__))
FILLED = {"where": "in <menu>", "after": "after 7"}  # where any text would not do
SAID = re.compile(r'say\("((?:[^"\\]|\\.)+)"')
# What stands in no French text but in a quotation.
ENGLISH = re.compile(
    r"\b(the|and|is|are|was|not|it|its|of|to|by|with|after|before|must|use|line|key|greeting|"
    r"allowed|call|answer|answered|gap|listens|speaks|says|heard|nobody|too)\b"
)
QUOTED = re.compile(
    r"« .*? »|`[^`]*`|“[^”]*”|'[^']*'|\"[^\"]*\"|<[^>]*>|"
    r"(?:qui peut avoir|prenez|du XML :) .*"
)
VXML = '<vxml version="2.1">{}</vxml>'
MENU = VXML.format('<menu id="m">{}<choice dtmf="7" next="#p"/></menu><form id="p"><block/></form>')
FIELD = VXML.format('<form><field name="f" type="{}"><prompt>x</prompt></field></form>')
BAD = (
    "<vxml",
    "",
    '<!DOCTYPE x><vxml version="2.1"/>',
    '<vxml version="1.0"/>',
    "<html/>",
    VXML.format(""),
    VXML.format("<script/>"),
    VXML.format("words"),
    VXML.format('<form id="a"><block/></form><form id="a"><block/></form>'),
    VXML.format("<form/>"),
    VXML.format('<form expr="1"/>'),
    VXML.format('<menu id="m"/>'),
    VXML.format('<form><block><goto next="#x"/></block></form>'),
    VXML.format('<form id="a"><block><goto next="other.vxml"/></block></form>'),
    VXML.format('<form><block><audio src="x.wav"/></block></form>'),
    VXML.format('<form><transfer name="t" dest="sip:x"/></form>'),
    VXML.format("<form><block>" + "<p>" * 12 + "</p>" * 12 + "</block></form>"),
    VXML.format('<property name="x.preset" value="acme"/><form><block/></form>'),
    VXML.format('<form><property name="x.preset" value="plum"/><block/></form>'),
    VXML.format('<menu><choice dtmf="x" next="#p"/></menu><form id="p"><block/></form>'),
    VXML.format(
        '<menu><choice dtmf="1" next="#p"/><choice dtmf="1" next="#p"/></menu>'
        '<form id="p"><block/></form>'
    ),
    VXML.format('<form><field name="f" type="number"/></form>'),
    VXML.format('<form><block><reprompt x="1"/></block></form>'),
    VXML.format("<form><block><audio>x</audio></block></form>"),
    MENU.format('<property name="termchar" value="12"/>'),
    MENU.format('<property name="fetchtimeout" value="1s"/>'),
    MENU.format('<property name="timeout" value="soon"/>'),
    MENU.format('<property name="timeout" value="1ms"/>'),
    MENU.format('<prompt bargein="maybe">x</prompt>'),
    MENU.format('<prompt count="0">x</prompt>'),
    MENU.format('<prompt><break strength="huge"/></prompt>'),
    VXML.format("<form><block><break><p/></break></block></form>"),
    VXML.format('<form><block><p x="1"/></block></form>'),
    FIELD.format("number"),
    FIELD.format("digits?width=3"),
    FIELD.format("digits?minlength=5;maxlength=2"),
)
LISTENS_TO_NONE = VXML.format("<form><block>We are closed today.</block></form>")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    made = Desk(tmp_path_factory.mktemp("lab-french"))
    with closing(made.house.store):
        yield made


@pytest.fixture
def said(monkeypatch):
    """What the page wanted to say in French, and how it came out."""
    found: dict[str, str] = {}

    def saying(language):
        assert language == "fr"

        def say(text):
            return found.setdefault(text, french.saying(language)(text))

        return say

    monkeypatch.setattr(web, "saying", saying)
    return found


@pytest.fixture
def ask(desk):
    """Sends a form of the page, as a browser that asks for French."""
    client = desk.flask.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr-CA,fr;q=0.9"
    assert client.get(desk.link()).status_code == 303
    token = client.get("/lab").text.partition('name="csrf_token" value="')[2].partition('"')[0]

    def asked(what, **fields):
        return client.post(f"/lab/{what}", data={"csrf_token": token, "menu": "", **fields})

    return asked


def sentences(file):
    """What a file raises and puts together, read off its source; what differs is filled in."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Raise(exc=ast.Call(args=[ast.Constant(value=str(text)), *_])):
                yield text
            case ast.JoinedStr(values=parts):
                text = "".join(filled(part) for part in parts)
                if len(re.findall("[a-z]{2,}", text)) > 1:
                    yield text


def filled(part):
    match part:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=name):
            return FILLED.get(ast.unparse(name), "7")


def left_in_english(said):
    return {
        text: told
        for text, told in said.items()
        if text and (not french.french(text) or ENGLISH.search(QUOTED.sub("", told)))
    }


def test_every_text_of_the_template_goes_through_the_words():
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", TEMPLATE, flags=re.DOTALL)
    seen = re.sub(r"<[^>]*>", " ", text, flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", seen)) == {"lineproof", "lab", "try", "gallery"}
    assert re.findall(r'(?:aria-label|title|placeholder|alt)="([^"{}]*\w[^"{}]*)"', text) == []
    keys = {*SAID.findall(TEMPLATE), *GREETINGS, *(menu.about for menu in MENUS)}
    assert {key for key in keys if not french.french(key)} == set()


def test_the_script_says_what_it_was_handed_and_nothing_else():
    assert set(SAID.findall(SCRIPT)) == french.SCRIPT.keys()
    strings = re.findall(r'"([^"\n]*)"|`([^`\n]*)`', SAID.sub("", SCRIPT))
    names = re.compile(r"\$\{[^}]*\}|[\w#.\[\]/%;=: -]*(?<! )")
    sentences = {one for pair in strings for one in pair if re.search(r"[a-z] [a-z]", one)}
    sentences -= {"use strict"}
    assert {one for one in sentences if not names.fullmatch(one)} == set()


def test_every_verdict_has_its_french():
    for verdict in Verdict:
        assert french.french(verdict), verdict
    assert french.french("too early by 0.077 s") == "trop tôt de 0,077 s"


def test_whatever_the_gallery_does_with_keys_is_told_in_french(ask, said):
    source = random.Random(7)  # noqa: S311  repeatable
    for menu in MENUS:
        tries = ["", menu.extension, *("".join(source.choices("wwW12590#*", k=9)) for _ in "123")]
        for extension in tries:
            assert ask("try", menu=menu.name, extension=extension).status_code == 200
    for greeting in GREETINGS:
        ask("try", menu="law-office", extension="ww8", greeting=greeting)
    assert {"too early", "heard"} <= {text.partition(" by ")[0] for text in said}
    assert left_in_english(said) == {}


def test_whatever_a_tuning_finds_is_told_in_french(ask, said):
    for fields in (
        {"menu": "dentist", "extension": "0"},
        {"menu": "dentist", "extension": "7w7"},
        {"menu": "law-office", "extension": "8"},
        {"document": LISTENS_TO_NONE, "extension": "1"},
        {"document": OWN, "extension": "7w1"},
    ):
        ask("tune", **fields)
    texts = " ".join(said)
    for sentence in ("never listens for", "no wait is right", "leads to"):
        assert sentence in texts
    assert left_in_english(said) == {}


def test_whatever_is_wrong_with_a_form_or_a_document_is_told_in_french(ask, said):
    for document in BAD:
        ask("try", document=document, extension="7")
    for fields in (
        {"menu": "zoo"},
        {"document": OWN, "extension": "w" * 129},
        {"document": OWN, "extension": "2x"},
        {"menu": "queue", "greeting": "night"},
    ):
        assert ask("try", **fields).status_code == 400
    endless = MENU.format("<prompt timeout='100ms'>" + '<break time="10ms"/>' * 100 + "</prompt>")
    ask("try", document=endless.replace("#p", "#m"), extension="7")
    for extension in ("ww", "A", "1w" * 21):
        assert ask("tune", document=OWN, extension=extension).status_code == 400
    assert left_in_english(said) == {}


def test_what_documents_are_refused_for_and_why_keys_find_no_way_has_its_french():
    """Those sentences too that no test provokes."""
    found = {text: french.saying("fr")(text) for file in SPEAKERS for text in sentences(file)}
    assert len(found) > 45
    assert left_in_english(found) == {}


def test_a_sentence_of_a_stranger_stays_as_he_wrote_it(ask, said):
    closed = LISTENS_TO_NONE.replace("We are closed today.", "never")
    answer = ask("tune", document=closed, extension="1").json
    assert "« never »" in answer["why"][0]


def test_the_page_in_french_has_no_english_in_a_browser(desk):
    server = make_server("127.0.0.1", 0, desk.flask, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with browsing(390, "fr-CA") as page:
            page.goto(f"http://127.0.0.1:{server.port}{desk.link()}")
            page.goto(f"http://127.0.0.1:{server.port}/lab?menu=utility&extension=ww1w3")
            expect(page.locator("#verdict")).to_contain_text("Non atteint : ")
            expect(page.locator("html")).to_have_attribute("lang", "fr")
            key = page.get_by_role("slider", name="Attente avant la touche 3")
            expect(key).to_have_attribute("aria-valuetext", re.compile("^0,5 secondes, "))
            expect(page.locator("#rows tr").nth(0)).to_contain_text("entendue")
            page.get_by_role("button", name="Régler").click()
            tuned = page.locator("#tuned")
            expect(tuned.get_by_role("heading")).to_have_text("Réglage")
            expect(tuned).to_contain_text("Marge la plus large : marge ")
            tuned.get_by_role("button", name="Utiliser").first.click()
            expect(page.locator("#verdict")).to_contain_text("Atteint : +12025550120 a répondu")
            page.get_by_role("button", name="Écouter").click()
            expect(page.locator("#play")).to_have_text("Pause")
            shown = page.locator("main").inner_text()
            assert not ENGLISH.search(shown), ENGLISH.search(shown)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
