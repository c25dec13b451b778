"""Generated requests for every operation, drawn from Twilio's own OpenAPI files.

``python -m tests.end_to_end.fuzz_api``. Schemathesis draws them; what Twilio's files do not have is
drawn from ours. They are authenticated, most name objects that there are, in all their states, and
many are requests that fit with some of it changed: so they come further than the first check. No
answer may be a server error, break the schema that the file has for its status, break the shape of
errors, or take the server more than a second.

``--seed S --operation NAME`` draws those of one operation again.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from pydantic.alias_generators import to_snake
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure as Broken
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from tests.api_world.fitting import Described, described, fitting, kind_of
from tests.api_world.serving import BASE_URL, Template, World, opened, template
from tests.twilio_files import FORM, ROOT, read_table, resolved, twilio_files
from verification.api import problems

SPECS = Path(__file__).parents[3] / "shared" / "specs"
CASES, SHOWN = 1000, 5
AGAINST_THE_FILE = 5  # one request of so many breaks the file's own rules
FRESH = 20  # after so many requests the database is put back, so that no object is used up
SECONDS = 1.0
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
ERROR = {"code", "message", "more_info", "status"}
PROBLEM = {"type", "title", "status", "detail", "code"}


@dataclass(slots=True)
class Report:
    """What a run has found. ``answers``: how often an operation gave a status."""

    seed: int
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def sent(self) -> int:
        return self.answers.total()

    @property
    def accepted(self) -> set[str]:
        """The operations that have accepted anything."""
        return {name for name, status in self.answers if status < 300}


@dataclass(slots=True)
class Attack:
    """The requests of one operation: drawn, made to fit more or less, sent, and looked at."""

    operation: Described
    world: World
    untouched: Template
    report: Report
    g: Random
    count: int = 0

    def send(self, case: Case[Any]) -> None:
        """Send one request, and note what is wrong with its answer."""
        self.count += 1
        if self.count % FRESH == 0:
            self.untouched.restore()
        self._bend(case)
        whose = self.world.accounts["acme"]
        mine = fitting(self.operation, whose).authorization
        headers = {"Authorization": mine} if self.g.random() < 0.97 else {}
        self.world.raised.clear()
        sent = f"{case.path_parameters} {case.query} {case.body!r}"[:1000]
        try:
            answer, seconds = self._asked(case, headers)
        except Exception as error:  # noqa: BLE001 - whatever comes out of the application
            self.report.answers[self.operation.name, 599] += 1
            self.report.failures.append(f"{self.operation.name}: raised {error!r}\n  {sent}")
            return
        if seconds > SECONDS:  # a busy machine is not slow each time
            seconds = min(self._asked(case, headers)[1] for _ in range(3))
        self.report.slowest = max(self.report.slowest, seconds)
        self.report.answers[self.operation.name, answer.status_code] += 1
        wrongs = [*self.world.raised, *_wrongs(self.operation, case, answer, seconds)]
        if wrongs:
            told = f"{self.operation.name}: {'; '.join(wrongs)}: {answer.status_code}"
            self.report.failures.append(f"{told}\n  {sent}\n  {answer.content[:500]!r}")

    def _asked(self, case: Case[Any], headers: dict[str, str]) -> tuple[Any, float]:
        begun = time.perf_counter()
        answer = case.call(base_url=BASE_URL, headers=headers)
        return answer, time.perf_counter() - begun

    def _bend(self, case: Case[Any]) -> None:
        """Put in objects that there are, and what fits."""
        fits = fitting(self.operation, self.world.accounts["acme"])
        drawn = dict(case.path_parameters or {})
        for name, value in fits.path.items():
            if self.g.random() < 0.9:
                drawn[name] = self._sid(name, self.operation.in_path[name]) or value
                drawn[name] = value if self.g.random() < 0.5 else drawn[name]
        case.path_parameters = drawn
        if isinstance(case.query, dict):
            for name, schema in self.operation.in_query.items():
                sid = self._sid(name, schema)
                if sid and name in case.query:
                    case.query[name] = sid
        if self.g.random() < 0.2:
            return
        if self.operation.media_type == FORM and isinstance(case.body, dict):
            case.body = self._form(dict(fits.form), case.body)
        elif fits.content is not None and self.g.random() < 0.5:
            case.body = self._json(deepcopy(fits.content))

    def _form(self, fits: dict[str, str], drawn: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = dict(fits)
        properties = (self.operation.body or {})["properties"]
        for name, value in drawn.items():
            if self.g.random() < 0.4:
                sid = self._sid(name, self.operation.schema(properties.get(name, {})))
                body[name] = sid if sid and self.g.random() < 0.8 else value
        for name in body:
            if to_snake(name) == "phone_number" and self.g.random() < 0.8:
                body[name] = self._number()
        return body

    def _json(self, content: Any) -> Any:
        """What fits, with another number."""
        if isinstance(content, dict):
            return {
                name: self._number() if name == "phone_number" else self._json(value)
                for name, value in content.items()
            }
        return [self._json(one) for one in content] if isinstance(content, list) else content

    def _number(self) -> str:
        return f"+1212457{self.g.randrange(10_000):04d}"

    def _sid(self, name: str, schema: Any) -> str:
        """The SID of an object, mostly of his own; empty where the parameter takes none."""
        kind = kind_of(name, schema)
        whose = self.g.choices(("acme", "acme.north", "rival"), (8, 2, 1))[0]
        found = self.world.accounts[whose].of_kind(kind) if kind else []
        return self.g.choice(found) if found else ""


def _wrongs(operation: Described, case: Case[Any], answer: Any, seconds: float) -> Iterator[str]:
    if seconds > SECONDS:
        yield f"took {seconds:.1f} s"
    if answer.status_code >= 400:
        yield from _wrongs_of_error(operation, answer)
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        for one in group.exceptions:
            yield " ".join(str(one).split())[:300]
    except Broken as one:
        yield " ".join(str(one).split())[:300]


def _wrongs_of_error(operation: Described, answer: Any) -> Iterator[str]:
    own = problems.are_answered_on(operation.path)
    try:
        error = json.loads(answer.content)
    except ValueError:
        yield "an error that is no JSON"
        return
    fields = PROBLEM if own else ERROR
    if not fields <= set(error) <= fields | {"details", "faults"}:
        yield f"an error without the fields {sorted(fields)}"
    elif error["status"] != answer.status_code:
        yield "another status in the body"


def operations(world: World, specs: Path) -> Iterator[tuple[Described, Any]]:
    """Each operation that is served, and Schemathesis's of it: Twilio's, or else ours."""
    ours = {(one.method, one.path): one for one in described()}
    files = [softened(one) for one in twilio_files(specs)] if specs.is_dir() else []
    for document in (*files, deepcopy(dict(described()[0].document))):
        schema = schemathesis.openapi.from_dict(document)
        schema.app = world.flask
        for result in schema.get_all_operations():
            found: Any = result.ok()  # type: ignore[union-attr] # both files are valid
            served = ours.pop((found.method.upper(), found.path), None)
            if served:
                yield served, found


@dataclass(frozen=True, slots=True)
class Softening:
    """One of Twilio's files, and the fields of which it says otherwise than is answered."""

    document: Mapping[str, Any]
    relative: set[str]
    bills: set[str]
    nulls: set[str]

    def of(self, node: Any) -> Any:
        """Any part of the file, with its fields as they are answered."""
        if isinstance(node, list):
            return [self.of(one) for one in node]
        if not isinstance(node, dict):
            return node
        made = {name: self.of(value) for name, value in node.items()}
        if isinstance(node.get("properties"), dict):
            fields = node["properties"].items()
            made["properties"] = {name: self._field(name, field) for name, field in fields}
        return made

    def _field(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = self.of(schema)
        if name in self.relative and made.get("format") == "uri":
            made["format"] = "uri-reference"
        if name in self.bills:
            made = self.of(resolved(self.document, schema))
            if made.get("enum") == ["phone-call"]:
                made["enum"] = ["phone-call", "phone-bill"]
        if name in self.nulls:  # a reference takes no word beside it
            made = {"anyOf": [made, {"type": "string", "nullable": True, "enum": [None]}]}
        return made


def softened(document: Mapping[str, Any]) -> dict[str, Any]:
    """One of Twilio's files, where it says otherwise than is answered and the table says why.

    The 2010 API answers its pages' URIs relative, and its file says ``uri``; Lookups v2 answers
    null for what was not asked for, and its file does not say so; an order that is proved by a
    phone bill says so in v2 too. Which fields these are is read from docs/differences.md: no other
    answer may break its schema.
    """
    lookups = "/v2/PhoneNumbers/{PhoneNumber}" in document["paths"]
    said = Softening(
        document,
        relative=_listed("format", "uri", "uri-reference"),
        bills=_listed("words", "phone-call", "phone-call, phone-bill"),
        nulls=_listed("null", "no", "yes") if lookups else set(),
    ).of(document)
    return {**document, "paths": _answers(said, document), "components": said["components"]}


def _listed(what: str, twilio: str, ours: str) -> set[str]:
    """The fields of which the table of differences says this."""
    table = read_table((ROOT / "docs" / "differences.md").read_text("utf-8"))
    names = (names for key, (names, _) in table.items() if key[1:] == (what, twilio, ours))
    return {name.rpartition(".")[2] for name in chain.from_iterable(names)}


def _answers(said: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The paths with the answers as they are softened; what is sent stays as the file has it."""
    paths: dict[str, Any] = deepcopy(document["paths"])
    for path, item in paths.items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"] = said["paths"][path][method]["responses"]
    return paths


def attack(one: Attack, drawn_from: Any, cases: int, seed: int) -> None:
    """Send so many requests to one operation; fewer where there are no more to be drawn."""
    against = max(1, cases // AGAINST_THE_FILE)
    modes = {GenerationMode.POSITIVE: max(1, cases - against), GenerationMode.NEGATIVE: against}
    for mode, count in modes.items():

        @seeded(seed)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=drawn_from.as_strategy(generation_mode=mode))
        def each(case: Case[Any]) -> None:
            one.send(case)

        with suppress(Unsatisfiable):  # some operations can be asked for nothing that is wrong
            each()


def run(
    cases: int,
    seed: int,
    chosen: Callable[[str], bool] = lambda name: True,
    specs: Path = SPECS,
    progress: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Send ``cases`` requests to every operation whose name is ``chosen``."""
    report = Report(seed)
    with _silence(), tempfile.TemporaryDirectory() as folder, opened(_url(folder)) as world:
        untouched = template(world)
        for operation, drawn_from in operations(world, specs):
            if chosen(operation.name):
                g = Random(f"{seed} {operation.name}")  # noqa: S311 - repeatable on purpose
                untouched.restore()
                attack(Attack(operation, world, untouched, report, g), drawn_from, cases, seed)
                progress(report)
    return report


def _url(folder: str) -> str:
    return f"sqlite:///{folder}/fuzz.db"


@contextmanager
def _silence() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def summary(report: Report) -> str:
    """The failures, and a last line that says it all."""
    statuses = Counter[int]()
    for (_, status), count in report.answers.items():
        statuses[status] += count
    told = ", ".join(f"{count:,} were {status}" for status, count in sorted(statuses.items()))
    names = {name for name, _ in report.answers}
    slowest = f"the slowest took {report.slowest * 1000:.0f} ms"
    lines = [
        *report.failures[:SHOWN],
        f"{report.sent:,} requests to {len(names)} operations: {told}; {slowest}",
        f"seed {report.seed}: {len(report.failures):,} answers that are wrong",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; gives the exit code."""
    said = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.fuzz_api", description=said)
    parser.add_argument("--cases", type=int, default=CASES, help="for each operation")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    parser.add_argument("--operation", metavar="NAME", help='one alone, such as "GET /v2/..."')
    chosen = parser.parse_args(arguments)
    if not SPECS.is_dir():
        print(f"Twilio's files are not at {SPECS}: all is drawn from ours", file=sys.stderr)
    wanted = chosen.operation
    report = run(chosen.cases, chosen.seed, lambda name: wanted in (None, name), progress=_tell)
    print(summary(report))
    return 1 if report.failures else 0


def _tell(report: Report) -> None:
    print(f"{report.sent:,} sent, {len(report.failures):,} wrong", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
