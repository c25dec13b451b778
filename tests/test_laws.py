"""The laws of the house (CONTRIBUTING.md), held by reading the source with `ast`.

Each law is a function that takes the top of a tree and gives its breaches, `file:line: what is
wrong`. It is tried on this tree, which must keep it, and on small trees made to break and keep it.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
Law = Callable[[Path], list[str]]

# Which part may import which, besides itself and `core`. Faces do not know each other or the store:
# `app` hands them what they need.
MAY_IMPORT = {
    "app": {"adapters", "api", "console", "cli", "store", "twiml"},
    "adapters": set(),
    "api": set(),
    "console": set(),
    "cli": set(),
    "twiml": set(),
    "store": set(),
    "core": set(),
}
# What the core takes as an argument instead: a web framework, a carrier, HTTP, a database.
WORLD = {
    *("flask", "werkzeug", "jinja2", "gunicorn"),
    *("twilio", "requests", "urllib3", "aiohttp", "httpx", "http", "urllib.request"),
    *("smtplib", "socket", "reportlab", "requests_hardened"),
    *("sqlite3", "pysqlite3", "sqlite_utils", "psycopg"),
}
CLOCKS = {
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns"),
    *("time.perf_counter", "time.perf_counter_ns"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
    "datetime.date.today",
}
LONGEST_FILE = 400


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file imports: `target` is a module, or a name inside of one."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the tree, by its dotted name, with the imports found anywhere in it."""

    name: str
    path: str
    text: str
    imports: tuple[Import, ...]
    lines: int

    def breach(self, line: int, what: str) -> str:
        return f"{self.path}:{line}: {what}"


@cache
def modules(root: Path) -> dict[str, Module]:
    """Read `app.py`, `verification/` and `twiml/` under `root`; what does not exist is left out.

    A tree is read once for all laws. Its syntax is not kept: every garbage collection of the tests
    that follow would look through a million nodes.
    """
    files = [root / "app.py", *root.glob("verification/**/*.py"), *root.glob("twiml/**/*.py")]
    found = {}
    for file in sorted(file for file in files if file.is_file()):
        path = file.relative_to(root)
        is_package = file.name == "__init__.py"
        parts = path.parent.parts if is_package else path.with_suffix("").parts
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text, filename=str(path))
        package = parts if is_package else parts[:-1]
        name = ".".join(parts)
        found[name] = Module(
            name, path.as_posix(), text, tuple(_imports(tree, package)), len(text.splitlines())
        )
    return found


def _imports(node: ast.AST, package: tuple[str, ...]) -> Iterator[Import]:
    """Give what is imported in and below a node of a file that lies in `package`."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                yield Import(alias.name, node.lineno)
        case ast.ImportFrom(module=module, names=names, level=level):
            base = package[: len(package) - level + 1] if level else ()
            source = ".".join((*base, *([module] if module else [])))
            for alias in names:
                yield Import(f"{source}.{alias.name}", node.lineno)
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(target)), *_],
        ):
            yield Import(target, node.lineno)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, package)


def within(name: str, *tops: str) -> bool:
    """Tell whether a dotted name is one of `tops` or lies inside one of them."""
    return any(name == top or name.startswith(f"{top}.") for top in tops)


def part(name: str) -> str | None:
    """Tell which part of the house a module or name belongs to; None if it is not ours."""
    if within(name, "app", "tests"):
        return name.partition(".")[0]
    if within(name, "twiml"):
        return "twiml"
    for outer in ("adapters", "api", "console", "cli", "store"):
        if within(name, f"verification.{outer}"):
            return outer
    return "core" if within(name, "verification") else None


def module_of(target: str, tree: dict[str, Module]) -> str | None:
    """Give the module of ours that an imported name is, or is defined in."""
    while target and target not in tree:
        target = target.rpartition(".")[0]
    return target or None


def arrows_point_one_way(root: Path) -> list[str]:
    """Law 1: app -> the faces and the store -> the core."""
    breaches = []
    for module in modules(root).values():
        here = part(module.name)
        for found in module.imports:
            there = part(found.target)
            if here and there and there not in {here, "core", *MAY_IMPORT[here]}:
                breaches.append(module.breach(found.line, f"{here} imports {found.target}"))
    return breaches


def verification_never_imports_twiml(root: Path) -> list[str]:
    """Law 1: proving control of a number does not depend on how TwiML is spoken."""
    return [
        module.breach(found.line, f"imports {found.target}")
        for module in modules(root).values()
        for found in module.imports
        if within(module.name, "verification") and within(found.target, "twiml")
    ]


def no_circle(root: Path) -> list[str]:
    """Law 1: no module leads back to itself, neither inside a function nor for a type's sake."""
    tree = modules(root)
    graph: dict[str, dict[str, int]] = {name: {} for name in tree}
    for module in tree.values():
        for found in module.imports:
            there = module_of(found.target, tree)
            if there and there != module.name:
                graph[module.name].setdefault(there, found.line)
    return [
        "; ".join(
            tree[name].breach(line, f"imports {there}")
            for name in circle
            for there, line in graph[name].items()
            if there in circle
        )
        for circle in _components(graph)
        if len(circle) > 1
    ]


