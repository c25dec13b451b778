"""A first model of a menu, from nothing but the keys that lead through it."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from verification.extension import PHONE_KEYS

PERSON = "+12025550199"
MOST_LEVELS = 20
LONGEST_CHOICE = 8


def first_model(keys: list[str]) -> str:
    """Return a VoiceXML document with a level for each choice of ``keys``, such as 2, 5, 9.

    Raises ValueError for no choice, too many, or one that is no key of a telephone.
    """
    if not 0 < len(keys) <= MOST_LEVELS:
        raise ValueError(f"{len(keys)} levels: 1 to {MOST_LEVELS} are allowed, such as 2,5,9")
    for choice in keys:
        if not choice or set(choice) - set(PHONE_KEYS) or len(choice) > LONGEST_CHOICE:
            raise ValueError(f"{choice!r} is no choice: write keys 0-9, * and #, such as 2,5,9")
    levels = [_level(place, choice, len(keys)) for place, choice in enumerate(keys, 1)]
    return "\n".join([_HEAD, *levels, _FOOT])


def _level(place: int, choice: str, levels: int) -> str:
    name, following = f"level{place}", f"level{place + 1}" if place < levels else "person"
    # Most lines speak their first greeting through, and take keys in the menus behind it.
    bargein = "false" if place == 1 else "true"
    return f"""
  <menu id="{name}">
    <prompt bargein="{bargein}"><break time="{2000 if place == 1 else 2500}ms"/></prompt>
    <choice dtmf={quoteattr(choice)} next="#{following}"/>
    <noinput count="2"><disconnect/></noinput>
  </menu>"""


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml">
  <!-- A first model. Call the line once with a watch in your hand, and write down how long each
       prompt is (break time), whether it can be interrupted (bargein), and how long it waits. In
       place of a break there may be the words: their length is then reckoned from them. -->
  <property name="x.answer.delay" value="2s"/>
  <property name="timeout" value="5s"/>
  <property name="interdigittimeout" value="3s"/>"""
_FOOT = f"""
  <form id="person"><transfer name="person" dest="tel:{PERSON}"/></form>
</vxml>
"""
