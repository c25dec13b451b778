"""A VoiceXML document run as one leg of a call: prompts, barge-in, timers, transfers.

Keys are taken while a prompt with barge-in plays, and while the entry is awaited; a prompt without
barge-in takes none, and what is pressed into it is lost (VoiceXML 2.0, 4.1.5). Each key restarts
``interdigittimeout`` as long as more keys may follow; when none may, ``termtimeout`` decides.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any

from twiml.emulator.actions import (
    ANSWER,
    Action,
    Bridge,
    Key,
    Note,
    Ring,
    Say,
    Steps,
    note,
    wait,
    wait_for_key,
)
from twiml.emulator.speech import sentences
from twiml.emulator.timing import Timing
from twiml.emulator.voicexml.dialogs import (
    Ask,
    Do,
    Go,
    Hangup,
    Prompt,
    Reprompt,
    Silence,
    Speech,
    Tell,
    Transfer,
    VoiceDocument,
)

MOST_SILENT_DIALOGS = 1000
_NO_MATCH = "Sorry, that is not a valid choice."

Runs = Generator[Action, Any, "str | None"]


def run(document: VoiceDocument, answer_after: int, caller: str, timing: Timing) -> Steps:
    """Ring, answer, and run the dialogs from the first on; the end of the last one hangs up."""
    delay = document.answer_delay
    yield wait(answer_after if delay is None else delay)
    yield ANSWER
    session = _Session(timing, caller)
    name: str | None = document.first
    while name is not None:
        dialog = document.dialogs[name]
        session.silent += 1
        if session.silent > MOST_SILENT_DIALOGS:
            yield Note(
                "error",
                f"{document.name}: Line {dialog.line}: {MOST_SILENT_DIALOGS} dialogs in a row made "
                "no sound: the call is ended",
            )
            return
        yield note("document", f"{document.name}#{dialog.name}")
        name = None
        for item in dialog.items:
            then = yield from session.item(item)
            if then is not None:
                name = then or None
                break
    yield from session.farewell()


class _Session:
    """What a call remembers. A dialog's name is returned to go to, "" to hang up, None to go on."""

    def __init__(self, timing: Timing, caller: str) -> None:
        self.silent = 0
        self._timing = timing
        self._caller = caller
        self._queue: list[Prompt] = []

    def farewell(self) -> Runs:
        """Say what is still to be said when the document ends (VoiceXML 2.0, 4.1.8)."""
        yield from self._play()
        return None

    def item(self, item: Ask | Tell | Transfer) -> Runs:
        """Run one item of a dialog."""
        if isinstance(item, Ask):
            return self._ask(item)
        if isinstance(item, Tell):
            return self._do(item.does)
        return self._transfer(item)

    def _transfer(self, item: Transfer) -> Runs:
        self._queue += item.prompts
        yield from self._play()
        self.silent = 0
        rang = yield Ring((item.number,), item.timeout, self._caller)
        if rang.status == "answered":
            yield Bridge()
        return None

    def _do(self, does: Iterable[Do]) -> Runs:
        for do in does:
            if isinstance(do, Prompt):
                self._queue.append(do)
            elif isinstance(do, Go):
                return do.to
            elif isinstance(do, Hangup):
                yield from self._play()
                return ""
        return None

    def _ask(self, ask: Ask) -> Runs:
        tries = {"noinput": 0, "nomatch": 0}
        visit, prompts = 0, True
        while True:
            visit += 1
            timeout = ask.rules.timeout
            if prompts:
                for prompt in _for_visit(ask.prompts, visit):
                    self._queue.append(prompt)
                    timeout = ask.rules.timeout if prompt.timeout is None else prompt.timeout
            event, keys = yield from self._collect(ask, timeout)
            if not event:
                return (yield from self._do(ask.leads.get(keys, ask.leads.get("", ()))))
            tries[event] += 1
            does = _handler(ask, event, tries[event])
            prompts = any(isinstance(do, Reprompt) for do in does)
            then = yield from self._do(does)
            if then is not None:
                return then

    def _collect(self, ask: Ask, timeout: int) -> Generator[Action, Any, tuple[str, str]]:
        """Return the event (none for a match) and what was keyed."""
        rules, grammar = ask.rules, ask.grammar
        key = yield from self._play(keys=True)
        if key is None:
            self.silent = 0
            key = yield wait_for_key(timeout)
        if key is None:
            return "noinput", ""
        entered = ""
        while key is not None:
            fits = grammar.complete(entered + key.key) or grammar.may_go_on(entered + key.key)
            if key.key == rules.termchar and not fits:
                break
            entered += key.key
            if not fits:
                return "nomatch", entered
            more = grammar.may_go_on(entered)
            if not more and not rules.term:
                return "", entered
            key = yield wait_for_key(rules.interdigit if more else rules.term)
        if grammar.complete(entered):
            return "", entered
        if key is None:
            yield Note("times out", entered)
        return "nomatch", entered

    def _play(self, *, keys: bool = False) -> Generator[Action, Any, Key | None]:
        """Play what is queued; with ``keys`` a key stops all of it, where barge-in allows."""
        queue, self._queue = self._queue, []
        for prompt in queue:
            for part in prompt.parts:
                for action in self._part(part, keys and prompt.bargein):
                    key: Key | None = yield action
                    if key is not None:
                        return key
        return None

    def _part(self, part: Speech | Silence, keys: bool) -> Iterable[Action]:
        if isinstance(part, Silence):
            return note("waits", f"{part.ms / 1000:g} s"), wait(part.ms, keys)
        if part.ms is not None:
            return (Say(part.text, part.ms, keys, "plays"),)
        spoken = sentences(part.text, self._timing, keys=keys)
        if spoken:
            self.silent = 0
        return spoken


def _for_visit(prompts: tuple[Prompt, ...], visit: int) -> Sequence[Prompt]:
    """The prompts of a visit: those of the highest count that is not above it."""
    if len(prompts) == 1 and prompts[0].since <= visit:
        return prompts
    most = max([prompt.since for prompt in prompts if prompt.since <= visit], default=0)
    return [prompt for prompt in prompts if prompt.since == most]


def _handler(ask: Ask, event: str, tries: int) -> tuple[Do, ...]:
    """The handler of the highest count that is not above the tries; else the standard's own."""
    fitting = [one for one in ask.handlers if one.event == event and one.since <= tries]
    if fitting:
        most = max(one.since for one in fitting)
        return next(one.does for one in fitting if one.since == most)
    if event == "noinput":
        return (Reprompt(),)
    return (Prompt((Speech(_NO_MATCH),), bargein=False), Reprompt())
