"""docs/house.svg: the parts of the house and who imports whom: ``python -m tests.house``."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from tests.test_laws import ROOT, module_of, modules

PICTURE = ROOT / "docs" / "house.svg"
WIDTH, HEIGHT = 980, 470
BOX = (112, 56)

# Where each part stands: the middle of its box. One that is not here has no place in the picture.
PLACES: dict[str, tuple[int, int]] = {
    "app.py": (490, 50),
    "verification/api": (70, 190),
    "verification/console": (188, 190),
    "verification/cli": (306, 190),
    "verification/adapters": (424, 190),
    "verification/store": (556, 190),
    "twiml": (740, 190),
    "twiml/lab": (905, 190),
    "twiml/emulator": (840, 310),
    "verification": (490, 410),
}
WORDS = {
    "app.py": "wires",
    "verification/api": "the REST API",
    "verification/console": "pages",
    "verification/cli": "commands",
    "verification/adapters": "mail, HTTP, PDF",
    "verification/store": "SQLite, PostgreSQL",
    "twiml": "words, webhooks",
    "twiml/lab": "timing of keys",
    "twiml/emulator": "Twilio on loopback",
    "verification": "the core: the process",
}
_OPENING = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
    'font-family="sans-serif" text-anchor="middle">'
)
_ARROWHEAD = (
    '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>'
)


def part(name: str) -> str:
    """The part of the house that a module belongs to, as its folder is called."""
    top, *rest = name.split(".")
    if top == "app":
        return "app.py"
    folder = f"{top}/{rest[0]}" if rest else top
    return folder if (ROOT / folder).is_dir() and folder != "twiml/demo" else top


def arrows(root: Path = ROOT) -> set[tuple[str, str]]:
    """Which part imports which."""
    tree = modules(root)
    found = {
        (part(module.name), part(there))
        for module in tree.values()
        for one in module.imports
        if (there := module_of(one.target, tree))
    }
    return {(here, there) for here, there in found if here != there}


def drawn(edges: set[tuple[str, str]]) -> str:
    """The picture."""
    lines = [
        _OPENING,
        "<title>The parts of the house and who imports whom</title>",
        _ARROWHEAD,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *(_arrow(here, there) for here, there in sorted(edges)),
        *(line for name in PLACES for line in _box(name)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _box(name: str) -> Iterator[str]:
    (x, y), (width, height) = PLACES[name], BOX
    colour = {"app.py": "#fde8c8", "verification": "#d7ead9"}.get(name, "#e4ecf7")
    if name == "verification":
        width = 900
    yield (
        f'<rect x="{x - width // 2}" y="{y - height // 2}" width="{width}" height="{height}" '
        f'rx="6" fill="{colour}" stroke="#555"/>'
    )
    short = name if name != "verification" else "verification/*.py"
    yield f'<text x="{x}" y="{y - 4}" font-size="13" font-weight="bold">{_short(short)}</text>'
    yield f'<text x="{x}" y="{y + 14}" font-size="11">{escape(WORDS[name])}</text>'


def _short(name: str) -> str:
    return name.removeprefix("verification/") if name != "verification/*.py" else name


def _arrow(here: str, there: str) -> str:
    (x1, y1), (x2, y2) = PLACES[here], PLACES[there]
    half = BOX[1] // 2
    if y1 == y2:  # neighbours
        side = BOX[0] // 2 if x2 > x1 else -BOX[0] // 2
        ends = (x1 + side, y1, x2 - side, y2)
    else:
        if there == "verification":
            x2 = x1  # the core is wide
        ends = (x1, y1 + half, x2, y2 - half)
    return ('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#555" marker-end="url(#end)"/>').format(
        *ends
    )


def main() -> None:
    """Draw it anew."""
    PICTURE.write_text(drawn(arrows()), encoding="utf-8")


if __name__ == "__main__":
    main()
