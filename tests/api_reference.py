"""docs/api-reference.md, made from our OpenAPI file: ``python -m tests.api_reference``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.twilio_files import our_document

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api-reference.md"
Node = Mapping[str, Any]

HEAD = """# API reference

Every operation of `GET /openapi.json`, with its parameters and answers. This page is made from that
file by `python -m tests.api_reference`, and a test holds the two equal: do not edit it. What the
operations are for, and how they belong together, is in [api.md](api.md); where they differ from
Twilio's, in [differences.md](differences.md).

Every request carries Basic auth: an account's SID and auth token, or an API key and its secret.
Those under `/lineproof/v1/` are Lineproof's own, the others Twilio's.
"""

# A family's heading; its name in the file is that of the code.
FAMILIES = {
    "preview_orders": "Preview orders",
    "numbers_v2_orders": "Numbers v2 orders",
    "numbers_v2_bulk": "Numbers v2 bulk orders",
    "numbers_v1_eligibility": "Numbers v1 eligibility",
    "numbers_v3_orders": "Numbers v3 orders",
    "preview_documents": "Preview letters",
    "numbers_v2_documents": "Numbers v2 letters",
}


def written(document: Node) -> str:
    """The page."""
    lines = [HEAD, *_contents(document)]
    for tag in document["tags"]:
        lines += ["", f"## {_heading(tag['name'])}"]
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if operation["tags"] == [tag["name"]]:
                    lines += _operation(method.upper(), path, operation)
    lines += ["", "## Answers and bodies"]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _model(name, schema)
    lines += ["", "## Errors", "", *_errors(document)]
    return "\n".join(lines) + "\n"


def _heading(family: str) -> str:
    return FAMILIES.get(family, family.replace("_", " ").capitalize())


def _contents(document: Node) -> Iterator[str]:
    headings = [_heading(tag["name"]) for tag in document["tags"]]
    for heading in [*headings, "Answers and bodies", "Errors"]:
        yield f"- [{heading}](#{heading.lower().replace(' ', '-')})"


def _operation(method: str, path: str, operation: Node) -> Iterator[str]:
    yield from ("", f"### {method} `{path}`", "", f"{operation['summary']}.")
    rows = [
        (one["name"], one["in"], one["schema"], one.get("required", False))
        for one in operation["parameters"]
    ]
    bodies = operation.get("requestBody", {}).get("content", {})
    for media_type, body in bodies.items():
        schema = body["schema"]
        required = schema.get("required", ())
        if "properties" in schema and not schema.get("title"):
            rows += [
                (name, "form" if "form" in media_type else "body", field, name in required)
                for name, field in schema["properties"].items()
            ]
        elif "$ref" in schema:
            yield from ("", f"Takes JSON: {_type(schema)}.")
    if any("binary" in str(body["schema"]) for body in bodies.values()):
        yield from ("", f"Takes a file: {', '.join(f'`{kind}`' for kind in bodies)}.")
    if rows:
        yield from ("", "| Parameter | In | Type | |", "|---|---|---|---|")
        for name, place, schema, required in rows:
            wanted = "required" if required else ""
            yield f"| `{name}` | {place} | {_type(schema)} | {wanted} |"
    yield from ("", _answers(operation["responses"]))


def _answers(responses: Node) -> str:
    told = []
    for status, response in responses.items():
        if status >= "4":
            continue
        schema = next((body["schema"] for body in response.get("content", {}).values()), None)
        told.append(f"{status} with {_type(schema)}" if schema else f"{status} without a body")
    refused = ", ".join(status for status in responses if status >= "4")
    return f"Answers {'; '.join(told)}. Errors: {refused}."


def _model(name: str, schema: Node) -> Iterator[str]:
    yield from ("", f"### {name}")
    if "enum" in schema:
        yield from ("", f"One of {_words(schema['enum'])}.")
        return
    yield from ("", "| Field | Type |", "|---|---|")
    for field, of in schema.get("properties", {}).items():
        yield f"| `{field}` | {_type(of)} |"


def _type(schema: Node) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return _words(schema["enum"])
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return " ".join([_kind(kind, schema), *_bounds(schema)])


def _kind(kind: str, schema: Node) -> str:
    sid = str(schema.get("pattern", ""))
    if sid.endswith("[0-9a-fA-F]{32}$"):
        return f"SID `{sid[1:3]}...`"
    return str(schema.get("format", "text")) if kind == "string" else kind


def _bounds(schema: Node) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None or most is not None:
        yield f"from {least}" if most is None else f"{least} to {most}"
    longest = schema.get("maxLength")
    if longest and "pattern" not in schema:
        yield f"of at most {longest}"
    if schema.get("default") is not None:
        yield f"(else `{schema['default']}`)"


def _words(words: Sequence[Any]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _errors(document: Node) -> Iterator[str]:
    yield "Their body is [Error](#error), under `/lineproof/v1/` [Problem](#problem)."
    yield from ("", "| Status | Meaning |", "|---|---|")
    for name, response in document["components"]["responses"].items():
        if name.startswith("Error"):
            yield f"| {name.removeprefix('Error')} | {response['description']} |"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(written(our_document()), encoding="utf-8")


if __name__ == "__main__":
    main()
