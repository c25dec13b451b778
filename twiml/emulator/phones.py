"""Who answers which number: the built-in phones, and those of a phones.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from twiml.emulator.addresses import host_of, problem
from twiml.emulator.folder import Folder
from twiml.emulator.voicexml import reading
from twiml.emulator.voicexml.dialogs import VoiceDocument
from twiml.emulator.voicexml.elements import BadVoiceXml
from twiml.emulator.whole import shown

KINDS = ("person", "voicemail", "busy", "no-answer", "fax")
GREETINGS = ("night", "holiday")  # of an IVR at other times than by day
LINE_TYPES = ("landline", "mobile", "voip")
DEMO_IVR = Path(__file__).parent.parent / "demo" / "ivr"
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a greeting may have lines
_LONGEST_SECONDS = 86_400
_TOLL_FREE = re.compile(r"\+18(00|33|44|55|66|77|88)\d{7}")


class BadPhones(ValueError):
    """A phones.toml cannot be used; the message names file, number, key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Phone:
    """Who answers a number, and how. Times are milliseconds.

    ``kind`` is one of KINDS, ``ivr`` for a TwiML application (``url``), or ``voicexml`` for a
    document (``url`` is its path). ``types`` has an entry
    for each time that a person is asked for the code; the last one is used from then on.
    ``presses`` is ``asked`` (the key he is asked to press), a key, or ``nothing``. ``tones`` are
    ``events`` (RFC 4733) or ``in-band`` sound, which Twilio does not collect. ``callbacks`` are
    ``prompt``, or ``late``: the reports of its calls come late, twice, and in any order.
    """

    number: str
    kind: str = "person"
    url: str = ""
    line_type: str | None = "landline"
    carrier: str | None = None
    answer_after: int = 4000
    types: tuple[str, ...] = ("code",)
    presses: str = "asked"
    key_every: int = 400
    key_length: int = 120
    reaction: int = 800
    greeting: str | None = None
    greeting_plays: str = ""
    hangs_up_after: int | None = None
    patience: int = 60_000
    tones: str = "events"
    callbacks: str = "prompt"


def _nobody(number: str) -> Phone | None:
    del number
    return None


@dataclass(slots=True)
class Phones:
    """The phones of the emulated world. ``folders`` are those that answer, by host name;
    ``documents`` the VoiceXML that answers, by path and greeting ("" is that of the day).
    ``others`` is asked for numbers that are not listed.
    """

    by_number: dict[str, Phone] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=dict)
    documents: dict[str, dict[str, VoiceDocument]] = field(default_factory=dict)
    others: Callable[[str], Phone | None] = _nobody

    @classmethod
    def built_in(cls) -> Phones:
        """The FAQ's two numbers, the person behind the demo IVR, and people everywhere else."""
        phones = cls()
        menu = phones.folder(DEMO_IVR)
        for phone in _BUILT_IN:
            phones.by_number[phone.number] = (
                replace(phone, url=menu) if phone.kind == "ivr" else phone
            )
        return phones

    @classmethod
    def load(cls, path: str | Path) -> Phones:
        """Read a phones.toml; its numbers stand beside the built-in ones, or replace them.

        Relative folders are relative to the file. Raises BadPhones, or OSError.
        """
        path = Path(path)
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:  # beside tomllib's own: numbers too long
            raise BadPhones(f"{path}: {error}") from error
        phones = cls.built_in()
        for number, table in tables.items():
            phones.by_number[number] = _phone(phones, path, number, table)
        return phones

    def phone(self, number: str, table: Mapping[str, object]) -> Phone:
        """The phone that a table of a phones.toml describes. Raises BadPhones."""
        return _phone(self, Path(), number, dict(table))

    def folder(self, path: Path) -> str:
        """Let a folder of TwiML documents answer; return the URL of its first document."""
        folder = Folder(path)
        self.folders[folder.host] = folder
        return folder.first_url

    def answering(self, text: str, base: Path) -> tuple[str, str]:
        """Let what a text names answer, as ``answers`` of a phones.toml does; its kind and URL.

        Relative paths are relative to ``base``. Raises BadPhones.
        """
        return _answers(self, "answers", base, text)

    def folder_of(self, url: str) -> Folder | None:
        """Return the folder that answers requests to a URL, if one does."""
        if ".invalid/" not in url:
            return None
        return self.folders.get(host_of(url))

    def document(self, phone: Phone, greeting: str = "") -> VoiceDocument | None:
        """Return the VoiceXML document that answers a phone at some time, if one does."""
        known = self.documents.get(phone.url, {})
        return known.get(greeting, known.get(""))

    def greetings_of(self, phone: Phone) -> tuple[str, ...]:
        """Which of GREETINGS the one who answers a phone has."""
        folder = self.folder_of(phone.url)
        has = self.documents.get(phone.url, {}) if folder is None else folder.greetings
        return tuple(name for name in GREETINGS if name in has)

    def find(self, number: str) -> Phone:
        """Return the phone of a number: if it is not listed, a person with a landline.

        A toll-free number has no line type (the Hosted Numbers FAQ).
        """
        known = self.by_number.get(number) or self.others(number)
        return _unlisted(number) if known is None else known


