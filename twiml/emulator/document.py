"""TwiML, read and checked: which verbs, which attributes, which of Twilio's error numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, NoReturn
from xml.parsers import expat

LARGEST = 64 * 1024
LARGEST_INLINE = 4000
DEEPEST = 16


class Verb(NamedTuple):
    """One element of a document; ``line`` is where it stands in the text, from 1."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple[Verb, ...]
    line: int


class Problem(NamedTuple):
    """Something Twilio warns of; the document goes on."""

    code: int
    message: str


class Document(NamedTuple):
    """A readable document: its verbs that may be executed, and what was wrong with the rest."""

    verbs: tuple[Verb, ...]
    problems: tuple[Problem, ...]


class BadDocument(Exception):
    """The document cannot be executed; ``code`` is Twilio's error number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


# Names as Twilio's TwiML pages and its SDK know them. What is known but not emulated says so.
_NESTED_IN_GATHER = {"Say", "Play", "Pause"}
_SCHEMA: dict[str, set[str]] = {
    "Say": {"voice", "language", "loop"},
    "Play": {"loop", "digits"},
    "Pause": {"length"},
    "Gather": {
        *("input", "action", "method", "timeout", "finishOnKey", "numDigits"),
        *("actionOnEmptyResult", "speechTimeout", "maxSpeechTime", "speechModel", "enhanced"),
        *("profanityFilter", "hints", "language", "partialResultCallback"),
        *("partialResultCallbackMethod", "bargeIn", "debug"),
    },
    "Dial": {
        *("action", "method", "timeout", "hangupOnStar", "timeLimit", "callerId", "record"),
        *("trim", "answerOnBridge", "ringTone", "recordingStatusCallback", "sequential"),
        *("recordingStatusCallbackMethod", "recordingStatusCallbackEvent", "recordingTrack"),
        *("referUrl", "referMethod", "events"),
    },
    "Number": {
        *("sendDigits", "url", "method", "statusCallback", "statusCallbackMethod"),
        *("statusCallbackEvent", "byoc", "machineDetection", "amdStatusCallback"),
        *("amdStatusCallbackMethod", "machineDetectionTimeout"),
    },
    "Redirect": {"method"},
    "Hangup": set(),
    "Reject": {"reason"},
    "Record": {
        *("action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim"),
        *("recordingStatusCallback", "recordingStatusCallbackMethod", "transcribe"),
        *("recordingStatusCallbackEvent", "transcribeCallback"),
    },
}
_ALLOWED_CHILDREN = {"Gather": _NESTED_IN_GATHER, "Dial": {"Number"}}
_TOP = {name for name in _SCHEMA if name != "Number"}
_SPEECH_MARKUP = {
    *("break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"),
    *("amazon:effect", "amazon:domain"),
}


@lru_cache(maxsize=512)
def read(body: bytes) -> Document:
    """Read and check a document.

    Raises BadDocument: 11750 above 64 kB, 11770 empty, 12100 not XML (also text before the
    declaration, a DTD, entities, or nesting deeper than DEEPEST), 12102 root not Response.
    Unknown names and bad nesting are problems (12200, 13320), not errors (Twilio: TwiML page).
    """
    if len(body) > LARGEST:
        raise BadDocument(11750, f"The document has {len(body)} bytes: at most 64 kB are allowed")
    if not body.strip():
        raise BadDocument(11770, "The answer is empty: a TwiML document was expected")
    root = _Reader().read(body)
    if root.name != "Response":
        raise BadDocument(
            12102, f"Line {root.line}: the root element is <{root.name}>, not <Response>"
        )
    problems: list[Problem] = []
    verbs = _checked(root, _TOP, problems)
    return Document(verbs, tuple(problems))


class _Reader:
    """Builds the tree of elements from expat's events, with their lines."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._open: list[tuple[str, dict[str, str], int, list[str], list[Verb]]] = []
        self._root: Verb | None = None
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.buffer_text = True

    def read(self, body: bytes) -> Verb:
        try:
            self._parser.Parse(body, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise BadDocument(12100, f"The document is not XML: {error}") from error
        if self._root is None:
            raise BadDocument(12100, "The document has no element")
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) == DEEPEST:
            raise BadDocument(
                12100, f"Line {self._line()}: elements are nested deeper than {DEEPEST}"
            )
        self._open.append((name, attributes, self._line(), [], []))

    def _end(self, _: str) -> None:
        name, attributes, line, text, children = self._open.pop()
        verb = Verb(name, attributes, "".join(text).strip(), tuple(children), line)
        if self._open:
            parent = self._open[-1]
            parent[4].append(verb)
            if name in _SPEECH_MARKUP:
                parent[3].append(verb.text)
        else:
            self._root = verb

    def _characters(self, text: str) -> None:
        self._open[-1][3].append(text)

    def _doctype(self, *_: object) -> NoReturn:
        raise BadDocument(12100, f"Line {self._line()}: a DTD is not allowed in TwiML")

    def _line(self) -> int:
        return self._parser.CurrentLineNumber


def _checked(parent: Verb, allowed: set[str], problems: list[Problem]) -> tuple[Verb, ...]:
    verbs = []
    for verb in parent.children:
        if verb.name not in allowed:
            problems.append(_not_allowed(verb, parent, allowed))
            continue
        _check_attributes(verb, problems)
        children = verb.children
        if verb.name != "Say":
            children = _checked(verb, _ALLOWED_CHILDREN.get(verb.name, set()), problems)
        verbs.append(verb._replace(children=children))
    return tuple(verbs)


def _not_allowed(verb: Verb, parent: Verb, allowed: set[str]) -> Problem:
    place = f"Line {verb.line}: <{verb.name}> in <{parent.name}>"
    if parent.name == "Gather":
        return Problem(13320, f"{place} is skipped: a Gather takes Say, Play and Pause")
    meant = next((name for name in allowed if name.lower() == verb.name.lower()), None)
    if meant:
        return Problem(12200, f"{place} is skipped: the verb is written <{meant}>")
    return Problem(12200, f"{place} is skipped: it is unknown here or not emulated")


def _check_attributes(verb: Verb, problems: list[Problem]) -> None:
    for name in verb.attributes:
        if name not in _SCHEMA[verb.name]:
            text = f'Line {verb.line}: attribute "{name}" of <{verb.name}> is unknown and ignored'
            problems.append(Problem(12200, text))
