"""What docs/callbacks.md tells receivers to do, done."""

import json
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from verification import callbacks
from verification.delivery import Keys, request
from verification.signatures import new_secret

PAGE = Path(__file__).parents[2] / "docs" / "callbacks.md"
TOKEN, SECRET = "the auth token", new_secret()
URL = "http://localhost/callback"


def example(language):
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.S)
    assert found
    return found[1]


def made(method):
    fields = {"Status": "verified", "PhoneNumber": "+19029052034"}
    message = callbacks.message("AC1", "HR1", "order.verified", URL, method, fields, 1.0)
    return request(message, Keys(TOKEN, (SECRET,)), time.time())


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_handler_in_python_accepts_what_is_sent_and_nothing_else(method):
    names: dict[str, object] = {"__name__": "handler"}
    exec(example("python").replace("whsec_...", SECRET), names)  # noqa: S102 - the page is ours
    client = names["app"].test_client()  # type: ignore[attr-defined]
    sent = made(method)
    assert client.open(sent.url, method=method, data=sent.body, headers=sent.headers).status == (
        "204 NO CONTENT"
    )
    forged = {**sent.headers, "X-Twilio-Signature": "bm8="}
    assert client.open(sent.url, method=method, data=sent.body, headers=forged).status_code == 403


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_check_in_node_accepts_what_is_sent_and_nothing_else(method):
    sent = made(method)
    content = sent.body.decode() if sent.body else urlsplit(sent.url).query
    code = example("js").replace('const twilio = require("twilio");', "")
    asked = json.dumps([SECRET, dict(sent.headers), content])
    code += f"const asked = {asked};\nconsole.log(isGenuine(...asked));\n"
    code += "asked[2] += '&a=b'; console.log(isGenuine(...asked));"
    told = subprocess.run(["node", "-e", code], capture_output=True, text=True, timeout=60)
    assert told.stdout.split() == ["true", "false"], told.stderr
