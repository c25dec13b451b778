"""How an ownership call stands, for the person at the phone: one sentence, and the steps so far."""

from __future__ import annotations

from dataclasses import dataclass

from verification import attempts, owner_links
from verification.attempts import Attempt, Outcome, State
from verification.owner_links import Trouble
from verification.owning import Stage, View

_RINGS = frozenset({"ringing", "in-progress", "completed"})
_TROUBLES = {
    Trouble.LATE: "late",
    Trouble.STOPPED: "no-calls",
    Trouble.BUDGET: "budget",
    Trouble.REFUSED: "moved",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a call: ``state`` is done, here or ahead."""

    name: str
    state: str


def sentence(view: View) -> tuple[str, str]:
    """How it stands: the key of its text, and its tone (good, bad, or none)."""
    if view.stage is Stage.VERIFIED:
        return "verified", "good"
    if view.stage is Stage.CALLING and view.call:
        return _of_call(view.call)
    if view.stage is Stage.STOPPED:
        return _why_stopped(view)
    if view.stage in (Stage.CHECKING, Stage.PLANNED):
        return str(view.stage), ""
    if view.link.trouble:
        return _TROUBLES[view.link.trouble], "bad"
    if view.call and view.call.outcome:
        return _ending(view.call.outcome)
    return "ready", ""


def steps(view: View) -> list[Step]:
    """The steps of the call that is to come, on, or has verified the number."""
    call = view.call
    if call is None or view.stage not in (Stage.CALLING, Stage.VERIFIED):
        return []
    last = "told" if view.order.code_entry == "api" else "code"
    over = view.stage is Stage.VERIFIED
    reached = [
        ("asked", True),
        ("rings", over or call.answered_at is not None or call.carrier_status in _RINGS),
        ("answered", over or call.answered_at is not None),
        ("key", over or call.stage is attempts.Stage.CODE),
        (last, over),
    ]
    if call.state is State.LIVE and not call.challenge:  # this server asks for no key
        reached.pop(3)
    done = [name for name, is_done in reached if is_done]
    states = ["done"] * len(done) + ["here"] + ["ahead"] * len(reached)
    return [Step(name, state) for (name, _), state in zip(reached, states, strict=False)]


def _of_call(call: Attempt) -> tuple[str, str]:
    if call.state is State.LIVE:
        if call.stage is attempts.Stage.CODE:
            return ("wrong_code", "bad") if call.code_tries else ("enter", "")
        return ("wrong_key", "bad") if call.wrong_keys else ("key", "")
    if call.state is State.DIALLED and call.carrier_status in _RINGS:
        return "rings", ""
    return ("asked" if call.state is State.READY else "dialling"), ""


def _why_stopped(view: View) -> tuple[str, str]:
    if view.call and view.call.outcome is Outcome.DECLINED:
        return "declined", ""
    if view.order.verification_attempts >= attempts.ATTEMPTS:
        return "used", "bad"
    waiting = owner_links.may_have(view.order)
    return ("silent" if waiting else "stopped"), "bad"


def _ending(outcome: Outcome) -> tuple[str, str]:
    if outcome is Outcome.SPOKEN:
        return "spoken", "good"
    return ("lost-call" if outcome is Outcome.LOST else str(outcome)), "bad"
