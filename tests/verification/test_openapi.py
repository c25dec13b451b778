"""The OpenAPI file that is made from the operations: valid, whole, and served to everybody."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

import app
from tests import api_reference, twilio_files
from tests.conftest import LANDLINE
from tests.directories import Unasked
from verification import api, settings
from verification.api import openapi
from verification.api.context import Context
from verification.ordering import Policy


class Directory:
    def look_up(self, number):
        return LANDLINE


@pytest.fixture
def families(store, keyring, clock):
    context = Context(store, keyring, Directory(), Policy(), "https://example.com", clock.now)
    return api.families(context) | api.own(context, _no_pdf)


def _no_pdf(*_: object) -> bytes:
    raise AssertionError("no operation is run here")


@pytest.fixture
def document(families):
    return openapi.document(families, "https://example.com")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def resolved(document, node):
    while "$ref" in node:
        _, _, name = node["$ref"].rpartition("/")
        kind = node["$ref"].split("/")[2]
        node = document["components"][kind][name]
    return node


def test_the_document_is_valid_openapi_3_1(document):
    OPENAPI_31_VALIDATOR.validate(document)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema | dialect)


def test_a_wrong_document_is_not_valid(document):
    del document["paths"]["/HostedNumbers/HostedNumberOrders"]["get"]["responses"]["200"][
        "description"
    ]
    with pytest.raises(jsonschema_rs.ValidationError):
        OPENAPI_31_VALIDATOR.validate(document)


def test_every_operation_stands_in_it_with_a_summary_and_an_id_of_its_own(document, families):
    described = {(method, path) for method, path, _ in operations(document)}
    routed = {(op.method, op.path) for family in families.values() for op in family}
    assert described == routed
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    assert not [path for _, path, operation in operations(document) if not operation["summary"]]


def test_every_reference_leads_somewhere_and_every_component_is_used(document):
    used = set()

    def follow(node):
        if isinstance(node, dict):
            if "$ref" in node:
                used.add(node["$ref"].rpartition("/")[2])
                assert resolved(document, node)
            for value in node.values():
                follow(value)
        elif isinstance(node, list):
            for value in node:
                follow(value)

    follow(document)
    assert set(document["components"]["schemas"]) <= used


def test_every_list_says_what_its_rows_are(document):
    for method, path, operation in operations(document):
        schema = answer(document, operation)
        lists = [
            resolved(document, field["items"])
            for field in schema.get("properties", {}).values()
            if "$ref" in field.get("items", {})
        ]
        if any(one["name"] == "PageSize" for one in operation["parameters"]):
            assert len(lists) == 1, (method, path)
        assert all(one.get("properties") for one in lists), (method, path)


def answer(document, operation):
    """The schema of an operation's good answer; empty where it has no body."""
    (status,) = (status for status in operation["responses"] if status.startswith("2"))
    body = operation["responses"][status].get("content", {})
    json = body.get("application/json")
    return resolved(document, json["schema"]) if json else {}


def test_every_refusal_has_twilios_four_fields_or_is_a_problem_of_our_own_paths(document):
    for _, path, operation in operations(document):
        refusals = {
            status: resolved(document, response)
            for status, response in operation["responses"].items()
            if int(status) >= 400
        }
        needed = {"400", "429", "503"} | ({"401", "403"} if "security" not in operation else set())
        assert needed <= set(refusals)
        assert ("404" in refusals) == bool(operation["parameters"] and "path" in places(operation))
        own = path.startswith("/lineproof/v1/")
        kind = "application/problem+json" if own else "application/json"
        twilios = {"code", "message", "more_info", "status"}
        fields = {"type", "title", "status", "detail", "code"} if own else twilios
        for response in refusals.values():
            schema = resolved(document, response["content"][kind]["schema"])
            assert set(schema["properties"]) == fields
            assert set(schema["required"]) == set(schema["properties"])


def test_our_own_operations_stand_in_it_with_their_files_and_what_is_open_to_all(document):
    paths = document["paths"]
    letter = paths["/lineproof/v1/authorization-documents/{Sid}/letter.pdf"]["get"]
    assert set(letter["responses"]["200"]["content"]) == {"application/pdf"}
    assert letter["parameters"][0]["schema"]["pattern"] == "^PX[0-9a-fA-F]{32}$"
    assert paths["/lineproof/v1/test-numbers"]["get"]["security"] == []
    assert [path for _, path, one in operations(document) if "security" in one] == [
        "/lineproof/v1/test-numbers"
    ]


def test_every_post_takes_a_key_and_nothing_else_does(document):
    for method, path, operation in operations(document):
        keyed = [one for one in operation["parameters"] if one["name"] == "Idempotency-Key"]
        assert bool(keyed) == (method == "POST"), path
        assert ("422" in operation["responses"]) == (method == "POST"), path


def places(operation):
    return {parameter["in"] for parameter in operation["parameters"]}


def test_bounds_and_words_of_a_form_are_told(document):
    create = document["paths"]["/HostedNumbers/HostedNumberOrders"]["post"]
    form = create["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert form["required"] == ["PhoneNumber", "SmsCapability"]
    assert form["properties"]["SmsCapability"] == {"type": "boolean"}
    assert form["properties"]["SmsMethod"]["enum"] == ["GET", "POST"]
    assert form["properties"]["AddressSid"]["pattern"] == "^AD[0-9a-fA-F]{32}$"
    update = document["paths"]["/HostedNumbers/HostedNumberOrders/{Sid}"]["post"]
    form = update["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    delay = form["properties"]["CallDelay"]
    assert (delay["type"], delay["minimum"], delay["maximum"]) == ("integer", 0, 60)
    assert update["parameters"][0]["schema"]["pattern"] == "^HR[0-9a-fA-F]{32}$"


def test_the_reference_among_the_documents_is_made_from_it():
    page = api_reference.PAGE.read_text("utf-8")
    again = "run python -m tests.api_reference"
    assert page == api_reference.written(twilio_files.our_document()), again


def test_it_is_served_to_whoever_asks(tmp_path):
    house = app.open_house(settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/server.db"}))
    client = app.create_app(house, Unasked()).test_client()
    served = client.get("/openapi.json")
    assert served.status_code == 200
    assert served.mimetype == "application/json"
    told: Any = served.json
    assert told["servers"] == [{"url": house.base_url}]
    OPENAPI_31_VALIDATOR.validate(told)
    house.store.close()
