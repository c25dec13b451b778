"""Test mode: the fictional numbers +1 NPA 555-01xx, each with the story of its whole order.

Accounts that are marked as test accounts order these numbers and nothing else; everybody else
orders everything else. The calls run on the emulator, also on a server whose other calls go through
Twilio. The last two digits choose the story; the area code is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from verification import numbers
from verification.numbers import Line, LineType, UnfitNumber
from verification.statuses import Status

EXTENSION = "wwww2wwwwww5wwwwww9"  # through the menu of the story that has one
EXAMPLE = "+120255501"  # a fictional number without its last two digits
CARRIER = "Emulated Telephone Company"
_LANDLINE = Line(LineType.LANDLINE, CARRIER)


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to an order for a number with these last two digits.

    ``line``: what the directory says. ``phone``: who answers, as a table of a phones.toml.
    ``ends``: where the order stands after its calls. ``calls``: how many it takes.
    """

    digits: str
    name: str
    told: str
    ends: Status
    calls: int = 1
    line: Line = _LANDLINE
    phone: Mapping[str, object] = field(default_factory=dict)
    extension: str | None = None


def _person(**wishes: object) -> dict[str, object]:
    return {"answers": "person", "answer_after": "2s", **wishes}


def _line(kind: LineType | None, carrier: str | None = CARRIER) -> Line:
    return Line(kind, carrier)


_S = Status

STORIES: tuple[Story, ...] = (
    Story("00", "right code", "A person consents and types the code.", _S.VERIFIED, 1, _LANDLINE,
          _person(types="code")),
    Story("01", "wrong, then right", "A person mistypes the code once.", _S.VERIFIED, 1, _LANDLINE,
          _person(types=["wrong", "code"])),
    Story("02", "three wrong codes", "A person types three wrong codes; two calls are left.",
          _S.PENDING_VERIFICATION, 1, _LANDLINE, _person(types="wrong")),
    Story("03", "voicemail", "A voicemail answers: nobody presses the key that is asked for.",
          _S.PENDING_VERIFICATION, 1, _LANDLINE, {"answers": "voicemail"}),
    Story("04", "busy", "The line is busy.", _S.PENDING_VERIFICATION, 1, _LANDLINE,
          {"answers": "busy"}),
    Story("05", "no answer", "It rings, and nobody answers.", _S.PENDING_VERIFICATION, 1, _LANDLINE,
          {"answers": "no-answer"}),
    Story("06", "menu", f"A menu answers; with Extension={EXTENSION} a person is reached.",
          _S.VERIFIED, 1, _LANDLINE, {"answers": "menu", "answer_after": "2s"}, EXTENSION),
    Story("07", "refuses", "A person presses star: he does not want it.", _S.ACTION_REQUIRED, 1,
          _LANDLINE, _person(types="refuse")),
    Story("08", "attempts used up", "A person never types a code: the third call is the last.",
          _S.ACTION_REQUIRED, 3, _LANDLINE, _person(types="nothing")),
    Story("09", "hangs up", "A person hangs up after six seconds.", _S.PENDING_VERIFICATION, 1,
          _LANDLINE, _person(hangs_up_after="6s")),
    Story("10", "fax", "A fax machine answers.", _S.PENDING_VERIFICATION, 1, _LANDLINE,
          {"answers": "fax"}),
    Story("11", "late reports", "As 00, but the carrier's reports come late, twice, in any order.",
          _S.VERIFIED, 1, _LANDLINE, _person(types="code", callbacks="late")),
    Story("12", "greeting with the code", "A voicemail whose greeting plays the tones of the code.",
          _S.PENDING_VERIFICATION, 1, _LANDLINE,
          {"answers": "voicemail", "greeting_plays": "code"}),
    Story("20", "mobile", "Not eligible: a mobile number.", _S.FAILED, 0, _line(LineType.MOBILE)),
    Story("21", "already enabled", "Not eligible: another provider routes its messages.",
          _S.FAILED, 0, _line(LineType.LANDLINE, "Example - SMS-Sybase365/MMS-SVR")),
    Story("22", "no carrier information", "Not eligible: no directory knows its line.",
          _S.FAILED, 0, _line(None, None)),
    Story("23", "other line type", "Not eligible: a line of no kind that can be hosted.",
          _S.FAILED, 0, _line(LineType.OTHER)),
    Story("24", "VoIP", "A VoIP line, where the server takes them; a person types the code.",
          _S.VERIFIED, 1, _line(LineType.VOIP), _person(types="code")),
)  # fmt: skip
_BY_DIGITS = {story.digits: story for story in STORIES}


class Directory(Protocol):
    """Who knows what kind of line a number is."""

    def look_up(self, number: str) -> Line | None: ...


def check(number: str, test: bool) -> str:
    """Give ``number`` back if an account may order or call it; ``test``: a test account.

    Raises UnfitNumber or ForeignNumber, as ``numbers.check`` does.
    """
    if not test:
        return numbers.check(number)
    numbers.check_fictional(number)
    if number[-2:] not in _BY_DIGITS:
        known = ", ".join(_BY_DIGITS)
        raise UnfitNumber(f"No test number ends in {number[-2:]}: there are {known}")
    return number


def story(number: str) -> Story | None:
    """The story of a number, None for one that has none."""
    return _BY_DIGITS.get(number[-2:]) if numbers.is_fictional(number) else None


@dataclass(frozen=True, slots=True)
class Lines:
    """A directory that knows the fictional numbers, and asks ``others`` for every other one."""

    others: Directory

    def look_up(self, number: str) -> Line | None:
        """The line's type and carrier; None if the directory cannot be asked now."""
        told = story(number)
        return told.line if told else self.others.look_up(number)
