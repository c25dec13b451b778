"""Every operation, driven with the real Python SDK and the real Node SDK over HTTP.

Each field of what the SDK hands its user is compared with what the server answered: its name, its
type, its value, and dates as moments.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel, to_snake
from twilio.rest import Client

from tests.end_to_end.sdk_calls import ADDRESS, CALLS, SdkCall, filled
from tests.end_to_end.sdk_world import NUMBERS, VALIDATED, Body, hosted, seeded
from tests.end_to_end.test_journeys import phone
from twiml.client import HttpClient
from verification import api
from verification.api import problems
from verification.api.context import Context

NODE = Path(__file__).parents[1] / "node"
NODE_SECONDS = 120
DATES = ("date_", "start_time", "end_time", "message_date")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
RFC_2822 = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000")


class Recording(HttpClient):
    """The HttpClient that users have, with the last answer kept."""

    answer: Any = None

    def request(self, *args: Any, **kwargs: Any) -> Any:
        self.answer = super().request(*args, **kwargs)
        return self.answer


def by_python(base_url: str, sid: str, token: str, calls: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What the server answered to each call, and what the Python SDK made of it."""
    http_client = Recording(base_url)
    client = Client(sid, token, http_client=http_client)
    results = []
    for call in calls:
        params = dict(call["params"])
        if "body" in params:
            params["body"] = Body(params["body"])
        result = method_of(client, call["at"])(**params)
        told = [vars(one) for one in result] if isinstance(result, list) else result
        told = told if isinstance(told, bool | list) else vars(told)
        text = http_client.answer.text
        results.append(
            {
                "status": http_client.answer.status_code,
                "body": json.loads(text) if text else None,
                "instance": told,
            }
        )
    return results


def method_of(client: Any, at: str) -> Any:
    """The method of the SDK that is at the end of this way."""
    here = client
    for step in at.split("."):
        name, _, argument = step.rstrip(")").partition("(")
        here = getattr(here, name)
        here = here(argument) if argument else here
    return here


