"""Many orders as a table in a CSV file: read whole, and each line that cannot be ordered is named.

What programs for tables make of such a file is expected here: a mark before the first byte,
semicolons or tabs between the cells, numbers without their plus, cells that are formulas.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from email_validator import EmailNotValidError, validate_email

from verification import bulk, extension, numbers, outgoing, sids
from verification.bulk import MOST_NUMBERS, Wish
from verification.ordering import LANGUAGES
from verification.outgoing import ForbiddenUrl, Network

COLUMNS = ("phone_number", "friendly_name", "email", "extension", "language", "address_sid",
           "sms_url", "status_callback_url")  # fmt: skip
MOST_BYTES = 4 * 1024 * 1024
NAME_LENGTH = 64
_BLANK: Mapping[str, object] = dict.fromkeys(COLUMNS[1:]) | {"language": "en"}
_DELIMITERS = ",;\t"
_LOST = "\ufffd"  # what stands for bytes that are no UTF-8
_LINE = "line "
_DIGITS = (10, 11)
_FORMULA = ("=", "@")
_ESCAPED = ("'=", "'+", "'-", "'@")
_QUOTED = re.compile(r'="(.*)"')  # how spreadsheets are made to leave a number as it is
_SHORTENED = re.compile(r"\d([.,]\d*)?[eE]\+?\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be ordered, and why; ``number`` as it stands there.

    ``wish``: what of it could be read, if that is enough to look for more that is wrong.
    """

    line: int
    number: str
    reasons: tuple[str, ...]
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class OrderList:
    """A file that was read: the orders that it asks for, and the lines that ask for none.

    ``text`` is the file again, for when it is to be read once more.
    """

    text: str
    wishes: Sequence[Wish] = ()
    bad: Sequence[BadLine] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """A list as an account may order it now: the wishes that are sound, and every bad line."""

    sound: Sequence[Wish]
    bad: Sequence[BadLine]


def read(content: bytes, language: str = "en", networks: Sequence[Network] = ()) -> OrderList:
    """Read a file.

    ``language``: of the calls for lines that name none; ``networks``: what URLs may name though
    it is not public.
    """
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = _no_table(content, text)
    if whole:
        return _refused(text, 1, whole)
    (first, header), *rows = _records(text)
    columns = [cell.strip().lower().replace(" ", "_") for cell in header or []]
    while columns and not columns[-1]:
        columns.pop()
    wrong = _header_faults(columns) or _count_faults(len(rows))
    if wrong:
        return _refused(text, first, *wrong)
    reader = _Reader(columns, language, networks)
    found = [reader.read(line, cells) for line, cells in rows]
    wishes = [one for one in found if isinstance(one, Wish)]
    return OrderList(text, wishes, [one for one in found if isinstance(one, BadLine)])


def look(tx: bulk.Transaction, account_sid: str, test: bool, listed: OrderList) -> Looked:
    """What of a list the account may order now, and every line that stands in the way.

    ``test``: the account is a test account.
    """
    read = [*listed.wishes, *(one.wish for one in listed.bad if one.wish)]
    read.sort(key=_line_of)
    bad = {one.line: one for one in listed.bad}
    for fault in bulk.faults(tx, account_sid, bulk.check(read, test)):
        line, number = _line_of(fault.wish), fault.wish.phone_number
        before = bad.get(line, BadLine(line, number, ()))
        bad[line] = replace(before, reasons=(*before.reasons, str(fault.reason)))
    sound = [wish for wish in listed.wishes if _line_of(wish) not in bad]
    return Looked(sound, [bad[line] for line in sorted(bad)])


def check_name(text: str) -> str:
    """Return ``text`` if an order may have this name. Raises ValueError."""
    if len(text) > NAME_LENGTH or not text.isprintable():
        raise ValueError(f"A name has at most {NAME_LENGTH} printable characters, on one line")
    return text


