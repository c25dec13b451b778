"""The elements of a VoiceXML document with their lines, and what may stand where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn
from xml.parsers import expat

LARGEST = 256 * 1024
DEEPEST = 12

_EVENT = {"prompt", "reprompt", "goto", "disconnect", "exit"}
_SPEECH = {"break", "audio", "p", "s", "emphasis", "prosody", "say-as", "voice", "sub"}
_DO = {"prompt", "goto", "disconnect", "exit"}
# Element: its attributes, and the elements that may stand in it.
SCHEMA: dict[str, tuple[set[str], set[str]]] = {
    "vxml": ({"version", "xmlns", "xml:lang", "application"}, {"property", "form", "menu", "meta"}),
    "meta": ({"name", "content"}, set()),
    "property": ({"name", "value"}, set()),
    "menu": (
        {"id", "scope", "dtmf", "accept"},
        {"property", "prompt", "choice", "noinput", "nomatch"},
    ),
    "choice": ({"dtmf", "next", "accept"}, set()),
    "form": (
        {"id", "scope"},
        {"property", "block", "field", "transfer", "noinput", "nomatch"},
    ),
    "block": ({"name"}, _DO | _SPEECH),
    "field": (
        {"name", "type", "modal"},
        {"property", "prompt", "filled", "noinput", "nomatch"},
    ),
    "filled": (set(), _DO),
    "transfer": ({"name", "dest", "bridge", "type", "connecttimeout"}, {"prompt"}),
    "noinput": ({"count"}, _EVENT),
    "nomatch": ({"count"}, _EVENT),
    "reprompt": (set(), set()),
    "goto": ({"next"}, set()),
    "disconnect": (set(), set()),
    "exit": (set(), set()),
    "prompt": ({"bargein", "bargeintype", "timeout", "count", "xml:lang"}, _SPEECH),
    "break": ({"time", "strength"}, set()),
    "audio": ({"src"}, _SPEECH),
    "p": (set(), _SPEECH),
    "s": (set(), _SPEECH),
    "emphasis": ({"level"}, _SPEECH),
    "prosody": ({"rate", "pitch", "volume", "range", "contour", "duration"}, _SPEECH),
    "say-as": ({"interpret-as", "format", "detail"}, set()),
    "voice": ({"gender", "name", "age", "variant", "xml:lang"}, _SPEECH),
    "sub": ({"alias"}, set()),
}
_TEXT = {"block", "prompt", "choice", "audio", "p", "s", "emphasis", "prosody", "say-as"}
_TEXT |= {"voice", "sub", "noinput", "nomatch", "filled"}


class BadVoiceXml(ValueError):
    """The document is none of the subset; the message names its line and what is allowed."""


class Element(NamedTuple):
    """An element; ``content`` is its texts and elements in their order."""

    name: str
    attributes: Mapping[str, str]
    line: int
    content: tuple[str | Element, ...]

    def children(self, *names: str) -> Iterator[Element]:
        """Its elements of these names."""
        for part in self.content:
            if isinstance(part, Element) and part.name in names:
                yield part

    def wrong(self, what: str) -> BadVoiceXml:
        """The error that something is wrong here."""
        return BadVoiceXml(f"Line {self.line}: {what}")

    def needed(self, name: str) -> str:
        """Return an attribute that must be there. Raises BadVoiceXml."""
        value = self.attributes.get(name, "")
        if not value:
            raise self.wrong(f'<{self.name}> needs the attribute "{name}"')
        return value


class _Open(NamedTuple):
    name: str
    attributes: dict[str, str]
    line: int
    content: list[str | Element]


def tree(body: bytes) -> Element:
    """Read a document and hold it against the schema.

    Raises BadVoiceXml: no XML, a DTD, too large, too deep, or an element or attribute that is
    not of the subset.
    """
    if len(body) > LARGEST:
        raise BadVoiceXml(f"The document has {len(body)} bytes: at most {LARGEST} are allowed")
    return _Reader().read(body)


class _Reader:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.buffer_text = True
        self._open: list[_Open] = []
        self._root: Element | None = None

    def read(self, body: bytes) -> Element:
        try:
            self._parser.Parse(body, True)
        except (expat.ExpatError, LookupError) as error:
            line = self._parser.CurrentLineNumber
            raise BadVoiceXml(f"Line {line}: the document is not XML: {error}") from error
        if self._root is None:
            raise BadVoiceXml("Line 1: the document has no element")
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) == DEEPEST:
            raise self._wrong(f"elements are nested deeper than {DEEPEST}")
        allowed = SCHEMA[self._open[-1].name][1] if self._open else {"vxml"}
        if name not in allowed:
            where = f"in <{self._open[-1].name}>" if self._open else "as the root"
            known = ", ".join(f"<{one}>" for one in sorted(allowed)) or "no element"
            raise self._wrong(f"<{name}> is not allowed {where}: it may have {known}")
        for attribute in attributes:
            if attribute not in SCHEMA[name][0] and not attribute.startswith("xmlns"):
                known = ", ".join(sorted(SCHEMA[name][0])) or "none"
                raise self._wrong(
                    f'the attribute "{attribute}" is not allowed in <{name}>: it may have {known}'
                )
        self._open.append(_Open(name, attributes, self._parser.CurrentLineNumber, []))

    def _end(self, _: str) -> None:
        done = self._open.pop()
        element = Element(done.name, done.attributes, done.line, tuple(done.content))
        if self._open:
            self._open[-1].content.append(element)
        else:
            self._root = element

    def _text(self, text: str) -> None:
        here = self._open[-1]
        if here.name in _TEXT:
            here.content.append(text)
        elif text.strip():
            raise self._wrong(f"text is not allowed in <{here.name}>: put it into a <prompt>")

    def _doctype(self, *_: object) -> NoReturn:
        raise self._wrong("a DTD is not allowed")

    def _wrong(self, what: str) -> BadVoiceXml:
        return BadVoiceXml(f"Line {self._parser.CurrentLineNumber}: {what}")
