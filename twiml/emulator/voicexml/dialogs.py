"""The dialogs of a document: what is asked, what may be keyed, and where it leads."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

KEYS = "0123456789*#"


class Speech(NamedTuple):
    """Something spoken, or the words of a recording of a known length (``ms``)."""

    text: str
    ms: int | None = None


class Silence(NamedTuple):
    """A break (ms)."""

    ms: int


class Prompt(NamedTuple):
    """A prompt; ``since`` is from which visit on it is played, ``timeout`` its own (ms)."""

    parts: tuple[Speech | Silence, ...]
    bargein: bool
    since: int = 1
    timeout: int | None = None


class Go(NamedTuple):
    """To another dialog of the document."""

    to: str


class Hangup(NamedTuple):
    """The end of the call."""


class Reprompt(NamedTuple):
    """The prompts of the item are played again."""


Do = Prompt | Go | Hangup | Reprompt


class Handler(NamedTuple):
    """What is done from the ``since``-th noinput or nomatch on."""

    event: str
    since: int
    does: tuple[Do, ...]


class Rules(NamedTuple):
    """Timers (ms) and the key that ends an entry; VoiceXML 2.0, 6.3.3."""

    timeout: int
    interdigit: int
    term: int
    termchar: str
    bargein: bool


class Grammar(NamedTuple):
    """What may be keyed: fixed strings (each leads somewhere), or so many digits."""

    strings: tuple[str, ...] = ()
    shortest: int = 0
    longest: int = 0

    def complete(self, keys: str) -> bool:
        """Whether an entry may end here."""
        if self.strings:
            return keys in self.strings
        return self.shortest <= len(keys) <= self.longest and keys.isdecimal()

    def may_go_on(self, keys: str) -> bool:
        """Whether another key may follow."""
        if self.strings:
            return keys in _beginnings(self.strings)
        return len(keys) < self.longest and (not keys or keys.isdecimal())


@lru_cache(maxsize=1024)
def _beginnings(strings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(one[:length] for one in strings for length in range(len(one)))


class Ask(NamedTuple):
    """A menu or a field. ``leads``: by what was keyed, or under ``""`` for anything."""

    prompts: tuple[Prompt, ...]
    grammar: Grammar
    leads: dict[str, tuple[Do, ...]]
    handlers: tuple[Handler, ...]
    rules: Rules


class Tell(NamedTuple):
    """A block."""

    does: tuple[Do, ...]


class Transfer(NamedTuple):
    """A call to another phone; ``timeout`` is how long it rings (ms)."""

    number: str
    prompts: tuple[Prompt, ...]
    timeout: int


class Dialog(NamedTuple):
    """A form or a menu: its items in their order."""

    name: str
    line: int
    items: tuple[Ask | Tell | Transfer, ...]


class VoiceDocument(NamedTuple):
    """A whole document; ``answer_delay`` is how long it rings (ms), if it says so."""

    name: str
    dialogs: dict[str, Dialog]
    first: str
    answer_delay: int | None