def _no_table(content: bytes, text: str) -> str | None:
    """Why a file as a whole cannot be read."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "This is the file of a spreadsheet program: save it there as CSV UTF-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:100]:
        return "The file is in UTF-16: save it as CSV UTF-8"
    return None if text.strip("\n,;\t ") else "The file is empty"


def _records(text: str) -> Iterator[tuple[int, list[str] | None]]:
    """The records that are not blank, each with the line on which it begins; None: unreadable."""
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _refused(text: str, line: int, *reasons: str) -> OrderList:
    return OrderList(text, bad=[BadLine(line, "", reasons)])


def _header_faults(columns: Sequence[str]) -> list[str]:
    known = ", ".join(COLUMNS)
    if not set(columns) & set(COLUMNS):
        return [f"The first line must name the columns: {known}"]
    faults = [f"There is no column {name[:40]}: there are {known}" for name in columns
              if name not in COLUMNS]  # fmt: skip
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    faults += [f"The column {name} stands there twice" for name in doubled if name in COLUMNS]
    if "phone_number" not in columns:
        faults.append("The column phone_number is missing")
    return faults


def _count_faults(count: int) -> list[str]:
    if count > MOST_NUMBERS:
        return [f"The list has {count} numbers: at most {MOST_NUMBERS} are taken at once"]
    return [] if count else ["The list has no numbers"]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the lines below the one that names the columns."""

    columns: Sequence[str]
    language: str
    networks: Sequence[Network]

    def read(self, line: int, cells: list[str] | None) -> Wish | BadLine:
        """The order that a line asks for, or everything that is wrong with it."""
        if cells is None:
            told = "This line cannot be read: is a quotation mark not closed?"
            return BadLine(line, "", (told,))
        while len(cells) > len(self.columns) and not cells[-1].strip():
            cells = cells[:-1]  # empty columns beside the table
        given = dict(zip(self.columns, (cell.strip() for cell in cells), strict=False))
        number = given.get("phone_number", "")
        if any(_LOST in cell for cell in cells):
            return BadLine(line, number, ("This line is not in UTF-8: save the file as CSV UTF-8",))
        if len(cells) != len(self.columns):
            told = f"This line has {len(cells)} cells, the first line {len(self.columns)}"
            return BadLine(line, number, (told,))
        fields: dict[str, object] = {**_BLANK, "language": self.language}
        reasons = []
        for name, text in given.items():
            try:
                if text or name == "phone_number":
                    fields[name] = self._value(name, text)
            except ValueError as reason:
                reasons.append(str(reason))
        known = str(fields.pop("phone_number", ""))
        wish = Wish(f"{_LINE}{line}", known, fields)
        if reasons:
            return BadLine(line, number, tuple(reasons), wish if known else None)
        return wish

    def _value(self, name: str, text: str) -> str:
        if name == "phone_number":
            return _number(text)
        if text.startswith(_FORMULA):
            raise ValueError("A cell is a formula: save the values only")
        # An apostrophe is what our own exports put before what is no formula.
        text = text[1:] if text.startswith(_ESCAPED) else text
        return self._checked(name, text)

    def _checked(self, name: str, text: str) -> str:
        if name == "friendly_name":
            return check_name(text)
        if name == "extension":
            return extension.check_order(text)
        if name == "email":
            return _email(text)
        if name == "language" and text.lower() not in LANGUAGES:
            raise ValueError(f"The language must be one of {', '.join(LANGUAGES)}")
        if name == "address_sid" and not sids.is_sid(text, "AD"):
            raise ValueError("address_sid must be AD and 32 hexadecimal digits")
        if name in ("sms_url", "status_callback_url"):
            try:
                outgoing.check_url(text, self.networks)
            except ForbiddenUrl as reason:
                raise ValueError(f"{name} {reason}") from None
        return text.lower() if name == "language" else text


def _number(text: str) -> str:
    """A number as people and their programs write it, in E.164. Raises ValueError."""
    quoted = _QUOTED.fullmatch(text)
    text = (quoted[1] if quoted else text.removeprefix("'")).strip()
    if not text:
        raise ValueError("The phone number is missing")
    if text.startswith(_FORMULA):
        raise ValueError("A cell is a formula: save the values only")
    if _SHORTENED.fullmatch(text):
        raise ValueError("The number was shortened: format its column as text, and fill it in anew")
    # What has another count of digits is none of ours: it is refused as it stands.
    return numbers.read(text) if sum(c.isdigit() for c in text) in _DIGITS else numbers.check(text)


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError(f"This is no email address: {text[:100]}") from None


def _line_of(wish: Wish) -> int:
    return int(wish.where.removeprefix(_LINE))
