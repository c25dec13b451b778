"""A request that fits, for each operation, made from our own OpenAPI file.

An operation that is added is in here by itself. Where the object or the value that is taken for it
does not fit, the test that sends every one of these requests says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from pydantic.alias_generators import to_snake

from tests.api_world.furnishing import ADDRESS, PDF, Objects
from tests.api_world.serving import BASE_URL, Request, authorization
from tests.twilio_files import FORM, resolved
from verification import api
from verification.api import openapi, parameters
from verification.api.context import Context

JSON = "application/json"
# Values of parameters by their names, in whichever spelling a family has; SIDs are taken of the
# account's objects, and a word is the first of those that are allowed.
VALUES: Mapping[str, Any] = ADDRESS | {
    "contact_phone_number": "+19025550123",
    "contact_title": "Owner",
    "email": "anne@example.com",
    "friendly_name": "Front desk",
    "phone_number": "+12124569999",
    "sms_capability": "true",
    "status": "pending-verification",
}
# Of the objects of a kind the one that most operations fit, and those that only another one fits.
OBJECTS = {
    "AC": "account",
    "AD": "address",
    "BH": "bulk request that is processed",
    "CA": "refused call",
    "EC": "eligibility request that is answered",
    "HR": "order received",
    "MG": "service",
    "NO": "notification",
    "PN": "number in use",
    "PX": "document opened",
    "RI": "phone bill",
}
OTHERS = {
    "DELETE /2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json": "unused address",
    "GET /2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds/{Sid}.json": "caller ID",
    "POST /2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds/{Sid}.json": "caller ID",
    "DELETE /2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds/{Sid}.json": "caller ID",
    "POST /HostedNumbers/AuthorizationDocuments": "order verified",
    "POST /v2/HostedNumber/AuthorizationDocuments": "order verified",
    "GET /v1/Services/{ServiceSid}/PhoneNumbers/{Sid}": "number attached",
    "DELETE /v1/Services/{ServiceSid}/PhoneNumbers/{Sid}": "number attached",
    "GET /lineproof/v1/Orders/{Sid}/Registration": "order carrier-processing",
    "POST /lineproof/v1/Orders/{Sid}/Registration": "order carrier-processing",
    "GET /lineproof/v1/orders/{Sid}/certificate": "order verified",
    "GET /lineproof/v1/orders/{Sid}/certificate.pdf": "order verified",
    "GET /lineproof/v1/authorization-documents/{Sid}/letter.pdf": "document signed",
}
# What a body must have though the file does not say so.
ALSO = {
    "POST /HostedNumbers/AuthorizationDocuments": ("HostedNumberOrderSids",),
    "POST /v2/HostedNumber/AuthorizationDocuments": ("HostedNumberOrderSids",),
}


@dataclass(frozen=True, slots=True)
class Described:
    """An operation as our OpenAPI file has it. ``schemas``: of its parameters, by their names.

    ``body``: the schema of a form or of a JSON body, with ``media_type``; ``document``: the file.
    """

    method: str
    path: str
    in_path: Mapping[str, Any]
    in_query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    media_type: str | None
    document: Mapping[str, Any]
    public: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def schema(self, of: Mapping[str, Any]) -> dict[str, Any]:
        """A schema without references and without null."""
        schema = resolved(self.document, dict(of))
        for one in schema.get("anyOf", ()):
            if one.get("type") != "null":
                return self.schema(one)
        return schema


@dataclass(frozen=True, slots=True)
class Parts:
    """A request in its parts, to be changed one at a time.

    ``form``: pairs of a form; ``content``: the value of a JSON body; ``raw``: another body.
    """

    operation: Described
    path: Mapping[str, str]
    authorization: str
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    content: Any = None
    raw: bytes = b""
    media_type: str | None = field(default=None)

    def request(self) -> Request:
        """As it is sent."""
        target = self.operation.path
        for name, value in self.path.items():
            target = target.replace("{" + name + "}", quote(value, safe="%+"))
        if self.query:
            target += f"?{urlencode(self.query)}"
        body = self.raw
        if self.content is not None:
            body = json.dumps(self.content).encode()
        elif self.form:
            body = urlencode(self.form).encode()
        return Request(self.operation.method, target, body, self.media_type, self.authorization)

    def with_path(self, **values: str) -> Parts:
        """With other names in the path."""
        return replace(self, path={**self.path, **values})


@cache
def described() -> tuple[Described, ...]:
    """Every operation, also Lineproof's own."""
    nothing: Any = None
    context = Context(nothing, nothing, nothing, nothing, BASE_URL)
    families = api.families(context) | api.own(context, nothing)
    return tuple(_described(openapi.document(families, BASE_URL)))


