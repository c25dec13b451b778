"""The API's fuzz in short, over every operation, and proof that it can fail."""

from __future__ import annotations

import pytest

from tests.api_world.fitting import described
from tests.end_to_end import fuzz_api
from verification.api import orders

SEED, CASES, GROUPS = 1, 50, 4
NAMES = [operation.name for operation in described()]
FETCH = "GET /v2/HostedNumber/Orders/{Sid}"


@pytest.mark.parametrize("group", range(GROUPS))
def test_fifty_requests_to_every_operation_are_answered_as_twilios_files_say(group, shared_specs):
    names = set(NAMES[group::GROUPS])

    report = fuzz_api.run(CASES, SEED, names.__contains__, shared_specs)

    assert not report.failures, fuzz_api.summary(report)
    assert {name for name, _ in report.answers} == names
    assert report.accepted == names, f"nothing fits these: {names - report.accepted}"


def test_an_exception_is_reported(monkeypatch, shared_specs):
    def broken(*args):
        raise RuntimeError("broken")

    monkeypatch.setattr(orders, "own", broken)

    report = fuzz_api.run(5, SEED, FETCH.__eq__, shared_specs)

    assert report.failures
    assert "RuntimeError('broken')" in report.failures[0]


def test_an_answer_that_breaks_twilios_schema_is_reported(monkeypatch, shared_specs):
    common = orders.common
    monkeypatch.setattr(orders, "common", lambda *args: common(*args) | {"account_sid": "nobody"})

    report = fuzz_api.run(5, SEED, FETCH.__eq__, shared_specs)

    assert report.failures
    assert "Response violates schema" in report.failures[0]


def test_a_difference_that_is_not_in_the_table_is_reported(monkeypatch, shared_specs):
    monkeypatch.setattr(fuzz_api, "read_table", lambda text: {})

    pages = fuzz_api.run(5, SEED, "GET /2010-04-01/Accounts.json".__eq__, shared_specs)
    lookups = fuzz_api.run(5, SEED, "GET /v2/PhoneNumbers/{PhoneNumber}".__eq__, shared_specs)

    assert 'is not a "uri"' in pages.failures[0]
    assert "null is not of type" in lookups.failures[0]


def test_a_slow_answer_is_reported(monkeypatch, shared_specs):
    monkeypatch.setattr(fuzz_api, "SECONDS", 0.0)

    report = fuzz_api.run(5, SEED, FETCH.__eq__, shared_specs)

    assert report.failures
    assert "took" in report.failures[0]


def test_the_command_says_what_it_found_and_without_twilios_files_draws_from_ours(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(fuzz_api, "SPECS", tmp_path / "none")

    assert fuzz_api.main(["--cases", "5", "--seed", "1", "--operation", FETCH]) == 0

    said = capsys.readouterr()
    assert said.out.endswith("seed 1: 0 answers that are wrong\n")
    assert "all is drawn from ours" in said.err
