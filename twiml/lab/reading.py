"""From a trace to what happened: speech, listening, keys and where the call ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from twiml.emulator import Event, windows
from twiml.lab.probe import Plan, Trace
from twiml.lab.report import Ending, KeyReport, Listening, Ringing, Spoken, Verdict, Waiting
from verification.extension import WAITS

_SOUNDS = ("says", "plays")


@dataclass(frozen=True, slots=True)
class Taken:
    """A key as it was sent and taken: the events, None where there is none."""

    sent: Event | None
    outcome: Event | None


def taken(trace: Trace, plan: Plan) -> list[Taken]:
    """Return what the line made of each key of the plan."""
    events = trace.events
    found = [
        Taken(event, _outcome(events, place))
        for place, event in enumerate(events)
        if event.kind == "sends" and event.who == "caller"
    ]
    return found + [Taken(None, None)] * (len(plan.keys) - len(found))


def _outcome(events: list[Event], place: int) -> Event | None:
    following = events[place + 1] if place + 1 < len(events) else None
    return following if following is not None and following.kind in ("heard", "lost") else None


class Documents:
    """Which document was running where."""

    def __init__(self, trace: Trace) -> None:
        self._by_who: dict[str, list[Event]] = {}
        for event in trace.events:
            if event.kind == "document":
                self._by_who.setdefault(event.who, []).append(event)

    def at(self, who: str, moment: int) -> str:
        """Return the document that ran at a moment; one that begins then has not begun."""
        name = ""
        for event in self._by_who.get(who, []):
            if event.at_ms >= moment and name:
                break
            name = event.text
        return name


def spoken(trace: Trace, documents: Documents) -> tuple[Spoken, ...]:
    """Return what was said and played, each as far as it came."""
    found = []
    for place, event in enumerate(trace.events):
        if event.kind in _SOUNDS:
            end = min(_stopped(trace, place), trace.length)
            document = documents.at(event.who, event.at_ms + 1)
            found.append(
                Spoken(event.who, event.kind, event.text, event.at_ms, end, event.ms, document)
            )
    return tuple(found)


def _stopped(trace: Trace, place: int) -> int:
    began = trace.events[place]
    end = began.at_ms + began.ms
    for event in trace.events[place + 1 :]:
        if event.at_ms >= end:
            break
        if event.who == began.who and event.kind in ("heard", "hangs up"):
            return event.at_ms
    return end


def listening(trace: Trace, documents: Documents) -> tuple[Listening, ...]:
    """Return when somebody listened for keys; the caller's own listening is left out."""
    return tuple(
        Listening(
            window.who,
            window.start,
            trace.length if window.end is None else window.end,
            documents.at(window.who, window.start + 1),
        )
        for window in windows(trace.events)
        if window.who != "caller" and window.end != window.start
    )


def ringing(trace: Trace) -> tuple[Ringing, ...]:
    """Return which phones rang."""
    found = []
    for place, event in enumerate(trace.events):
        if event.kind != "rings":
            continue
        rest = (later for later in trace.events[place + 1 :] if later.who == event.who)
        stop = next((later for later in rest if later.kind in ("answers", "refuses")), None)
        number = _dialled(trace, place)
        answered = stop is not None and stop.kind == "answers"
        end = trace.length if stop is None else stop.at_ms
        found.append(Ringing(event.who, number, event.at_ms, end, answered))
    return tuple(found)


def _dialled(trace: Trace, place: int) -> str:
    """The number of the phone that rings: of as many diallings as there were, the same place."""
    rang = sum(event.kind == "rings" for event in trace.events[:place])
    dialled = [event.text for event in trace.events if event.kind == "dials"]
    return dialled[min(rang, len(dialled) - 1)]


def waits(plan: Plan, begins: int, tone: int) -> tuple[Waiting, ...]:
    """Return the waits of the string. They lie just before the key that they hold back."""
    found, keys = [], list(plan.keys)
    text, end = "", 0
    for character in plan.text:
        if character in WAITS:
            text += character
            continue
        key = keys.pop(0)
        if text:
            length = sum(WAITS[wait] for wait in text)
            start = max(end, key.onset - length)
            found.append(Waiting(text, begins + start, begins + key.onset))
        text, end = "", key.onset + tone
    if text:
        found.append(Waiting(text, begins + end, begins + plan.length))
    return tuple(found)


