"""The picture of the house and what docs/design.md says of it."""

import re

from tests.house import PICTURE, PLACES, arrows, drawn
from tests.test_laws import ROOT

PAGE = ROOT / "docs" / "design.md"


def test_every_part_has_its_place_and_every_arrow_is_an_import():
    edges = arrows()
    assert {name for edge in edges for name in edge} == set(PLACES), "give the new part a place"
    assert PICTURE.read_text("utf-8") == drawn(edges), "run python -m tests.house"


def test_every_file_that_the_page_names_is_there():
    named = re.findall(
        r"`((?:app|verification|twiml|tests|templates|deploy)[\w/.*-]*)`", PAGE.read_text("utf-8")
    )
    assert named
    assert not [name for name in named if not list(ROOT.glob(name))]
