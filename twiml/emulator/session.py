"""One leg's run of TwiML: which document, from where, and what happens when there is none."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from twiml.emulator.actions import Action, Fetch, HungUp, Instead, Say, Steps, note
from twiml.emulator.addresses import joined
from twiml.emulator.calls import Call
from twiml.emulator.document import LARGEST, BadDocument, Document, Verb, read
from twiml.emulator.fetching import Outcome, Request
from twiml.emulator.overrides import overrides_of
from twiml.emulator.timing import Timing
from twiml.emulator.verbs import HANG_UP, VERBS, Then

MOST_SILENT_DOCUMENTS = 1000
_XML_TYPES = {"text/xml", "application/xml", "text/html"}
_SORRY = "We are sorry, an application error has occurred. Goodbye."


class Session:
    """Runs the documents of one leg.

    ``warn`` keeps a notification: code, message, URL, and whether it is an error.
    """

    def __init__(
        self,
        call: Call,
        timing: Timing,
        warn: Callable[[int, str, str, bool], None],
        new_token: Callable[[], str],
    ) -> None:
        self.call = call
        self.timing = timing
        self.url: str | None = None
        self.line = 1  # of the verb that runs, in the document at ``url``
        self._warn = warn
        self._new_token = new_token
        self._failed = False
        self._silent_documents = 0

    def run(self, first: Request | Document) -> Steps:
        """Run documents from the first on, until one ends, hangs up, or the far end does."""
        then: Request | Document | None = first
        while then is not None:
            try:
                then = yield from self._one(then)
            except Instead as other:
                self.url, self._failed = None, False
                then = other.then
            except HungUp:
                return

    def request(self, url: str, method: str, more: dict[str, str]) -> Request | None:
        """Return a request from this document; relative URLs are resolved against it.

        None, with a notification, for a relative URL in a document that has no URL itself
        (Twilio error 15004). What cannot be resolved at all fails when it is fetched, with 11100.
        """
        if self.url is None and "://" not in url:
            where = f'"{url}"' if url else "no URL"
            text = f"{where}: a document given as Twiml needs absolute action URLs"
            self.warn(15004, text, error=True)
            return None
        return self.first_request(joined(self.url or "", url), method, more)

    def first_request(self, url: str, method: str, more: dict[str, str] | None = None) -> Request:
        """Return a signed request with the call's parameters and ``more``."""
        parameters = self.call.parameters()
        if more:
            parameters.update(more)
        return Request(url, method, dict(sorted(parameters.items())), token=self._new_token())

    def warn(self, code: int, message: str, *, error: bool = False) -> None:
        """Keep a notification about the current document."""
        self._warn(code, message, self.url or "", error)

    def sounded(self) -> None:
        """A verb took time: the count of documents without sound begins again."""
        self._silent_documents = 0

    def _one(self, then: Request | Document) -> Generator[Action, Any, Request | Document | None]:
        if isinstance(then, Request):
            document = yield from self.load(then)
            if document is None:
                yield from self.apologise()
            if not isinstance(document, Document):
                return document
        else:
            document = then
        for problem in document.problems:
            self.warn(problem.code, problem.message)
        return (yield from self.execute(document))

    def load(self, request: Request) -> Generator[Action, Any, Document | Request | None]:
        """Get a document; a Request is the fallback to ask instead, None that there is nothing."""
        self._silent_documents += 1
        if self._silent_documents > MOST_SILENT_DOCUMENTS:
            said = f"{MOST_SILENT_DOCUMENTS} documents in a row made no sound: the call is ended"
            text = f"Line {self.line}: {said}"
            self.warn(12400, text, error=True)
            return None
        for code, text in overrides_of(request.url).problems:
            self.warn(code, text)
        outcome: Outcome = yield Fetch(request)
        self.url = outcome.url
        try:
            document = self._understood(outcome)
        except BadDocument as error:
            return self._failure(error.code, str(error), request.url)
        name = outcome.response.name if outcome.response else ""
        yield note("document", name or outcome.url)
        return document

    def _understood(self, outcome: Outcome) -> Document:
        response = outcome.response
        if response is None or outcome.code:
            raise BadDocument(outcome.code, outcome.message)
        kind = (response.content_type or "").partition(";")[0].strip().lower()
        if not kind:
            raise BadDocument(11200, f"{outcome.url} sent no Content-Type")
        if kind in _XML_TYPES:
            return read(response.body)
        if kind == "text/plain":
            return _plain(response.body)
        if kind.startswith("audio/"):
            return Document((Verb("Play", {}, outcome.url, (), 1),), ())
        raise BadDocument(12300, f"{outcome.url} sent Content-Type {kind}: TwiML is text/xml")

    def _failure(self, code: int, message: str, url: str) -> Request | None:
        self.warn(code, message, error=True)
        placement = self.call.placement
        if placement.fallback_url and not self._failed:
            self._failed = True
            more = {"ErrorCode": str(code), "ErrorUrl": url}
            return self.first_request(placement.fallback_url, placement.fallback_method, more)
        return None

    def apologise(self) -> Generator[Action, Any, None]:
        """Say what Twilio says when it has no document (Twilio: availability page)."""
        yield Say(_SORRY, self.timing.error_message)

    def execute(self, document: Document) -> Generator[Action, Any, Request | None]:
        """Run the verbs of a document; return what takes its place, if anything does."""
        for verb in document.verbs:
            self.line = verb.line
            then: Then = yield from VERBS[verb.name](verb, self)
            if then is HANG_UP:
                return None
            if isinstance(then, Request):
                return then
        return None


def _plain(body: bytes) -> Document:
    """Plain text that is TwiML is executed, other text is spoken (Twilio: TwiML page)."""
    try:
        return read(body)
    except BadDocument:
        if len(body) > LARGEST:
            raise
        text = body.decode(errors="replace").strip()
        if not text:
            raise
        return Document((Verb("Say", {}, text, (), 1),), ())
