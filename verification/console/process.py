"""An order's way as a picture: the stages of the FAQ, where it stands, who must act."""

from __future__ import annotations

from dataclasses import dataclass

from verification.attempts import Attempt, Outcome, State
from verification.conversation import Note, Say
from verification.orders import Order
from verification.overview import Said
from verification.statuses import Status

STAGES = ("Order", "Ownership call", "Letter", "Registration", "In use")
_AT = {
    Status.TWILIO_PROCESSING: 0,
    Status.RECEIVED: 1,
    Status.PENDING_VERIFICATION: 1,
    Status.VERIFIED: 2,
    Status.PENDING_LOA: 2,
    Status.CARRIER_PROCESSING: 3,
    Status.TESTING: 3,
    Status.COMPLETED: 5,
}
WHO = {
    Status.TWILIO_PROCESSING: "Lineproof checks the line",
    Status.RECEIVED: "The customer or an operator asks for the call",
    Status.PENDING_VERIFICATION: "The owner of the number answers the call",
    Status.VERIFIED: "The customer makes the letter of authorization",
    Status.PENDING_LOA: "The signer signs the letter",
    Status.CARRIER_PROCESSING: "The carrier registers the number",
    Status.TESTING: "Lineproof tests the messages",
    Status.COMPLETED: "Nobody: the number is in use",
    Status.ACTION_REQUIRED: "An operator clears the reason and resumes the order",
    Status.FAILED: "The customer orders anew when the reason no longer holds",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: ``state`` is done, here, trouble or ahead."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a call's timeline; ``at`` None: its time was not written down."""

    at: float | None
    what: str
    tone: str = ""


def stages(order: Order) -> list[Stage]:
    """The five stages as they stand."""
    trouble = order.status in (Status.ACTION_REQUIRED, Status.FAILED)
    at = _AT.get(order.status, 0)
    if trouble:
        if order.verified_at:
            at = 2
        elif order.verification_attempts or order.status is Status.ACTION_REQUIRED:
            at = 1
    states = ["done"] * at + ["trouble" if trouble else "here"] + ["ahead"] * len(STAGES)
    return [Stage(name, state) for name, state in zip(STAGES, states, strict=False)]


_SAID = {
    Say.ASK_CONSENT: "The call asked for the consent key",
    Say.ASK_CODE: "The call asked for the code",
    Say.SPEAK_CODE: "The call spoke the code",
    Say.GOODBYE: "The call said goodbye",
    Say.HANG_UP: "The call was hung up",
}
_HEARD = {
    Note.NOT_HEARD: "No key was heard",
    Note.WRONG_KEY: "A wrong key was heard",
    Note.WRONG_CODE: "A wrong code was heard",
    Note.VERIFIED: "The right code was heard",
    Note.DECLINED: "The person declined",
    Note.FAILED: "The code was wrong too often",
    Note.EXPIRED: "The code had expired",
}
_STATES = {
    State.READY: "Waits for its turn",
    State.DIALLING: "The carrier is being asked",
    State.UNKNOWN: "The carrier’s answer was unclear",
    State.DIALLED: "Placed",
    State.LIVE: "Answered, and talking",
}
_REPORTS = {"queued": "The call is queued", "initiated": "The call is set up",
            "ringing": "The phone rings"}  # fmt: skip
VERDICTS = {
    Outcome.VERIFIED: "Verified",
    Outcome.SPOKEN: "The code was spoken",
    Outcome.DECLINED: "Declined",
    Outcome.WRONG_CODE: "Wrong code too often",
    Outcome.NO_CODE: "No code was entered",
    Outcome.EXPIRED: "The code expired",
    Outcome.VOICEMAIL: "Voicemail or a menu",
    Outcome.HUNG_UP: "Hung up",
    Outcome.BUSY: "Busy",
    Outcome.NO_ANSWER: "No answer",
    Outcome.FAILED: "The call failed",
    Outcome.CANCELED: "Canceled",
    Outcome.REFUSED: "The carrier refused",
    Outcome.BLOCKED: "May not be called",
    Outcome.LOST: "Not placed",
}


def verdict(attempt: Attempt) -> str:
    """How a call stands, or how it ended."""
    return VERDICTS[attempt.outcome] if attempt.outcome else _STATES.get(attempt.state, "Ended")


def timeline(attempt: Attempt, steps: list[Said]) -> list[Moment]:
    """What happened in a call: asked, placed, rang, answered, each step, verdict."""
    told = [Moment(attempt.requested_at, "The call was asked for")]
    if attempt.dialled_at:
        told.append(Moment(attempt.dialled_at, "The carrier was asked"))
    report = _REPORTS.get(attempt.carrier_status or "")
    if attempt.rang_at:
        told.append(Moment(_before_answer(attempt), "The phone rang"))
    elif report and not attempt.answered_at:
        told.append(Moment(None, report))
    if attempt.answered_at:
        told.append(Moment(attempt.answered_at, "The call was answered"))
    if attempt.machine:
        told.append(Moment(None, "The carrier took the answer for a machine’s"))
    if attempt.extension and steps:
        told.append(Moment(None, "The keys of the extension were sent"))
    for step in steps:
        told += _told(step)
    if attempt.outcome:
        tone = "good" if attempt.outcome is Outcome.VERIFIED else "bad"
        at = attempt.finished_at or (steps[-1].at if steps else None)
        told.append(Moment(at, VERDICTS[attempt.outcome], tone))
    return told


def _told(step: Said) -> list[Moment]:
    """What was heard, and what the call said to it, at one time."""
    reply, told = step.reply, []
    if reply.note is not Note.NONE:
        tone = "good" if reply.note is Note.VERIFIED else "bad"
        told.append(Moment(step.at, _HEARD[reply.note], tone))
    elif reply.say is Say.ASK_CODE and reply.step > 1:
        told.append(Moment(step.at, "The consent key was heard", "good"))
    if reply.say is not Say.GOODBYE:
        told.append(Moment(step.at, _SAID[reply.say]))
    return told


def _before_answer(attempt: Attempt) -> float | None:
    """When it rang; a report that came after the answer has no time that could be believed."""
    late = attempt.answered_at and attempt.rang_at and attempt.rang_at > attempt.answered_at
    return None if late else attempt.rang_at
