"""The OpenAPI file of the API, made from the operations themselves: they cannot differ.

Twilio's own files name the parameters, fields and enumerations that both have;
``docs/differences.md`` is the table of what is not the same, and a test holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_snake
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from verification.api import errors, once, paging, parameters, problems
from verification.api.bodies import FILES, JSON, MULTIPART, File, Json
from verification.api.operation import Operation
from verification.api.shapes import FlatPage, Shape
from verification.forms import MEDIA_TYPE

PATH = "/openapi.json"

# What a name of a SID names: the same in every family, in paths, parameters and answers.
_SID_KINDS = {
    "account_sid": "AC",
    "address_sid": "AD",
    "bulk_hosting_request_sid": "BH",
    "bulk_hosting_sid": "BH",
    "bundle_sid": "BU",
    "call_sid": "CA",
    "emergency_address_sid": "AD",
    "hosting_order_sid": "HR",
    "identity_sid": "RI",
    "incoming_phone_number_sid": "PN",
    "owner_account_sid": "AC",
    "parent_call_sid": "CA",
    "phone_number_sid": "PN",
    "request_id": "EC",
    "service_sid": "MG",
    "signing_document_sid": "PX",
    "sms_application_sid": "AP",
    "trunk_sid": "TK",
    "verification_document_sid": "RI",
    "voice_application_sid": "AP",
}
# What a resource's own ``sid`` names, by the last name of its path.
_RESOURCES = {
    "Accounts": "AC",
    "Addresses": "AD",
    "certificate": "HR",
    "certificate.pdf": "HR",
    "letter.pdf": "PX",
    "owner-link": "HR",
    "Registration": "HR",
    "AuthorizationDocuments": "PX",
    "Bulk": "BH",
    "Calls": "CA",
    "DependentHostedNumberOrders": "HR",
    "DependentPhoneNumbers": "PN",
    "Eligibility": "EC",
    "HostedNumberOrders": "HR",
    "IncomingPhoneNumbers": "PN",
    "Notifications": "NO",
    "Orders": "HR",
    "verification-documents": "RI",
    "OutgoingCallerIds": "PN",
    "PhoneNumbers": "PN",
}
_ERRORS = {
    400: "A parameter is wrong, or the object's state forbids it; what is allowed is said.",
    401: "No credentials, or wrong ones.",
    403: "The account is not active, or may not do this.",
    404: "There is no such object, or it is another account's.",
    409: "Something that is under way, or that depends on the object, forbids it.",
    413: "The request is too large.",
    415: "The body has another Content-Type than it must have.",
    422: "The Idempotency-Key was used for a request with another body.",
    429: "Too often: Retry-After says in how many seconds there is room again.",
    503: "The server cannot do it now: nothing was changed, try again.",
}


_KEY = {
    "name": once.HEADER,
    "in": "header",
    "required": False,
    "description": "The same request again under the same key is answered as before, for a day.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


class Error(Shape):
    """An error in Twilio's shape; ``details`` (only where there are any): each fault of a body."""

    code: int
    message: str
    more_info: str
    status: int


class Problem(Shape):
    """An error of our own paths (RFC 9457); ``code``: Twilio's number for the same."""

    type: str
    title: str
    status: int
    detail: str
    code: int


