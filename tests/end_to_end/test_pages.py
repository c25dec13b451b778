"""All pages in a real browser: nobody is kept out, and nothing that customers fill in gets in."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.end_to_end.browser import browsing, look
from tests.end_to_end.pages import FILES, PAGES, Visit, page_routes, world

SPANISH = {
    "owner.show": PAGES["owner.show"],
    "signer.show": lambda made: [Visit("signer-es", made.spanish_letter, signed_in=False)],
}
REFUSED = "Content Security Policy"  # what the browser says when a page does what it may not


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with world(tmp_path_factory.mktemp("pages")) as made:
        yield made


def test_every_route_that_people_open_is_in_the_list(made):
    assert page_routes(made.flask).keys() == PAGES.keys() | FILES.keys()


@pytest.mark.parametrize(
    ("language", "sizes"),
    [
        ("en-CA", ((1280, "light"), (390, "dark"))),
        ("fr-CA", ((1280, "dark"), (390, "light"))),
        ("es-MX", ((390, "dark"),)),  # of people who are no operators
    ],
)
def test_axe_finds_nothing_on_any_page_wide_or_narrow_light_or_dark(made, language, sizes):
    faults, complaints = [], []
    with browsing(1280, language) as inside, browsing(1280, language) as outside:
        for page in (inside, outside):
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda said: complaints.extend([said.text] * (REFUSED in said.text)))
        inside.goto(made.base_url + made.sign_in_path())
        chosen = PAGES if language != "es-MX" else SPANISH
        for visit in [visit for visits in chosen.values() for visit in visits(made)]:
            sizes = sizes[::-1]  # begin as the page before has ended
            page = inside if visit.signed_in else outside
            page.goto(made.base_url + visit.path)
            if visit.do:
                visit.do(page)
            for width, scheme in sizes:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                try:
                    look(page, f"{visit.name}-{width}-{language[:2]}-{scheme}")
                except AssertionError as fault:
                    faults.append(str(fault))
            language_of_page = page.locator("html").get_attribute("lang")
            if not visit.name.startswith("signer") or language == "es-MX":  # in the letter's
                assert language_of_page == language[:2], visit.name
    assert faults == [], "\n".join(faults)
    assert complaints == []


def test_the_bar_of_the_console_has_at_most_two_lines_on_a_phone_in_french(made):
    with browsing(390, "fr-CA") as page:
        page.goto(made.base_url + made.sign_in_path())
        assert page.locator("html").get_attribute("lang") == "fr"
        things = page.locator(".bar .brand, .bar nav li, .bar .who, .bar .leave button").all()
        boxes = [box for thing in things if (box := thing.bounding_box())]
        middles = sorted(box["y"] + box["height"] / 2 for box in boxes)
        lines = 1 + sum(later - sooner > 12 for sooner, later in pairwise(middles))
        assert (len(boxes) > 6, lines <= 2) == (True, True), middles
        assert max(box["x"] + box["width"] for box in boxes) <= 390 - 16 + 1


def test_every_page_can_be_used_by_keyboard(made):
    """What can be pressed can be reached by Tab, and shows that it has the focus."""
    with browsing(1280, "en") as page:
        for visit in PAGES["owner.show"](made)[:3] + PAGES["signer.show"](made)[:1]:
            page.goto(made.base_url + visit.path)
            usable = "a[href], button, input:not([type=hidden]), select, summary"
            wanted = page.evaluate(
                f"[...document.querySelectorAll('{usable}')].filter(e => e.checkVisibility())"
                ".length"
            )
            reached = set()
            for _ in range(wanted + 5):
                page.keyboard.press("Tab")
                reached.add(
                    page.evaluate(
                        f"[...document.querySelectorAll('{usable}')]"
                        ".indexOf(document.activeElement)"
                    )
                )
            assert len(reached - {-1}) == wanted, visit.name
            assert not re.search("outline: *none", page.content())
