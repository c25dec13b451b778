"""Run every benchmark: ``python -m tests.bench [--json FILE]``, which is ``make bench``.

Each module beside this one has ``figures()``, which gives what it measured. A table is printed and
the same written as JSON; the exit code is 1 when a promise (a limit) is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    options = parser.parse_args()
    names = sorted(one.name for one in iter_modules([str(HERE)]) if one.name != "__main__")
    rows = [{"bench": name, **row._asdict()} for name in names for row in _figures(name)]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    options.json.write_text(json.dumps({"on": machine, "figures": rows}, indent=2) + "\n")
    print(f"\nWritten to {options.json}.")
    broken = [row for row in rows if row["limit"] is not None and row["value"] > row["limit"]]
    return 1 if broken else 0


def _figures(name: str) -> Iterable[Any]:
    print(f"{name}")
    for row in import_module(f"tests.bench.{name}").figures():
        limit = "" if row.limit is None else f"at most {row.limit:g}"
        print(f"  {row.name:<44} {row.value:>12.3f} {row.unit:<12} {limit}", flush=True)
        yield row


if __name__ == "__main__":
    raise SystemExit(main())
