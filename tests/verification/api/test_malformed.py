"""Malformed input, over every operation: refused in the shape of errors, and nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.api_world.fitting import Parts, described, fitting
from tests.api_world.malformed import Malformed, malformed
from tests.api_world.serving import Answer, World, opened, template
from tests.conftest import ENGINES
from verification.api import problems
from verification.store.sqlite import SqliteStore

OPERATIONS = described()
NAMES = [operation.name for operation in OPERATIONS]
TWILIOS = {"code", "message", "more_info", "status"}
PROBLEMS = {"type", "title", "status", "detail", "code"}
ANY_PARAMETER = 20001  # Twilio's code for whichever parameter; most others are of one
SECONDS = 1.0
# What another engine could take otherwise; the rest is refused before the store is asked.
ASKED_OF_THE_STORE = ("path: ", "query: ", "body: a NUL", "body: bad UTF-8")


@pytest.fixture(scope="module", params=ENGINES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    url = f"sqlite:///{tmp_path_factory.mktemp('malformed')}/api.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").create()
    with opened(url) as world:
        yield Unchanging(world, world.dump())


@dataclass
class Unchanging:
    """A world that nothing should change; ``seen``: every row as it was when it was last looked."""

    world: World
    seen: dict[str, list[Any]]

    def changed(self) -> bool:
        """Whether any row is another than it was."""
        before, self.seen = self.seen, self.world.dump()
        return self.seen != before


def complaint(world: World, case: Malformed) -> str:
    """What is wrong with the answer; empty if nothing is."""
    world.raised.clear()
    answer = world.send(case.request)
    if answer.seconds > SECONDS:  # a busy machine is not slow each time
        answer = min((world.send(case.request) for _ in range(3)), key=lambda one: one.seconds)
    wrongs = [*world.raised, *_wrongs(case, answer)]
    told = f"{case.what}: {'; '.join(wrongs)}: {answer.status} {answer.body[:300]!r}"
    return told if wrongs else ""


def _wrongs(case: Malformed, answer: Answer) -> Iterator[str]:
    if answer.seconds > SECONDS:
        yield f"took {answer.seconds:.1f} s"
    if len(answer.body) > 100_000:
        yield "repeats what was sent"
    if answer.status not in case.statuses:
        yield f"not answered {case.statuses}"
    elif answer.status >= 400:
        yield from _wrongs_of_shape(case.request.target, answer)
    if answer.status == 401 and "Basic" not in answer.headers.get("WWW-Authenticate", ""):
        yield "does not say how to authenticate"
    if case.statuses == (answer.status,) and answer.body[:1] == b"{":
        yield from _wrongs_of_code(case, json.loads(answer.body))


def _wrongs_of_shape(target: str, answer: Answer) -> Iterator[str]:
    own = problems.are_answered_on(target)
    media_type = problems.MEDIA_TYPE if own else "application/json"
    if answer.headers["Content-Type"] != media_type:
        yield f"not {media_type}"
        return
    error = json.loads(answer.body)
    fields = PROBLEMS if own else TWILIOS
    if not fields <= set(error) <= fields | {"details", "faults"}:
        yield f"not the fields {sorted(fields)}"
        return
    if error["status"] != answer.status:
        yield "another status in the body"
    if not own and error["more_info"] != f"https://www.twilio.com/docs/errors/{error['code']}":
        yield "another page of more information"


def _wrongs_of_code(case: Malformed, error: dict[str, Any]) -> Iterator[str]:
    code, told = error.get("code", 0), error.get("message") or error.get("detail") or ""
    if not 20_000 <= code < 23_000 or (case.codes and code not in case.codes):
        yield f"not one of the codes {case.codes}"
    if code == ANY_PARAMETER and case.says.lower() not in told.lower():
        yield f"does not name {case.says}"
    if not told:
        yield "says nothing"


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_malformed_input_gets_the_shape_of_errors_and_changes_nothing(operation, world):
    cases = [*malformed(fitting(operation, world.world.accounts["acme"]))]
    if not isinstance(world.world.house.store, SqliteStore):
        cases = [case for case in cases if case.what.startswith(ASKED_OF_THE_STORE)]

    complaints = [told for told in (complaint(world.world, case) for case in cases) if told]

    told = [f"{operation.name}: {len(complaints)} of {len(cases)}", *complaints]
    assert not complaints, "\n".join(told)
    assert not world.changed(), f"{operation.name}: {changing(world, cases)}"


def changing(world: Unchanging, cases: list[Malformed]) -> str:
    """The first of these requests that changes the database."""
    for case in cases:
        world.world.send(case.request)
        if world.changed():
            return case.what
    return "a change that is not made again"


def test_without_what_is_wrong_each_of_them_is_accepted_also_with_unknown_fields(tmp_path):
    """Twilio ignores parameters that it does not know: nothing is wrong with them."""
    with opened(f"sqlite:///{tmp_path}/api.db") as world:
        untouched, refused = template(world), []
        for operation in OPERATIONS:
            parts = fitting(operation, world.accounts["acme"])
            for request in (parts.request(), with_unknown_fields(parts).request()):
                answer = world.send(request)
                untouched.restore()
                if answer.status >= 300:
                    refused.append(f"{operation.name}: {answer.status} {answer.body!r}")

    assert not refused, "\n".join(refused)


def with_unknown_fields(parts: Parts) -> Parts:
    unknown = (("NoSuchField", "1"), ("NoSuchField", "2"), ("Sid", "none"))
    parts = replace(parts, query=(*parts.query, *unknown))
    if isinstance(parts.content, dict):
        return replace(parts, content={**parts.content, "no_such_field": [{"a": None}]})
    return replace(parts, form=(*parts.form, *unknown)) if parts.form else parts
