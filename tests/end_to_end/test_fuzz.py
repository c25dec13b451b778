"""The fuzz in short, each of its mutations by name, and proof that it can fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from random import Random
from urllib.parse import parse_qsl

import pytest

from tests.end_to_end import fuzz
from tests.end_to_end.fuzz import KINDS, Report, mutant, mutated, shown, still_genuine
from tests.end_to_end.fuzz_mutations import Case, Request, signed
from tests.end_to_end.fuzz_world import NothingProved, World, opened, send
from twiml.webhooks import Webhooks
from verification import forms
from verification.codes import Keyring

SEED = 1
EACH = [(kind, name) for kind, mutations in KINDS.items() for name in mutations]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with opened(SEED) as world:
        fuzz.rehearse(world)
        yield world


@pytest.fixture
def fresh() -> Iterator[World]:
    with opened(SEED) as world:
        yield world


def first_accepted(world: World, requests: Iterable[tuple[Case, Request]]) -> str:
    """The first mutation that is not answered as the client's fault, or that changes anything."""
    for case, request in requests:
        answer = send(world, request)
        refused = 400 <= answer.status < 500 and not answer.wrote
        if not refused and not still_genuine(case, request):
            return f"{case.name} answered {answer.status} to {request}"
    return ""


def complaints(report: Report) -> set[str]:
    return {failure.why for failure in report.failures}


def test_of_5000_mutated_webhooks_none_is_accepted_and_none_is_a_server_error():
    report = fuzz.run(5000, SEED)

    assert not complaints(report), fuzz.summary(report)
    assert report.sent == 5000
    assert {kind for kind, _ in report.answers} == {*KINDS, "several"}


@pytest.mark.parametrize(("kind", "name"), EACH, ids=[f"{kind}: {name}" for kind, name in EACH])
def test_a_webhook_that_is_mutated_in_this_way_is_refused(kind, name, world):
    g = Random(SEED)  # noqa: S311 - repeatable on purpose
    drawn = [(case, mutated(case, [(kind, name)], g)) for case in world.cases for _ in range(5)]

    assert not first_accepted(world, drawn)
    assert any(not still_genuine(case, request) for case, request in drawn), "it never mutates"


def test_a_text_that_is_signed_alike_but_cut_into_other_fields_is_refused(fresh):
    """Digits=12 and Digit=s12 have the same signature."""
    tried = [(case, request) for case in fresh.cases for request in cuts(case.request)]

    assert len(tried) > 2000
    assert not first_accepted(fresh, tried)


def cuts(genuine: Request) -> Iterator[Request]:
    """Every other cut of each field and of the path's end, and every run of fields made one."""
    fields = genuine.fields
    for at, (name, value) in enumerate(fields):
        text = name + value
        for cut in range(len(text) + 1):
            cut_field = (text[:cut], text[cut:])
            yield genuine._replace(fields=(*fields[:at], cut_field, *fields[at + 1 :]))
        for end in range(at + 2, len(fields) + 1):
            swallowed = "".join(n + v for n, v in fields[at + 1 : end])
            yield genuine._replace(fields=(*fields[:at], (name, value + swallowed), *fields[end:]))
    (name, value), *rest = fields
    text = genuine.target + name + value
    for cut in range(len(genuine.target) - 50, len(text)):
        edge = (text[cut : cut + 1], text[cut + 1 :])
        yield genuine._replace(target=text[:cut], fields=(edge, *rest))


def test_what_says_and_signs_the_same_is_no_mutation(world):
    for case in world.cases:
        genuine = case.request
        assert still_genuine(case, genuine)
        assert still_genuine(case, genuine._replace(fields=genuine.fields[::-1]))
        assert still_genuine(case, genuine._replace(raw=genuine.body.replace(b"%2B", b"%2b")))
        assert still_genuine(case, genuine._replace(headers=(("HTTP_HOST", "other.example"),)))
        assert not still_genuine(case, genuine._replace(fields=genuine.fields[1:]))
        assert not still_genuine(case, genuine._replace(method="GET"))
        assert not still_genuine(case, genuine._replace(signature=None))
        assert not still_genuine(case, signed(genuine._replace(target=genuine.target + "?")))