def _described(document: Mapping[str, Any]) -> Iterator[Described]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
            for parameter in operation["parameters"]:
                name, schema = parameter["name"], parameter["schema"]
                of = _OF_PATHS.get(path.rpartition("/")[2]) if name == "Sid" else None
                places[parameter["in"]][name] = schema | (parameters.sid_schema(of) if of else {})
            content = operation.get("requestBody", {}).get("content", {})
            media_type = next(iter(content), None)
            body = content[media_type]["schema"] if media_type else None
            if body is not None and media_type in (FORM, JSON):
                body = resolved(document, body)
            yield Described(
                method.upper(),
                path,
                places["path"],
                places["query"],
                body,
                media_type,
                document,
                operation.get("security") == [],
            )


def fitting(operation: Described, objects: Objects) -> Parts:
    """The request of an account that the operation accepts, with what is required and no more."""
    taken = _Taken(operation, objects)
    path = {name: taken.text(name, schema) for name, schema in operation.in_path.items()}
    parts = Parts(operation, path, authorization(objects.account.sid, objects.token))
    if operation.media_type is None or operation.body is None:
        return parts
    parts = replace(parts, media_type=operation.media_type)
    if operation.media_type == JSON:
        return replace(parts, content=taken.value("", operation.body))
    if operation.media_type != FORM:
        return replace(parts, raw=PDF)
    needed = (*operation.body.get("required", ()), *ALSO.get(operation.name, ()))
    fields = operation.body["properties"]
    return replace(parts, form=tuple((name, taken.text(name, fields[name])) for name in needed))


@dataclass(frozen=True, slots=True)
class _Taken:
    operation: Described
    objects: Objects

    def text(self, name: str, schema: Mapping[str, Any]) -> str:
        """A value of a path, a query or a form."""
        value = self.value(name, schema)
        return str(value[0] if isinstance(value, list) else value)

    def value(self, name: str, schema: Mapping[str, Any]) -> Any:
        schema = self.operation.schema(schema)
        kind = kind_of(name, schema)
        if kind:
            other = OTHERS.get(self.operation.name, "")
            sid = self.objects.sids.get(other, "")
            return sid if sid.startswith(kind) else self.objects.sids[OBJECTS[kind]]
        if schema.get("type") == "array":
            return [self.value(name, schema["items"])]
        if "properties" in schema:
            needed = schema.get("required", ())
            return {one: self.value(one, schema["properties"][one]) for one in needed}
        if to_snake(name) in VALUES:
            return VALUES[to_snake(name)]
        if "enum" in schema:
            return schema["enum"][0]
        raise AssertionError(f"{self.operation.name}: write a value of {name} into VALUES")


def kind_of(name: str, schema: Mapping[str, Any]) -> str:
    """The two letters of the SIDs that a parameter takes; empty for any other parameter."""
    schema = schema.get("items", schema)
    if to_snake(name) in _KINDS:
        return _KINDS[to_snake(name)]
    pattern = str(schema.get("pattern", ""))
    return pattern[1:3] if pattern.endswith("[0-9a-fA-F]{32}$") else ""


# SIDs of which the file does not say so: filters take any text, and lists have no pattern.
_KINDS = {
    "hosted_number_order_sids": "HR",
    "incoming_phone_number_sid": "PN",
    "parent_call_sid": "CA",
    "phone_number_sid": "PN",
}
# What Lineproof's own paths are of.
_OF_PATHS = {
    "Registration": "HR",
    "owner-link": "HR",
    "certificate": "HR",
    "certificate.pdf": "HR",
    "letter.pdf": "PX",
}
