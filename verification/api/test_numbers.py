"""Lineproof's own: the fictional numbers of the test mode, and the story that each plays."""

from __future__ import annotations

from dataclasses import dataclass

from verification import fictional
from verification.api.operation import Asked, Operation
from verification.api.shapes import Shape
from verification.fictional import EXAMPLE, Story
from verification.numbers import LineType
from verification.statuses import Status

PATH = "/lineproof/v1/test-numbers"


class TestNumber(Shape):
    """A number that test accounts order, and what becomes of the order.

    ``ending``: the last two digits, which choose the story; the area code is free. ``calls``: how
    many ownership calls it takes until the order stands at ``ends``.
    """

    ending: str
    phone_number: str
    name: str
    story: str
    line_type: LineType | None
    carrier: str | None
    extension: str | None
    calls: int
    ends: Status


class TestNumberList(Shape):
    """All of them."""

    test_numbers: tuple[TestNumber, ...]


@dataclass(frozen=True, slots=True)
class TestNumbers:
    """The operation of this file."""

    def operations(self) -> list[Operation]:
        """List them, for everybody."""
        answer = TestNumberList
        return [Operation("list", "GET", PATH, self.listed, answer=answer, public=True)]

    def listed(self, asked: Asked) -> TestNumberList:
        """The fictional numbers and their stories."""
        del asked
        return TestNumberList(test_numbers=tuple(_shape(one) for one in fictional.STORIES))


def _shape(story: Story) -> TestNumber:
    return TestNumber(
        ending=story.digits,
        phone_number=f"{EXAMPLE}{story.digits}",
        name=story.name,
        story=story.told,
        line_type=story.line.type,
        carrier=story.line.carrier,
        extension=story.extension,
        calls=story.calls,
        ends=story.ends,
    )