def key_reports(trace: Trace, plan: Plan, documents: Documents) -> tuple[KeyReport, ...]:
    """Return what became of each key."""
    heard_at: int | None = None
    found = []
    opened = listening(trace, documents)
    for key, one in zip(plan.keys, taken(trace, plan), strict=True):
        report = _key_report(key.key, key.position, one, opened, trace)
        if one.sent is not None and heard_at is not None and _gave_up(trace, heard_at, one.sent):
            why = "the entry before it had timed out"
            report = replace(report, verdict=Verdict.TIMED_OUT, why=why)
        if one.outcome is not None and one.outcome.kind == "heard":
            heard_at = one.outcome.at_ms
        document = documents.at(report.by, report.at or trace.length)
        found.append(replace(report, document=document))
    return tuple(found)


def _key_report(
    key: str, position: int, one: Taken, opened: tuple[Listening, ...], trace: Trace
) -> KeyReport:
    sent, outcome = one.sent, one.outcome
    if sent is None:
        why = "the call had ended before its turn"
        return KeyReport(key, position, None, 0, Verdict.NEVER_SENT, None, "ivr", "", why)

    def report(verdict: Verdict, off: int | None, by: str, why: str) -> KeyReport:
        return KeyReport(key, position, sent.at_ms, sent.ms, verdict, off, by, "", why)

    if outcome is None:
        return report(Verdict.NOBODY, None, "", "nobody was on the line")
    if outcome.kind == "heard":
        if _was_speaking(trace, outcome):
            return report(Verdict.STOPPED_PROMPT, None, outcome.who, "the prompt stopped for it")
        return report(Verdict.HEARD, None, outcome.who, "")
    why = outcome.text.partition(": ")[2]
    if "shorter than" in why or "telephone event" in why:
        return report(Verdict.NOT_RECOGNISED, None, outcome.who, why)
    verdict, off = _nearest(sent.at_ms, outcome.who, opened, trace)
    return report(verdict, off, outcome.who, why)


def _nearest(
    at: int, who: str, opened: tuple[Listening, ...], trace: Trace
) -> tuple[Verdict, int | None]:
    """Too early or too late: for whichever listening of the same one is nearer.

    Where a key had ended the listening, the menu behind it is what the next key was meant for: it
    cannot have come too late for the one before.
    """
    taken_at = {one.at_ms for one in trace.events if one.kind == "heard" and one.who == who}
    theirs = [one for one in opened if one.who == who]
    early = min((one.start - at for one in theirs if one.start >= at), default=-1)
    missed = (at - one.end for one in theirs if one.end <= at and one.end not in taken_at)
    late = min(missed, default=-1)
    if early < 0 and late < 0:
        return Verdict.NOBODY, None
    if early < 0 or 0 <= late < early:
        return Verdict.TOO_LATE, late
    return Verdict.TOO_EARLY, early


def _was_speaking(trace: Trace, heard: Event) -> bool:
    """Whether what its listener said last was still being said, and no key had stopped it."""
    speaking_until = 0
    for event in trace.events:
        if event is heard:
            break
        if event.who == heard.who:
            if event.kind in _SOUNDS:
                speaking_until = event.at_ms + event.ms
            elif event.kind == "heard":
                speaking_until = 0
    return heard.at_ms < speaking_until


def _gave_up(trace: Trace, since: int, sent: Event) -> bool:
    """Whether an entry that was not complete ended between two keys."""
    return any(
        event.kind == "times out" and since <= event.at_ms <= sent.at_ms for event in trace.events
    )


def ending(trace: Trace, documents: Documents) -> Ending:
    """Return where the call ended."""
    last = trace.answers[-1] if trace.answers else None
    ivrs = [event.who for event in trace.events if event.kind == "document"]
    document = documents.at(ivrs[-1], trace.length + 1) if ivrs else ""
    phone, kind = (last.number, last.kind) if last else ("", "")
    return Ending(trace.length, phone, kind, document, _how(trace))


def _how(trace: Trace) -> str:
    if trace.broken_off:
        return f"broken off: {trace.broken_off}"
    if not trace.answers:
        refused = next((event for event in trace.events if event.kind == "refuses"), None)
        return f"not answered: {refused.text if refused else 'no-answer'}"
    hung = next((event for event in reversed(trace.events) if event.kind == "hangs up"), None)
    return f"{hung.who if hung else 'the caller'} hung up"


def trouble(trace: Trace) -> tuple[str, ...]:
    """Return the warnings and errors of the documents, in order."""
    told = [f"{event.text}" for event in trace.events if event.kind in ("warning", "error")]
    if trace.broken_off:
        told.append(f"The call was broken off: {trace.broken_off}")
    return tuple(dict.fromkeys(told))
