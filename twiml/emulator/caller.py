"""The caller's leg: dial, wait for the answer, send digits, detect machines, run the document."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from twiml.emulator.actions import ANSWER, Action, Instead, Note, Rang, Refuse, Ring, Steps, wait
from twiml.emulator.document import Document, read
from twiml.emulator.fetching import Request
from twiml.emulator.placing import Detection
from twiml.emulator.session import Session
from twiml.emulator.timing import Timing
from twiml.emulator.verbs.play import send


class Verdict(NamedTuple):
    """What machine detection says, and how long after the answer (ms)."""

    answered_by: str
    after: int


def verdict(detection: Detection, rang: Rang, timing: Timing) -> Verdict:
    """Return what detection will say of the one who answered (Twilio: AMD page and FAQ)."""
    found = _verdict(detection, rang, timing)
    if found.after > detection.timeout:
        return Verdict("unknown", detection.timeout)
    return found


def _verdict(detection: Detection, rang: Rang, timing: Timing) -> Verdict:
    to_the_end = detection.mode == "DetectMessageEnd"
    if rang.kind == "fax":
        return Verdict("fax", timing.amd_human)
    if rang.greeting == 0 and rang.kind == "person":
        return Verdict("unknown", detection.silence)
    if rang.kind == "person":
        return Verdict("human", timing.amd_human)
    if not to_the_end:
        return Verdict("machine_start", timing.amd_machine)
    if rang.kind == "voicemail":
        return Verdict("machine_end_beep", max(rang.greeting, timing.amd_machine))
    return Verdict("machine_end_other", max(rang.greeting, timing.amd_machine))


def outbound(session: Session, detected: Callable[[Verdict], None]) -> Steps:
    """Run a call that was placed through the REST API.

    Digits are sent before the document is asked for (CFA's finding: what is said meanwhile is
    heard by nobody); so is synchronous machine detection awaited. ``detected`` is told what an
    asynchronous detection will say.
    """
    call = session.call
    placement = call.placement
    rang: Rang = yield Ring((call.to,), placement.timeout, call.from_, main=True)
    if rang.status != "answered":
        yield Refuse(rang.status)
        return
    try:
        yield from _before_the_document(session, rang, detected)
    except Instead as other:
        yield from session.run(other.then)
        return
    placement = call.placement
    if placement.twiml is not None:
        yield from session.run(read(placement.twiml.encode()))
    elif placement.url is not None:
        yield from session.run(session.first_request(placement.url, placement.method))


def _before_the_document(
    session: Session, rang: Rang, detected: Callable[[Verdict], None]
) -> Generator[Action, Any, None]:
    placement, timing = session.call.placement, session.timing
    if placement.send_digits:
        yield from send(placement.send_digits, timing)
    detection = placement.detection
    if detection is not None:
        found = verdict(detection, rang, timing)
        if detection.asynchronous:
            detected(found)
        else:
            yield wait(found.after)
            session.call.answered_by = found.answered_by
            yield Note("detects", found.answered_by)
    if placement.twiml is None:
        yield wait(timing.latency)


def inbound(session: Session, url: str, answer_after: int, now: Callable[[], int]) -> Steps:
    """Run a TwiML application that is called.

    It is asked while its phone rings, and the phone is answered ``answer_after`` ms after the
    first ring, unless its first verb is Reject; a Pause there delays the answer (Twilio: Pause
    and Reject pages).
    """
    began = now()
    first = session.first_request(url, "POST")
    document: Request | Document | None = yield from session.load(first)
    if isinstance(document, Document):
        document = yield from _before_the_answer(session, document)
    yield wait(max(0, began + answer_after - now()))
    yield ANSWER
    if document is None:
        yield from session.apologise()
    else:
        yield from session.run(document)


def _before_the_answer(session: Session, document: Document) -> Generator[Action, Any, Document]:
    first = document.verbs[0].name if document.verbs else ""
    if first == "Reject" or first == "Pause":
        yield from session.execute(document._replace(verbs=document.verbs[:1]))
        return document._replace(verbs=document.verbs[1:])
    return document
