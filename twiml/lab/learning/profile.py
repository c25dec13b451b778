"""The profile of a learnt line: a VoiceXML document of the strict subset, for `lab try` to call.

It says what was heard: how long each prompt was, how long the line then waited, which keys led on.
Whether a prompt can be interrupted was not heard; it is written as one that cannot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from twiml.emulator.voicexml.elements import BadVoiceXml, tree
from twiml.emulator.voicexml.reading import read as check
from twiml.lab.learning.levels import Learnt, Level
from verification.extension import ORDER_CHARACTERS, InvalidExtension
from verification.extension import check as check_extension

PERSON = "+12025550199"
_EXTENSION, _LEVEL, _GOES_ON = "lineproof.extension", "lineproof.level", "lineproof.goes-on"


class BadProfile(ValueError):
    """The file is no profile of `lab learn`; the message says why."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile says, for calling the line again; times as in :class:`Level`."""

    extension: str
    levels: tuple[Level, ...]
    goes_on: int


def written(learnt: Learnt) -> str:
    """Return the document of what was learnt."""
    levels = learnt.levels
    parts = [_HEAD, _meta(_EXTENSION, learnt.extension), _meta(_GOES_ON, str(learnt.goes_on))]
    for level in levels:
        content = f"{level.keys} {level.prompt} {level.silent} {level.pressed}"
        parts.append(_meta(_LEVEL, content))
    parts.append('  <property name="x.answer.delay" value="2s"/>')
    parts += [_menu(place, level, len(levels)) for place, level in enumerate(levels, 1)]
    return "\n".join([*parts, _FOOT])


def read(path: Path) -> Profile:
    """Read a profile. Raises BadProfile, or OSError where it cannot be opened."""
    body = path.read_bytes()
    try:
        check(body, path.name, path.parent)
        metas = list(tree(body).children("meta"))
        found = [(one.needed("name"), one.needed("content")) for one in metas]
        levels = tuple(_level(content) for name, content in found if name == _LEVEL)
        by_name = dict(found)
        extension = check_extension(by_name[_EXTENSION], ORDER_CHARACTERS)
        goes_on = int(by_name[_GOES_ON])
    except BadVoiceXml as error:
        raise BadProfile(str(error)) from None
    except (KeyError, ValueError, InvalidExtension):
        levels = ()
    if not levels:
        raise BadProfile("it has no lineproof.extension and lineproof.level: write it by lab learn")
    return Profile(extension, levels, goes_on)


def _level(content: str) -> Level:
    keys, *times = content.split()
    prompt, silent, pressed = map(int, times)
    return Level(keys, prompt, silent, pressed)


def _meta(name: str, content: str) -> str:
    return f"  <meta name={quoteattr(name)} content={quoteattr(content)}/>"


def _menu(place: int, level: Level, levels: int) -> str:
    following = f"level{place + 1}" if place < levels else "person"
    return f"""
  <menu id="level{place}">
    <property name="timeout" value="{max(level.silent, 100)}ms"/>
    <prompt bargein="false"><break time="{max(level.prompt, 0)}ms"/></prompt>
    <choice dtmf={quoteattr(level.keys)} next="#{following}"/>
    <noinput count="2"><disconnect/></noinput>
  </menu>"""


def keys_of(levels: Sequence[Level]) -> str:
    """The keys as they are given to `lab learn`: ``2,5,9``."""
    return ",".join(level.keys for level in levels)


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <!-- Learnt by calls to the line (lineproof lab learn). Each prompt is as long as it was heard,
       and is taken to be one that no key interrupts; each level waits as long as it was heard to.
       The meta elements are what lineproof lab recheck compares: keys, then in ms since the key
       before when the prompt ended, how long the line was silent, when they were pressed. -->"""
_FOOT = f"""
  <form id="person"><transfer name="person" dest="tel:{PERSON}"/></form>
</vxml>
"""
