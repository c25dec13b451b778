"""The lab's page, over requests and in a real browser."""

from __future__ import annotations

import io
import threading
import time
import wave
from contextlib import closing

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

import app
from tests.conftest import LANDLINE
from tests.end_to_end.browser import chromium
from verification import operators, settings
from verification.operators import Role

OWN = """<vxml version="2.1"><menu id="m"><prompt>For us, press 7.</prompt>
<choice dtmf="7" next="#p"/></menu>
<form id="p"><transfer name="t" dest="tel:+12025550199"/></form></vxml>"""

# It plays before the browser knows how long it will.
LENGTH_ONCE_KNOWN = """new Promise((told) => {
  const sound = document.getElementById("sound");
  if (sound.duration) told(sound.duration);
  sound.addEventListener("loadedmetadata", () => told(sound.duration));
})"""


class Directory:
    """Knows every number."""

    def look_up(self, number):
        return LANDLINE


class Desk:
    """A server with the console, and links that open it."""

    def __init__(self, folder):
        chosen = settings.load({"DATABASE_URL": f"sqlite:///{folder}/lab.db"})
        self.house = app.open_house(chosen, "http://localhost")
        self.flask = app.create_app(self.house, Directory())
        self._made = 0

    def link(self):
        name = f"viewer-{self._made}"
        self._made += 1
        with self.house.store.write() as tx:
            operators.create(tx, name, Role.VIEWER, time.time())
            link = operators.new_link(tx, self.house.keyring, name, time.time())
        return f"/console/sign-in/{link}"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    made = Desk(tmp_path_factory.mktemp("lab"))
    with closing(made.house.store):
        yield made


@pytest.fixture
def client(desk):
    found = desk.flask.test_client()
    assert found.get(desk.link()).status_code == 303
    return found


@pytest.fixture
def ask(client):
    """Sends a form of the page."""
    page = client.get("/lab").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def asked(what, **fields):
        return client.post(f"/lab/{what}", data={"csrf_token": token, "menu": "dentist", **fields})

    return asked


def test_whoever_is_not_signed_in_gets_nothing(desk):
    stranger = desk.flask.test_client()
    for answer in (
        stranger.get("/lab"),
        stranger.post("/lab/try", data={"menu": "dentist", "extension": "ww0"}),
    ):
        assert answer.status_code == 401


def test_a_form_of_another_page_is_refused(client):
    assert client.post("/lab/try", data={"menu": "dentist", "extension": "0"}).status_code == 403


def test_an_extension_is_tried_with_its_margins_and_its_picture(ask):
    found = ask("try", extension="ww0").json
    assert found["reached"]
    assert found["svg"].startswith("<svg")
    assert found["keys"][0]["margin"] == ["1.000 s+", "30.000 s+"]
    assert 0 < found["keys"][0]["left"] < 1


def test_a_tune_is_over_all_greetings_of_the_line(ask):
    assert "greeting day or night" in ask("tune", menu="dentist", extension="ww0").json["over"]


def test_the_call_is_heard_as_a_wav(ask):
    with wave.open(io.BytesIO(ask("sound", extension="ww0").data)) as sound:
        assert sound.getframerate() == 8000
        assert sound.getnframes() > 8000


def test_a_tune_gives_the_widest_and_the_shortest(ask):
    found = ask("tune", extension="ww0").json
    assert found["works"]
    assert found["shortest"]["extension"] == "ww0"
    assert found["widest"]["reached"] == found["widest"]["runs"]


