"""Our OpenAPI file against Twilio's: docs/differences.md has each difference and its reason."""

import copy

import pytest

from tests.twilio_files import (
    ROOT,
    UNKNOWN,
    Difference,
    differences,
    grouped,
    our_document,
    read_table,
    twilio_files,
    written,
)

ORDERS = "/HostedNumbers/HostedNumberOrders"


@pytest.fixture(scope="module")
def ours():
    return our_document()


@pytest.fixture(scope="module")
def table():
    return read_table((ROOT / "docs" / "differences.md").read_text("utf-8"))


def test_every_difference_stands_in_the_table_and_every_line_is_one(shared_specs, ours, table):
    there = grouped(differences(shared_specs, ours))
    listed = {key: names for key, (names, _) in table.items()}
    missing = {key: names for key, names in there.items() if listed.get(key) != names}
    gone = {key: names for key, names in listed.items() if there.get(key) != names}
    again = "run python -m tests.twilio_files and give each new line its reason"
    assert not missing, f"differences that are not listed: {again}"
    assert not gone, f"listed, and no such difference any more: {again}"


def test_every_line_of_the_table_has_a_reason(table):
    assert table
    assert not [key for key, (_, why) in table.items() if len(why.split()) < 4 or UNKNOWN in why]


def test_the_table_is_written_as_it_is_read(table):
    lines = {key: names for key, (names, _) in table.items()}
    reasons = {key: why for key, (_, why) in table.items()}
    text = (ROOT / "docs" / "differences.md").read_text("utf-8")
    assert written(lines, reasons) == text


def test_twilios_operations_of_these_families_are_compared(shared_specs):
    counted = sum(
        len({"get", "post", "delete"} & set(item))
        for document in twilio_files(shared_specs)
        for item in document["paths"].values()
    )
    assert counted == 57


def changed(ours, edit):
    document = copy.deepcopy(ours)
    edit(document)
    return document


def form(document):
    body = document["paths"][ORDERS]["post"]["requestBody"]["content"]
    return body["application/x-www-form-urlencoded"]["schema"]


def order(document):
    return document["components"]["schemas"]["PreviewOrder"]["properties"]


CREATE = f"POST {ORDERS}"
EDITS = [
    (lambda d: d["paths"][ORDERS].pop("post"), Difference(CREATE, "operation", "yes", "no", "")),
    (
        lambda d: d["paths"].update({"/v2/New": {"post": {}}}),
        Difference("POST /v2/New", "operation", "no", "yes", ""),
    ),
    (
        lambda d: form(d)["properties"].pop("Email"),
        Difference(CREATE, "parameter", "yes", "no", "Email"),
    ),
    (
        lambda d: form(d)["required"].append("Email"),
        Difference(CREATE, "required", "no", "yes", "Email"),
    ),
    (
        lambda d: form(d)["properties"].update({"SmsCapability": {"type": "string"}}),
        Difference(CREATE, "type", "boolean", "string", "SmsCapability"),
    ),
    (
        lambda d: form(d)["properties"]["VerificationType"]["enum"].pop(),
        Difference(CREATE, "words", "phone-call, phone-bill", "phone-call", "VerificationType"),
    ),
    (
        lambda d: form(d)["properties"]["AddressSid"].pop("pattern"),
        Difference(CREATE, "pattern", "^AD[0-9a-fA-F]{32}$", "–", "AddressSid"),
    ),
    (
        lambda d: d["paths"][ORDERS]["get"]["parameters"][5]["schema"].update({"maximum": 100}),
        Difference(f"GET {ORDERS}", "most", "1000", "100", "PageSize"),
    ),
    (
        lambda d: order(d).pop("sid"),
        Difference("PreviewOrder", "field", "yes", "no", "sid"),
    ),
    (
        lambda d: order(d).update({"call_delay": {"type": "string"}}),
        Difference("PreviewOrder", "type", "integer", "string", "call_delay"),
    ),
    (
        lambda d: order(d)["date_created"].update({"format": "date"}),
        Difference("PreviewOrder", "format", "date-time", "date", "date_created"),
    ),
    (
        lambda d: order(d).update({"email": {"type": "string"}}),
        Difference("PreviewOrder", "null", "yes", "no", "email"),
    ),
    (
        lambda d: d["components"]["schemas"]["Status"]["enum"].pop(),
        None,
    ),
]


@pytest.mark.parametrize(("edit", "told"), EDITS)
def test_a_difference_of_any_kind_is_found(shared_specs, ours, edit, told):
    before = differences(shared_specs, ours)
    after = differences(shared_specs, changed(ours, edit))
    assert after != before
    assert told is None or told in after - before
