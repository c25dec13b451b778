"""VoiceXML read into dialogs: the subset of :mod:`elements`, its timers and their presets."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from pathlib import Path

from twiml.emulator.voicexml.dialogs import (
    KEYS,
    Ask,
    Dialog,
    Do,
    Go,
    Grammar,
    Handler,
    Hangup,
    Prompt,
    Reprompt,
    Rules,
    Silence,
    Speech,
    Tell,
    Transfer,
    VoiceDocument,
)
from twiml.emulator.voicexml.elements import BadVoiceXml, Element, tree

# The standard leaves these timers to the platform. What platforms document: Plum 3 s and 1 s,
# Voximal 3 s between digits, FreeSWITCH 10 s and half of it; what one does not say is ours.
PRESETS = {
    "standard": Rules(timeout=5000, interdigit=3000, term=0, termchar="#", bargein=True),
    "plum": Rules(timeout=3000, interdigit=1000, term=0, termchar="#", bargein=True),
    "voximal": Rules(timeout=5000, interdigit=3000, term=0, termchar="#", bargein=True),
    "freeswitch": Rules(timeout=10_000, interdigit=5000, term=0, termchar="#", bargein=True),
}
PRESET, ANSWER_DELAY = "x.preset", "x.answer.delay"
_TIMERS = ("timeout", "interdigittimeout", "termtimeout")
_SHORTEST_TIMEOUT = 100  # less would be no time to press a key, and a menu that repeats without end
_TIME = re.compile(r"\+?(\d{1,6}(?:\.\d{1,3})?)(ms|s)")
_TEL = re.compile(r"tel:(\+[1-9]\d{6,14})")
_DIGITS = re.compile(r"digits(?:\?(.*))?")
_STRENGTHS = {"none": 0, "x-weak": 100, "weak": 200, "medium": 400, "strong": 700, "x-strong": 1000}
_LONGEST_ENTRY = 40
_LONGEST_MS = 3_600_000


def read(body: bytes, name: str = "document.vxml", base: Path | None = None) -> VoiceDocument:
    """Return the dialogs of a document.

    ``base`` is the folder that the recordings of its prompts lie in: their lengths are taken from
    the files, nothing is fetched. Raises BadVoiceXml.
    """
    root = tree(body)
    if root.attributes.get("version") not in ("2.0", "2.1"):
        raise root.wrong('<vxml> needs version="2.1"')
    return _Document(root, name, base).read()


class _Document:
    def __init__(self, root: Element, name: str, base: Path | None) -> None:
        self._root = root
        self._name = name
        self._base = base

    def read(self) -> VoiceDocument:
        preset, delay = "standard", None
        for one in self._root.children("property"):
            if one.needed("name") == PRESET:
                preset = one.needed("value")
                if preset not in PRESETS:
                    raise one.wrong(f"{PRESET} is {preset!r}: use one of {', '.join(PRESETS)}")
            elif one.needed("name") == ANSWER_DELAY:
                delay = _ms(one, one.needed("value"))
        rules = _rules(self._root, PRESETS[preset])
        dialogs: dict[str, Dialog] = {}
        for element in self._root.children("form", "menu"):
            name = element.attributes.get("id") or f"line {element.line}"
            if name in dialogs:
                raise element.wrong(f'the id "{name}" is there twice')
            dialogs[name] = Dialog(name, element.line, self._items(element, rules))
        if not dialogs:
            raise self._root.wrong("the document has neither a <form> nor a <menu>")
        self._check_targets()
        return VoiceDocument(self._name, dialogs, next(iter(dialogs)), delay)

    def _check_targets(self) -> None:
        dialogs = self._root.children("form", "menu")
        known = [f"#{name}" for one in dialogs if (name := one.attributes.get("id"))]
        for element in _all(self._root):
            if element.name in ("goto", "choice"):
                target = element.needed("next")
                if target in known:
                    continue
                if not known:
                    raise element.wrong(f'next="{target}": no <form> and no <menu> here has an id')
                raise element.wrong(f'next="{target}" is no dialog here: use {", ".join(known)}')

    def _items(self, element: Element, rules: Rules) -> tuple[Ask | Tell | Transfer, ...]:
        rules = _rules(element, rules)
        if element.name == "menu":
            return (self._menu(element, rules),)
        handlers = self._handlers(element, rules)
        items: list[Ask | Tell | Transfer] = []
        for item in element.children("block", "field", "transfer"):
            if item.name == "block":
                items.append(Tell(self._does(item, rules)))
            elif item.name == "field":
                items.append(self._field(item, _rules(item, rules), handlers))
            else:
                items.append(self._transfer(item, rules))
        if not items:
            raise element.wrong("the <form> is empty: it may have block, field, transfer")
        return tuple(items)

    def _menu(self, menu: Element, rules: Rules) -> Ask:
        leads: dict[str, tuple[Do, ...]] = {}
        for place, choice in enumerate(menu.children("choice"), 1):
            keys = choice.attributes.get("dtmf", "").replace(" ", "")
            if not keys and menu.attributes.get("dtmf") == "true" and place <= 9:
                keys = str(place)
            if not keys or set(keys) - set(KEYS) or len(keys) > _LONGEST_ENTRY:
                raise choice.wrong(f'dtmf="{keys}" is no keys: use 0-9, * and #')
            if keys in leads:
                raise choice.wrong(f'dtmf="{keys}" is there twice')
            leads[keys] = (Go(choice.needed("next")[1:]),)
        if not leads:
            raise menu.wrong("the <menu> has no <choice>")
        grammar = Grammar(tuple(leads))
        return Ask(self._prompts(menu, rules), grammar, leads, self._handlers(menu, rules), rules)

    def _field(self, field: Element, rules: Rules, outer: tuple[Handler, ...]) -> Ask:
        kind = _DIGITS.fullmatch(field.needed("type"))
        if kind is None:
            raise field.wrong('type must be "digits", "digits?length=4" or such')
        given = dict(part.partition("=")[::2] for part in (kind[1] or "").split(";") if part)
        lengths = {name: _whole(field, value) for name, value in given.items()}
        if set(lengths) - {"length", "minlength", "maxlength"}:
            raise field.wrong("digits may have length, minlength and maxlength")
        exact = lengths.get("length")
        shortest = exact or lengths.get("minlength", 1)
        longest = exact or lengths.get("maxlength", _LONGEST_ENTRY)
        if shortest > longest:
            raise field.wrong(f"minlength {shortest} is above maxlength {longest}")
        filled = [do for one in field.children("filled") for do in self._does(one, rules)]
        handlers = (*self._handlers(field, rules), *outer)
        prompts = self._prompts(field, rules)
        grammar = Grammar(shortest=shortest, longest=longest)
        return Ask(prompts, grammar, {"": tuple(filled)}, handlers, rules)

    def _transfer(self, transfer: Element, rules: Rules) -> Transfer:
        number = _TEL.fullmatch(transfer.needed("dest").replace("-", ""))
        if number is None:
            raise transfer.wrong('dest must be a number in E.164, such as "tel:+14155550123"')
        timeout = _ms(transfer, transfer.attributes.get("connecttimeout", "30s"))
        return Transfer(number[1], self._prompts(transfer, rules), timeout)

    def _handlers(self, element: Element, rules: Rules) -> tuple[Handler, ...]:
        return tuple(
            Handler(one.name, _count(one), self._does(one, rules))
            for one in element.children("noinput", "nomatch")
        )

    def _does(self, element: Element, rules: Rules) -> tuple[Do, ...]:
        does: list[Do] = []
        spoken: list[str | Element] = []
        for part in element.content:
            if isinstance(part, Element) and part.name in _ACTIONS:
                does += self._said(element, spoken, rules)
                spoken = []
                does.append(self._action(part, rules))
            else:
                spoken.append(part)
        return (*does, *self._said(element, spoken, rules))

    def _said(self, element: Element, spoken: list[str | Element], rules: Rules) -> list[Do]:
        parts = self._parts(element._replace(content=tuple(spoken)))
        return [Prompt(parts, rules.bargein)] if parts else []

    def _action(self, element: Element, rules: Rules) -> Do:
        if element.name == "prompt":
            return self._prompt(element, rules)
        if element.name == "goto":
            return Go(element.needed("next")[1:])
        return Reprompt() if element.name == "reprompt" else Hangup()

    def _prompts(self, element: Element, rules: Rules) -> tuple[Prompt, ...]:
        return tuple(self._prompt(one, rules) for one in element.children("prompt"))

    def _prompt(self, prompt: Element, rules: Rules) -> Prompt:
        given = prompt.attributes
        bargein = _yes(prompt, "bargein", given["bargein"]) if "bargein" in given else rules.bargein
        timeout = _timeout(prompt, given["timeout"]) if "timeout" in given else None
        return Prompt(self._parts(prompt), bargein, _count(prompt), timeout)

    def _parts(self, element: Element) -> tuple[Speech | Silence, ...]:
        parts: list[Speech | Silence] = []
        words = ""

        def say() -> None:
            nonlocal words
            text = " ".join(words.split())
            words = ""
            if text:
                parts.append(Speech(text))

        for part in element.content:
            if isinstance(part, str):
                words += part
            elif part.name in ("break", "audio"):
                say()
                parts.append(_break(part) if part.name == "break" else self._audio(part))
            else:
                inner = self._parts(part)
                if part.name == "sub":
                    words += part.needed("alias")
                elif all(isinstance(one, Speech) and one.ms is None for one in inner):
                    words += " ".join(one.text for one in inner if isinstance(one, Speech))
                else:
                    say()
                    parts += inner
        say()
        return tuple(parts)

    def _audio(self, audio: Element) -> Speech:
        words = " ".join(part.text for part in self._parts(audio) if isinstance(part, Speech))
        src = audio.needed("src")
        length = self._recorded(src)
        if length is None and not words:
            text = f'the recording "{src}" is not here, and <audio> has no words in its place'
            raise audio.wrong(text)
        return Speech(words or src, length)

    def _recorded(self, src: str) -> int | None:
        if self._base is None or "://" in src:
            return None
        try:
            path = (self._base / src).resolve()
            if not path.is_relative_to(self._base.resolve()):
                return None
            with wave.open(str(path), "rb") as file:
                return round(file.getnframes() * 1000 / file.getframerate())
        except (OSError, EOFError, ValueError, wave.Error, ZeroDivisionError):
            return None


_ACTIONS = {"prompt", "goto", "disconnect", "exit", "reprompt"}


def _all(element: Element) -> Iterator[Element]:
    yield element
    for part in element.content:
        if isinstance(part, Element):
            yield from _all(part)


def _rules(element: Element, rules: Rules) -> Rules:
    """The rules of an element: those around it, and its own properties."""
    for one in element.children("property"):
        name, value = one.needed("name"), one.attributes.get("value", "")
        if name == "timeout":
            rules = rules._replace(timeout=_timeout(one, value))
        elif name == "interdigittimeout":
            rules = rules._replace(interdigit=_ms(one, value))
        elif name == "termtimeout":
            rules = rules._replace(term=_ms(one, value))
        elif name == "termchar":
            if value not in {"", *KEYS}:
                raise one.wrong(f'termchar is "{value}": one key, or nothing')
            rules = rules._replace(termchar=value)
        elif name == "bargein":
            rules = rules._replace(bargein=_yes(one, name, value))
        elif name not in (PRESET, ANSWER_DELAY):
            known = ", ".join([*_TIMERS, "termchar", "bargein", PRESET, ANSWER_DELAY])
            raise one.wrong(f'the property "{name}" is unknown: use {known}')
        elif element.name != "vxml":
            raise one.wrong(f"{name} belongs into <vxml> itself")
    return rules


def _break(element: Element) -> Silence:
    if "time" in element.attributes:
        return Silence(_ms(element, element.attributes["time"]))
    strength = element.attributes.get("strength", "medium")
    if strength not in _STRENGTHS:
        raise element.wrong(f"strength is {strength!r}: use one of {', '.join(_STRENGTHS)}")
    return Silence(_STRENGTHS[strength])


def _ms(element: Element, text: str) -> int:
    found = _TIME.fullmatch(text.strip())
    ms = round(float(found[1]) * (1 if found[2] == "ms" else 1000)) if found else _LONGEST_MS + 1
    if ms > _LONGEST_MS:
        raise element.wrong(f'"{text[:40]}" is no time: write "1500ms" or "1.5s", at most an hour')
    return ms


def _timeout(element: Element, text: str) -> int:
    ms = _ms(element, text)
    if ms < _SHORTEST_TIMEOUT:
        raise element.wrong(f'the timeout "{text}" is below {_SHORTEST_TIMEOUT} ms')
    return ms


def _yes(element: Element, name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise element.wrong(f'{name}="{text}": true or false is allowed')
    return text == "true"


def _count(element: Element) -> int:
    return _whole(element, element.attributes.get("count", "1"))


def _whole(element: Element, text: str) -> int:
    if not (text.isdecimal() and len(text) < 4 and int(text) > 0):
        raise element.wrong(f'"{text[:40]}" is no whole number from 1 to 999')
    return int(text)


__all__ = ["PRESETS", "BadVoiceXml", "read"]
