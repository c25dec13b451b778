"""The blocks of README.md and docs/*.md, and what is said of them in comments before them.

A comment that no reader sees stands in the line before a block:

``<!-- not run: REASON -->``      no test runs it
``<!-- exit 1 -->``               its last command ends with this exit code
``<!-- until: TEXT -->``          its last command is repeated until it prints this

``python -m tests.end_to_end.documents`` lists what is not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
LANGUAGES = {"console", "text", "python", "js", "json", "toml"}

_BLOCK = re.compile(
    r"(?:<!-- (?P<note>[^>]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.S | re.M
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page. ``note``: what the comment before it says, or nothing."""

    page: Path
    line: int
    language: str
    note: str
    text: str

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def why_not(self) -> str | None:
        """Why no test runs it; None: one does."""
        told, _, reason = self.note.partition(": ")
        return reason if told == "not run" else None

    def commands(self) -> Iterator[tuple[str, str]]:
        """Each command, and what is shown of its output."""
        for part in re.split(r"^\$ ", self.text, flags=re.M)[1:]:
            command, _, shown = part.replace("\\\n", " ").partition("\n")
            yield re.sub(r"\s+#.*$", "", command), shown


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start("language")) + 1,
            found["language"],
            found["note"] or "",
            found["text"],
        )
        for found in _BLOCK.finditer(text)
    ]


def fits(shown: str, printed: str) -> bool:
    """Whether an output is what a document shows; ``...`` stands for anything."""
    pieces = (re.escape(piece) for piece in shown.strip().split("..."))
    return re.fullmatch(".*".join(pieces), printed.strip(), re.S) is not None


if __name__ == "__main__":
    for page in PAGES:
        for block in blocks(page):
            if block.why_not:
                print(f"{block.name}: {block.why_not}")