def document(families: Mapping[str, Sequence[Operation]], base_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of all operations, by the name of their family."""
    operations = [operation for family in families.values() for operation in family]
    refs, schemas = _schemas(operations)
    paths: dict[str, Any] = {}
    for family, members in families.items():
        for operation in members:
            described = _described(family, operation, refs, schemas)
            paths.setdefault(operation.path, {})[operation.method.lower()] = described
    for operation in operations:  # a form's fields stand at its operation
        if not issubclass(operation.form, Json):
            schemas.pop(_component(refs[operation.form, "validation"]), None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lineproof",
            "description": "Who controls a voice number, proved: Twilio's shapes.",
            "version": version("lineproof"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "security": [{"account": []}],
        "tags": [{"name": family} for family in families],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                **{f"Error{status}": _error(status, Error, JSON) for status in _ERRORS},
                **{f"Problem{s}": _error(s, Problem, problems.MEDIA_TYPE) for s in _ERRORS},
            },
            "securitySchemes": {
                "account": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "An account's SID and auth token, or an API key and its secret.",
                }
            },
        },
    }


Refs = Mapping[tuple[type[BaseModel], JsonSchemaMode], dict[str, Any]]


def _schemas(operations: Iterable[Operation]) -> tuple[Refs, dict[str, Any]]:
    """A reference to each model, and the components that they refer to."""
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {
        (Error, "serialization"): None,
        (Problem, "serialization"): None,
    }
    kinds: dict[type[BaseModel], str] = {}
    for operation in operations:
        models[operation.form, "validation"] = None
        if operation.answer is not None:
            models[operation.answer, "serialization"] = None
            kinds.setdefault(operation.answer, _kind(operation.path))
    found, definitions = models_json_schema(
        list(models), ref_template="#/components/schemas/{model}"
    )
    refs = {model: found[model] for model in models}
    schemas: dict[str, Any] = _plain(definitions.get("$defs", {}))
    for model, kind in kinds.items():
        _name_sids(schemas, refs[model, "serialization"], kind)
    return refs, schemas


def _plain(node: Any) -> Any:
    """The schema without the titles that pydantic makes of the names."""
    if isinstance(node, dict):
        return {
            name: _plain(value)
            for name, value in node.items()
            if not (name == "title" and isinstance(value, str))
        }
    return [_plain(one) for one in node] if isinstance(node, list) else node


def _name_sids(schemas: dict[str, Any], node: Any, kind: str) -> None:
    """Say of each SID in a model, and in what it holds, of which kind it is."""
    for name in _components(node):
        for field, schema in schemas[name].get("properties", {}).items():
            of = kind if field == "sid" else _SID_KINDS.get(to_snake(field))
            if of and kind:
                for text in (schema, *schema.get("anyOf", ())):
                    if text.get("type") == "string":
                        text.update(parameters.sid_schema(of))
            _name_sids(schemas, schema, kind)


def _components(node: Any) -> Iterable[str]:
    """The components that a schema refers to."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield _component(node)
        for value in node.values():
            yield from _components(value)
    elif isinstance(node, list):
        for value in node:
            yield from _components(value)


def _component(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _kind(path: str) -> str:
    """The kind of SID that the objects of a path have; empty where they have none."""
    names = [part.removesuffix(".json") for part in path.split("/") if not part.startswith("{")]
    return _RESOURCES.get(names[-1], "")


def _described(
    family: str, operation: Operation, refs: Refs, schemas: dict[str, Any]
) -> dict[str, Any]:
    form = schemas[_component(refs[operation.form, "validation"])]
    fields = {name: _without_null(field) for name, field in form.get("properties", {}).items()}
    required = form.get("required", [])
    described: dict[str, Any] = {
        "operationId": f"{family}_{operation.name}",
        "tags": [family],
        "summary": _summary(operation),
        "parameters": _in_path(operation.path),
        "responses": _responses(operation, refs),
    }
    if operation.public:
        described["security"] = []
    if operation.method == "POST":
        described["parameters"].append(_KEY)
    if operation.method != "POST":
        described["parameters"] += [
            {"name": name, "in": "query", "schema": field, "required": name in required}
            for name, field in fields.items()
        ]
        described["parameters"] += _of_pages(operation)
    elif issubclass(operation.form, Json):
        content = {JSON: {"schema": refs[operation.form, "validation"]}}
        described["requestBody"] = {"required": True, "content": content}
    elif issubclass(operation.form, File):
        binary = {"schema": {"type": "string", "format": "binary"}}
        parts = {"schema": {"type": "object", "properties": {"File": binary["schema"]}}}
        content = {**dict.fromkeys(FILES, binary), MULTIPART: parts}
        described["requestBody"] = {"required": True, "content": content}
    elif fields:
        described["requestBody"] = {
            "required": bool(required),
            "content": {MEDIA_TYPE: {"schema": form | {"properties": fields}}},
        }
    return described


def _summary(operation: Operation) -> str:
    return (operation.run.__doc__ or "").strip().partition("\n")[0].rstrip(".")


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A field of a form: what is not sent has no value, and no default that says nothing."""
    kept = {name: value for name, value in schema.items() if name not in ("default", "anyOf")}
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            kept |= one
    if schema.get("default") not in (None, "", []):
        kept["default"] = schema["default"]
    return kept


def _in_path(path: str) -> list[dict[str, Any]]:
    found = []
    for name in re.findall(r"{(\w+)}", path):
        kind = _kind(path) if name == "Sid" else _SID_KINDS.get(to_snake(name))
        schema = {"type": "string", **(parameters.sid_schema(kind) if kind else {})}
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _of_pages(operation: Operation) -> list[dict[str, Any]]:
    if operation.answer is None or not issubclass(operation.answer, (paging.Page, FlatPage)):
        return []
    size = {"type": "integer", "minimum": 1, "maximum": paging.LARGEST_PAGE}
    fields = {
        "PageSize": size | {"default": paging.PAGE_SIZE},
        "Page": {"type": "integer", "minimum": 0},
        "PageToken": {"type": "string"},
    }
    return [
        {"name": name, "in": "query", "schema": schema, "required": False}
        for name, schema in fields.items()
    ]


def _responses(operation: Operation, refs: Refs) -> dict[str, Any]:
    if operation.file:
        content = {operation.file: {"schema": {"type": "string", "format": "binary"}}}
        good: dict[str, Any] = {"200": {"description": "Done.", "content": content}}
    elif operation.answer is None:
        good = {str(int(HTTPStatus.NO_CONTENT)): {"description": "Done."}}
    else:
        content = {"application/json": {"schema": refs[operation.answer, "serialization"]}}
        good = {str(int(operation.status)): {"description": "Done.", "content": content}}
    bodiless = {413, 415, 422} if operation.method != "POST" else set()
    nameless = {404} if "{" not in operation.path else set()
    unmoved = {409} if operation.method == "GET" else set()
    closed = {401, 403} if operation.public else set()
    for status in sorted(set(_ERRORS) - bodiless - nameless - unmoved - closed):
        kind = "Problem" if problems.are_answered_on(operation.path) else "Error"
        good[str(status)] = {"$ref": f"#/components/responses/{kind}{status}"}
    return good


def _error(status: int, shape: type[Shape], media_type: str) -> dict[str, Any]:
    codes = sorted({code for _, code, of in errors.REFUSALS if of == status})
    told = f" Codes: {', '.join(map(str, codes))}." if codes else ""
    schema = {"$ref": f"#/components/schemas/{shape.__name__}"}
    return {
        "description": _ERRORS[status] + told,
        "content": {media_type: {"schema": schema}},
    }
