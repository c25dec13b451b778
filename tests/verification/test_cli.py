"""The commands for accounts, the database and the audit trail."""

import re
from contextlib import closing

import pytest
from click.testing import CliRunner

import app
from verification import audit, ordering
from verification.store.sqlite import SqliteStore


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/cli.db")

    def run(*arguments):
        return CliRunner().invoke(app.main, arguments)

    return run


def test_an_account_is_made_and_its_sid_and_token_are_a_line_each(run):
    result = run("account", "create", "Maple Street Dental")
    assert result.exit_code == 0
    assert re.fullmatch(r"ACCOUNT_SID=AC[0-9a-f]{32}\nAUTH_TOKEN=[0-9a-f]{32}\n", result.output)
    assert "Maple Street Dental" in run("account", "list").output


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a\x07b"])
def test_a_name_that_cannot_be_spoken_is_refused_with_what_is_allowed(run, name):
    result = run("account", "create", name)
    assert result.exit_code == 2
    assert "1 to 64 printable characters" in result.output


def test_a_sound_database_is_said_to_be_sound(run):
    run("account", "create", "A")
    assert run("db", "check").output.startswith("The database is sound")
    assert run("db", "migrate").exit_code == 0


def test_a_broken_audit_trail_is_found_with_exit_code_1(run, tmp_path):
    run("account", "create", "A")
    connection = SqliteStore(tmp_path / "cli.db").database().conn
    connection.execute("DROP TRIGGER audit_rows_stay")
    connection.execute("UPDATE audit SET actor = 'x'")
    result = run("db", "check")
    assert (result.exit_code, result.output) == (1, "the audit trail is broken at row 1\n")


def test_a_row_that_is_no_record_is_found(run, tmp_path):
    run("account", "create", "A")
    store = SqliteStore(tmp_path / "cli.db")
    with store.write() as tx:
        account = tx.accounts.all()[0]
        ordering.create(tx, account.sid, "+19029052034", {}, 1.0)
    store.database().conn.execute("UPDATE orders SET status = 'bogus'")
    store.close()
    result = run("db", "check")
    assert result.exit_code == 1
    assert "the table orders holds what cannot be read" in result.output


def test_the_audit_trail_can_be_read(run):
    sid = run("account", "create", "A").output[12:46]
    assert f"{sid}  operator: account created" in run("db", "audit").output
    assert run("db", "audit", sid).output == run("db", "audit").output
    assert run("db", "audit", "HR0").output == ""


def test_the_audit_trail_says_with_which_key_a_customer_acted_and_what_a_key_did(run, tmp_path):
    sid, _token = created(run, "Acme")
    key = run("account", "keys", "create", sid, "ci").output[8:42]
    store = SqliteStore(tmp_path / "cli.db")
    with closing(store), audit.signed_in(key), store.write() as tx:
        order = ordering.create(tx, sid, "+19029052034", {}, 1.0)
    assert f"{order.sid}  customer {key}: order created" in run("db", "audit", order.sid).output
    made, did = run("db", "audit", key).output.splitlines()
    assert made.endswith(f"{key}  operator: key created")
    assert did.endswith(f"{order.sid}  customer {key}: order created")


@pytest.mark.parametrize("command", [["account", "list"], ["db", "check"], ["serve"], ["worker"]])
def test_wrong_settings_are_one_line_and_exit_code_2(run, monkeypatch, command):
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    result = run(*command)
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1
    assert "TWILIO_AUTH_TOKEN" in result.output
    assert "PUBLIC_BASE_URL" in result.output


def test_a_database_of_another_program_is_one_line_and_exit_code_2(run, tmp_path):
    (tmp_path / "cli.db").write_text("no database at all, " * 100)
    result = run("db", "check")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)


def test_wrong_phones_are_one_line_and_exit_code_2(run, monkeypatch, tmp_path):
    phones = tmp_path / "phones.toml"
    phones.write_text('["+19029052034"]\nanswers = "perhaps"\nanswer = 3\n')
    monkeypatch.setenv("LINEPROOF_PHONES", str(phones))
    result = run("serve", "--port", "0")
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert "+19029052034" in result.output


def created(run, *arguments):
    """An account's SID and token."""
    output = run("account", "create", *arguments).output
    return [line.split("=")[1] for line in output.splitlines()]


def test_an_account_is_rotated_suspended_resumed_and_closed(run):
    sid, _token = created(run, "Acme")
    assert re.fullmatch(r"AUTH_TOKEN=[0-9a-f]{32}\n", run("account", "rotate", sid).output)
    assert run("account", "rotate", sid, "--finish").exit_code == 0
    assert "no second token" in run("account", "rotate", sid, "--finish").output
    for command, status in (("suspend", "suspended"), ("resume", "active"), ("close", "closed")):
        assert run("account", command, sid).output == f"{sid} is {status}.\n"
    assert "cannot be opened again" in run("account", "resume", sid).output
    assert run("account", "suspend", "AC0").exit_code == 2


def test_subaccounts_and_test_accounts_are_listed_as_such(run):
    sid, _ = created(run, "Acme")
    sub, _ = created(run, "Branch", "--owner", sid)
    created(run, "Trial", "--test")
    lines = run("account", "list").output.splitlines()
    assert lines[1].endswith(f"active  Branch of {sid}")
    assert lines[2].endswith("active, test  Trial")
    assert run("account", "create", "X", "--owner", "AC0").exit_code == 2
    refused = run("account", "create", "X", "--owner", sub)
    assert (refused.exit_code, "cannot make subaccounts" in refused.output) == (2, True)
    assert len(run("account", "list").output.splitlines()) == 3


def test_keys_are_made_listed_and_revoked(run):
    sid, _ = created(run, "Acme")
    made = run("account", "keys", "create", sid, "ci").output
    key = re.fullmatch(r"API_KEY=(SK[0-9a-f]{32})\nAPI_SECRET=\S{32}\n", made)
    assert key
    assert f"{key[1]}  " in run("account", "keys", "list", sid).output
    assert run("account", "keys", "revoke", key[1]).exit_code == 0
    assert run("account", "keys", "list", sid).output == ""
    assert run("account", "keys", "revoke", key[1]).exit_code == 2


@pytest.fixture
def run_on_postgres(postgres_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("LINEPROOF_SECRET_KEYS", "k" * 32)
    return lambda *arguments: CliRunner().invoke(app.main, arguments)


def test_the_commands_work_alike_on_postgresql(run_on_postgres):
    sid, _ = created(run_on_postgres, "Acme")
    assert run_on_postgres("db", "migrate").exit_code == 0
    assert run_on_postgres("db", "check").output.startswith("The database is sound")
    assert f"{sid}  operator: account created" in run_on_postgres("db", "audit").output
    assert run_on_postgres("account", "suspend", sid).output == f"{sid} is suspended.\n"


@pytest.mark.parametrize("command", [["db", "check"], ["account", "list"], ["worker"]])
def test_a_postgresql_that_cannot_be_reached_is_one_line_and_exit_code_2(
    run_on_postgres, monkeypatch, command
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:hush-hush@127.0.0.1:1/lineproof")
    result = run_on_postgres(*command)
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert "cannot be reached" in result.output
    assert "hush" not in result.output


def test_a_database_without_lineproofs_tables_is_not_filled_by_looking_at_it(
    run_on_postgres, postgres, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", postgres.create())
    for _ in range(2):
        result = run_on_postgres("db", "check")
        assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
        assert "There is no database of Lineproof's" in result.output