@lru_cache(maxsize=1024)
def _unlisted(number: str) -> Phone:
    line_type = None if _TOLL_FREE.fullmatch(number) else "landline"
    return Phone(number, line_type=line_type, carrier="Emulated Telephone Company")


_BUILT_IN = (
    Phone("+19029052034", "ivr", carrier="Iristel Inc. - ON", answer_after=2000),
    Phone("+19029050199", carrier="Iristel Inc. - ON", answer_after=4000),
    Phone("+19029052032", "busy", line_type="voip", carrier="Twilio - SMS-Sybase365/MMS-SVR"),
)


def _phone(phones: Phones, path: Path, number: str, table: object) -> Phone:
    where = f'{path}: ["{shown(number)}"]'
    if not _NUMBER.fullmatch(number):
        raise BadPhones(f"{where} is not a phone number: write E.164, such as +19029052034")
    if not isinstance(table, dict):
        raise BadPhones(f"{where} must be a table of keys such as answers and answer_after")
    known = sorted(_READERS)
    for key in table:
        if key not in _READERS:
            raise BadPhones(
                f'{where} has the unknown key "{shown(key)}": allowed are {", ".join(known)}'
            )
    values = {
        key: _READERS[key](f"{where} {key}", value)
        for key, value in table.items()
        if key != "answers"
    }
    line_type = values.pop("line_type", None)
    kind, url = _answers(phones, f"{where} answers", path.parent, table.get("answers", "person"))
    return Phone(number, kind, url, line_type=line_type, **values)


def _answers(phones: Phones, where: str, base: Path, value: object) -> tuple[str, str]:
    text = _text(where, value)
    if text in KINDS:
        return text, ""
    if text.startswith(("http://", "https://")):
        wrong = problem(text)
        if wrong:
            raise BadPhones(f"{where}: {wrong}")
        return "ivr", text
    if text.endswith(".vxml"):
        return "voicexml", _voicexml(phones, where, base, text)
    return "ivr", phones.folder(_folder(where, base, text))


def _voicexml(phones: Phones, where: str, base: Path, text: str) -> str:
    """Read a document, and those for other times beside it: ``menu.night.vxml``."""
    path = base / text
    try:
        found = {"": path, **_other_times(path)}
        documents = {
            name: reading.read(file.read_bytes(), file.name, path.parent)
            for name, file in found.items()
        }
    except BadVoiceXml as error:
        raise BadPhones(f"{where}: {shown(text)}: {error}") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadPhones(f"{where}: {shown(text)!r} cannot be opened: {why}") from error
    phones.documents[str(path)] = documents
    return str(path)


def _other_times(path: Path) -> dict[str, Path]:
    return {
        name: path.with_suffix(f".{name}.vxml")
        for name in GREETINGS
        if path.with_suffix(f".{name}.vxml").is_file()
    }


