"""The commands for callbacks."""

import re
import time

import pytest
from click.testing import CliRunner

import app
from verification import callbacks
from verification.outgoing import Answer
from verification.store.sqlite import SqliteStore


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.db")

    def run(*arguments):
        return CliRunner().invoke(app.main, arguments)

    return run


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "cli.db")
    yield store
    store.close()


@pytest.fixture
def account(run):
    found = re.search(r"ACCOUNT_SID=(\w+)", run("account", "create", "A").output)
    assert found
    return found[1]


@pytest.fixture
def failed(store, account):
    """A callback that has been tried until the end of its schedule."""
    fields = {"Status": "verified", "PhoneNumber": "+19029052034"}
    url = "https://example.com/hook?key=1"
    message = callbacks.message(account, "HR1", "order.verified", url, None, fields, time.time())
    with store.write() as tx:
        tx.outbox.add(message)
        for _ in range(10):
            message = callbacks.settled(message, Answer(503), time.time(), 1.0)
        tx.outbox.save(message)
    return message


def test_what_was_sent_is_listed_with_its_answer_and_without_the_query_of_its_url(run, failed):
    line = run("callbacks", "list").output
    assert failed.id in line
    assert "failed, 10 tries" in line
    assert "order.verified  HR1  https://example.com:443  HTTP 503" in line
    assert "key=1" not in line


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (("--state", "failed"), True),
        (("--state", "pending"), False),
        (("--object", "HR1"), True),
        (("--object", "HR2"), False),
        (("--account", "AC" + "0" * 32), False),
    ],
)
def test_the_list_can_be_narrowed(run, failed, options, shown):
    assert (failed.id in run("callbacks", "list", *options).output) is shown


def test_one_is_shown_whole_but_for_the_number(run, failed):
    output = run("callbacks", "show", failed.id).output
    assert "POST https://example.com/hook?key=1" in output
    assert "PhoneNumber=...2034" in output
    assert "+19029052034" not in output
    assert "failed after 10 tries" in output


def test_one_that_is_unknown_is_said_to_be(run, account):
    result = run("callbacks", "show", "msg_0")
    assert (result.exit_code, "there is no callback msg_0" in result.output) == (2, True)


@pytest.mark.parametrize("how", ["by id", "by state"])
def test_what_failed_is_sent_again_under_its_id(run, store, failed, how):
    chosen = [failed.id] if how == "by id" else ["--state", "failed"]
    assert run("callbacks", "resend", *chosen).output == "1 to be sent again.\n"
    with store.read() as tx:
        assert tx.outbox.get(failed.id).state is callbacks.State.PENDING
        assert tx.outbox.any_due(time.time())
    assert run("callbacks", "resend", "--state", "failed").output == "0 to be sent again.\n"


@pytest.mark.parametrize("arguments", [(), ("msg_0", "--state", "failed")])
def test_sending_again_wants_ids_or_a_state(run, failed, arguments):
    assert run("callbacks", "resend", *arguments).exit_code == 2


def test_receivers_are_listed_with_how_they_are(run, store, failed):
    assert "https://example.com:443  not asked yet" in run("callbacks", "receivers").output
    with store.write() as tx:
        (endpoint,) = tx.outbox.endpoints()
        tx.outbox.release(callbacks.judged(endpoint, Answer(503), 0.0))
    assert "failed 1 times in a row, since 1970-01-01" in run("callbacks", "receivers").output


def test_the_secret_stays_the_same_until_it_is_rotated(run, account):
    first = run("callbacks", "secret", account).output
    assert re.fullmatch(r"CALLBACK_SECRET=whsec_[A-Za-z0-9+/]{43}=\n", first)
    assert run("callbacks", "secret", account).output == first
    rotated = run("callbacks", "secret", account, "--rotate").output
    assert rotated != first
    assert run("callbacks", "secret", account).output == rotated
    assert run("callbacks", "secret", "AC0").exit_code == 2
