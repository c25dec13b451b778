"""A folder of TwiML documents as an application."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest

from tests.twiml.emulator.world import THEM, World, happened, twiml
from twiml.emulator import Folder, Phone, Request


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "menu"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret.xml").write_text("secret")
    for name in ("index", "main", "main.2", "main.star", "sub/deep"):
        (root / f"{name}.xml").write_text(f"<Response><!-- {name} --></Response>")
    return Folder(root, latency=40)


def ask(folder: Folder, path: str, **parameters: str) -> tuple[int, str]:
    url = urljoin(folder.first_url, path)
    response, took = folder.fetch(Request(url, parameters=parameters))
    assert took == 40
    return response.status, response.name


@pytest.mark.parametrize(
    ("path", "digits", "name"),
    [
        ("", None, "index.xml"),
        ("main", None, "main.xml"),
        ("main.xml", None, "main.xml"),
        ("main", "2", "main.2.xml"),
        ("main.xml", "2", "main.2.xml"),
        ("main", "3", "main.xml"),
        ("main", "*", "main.star.xml"),
        ("sub/deep?x=1", None, "sub/deep.xml"),
    ],
)
def test_a_document_is_found_by_its_name_and_the_key(folder, path, digits, name):
    parameters = {} if digits is None else {"Digits": digits}
    assert ask(folder, path, **parameters) == (200, name)


@pytest.mark.parametrize(
    "path",
    ["nowhere", "/../secret", "/%2e%2e/secret.xml", "/..%2fsecret", "/sub/%2e%2e/%2e%2e/secret"],
)
def test_no_path_leads_out_of_the_folder(folder, path):
    assert ask(folder, path)[0] == 404


def test_digits_do_not_lead_out_of_the_folder_either(folder):
    assert ask(folder, "main", Digits="/../../secret") == (200, "main.xml")


def test_a_document_that_changes_is_read_again(folder, tmp_path):
    ask(folder, "main")
    (tmp_path / "menu" / "main.xml").write_text(twiml("<Say>New words, and longer.</Say>"))
    response, _ = folder.fetch(Request(urljoin(folder.first_url, "main")))
    assert b"New words" in response.body


def test_a_missing_document_is_named(tmp_path):
    root = tmp_path / "menu"
    root.mkdir()
    (root / "index.xml").write_text(twiml("<Say>Hi.</Say><Redirect>gone</Redirect>"))
    world = World({"/voice": twiml("<Pause length='20'/>")})
    url = world.phones.folder(root)
    world.phones.by_number[THEM] = Phone(THEM, "ivr", url)
    call = world.call()
    (notification,) = world.emulator.notifications
    assert notification.code == 11200
    assert "there is no gone.xml in the folder menu" in notification.message
    assert "application error" in happened(call, "says", "ivr")[-1].text