def _components(graph: dict[str, dict[str, int]]) -> list[list[str]]:
    """Give the strongly connected components of a graph: those who all reach each other."""
    reach = {name: _reached(name, graph) for name in graph}
    components: list[list[str]] = []
    placed: set[str] = set()
    for name in sorted(graph):
        if name not in placed:
            component = [name, *sorted(n for n in reach[name] - {name} if name in reach[n])]
            placed.update(component)
            components.append(component)
    return components


def _reached(start: str, graph: dict[str, dict[str, int]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for there in graph[waiting.pop()]:
            if there not in reached:
                reached.add(there)
                waiting.append(there)
    return reached


def the_core_takes_the_world_as_an_argument(root: Path) -> list[str]:
    """Law 2: no Flask, no Twilio, no HTTP and no database in the core."""
    return [
        module.breach(found.line, f"the core imports {found.target}")
        for module in modules(root).values()
        for found in module.imports
        if part(module.name) == "core" and within(found.target, *WORLD)
    ]


def the_store_knows_only_the_core(root: Path) -> list[str]:
    """Law 1: a store keeps the core's records; it knows nothing of those who ask for them."""
    return [
        module.breach(found.line, f"the store imports {found.target}")
        for module in modules(root).values()
        for found in module.imports
        if part(module.name) == "store" and part(found.target) not in {"store", "core", None}
    ]


def the_emulator_stands_alone(root: Path) -> list[str]:
    """Law 3: the emulator reaches, in however many steps, only `extension` of `verification`."""
    tree = modules(root)
    breaches = []
    waiting = [name for name in tree if within(name, "twiml.emulator")]
    seen = set(waiting)
    while waiting:
        module = tree[waiting.pop()]
        for found in module.imports:
            there = module_of(found.target, tree)
            foreign = within(found.target, "verification") and not (
                within(found.target, "verification.extension")
            )
            if foreign or within(found.target, "app", "twiml.lab"):
                breaches.append(
                    module.breach(found.line, f"the emulator reaches {found.target} here")
                )
            elif there and there not in seen:
                seen.add(there)
                waiting.append(there)
    return breaches


def the_core_is_told_the_time(root: Path) -> list[str]:
    """Law 5: nothing in the core reads a clock, or hands on a function that does."""
    breaches = []
    for module in modules(root).values():
        if part(module.name) != "core":
            continue
        tree = ast.parse(module.text)
        known = _names(tree)
        for node in ast.walk(tree):
            name = _dotted(node, known)
            if name in CLOCKS:
                breaches.append(module.breach(getattr(node, "lineno", 0), f"reads {name}"))
            if isinstance(node, ast.ImportFrom):
                breaches += [
                    module.breach(node.lineno, f"imports {node.module}.{alias.name}")
                    for alias in node.names
                    if f"{node.module}.{alias.name}" in CLOCKS
                ]
    return breaches


def _names(tree: ast.Module) -> dict[str, str]:
    """Give what each imported name of a file stands for: `{"dt": "datetime"}`."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known.update({a.asname or a.name: a.name for a in node.names})
        elif isinstance(node, ast.ImportFrom) and not node.level:
            known.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    return known


def _dotted(node: ast.AST, known: dict[str, str]) -> str | None:
    """Spell out `dt.date.today` as `datetime.date.today`; None where it is no imported name."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, known)
        return f"{base}.{node.attr}" if base else None
    return None


def no_file_is_too_long(root: Path) -> list[str]:
    """Law 6: one file, one subject."""
    return [
        module.breach(module.lines, f"{module.lines} lines, more than {LONGEST_FILE}")
        for module in modules(root).values()
        if module.lines > LONGEST_FILE
    ]


def codes_come_from_secrets(root: Path) -> list[str]:
    """What cannot be guessed comes from `secrets`; `random` is not imported in `verification`."""
    return [
        module.breach(found.line, f"imports {found.target}")
        for module in modules(root).values()
        for found in module.imports
        if within(module.name, "verification") and within(found.target, "random")
    ]


def assert_kept(law: Law) -> None:
    assert modules(ROOT), "there is no file to read"
    breaches = law(ROOT)
    assert not breaches, "\n".join([law.__doc__ or law.__name__, *breaches])


def test_arrows_point_from_the_app_over_the_faces_and_the_store_to_the_core():
    assert_kept(arrows_point_one_way)


def test_verification_never_imports_twiml():
    assert_kept(verification_never_imports_twiml)


def test_no_imports_go_in_a_circle():
    assert_kept(no_circle)


def test_the_core_imports_no_web_framework_no_carrier_no_http_and_no_database():
    assert_kept(the_core_takes_the_world_as_an_argument)


def test_the_store_imports_nothing_of_ours_but_the_core():
    assert_kept(the_store_knows_only_the_core)


def test_the_emulator_reaches_nothing_of_verification_but_the_extension():
    assert_kept(the_emulator_stands_alone)


def test_the_core_never_reads_a_clock():
    assert_kept(the_core_is_told_the_time)


def test_no_file_passes_400_lines():
    assert_kept(no_file_is_too_long)


def test_verification_never_imports_random():
    assert_kept(codes_come_from_secrets)


# A law, a tree that breaks it, and what is said of it.
BREACHES: list[tuple[Law, dict[str, str], str]] = [
    (
        arrows_point_one_way,
        {"verification/ordering.py": "from verification.store import schema\n"},
        "verification/ordering.py:1: core imports verification.store.schema",
    ),
    (
        arrows_point_one_way,
        {"verification/api/orders.py": "import os\nfrom ..store.schema import Rows\n"},
        "verification/api/orders.py:2: api imports verification.store.schema.Rows",
    ),
    (
        arrows_point_one_way,
        {
            "twiml/webhooks.py": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from app import main\n"
        },
        "twiml/webhooks.py:3: twiml imports app.main",
    ),
    (
        no_circle,
        {
            "verification/orders.py": "from verification import statuses\n",
            "verification/statuses.py": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from verification.orders import Order\n",
        },
        (
            "verification/orders.py:1: imports verification.statuses; "
            "verification/statuses.py:3: imports verification.orders"
        ),
    ),
    (
        verification_never_imports_twiml,
        {"verification/cli.py": "def f():\n    from twiml.emulator import line\n"},
        "verification/cli.py:2: imports twiml.emulator.line",
    ),
    (
        verification_never_imports_twiml,
        {"verification/worker.py": "import importlib\nimportlib.import_module('twiml.carrier')\n"},
        "verification/worker.py:2: imports twiml.carrier",
    ),
    (
        no_circle,
        {
            "verification/a.py": "from verification import b\n",
            "verification/b.py": "from verification.c import C\n",
            "verification/c.py": "def f():\n    from .a import A\n",
        },
        (
            "verification/a.py:1: imports verification.b; "
            "verification/b.py:1: imports verification.c; "
            "verification/c.py:2: imports verification.a"
        ),
    ),
    (
        the_core_takes_the_world_as_an_argument,
        {"verification/callbacks.py": "import json\nimport urllib.request as web\n"},
        "verification/callbacks.py:2: the core imports urllib.request",
    ),
    (
        the_core_takes_the_world_as_an_argument,
        {"verification/calling.py": "from twilio.rest import Client\n"},
        "verification/calling.py:1: the core imports twilio.rest.Client",
    ),
    (
        the_store_knows_only_the_core,
        {"verification/store/sqlite.py": "from verification.api import orders\n"},
        "verification/store/sqlite.py:1: the store imports verification.api.orders",
    ),
    (
        the_emulator_stands_alone,
        {"twiml/emulator/phones.py": "from verification import numbers\n"},
        "twiml/emulator/phones.py:1: the emulator reaches verification.numbers here",
    ),
    (
        the_emulator_stands_alone,
        {
            "twiml/emulator/line.py": "from twiml.script import greeting\n",
            "twiml/script.py": "from verification.codes import Code\n",
        },
        "twiml/script.py:1: the emulator reaches verification.codes.Code here",
    ),
    (
        the_core_is_told_the_time,
        {"verification/calling.py": "import datetime as dt\n\nnow = dt.datetime.now(dt.UTC)\n"},
        "verification/calling.py:3: reads datetime.datetime.now",
    ),
    (
        the_core_is_told_the_time,
        {"verification/calling.py": "from time import monotonic\n"},
        "verification/calling.py:1: imports time.monotonic",
    ),
    (
        no_file_is_too_long,
        {"twiml/lab/page.py": "x = 1\n" * 401},
        "twiml/lab/page.py:401: 401 lines, more than 400",
    ),
    (
        codes_come_from_secrets,
        {"verification/codes.py": "from random import randint\n"},
        "verification/codes.py:1: imports random.randint",
    ),
]

KEPT = {
    "app.py": "from verification import cli\nfrom verification.store import sqlite\n"
    "from twiml.emulator import line\n",
    "verification/__init__.py": "",
    "verification/ordering.py": "import time\nfrom datetime import UTC, datetime\n\n"
    "def at(clock):\n    time.sleep(0)\n    return datetime.fromtimestamp(clock.now(), UTC)\n",
    "verification/calling.py": "import secrets\nimport urllib.parse\nfrom . import ordering\n",
    "verification/extension.py": "",
    "verification/cli.py": "from verification.calling import Call\n",
    "verification/store/__init__.py": "from .sqlite import Store\n",
    "verification/store/sqlite.py": "import sqlite3\nimport time\nfrom ..ordering import Order\n"
    "now = time.time()\n",
    "twiml/emulator/line.py": "import random\nfrom verification import extension\n",
    "twiml/lab/try_.py": "from twiml.emulator.line import Line\n" + "\n" * 399,
}


def tree_of(files: dict[str, str], root: Path) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("law", "files", "breach"),
    BREACHES,
    ids=[said for _, _, said in BREACHES],
)
def test_a_law_that_is_broken_is_reported_with_file_and_line(law, files, breach, tmp_path):
    assert law(tree_of(files, tmp_path)) == [breach]


@pytest.mark.parametrize("law", dict.fromkeys(law for law, _, _ in BREACHES))
def test_a_tree_that_keeps_the_laws_is_not_accused(law, tmp_path):
    assert law(tree_of(KEPT, tmp_path)) == []


def test_a_skipped_test_fails_in_ci(tmp_path):
    tree_of(
        {
            "test_run.py": "def test_that_is_run(): pass\n",
            "test_mark.py": "import pytest\n\n@pytest.mark.skip(reason='a mark')\n"
            "def test_marked(): pass\n\ndef test_body(): pytest.skip('its body')\n",
            "test_whole.py": "import pytest\n\npytest.importorskip('no_such_module')\n",
        },
        tmp_path,
    )
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "-p", "no:cacheprovider"]
    options = ["--rootdir", str(tmp_path), "--continue-on-collection-errors", str(tmp_path)]

    # Without the plugins of other packages, whose import takes longer than all the rest.
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def run(*plugins):
        command = [*pytest_, *plugins, *options]
        return subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True)

    plain, in_ci = run(), run("-p", "tests.ci_plugin")

    assert plain.returncode == 0
    assert "1 passed, 3 skipped" in plain.stdout
    assert in_ci.returncode == 1
    assert "1 failed, 1 passed, 2 errors" in in_ci.stdout
    assert in_ci.stdout.count("skipped, which CI does not allow: ") >= 3
    for reason in ("a mark", "its body", "could not import 'no_such_module'"):
        assert reason in in_ci.stdout
