"""What was measured of the carrier: kept in a small JSON file, and used by the lab from then on."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from verification.extension import Tones

SETTING = "LINEPROOF_CARRIER_FILE"
_LONGEST = 6000


def path() -> Path:
    """Return where it is kept: as LINEPROOF_CARRIER_FILE says, else in the user's configuration."""
    named = os.environ.get(SETTING)
    if named:
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME")
    folder = Path(base) if base else Path("~/.config").expanduser()
    return folder / "lineproof" / "carrier.json"


def load() -> Tones | None:
    """Return what was measured; None if nothing was. Raises click.UsageError for a broken file."""
    file = path()
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        known = Tones(**content)
        fits = all(type(ms) in (int, bool) and 0 <= ms <= _LONGEST for ms in content.values())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, TypeError, ValueError):
        fits = False
    if not fits:
        raise click.UsageError(f"{file} is none of lab carrier: measure again, or delete it")
    return known


def save(tones: Tones) -> Path:
    """Keep what was measured; return where. Raises OSError."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(tones), indent=2) + "\n", encoding="utf-8")
    return file


def usual() -> Tones:
    """Return what was measured, else the usual assumptions."""
    return load() or Tones()


def told() -> str | None:
    """Say in a line what was measured and is used; None if nothing was."""
    known = load()
    if known is None:
        return None
    adds = "is added to the gap" if known.waits_add else "replaces the gap"
    return (
        f"Measured of the carrier ({path()}): tone {known.tone} ms, gap {known.gap} ms, "
        f"w {known.half_second} ms, which {adds}."
    )