def by_node(base_url: str, sid: str, token: str, calls: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What the server answered to each call, and what the Node SDK made of it."""
    asked = json.dumps({"base": base_url, "sid": sid, "token": token, "calls": list(calls)})
    node = subprocess.run(
        ["node", "drive.js"],
        cwd=NODE,
        input=asked,
        capture_output=True,
        text=True,
        timeout=NODE_SECONDS,
    )
    assert node.returncode == 0, node.stderr
    results: list[Any] = json.loads(node.stdout)
    for result in results:
        if isinstance(result["body"], str):
            result["body"] = json.loads(result["body"]) if result["body"] else None
    return results


@pytest.fixture
def customer(serve):
    people = [phone("person", number=number, types="code") for number in (*NUMBERS[:5], VALIDATED)]
    return serve("".join(people))


@pytest.fixture
def seeds(customer):
    return seeded(customer.client, customer.call) | hosted(customer.client, customer.house.store)


@pytest.fixture
def node():
    """The Node SDK is there: `make test` installs it."""
    if not shutil.which("node") or not (NODE / "node_modules" / "twilio").is_dir():
        pytest.skip("the Node SDK is not installed: run `make test` where npm is")


def asked(seeds: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"at": filled(call.at, seeds), "params": filled(dict(call.params), seeds)} for call in CALLS
    ]


def test_the_table_has_every_operation_of_twilios_shapes(store, keyring):
    context = Context(store, keyring, None, None, "")  # type: ignore[arg-type]
    there = {
        f"{family}.{operation.name}"
        for family, operations in api.families(context).items()
        for operation in operations
        if not problems.are_answered_on(operation.path)  # our own, which no SDK has
    }
    driven = {call.operation for call in CALLS}
    assert there - driven == set(), "write a call of the SDKs for these into sdk_calls.CALLS"
    assert driven - there == set(), "these operations are gone"


def test_the_python_sdk_shows_what_the_server_answered(customer, seeds):
    client = customer.client
    results = by_python(customer.house.base_url, client.username, client.password, asked(seeds))
    for call, result in zip(CALLS, results, strict=True):
        compared(call, result, python_field)


@pytest.mark.usefixtures("node")
def test_the_node_sdk_shows_what_the_server_answered(customer, seeds):
    client = customer.client
    results = by_node(customer.house.base_url, client.username, client.password, asked(seeds))
    for call, result in zip(CALLS, results, strict=True):
        assert "error" not in result, result
        compared(call, result, node_field)


@pytest.mark.usefixtures("node")
def test_the_node_sdk_reads_lists_to_their_end_and_errors_as_they_are(customer):
    client, orders = customer.client, "preview.hosted_numbers.hosted_number_orders"
    made = [customer.order(number).sid for number in NUMBERS[:5]]
    addresses = [client.addresses.create(**ADDRESS).sid for _ in range(3)]
    missing = "HR" + "0" * 32
    path = f"/HostedNumbers/HostedNumberOrders/{missing}"
    listed, flat, unknown, wrong = by_node(
        customer.house.base_url,
        client.username,
        client.password,
        [
            {"at": f"{orders}.list", "params": {"page_size": 2}},
            {"at": "addresses.list", "params": {"page_size": 2}},
            {"at": f"{orders}({missing}).fetch", "params": {}},
            {"at": f"{orders}.create", "params": {"phone_number": "x", "sms_capability": True}},
        ],
    )
    assert [order["sid"]["value"] for order in listed["instance"]] == made[::-1]
    assert [address["sid"]["value"] for address in flat["instance"]] == addresses[::-1]
    assert unknown["error"] == {
        "code": 20404,
        "status": 404,
        "message": f"The requested resource {path} was not found",
        "moreInfo": "https://www.twilio.com/docs/errors/20404",
    }
    assert (wrong["error"]["status"], wrong["error"]["code"]) == (400, 22102)


def compared(call: SdkCall, result: Mapping[str, Any], compare: Any) -> None:
    """Compare what an SDK shows with what the server answered."""
    body, instance = result["body"], result["instance"]
    if body is None:
        assert (result["status"], instance) == (204, True), call.operation
        return
    assert result["status"] in (200, 201, 202), call.operation
    if isinstance(instance, list):
        (rows,) = (rows for rows in body.values() if isinstance(rows, list))
        assert rows, f"{call.operation}: a list of nothing shows nothing"
        assert len(rows) == len(instance), call.operation
    else:
        rows, instance = [body], [instance]
    for answered, shown in zip(rows, instance, strict=True):
        compare(call, answered, shown)


def python_field(call: SdkCall, answered: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    names = {to_snake(name): name for name in answered}
    public = {name: value for name, value in shown.items() if not name.startswith("_")}
    if "_from" in shown:  # a word of Python's own
        public["from"] = shown["_from"]
    public = {name: value for name, value in public.items() if name not in call.lacking}
    assert set(names) - set(public) == set(call.own), call.operation
    assert set(public) - set(names) == set(), call.operation
    for name, value in public.items():
        sent = answered[names[name]]
        where = f"{call.operation}: {name}"
        if name.startswith(DATES) and sent is not None:
            assert isinstance(value, datetime), where
            assert value.replace(tzinfo=UTC) == moment(sent), where
        else:
            assert (type(value), value) == (type(sent), sent), where


def node_field(call: SdkCall, answered: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    names = {to_camel(to_snake(name)): name for name in answered}
    lacking = [to_camel(name) for name in call.lacking]
    shown = {name: told for name, told in shown.items() if name not in lacking}
    own = {to_camel(name) for name in call.own}
    assert set(names) - set(shown) == own, call.operation
    assert set(shown) - set(names) == set(), call.operation
    for name, told in shown.items():
        sent = answered[names[name]]
        where = f"{call.operation}: {name}"
        if (
            name.startswith(tuple(to_camel(date.rstrip("_")) for date in DATES))
            and sent is not None
        ):
            assert told["type"] == "date", where
            assert told["value"] == moment(sent).timestamp() * 1000, where
        else:
            assert told["type"] == javascript_type(sent), where
            assert camelized(told["value"]) == camelized(sent), where


def camelized(value: Any) -> Any:
    """The value with its names in camelCase: Node's SDK renames those of some objects."""
    if isinstance(value, dict):
        return {to_camel(to_snake(name)): camelized(one) for name, one in value.items()}
    return [camelized(one) for one in value] if isinstance(value, list) else value


def moment(text: str) -> datetime:
    """A date of an answer, in the one way of writing it that its family has."""
    if ISO.fullmatch(text):
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert RFC_2822.fullmatch(text), text
    return parsedate_to_datetime(text)


def javascript_type(value: Any) -> str:
    if value is None:
        return "null"
    kinds: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string"}
    return kinds.get(type(value), "object")


def test_the_lock_of_the_node_sdk_names_no_registry_and_has_every_hash():
    lock = json.loads((NODE / "package-lock.json").read_text("utf-8"))
    installed = {name: package for name, package in lock["packages"].items() if name}
    assert "node_modules/twilio" in installed
    assert not [name for name, package in installed.items() if "resolved" in package]
    assert not [name for name, package in installed.items() if "integrity" not in package]


def code_of(language: str) -> list[str]:
    """The examples of docs/clients.md, at this server."""
    text = (NODE.parents[1] / "docs" / "clients.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def printed(command: list[str], code: str, customer: Any) -> str:
    """What an example prints when it is run as a program of its own."""
    account = {"ACCOUNT_SID": customer.client.username, "AUTH_TOKEN": customer.client.password}
    program = subprocess.run(
        command,
        cwd=NODE,
        input=code.replace("http://127.0.0.1:8000", customer.house.base_url),
        env={**os.environ, **account},
        capture_output=True,
        text=True,
        timeout=NODE_SECONDS,
    )
    assert program.returncode == 0, program.stderr
    return program.stdout.strip()


def test_the_python_examples_of_the_docs_run(customer):
    ordering, looking_up = code_of("python")
    assert re.fullmatch(r"HR\w{32} received", printed([sys.executable, "-"], ordering, customer))
    assert printed([sys.executable, "-"], looking_up, customer) == "CA"


@pytest.mark.usefixtures("node")
def test_the_node_example_of_the_docs_runs(customer):
    (ordering,) = code_of("js")
    assert re.fullmatch(r"HR\w{32} received", printed(["node", "-"], ordering, customer))
