"""Who answers the fictional numbers of test mode, and the carrier that calls them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from twiml.carrier import TwilioCarrier
from twiml.emulator import Phone, Phones
from twiml.emulator.phones import DEMO_IVR
from verification import fictional, numbers
from verification.calling import Answer, CarrierCall
from verification.fictional import Story
from verification.numbers import Line, LineType

_ANYBODY = "+12025550100"  # stands in until a number is called
_LINE_TYPES = {LineType.LANDLINE: "landline", LineType.MOBILE: "mobile", LineType.VOIP: "voip"}
_TYPES_OF_LINES = {word: line_type for line_type, word in _LINE_TYPES.items()}


def install(phones: Phones) -> Phones:
    """Let ``phones`` answer every fictional number that has a story and is not listed."""
    by_digits = {story.digits: _phone(phones, story) for story in fictional.STORIES}

    def find(number: str) -> Phone | None:
        story = fictional.story(number)
        return replace(by_digits[story.digits], number=number) if story else None

    phones.others = find
    return phones


def _phone(phones: Phones, story: Story) -> Phone:
    table = dict(story.phone)
    if table.get("answers") == "menu":
        table["answers"] = str(DEMO_IVR)
    if story.line.type in _LINE_TYPES:
        table["line_type"] = _LINE_TYPES[story.line.type]
    if story.line.carrier:
        table["carrier"] = story.line.carrier
    return phones.phone(_ANYBODY, table)


@dataclass(frozen=True, slots=True)
class Listed:
    """The directory of a process that has no emulator of its own: what its phones would say."""

    phones: Phones

    def look_up(self, number: str) -> Line | None:
        """The line's type and carrier, as the emulator's Lookup answers."""
        phone = self.phones.find(number)
        return Line(_TYPES_OF_LINES.get(phone.line_type or ""), phone.carrier)


@dataclass(frozen=True, slots=True)
class Routed:
    """Calls to fictional numbers on the emulator, all others through the ``live`` carrier."""

    live: TwilioCarrier
    emulated: TwilioCarrier

    def place(self, attempt_id: str, number: str, limit_seconds: int) -> Answer:
        """Ask for a call, once."""
        return self._carrier(number).place(attempt_id, number, limit_seconds)

    def calls_to(self, number: str, since: float) -> list[CarrierCall] | None:
        """The calls to a number since a time; None if the carrier cannot be asked now."""
        return self._carrier(number).calls_to(number, since)

    def call(self, call_sid: str, number: str) -> CarrierCall | None:
        """One call; None if the carrier cannot be asked now."""
        return self._carrier(number).call(call_sid, number)

    def end(self, call_sid: str, number: str) -> bool:
        """Hang up; True once there is nothing left to hang up."""
        return self._carrier(number).end(call_sid, number)

    def look_up(self, number: str) -> Line | None:
        """What the live directory knows of a line."""
        return self.live.look_up(number)

    def _carrier(self, number: str) -> TwilioCarrier:
        return self.emulated if numbers.is_fictional(number) else self.live