def test_a_seed_gives_the_same_requests_to_the_byte():
    with opened(7) as one:
        first = [shown(mutant(one.cases, 7, number)) for number in range(200)]
    with opened(7) as other:
        second = [shown(mutant(other.cases, 7, number)) for number in range(200)]
    with opened(8) as another:
        third = [shown(mutant(another.cases, 8, number)) for number in range(200)]

    assert first == second
    assert not set(first) & set(third)


# It can fail: verifiers that are broken on purpose.


def test_a_signature_that_is_not_checked_is_reported(monkeypatch):
    monkeypatch.setattr("twiml.signature.is_genuine", lambda *_: True)

    report = fuzz.run(1000, SEED)

    assert {"accepted", "accepted; changed the database"} <= complaints(report)
    kinds = {failure.mutant.kind for failure in report.failures}
    assert {"signature", "parameters"} <= kinds


def test_a_token_that_is_not_checked_is_reported_though_every_signature_is(monkeypatch):
    def unsealed(self: Keyring, purpose: str, token: str) -> list[str | int]:
        _, payload = self._serializer(purpose).loads_unsafe(token)
        return list(payload or ["", 1])

    monkeypatch.setattr(Keyring, "read_link", unsealed)

    report = fuzz.run(2000, SEED)

    accepted = {f.mutant.mutations for f in report.failures if f.status < 400}
    assert (("token", "of another server, signed anew"),) in accepted


def test_a_form_that_is_read_leniently_is_reported(monkeypatch):
    def lenient(body: bytes) -> list[tuple[str, str]]:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return list(dict(pairs).items())

    monkeypatch.setattr("verification.forms.read", lenient)

    report = fuzz.run(2000, SEED)

    accepted = {f.mutant.mutations for f in report.failures if f.status < 400}
    assert (("parameters", "field repeated, signed anew"),) in accepted
    assert (("encoding", "no UTF-8, signed as if replaced"),) in accepted


def test_a_write_behind_a_refusal_is_reported(monkeypatch):
    genuine, times = Webhooks._genuine, count()

    def leaking(self, purpose, token):
        with self.store.write() as tx:
            tx.suppressions.add("+19029052034", next(times))
        return genuine(self, purpose, token)

    monkeypatch.setattr(Webhooks, "_genuine", leaking)

    report = fuzz.run(200, SEED)

    assert "changed the database" in complaints(report)


def test_an_exception_is_reported_with_its_name(monkeypatch):
    read = forms.read

    def failing(body: bytes) -> list[tuple[str, str]]:
        try:
            return read(body)
        except forms.UnreadableForm:
            raise RuntimeError("unreadable") from None

    monkeypatch.setattr("verification.forms.read", failing)

    report = fuzz.run(300, SEED)

    assert "raised RuntimeError('unreadable'); a server error" in complaints(report)


def test_where_the_genuine_requests_are_refused_nothing_is_proved(monkeypatch):
    monkeypatch.setattr("twiml.signature.is_genuine", lambda *_: False)

    with pytest.raises(NothingProved):
        fuzz.run(1, SEED)


# The command.


def test_the_command_exits_0_and_its_last_line_says_what_was_found(capsys):
    assert fuzz.main(["--count", "300", "--seed", "1"]) == 0

    out = capsys.readouterr().out
    assert out.endswith("seed 1: 0 accepted, 0 changed the database, 0 server errors\n")


def test_the_command_exits_1_and_prints_what_was_accepted_and_how_to_send_it_again(
    capsys, monkeypatch
):
    monkeypatch.setattr("twiml.signature.is_genuine", lambda *_: True)

    assert fuzz.main(["--count", "100", "--seed", "1"]) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("again: "))
    assert fuzz.main(line.removeprefix("again: ").split()) == 1

    again = capsys.readouterr().out
    assert f"# {line.rpartition(' ')[2]}: " in again
    assert " HTTP/1.1\nContent-Type: " in again


def test_the_command_exits_1_where_nothing_is_proved(capsys, monkeypatch):
    monkeypatch.setattr("twiml.signature.is_genuine", lambda *_: False)

    assert fuzz.main(["--count", "1"]) == 1
    assert "nothing proved" in capsys.readouterr().err