def _folder(where: str, base: Path, text: str) -> Path:
    try:
        folder = (base / text).resolve()
        is_folder, begins = folder.is_dir(), (folder / "index.xml").is_file()
    except (OSError, RuntimeError) as error:  # a name too long, links in a circle
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadPhones(f"{where}: {shown(text)!r} cannot be opened: {why}") from error
    if not is_folder:
        kinds = ", ".join(KINDS)
        raise BadPhones(
            f"{where}: {shown(text)!r} is neither a URL, nor a folder, nor a VoiceXML document "
            f"(.vxml), nor one of {kinds}"
        )
    if not begins:
        raise BadPhones(f"{where}: the folder {shown(text)} has no index.xml")
    return folder


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadPhones(f"{where} is {_value(value)}: a text in quotes is expected")
    if _CONTROL.search(value):
        raise BadPhones(f"{where} is {shown(value)!r}: control characters are not allowed")
    return value


def _value(value: object) -> str:
    """A value as one short line; a hexadecimal number may be too long to be written at all."""
    try:
        return shown(repr(value))
    except (ValueError, RecursionError):
        return "too long to be shown"


def _line_type(where: str, value: object) -> str:
    text = _text(where, value)
    if text not in LINE_TYPES:
        allowed = ", ".join(LINE_TYPES)
        raise BadPhones(f"{where} is {shown(text)!r}: allowed are {allowed}; leave it out for null")
    return text


def _duration(where: str, value: object) -> int:
    ms: float | None = None
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s|min)", value)
        if found is not None:
            ms = float(found[1]) * {"ms": 1, "s": 1000, "min": 60_000}[found[2]]
    elif isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        ms = min(value, 2 * _LONGEST_SECONDS) * 1000
    if ms is None:
        raise BadPhones(
            f'{where} is {_value(value)}: write a time such as "2s", "500ms" or 1.5 (seconds)'
        )
    if ms > _LONGEST_SECONDS * 1000:
        raise BadPhones(f"{where} is {_value(value)}: at most 24 hours are allowed")
    return round(ms)


def _types(where: str, value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        known = entry in ("code", "wrong", "nothing", "refuse")
        if not known and not (isinstance(entry, str) and re.fullmatch(r"[0-9*#]+", entry)):
            allowed = '"code", digits, "wrong", "nothing", "refuse", or a list of these'
            raise BadPhones(f"{where} is {_value(entry)}: allowed are {allowed}")
    if not entries:
        raise BadPhones(f'{where} is an empty list: write "nothing"')
    return tuple(entries)


def _presses(where: str, value: object) -> str:
    if value in ("asked", "nothing") or (isinstance(value, str) and re.fullmatch("[0-9*#]", value)):
        return str(value)
    raise BadPhones(f'{where} is {_value(value)}: allowed are "asked", "nothing", or one key')


def _plays(where: str, value: object) -> str:
    if value == "code" or (isinstance(value, str) and re.fullmatch("[0-9*#wW]+", value)):
        return str(value)
    raise BadPhones(f'{where} is {_value(value)}: allowed are "code", or digits')


def _tones(where: str, value: object) -> str:
    if value in ("events", "in-band"):
        return str(value)
    raise BadPhones(f'{where} is {_value(value)}: allowed are "events" and "in-band"')


def _callbacks(where: str, value: object) -> str:
    if value in ("prompt", "late"):
        return str(value)
    raise BadPhones(f'{where} is {_value(value)}: allowed are "prompt" and "late"')


_READERS: Mapping[str, Any] = {
    "answers": _text,
    "line_type": _line_type,
    "carrier": _text,
    "answer_after": _duration,
    "types": _types,
    "presses": _presses,
    "key_every": _duration,
    "key_length": _duration,
    "reaction": _duration,
    "greeting": _text,
    "greeting_plays": _plays,
    "hangs_up_after": _duration,
    "patience": _duration,
    "tones": _tones,
    "callbacks": _callbacks,
}
