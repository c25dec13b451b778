"""Run benchmarks: ``python -m tests.bench [NAME ...]``, which is ``make bench ARGS="NAME ..."``.

Each name is a module beside this one whose ``figures(scale)`` gives what it measured. A table is
printed and the same written as JSON; the exit code is 1 when an aim is not reached.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.bench.parts.figures import FULL, SMALL, Row, Scale

BENCHES = ("lab", "webhooks", "postgresql", "busy", "size", "orders_table", "bulk", "worker_memory")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--small", action="store_true", help="only show that they run")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    scale = SMALL if options.small else FULL
    rows = [
        {"bench": name, **row._asdict(), "reached": row.reached}
        for name in options.names or BENCHES
        for row in _printed(name, scale)
    ]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    options.json.write_text(json.dumps({"on": machine, "figures": rows}, indent=2) + "\n")
    print(f"\nWritten to {options.json}.")
    return 0 if options.small or all(row["reached"] for row in rows) else 1


def _printed(name: str, scale: Scale) -> Iterator[Row]:
    print(name)
    for row in import_module(f"tests.bench.{name}").figures(scale):
        aims = [f"at most {row.most:g}"] if row.most is not None else []
        aims += [f"at least {row.least:g}"] if row.least is not None else []
        missed = "" if row.reached else "  (missed)"
        print(
            f"  {row.name:<44} {row.value:>12.3f} {row.unit:<12} {', '.join(aims)}{missed}",
            flush=True,
        )
        yield row


if __name__ == "__main__":
    raise SystemExit(main())