def test_a_pasted_document_is_a_line(ask):
    assert ask("try", menu="", document=OWN, extension="ww7").json["reached"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"menu": "http://127.0.0.1/"}, "is not in the gallery"),
        ({"menu": "/etc"}, "is not in the gallery"),
        ({"menu": "../gallery"}, "is not in the gallery"),
        ({"document": "<vxml"}, "Line 1"),
        ({"document": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><vxml version="2.1"/>'}, "Line 1"),
        ({"extension": "w" * 129}, "more than 128 characters"),
        ({"extension": "2x"}, "position 2"),
        ({"greeting": "holiday"}, "no greeting 'holiday'"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_fetched_or_opened(ask, fields, said):
    answer = ask("try", **{"extension": "ww0", **fields})
    assert answer.status_code == 400
    assert said in answer.json["wrong"]


def test_a_recording_that_a_pasted_document_names_is_not_opened(ask):
    one = OWN.replace("For us", '<audio src="/etc/passwd">some words</audio>For us')
    other = OWN.replace("For us", '<audio src="no-such.wav">some words</audio>For us')
    said = [ask("try", menu="", document=each, extension="ww7").json for each in (one, other)]
    assert said[0]["keys"] == said[1]["keys"]


def test_a_line_that_never_ends_is_not_called_again_and_again(ask):
    breaks = '<break time="10ms"/>' * 100
    endless = (
        f'<vxml version="2.1"><menu id="a"><prompt timeout="100ms">{breaks}</prompt>'
        '<choice dtmf="1" next="#a"/></menu></vxml>'
    )
    answer = ask("tune", menu="", document=endless, extension="1")
    assert answer.status_code == 400
    assert "does more than can be shown" in answer.json["wrong"]


# In a browser


@pytest.fixture(scope="module")
def address(desk):
    server = make_server("127.0.0.1", 0, desk.flask, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(desk, address):
    """The lab's page of somebody who is signed in; it must not have complained at the end."""
    page = chromium().new_page(viewport={"width": 1280, "height": 900})
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    refused = "Content Security Policy"
    page.on("console", lambda said: complaints.extend([said.text] * (refused in said.text)))
    page.goto(address + desk.link())
    page.goto(f"{address}/lab?menu=utility&extension=ww1w3")
    expect(page.locator("#verdict")).not_to_be_empty()
    yield page
    assert complaints == []
    page.close()


def test_a_lost_key_is_moved_by_keyboard_until_it_is_heard(page):
    expect(page.locator("#verdict")).to_contain_text("Not reached")
    key = page.get_by_role("slider", name="Wait before key 3")
    key.focus()
    for waits in range(2, 8):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#extension")).to_have_value("ww1" + "w" * waits + "3")
        expect(key).to_have_attribute("aria-valuenow", str(waits))
    expect(page.locator("#verdict")).to_contain_text("Reached: +12025550120 answered")
    expect(key).to_be_focused()
    expect(page.locator("#rows tr")).to_have_count(2)


def test_a_key_is_dragged_along_the_timeline(page):
    key = page.get_by_role("slider", name="Wait before key 3")
    key.scroll_into_view_if_needed()
    box = key.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)
    page.mouse.move(x + 200, y, steps=4)
    page.mouse.up()
    expect(page.locator("#verdict")).to_contain_text("Reached")
    assert len(page.locator("#extension").input_value()) > len("ww1www3")


def test_an_extension_is_typed_and_heard_at_once(page):
    page.fill("#extension", "ww1WWW3")
    expect(page.locator("#verdict")).to_contain_text("Reached")
    page.click("#play")
    expect(page.locator("#sound")).to_be_visible()
    expect(page.locator("#now")).to_be_visible()
    assert page.evaluate(LENGTH_ONCE_KNOWN) > 5
    expect(page.locator("#play")).to_have_text("Pause")


def test_a_tuned_extension_is_taken_over(page):
    page.click("#tune")
    page.locator("#tuned").get_by_role("button", name="Use this").first.click()
    expect(page.locator("#verdict")).to_contain_text("Reached")
    assert page.locator("#extension").input_value() != "ww1w3"


def test_a_document_is_pasted(page):
    page.select_option("#menu", "")
    page.fill("#document", OWN)
    page.fill("#extension", "ww7")
    expect(page.locator("#verdict")).to_contain_text("Reached: +12025550199")
    page.fill("#extension", "wq")
    expect(page.locator("#verdict")).to_contain_text("position 2")


def test_a_file_that_is_too_long_is_called_that(page):
    page.select_option("#menu", "")
    long = {"name": "x.vxml", "mimeType": "text/xml", "buffer": b" " * 70_000 + OWN.encode()}
    page.set_input_files("#file", files=long)
    expect(page.locator("#verdict")).to_contain_text("too long for this page")


def test_the_page_fits_a_telephone(page):
    page.set_viewport_size({"width": 390, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    page.select_option("#menu", "bank")  # what is odd about it is wider than the list can be
    about = page.get_by_text("a warning nobody can skip, then an account number and #", exact=True)
    expect(about).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(about).to_be_hidden()
