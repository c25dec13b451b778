"""A database of an earlier program keeps what it holds."""

from tests.conftest import CALL, NUMBER
from verification.store import schema, sqlite
from verification.store.sqlite import SqliteStore

SPINE = 4  # the migrations of the first program that anybody ran


def test_calls_of_before_caller_ids_keep_their_order_and_their_replies(tmp_path, monkeypatch):
    store = SqliteStore(tmp_path / "old.db")
    monkeypatch.setattr(sqlite, "MIGRATIONS", schema.MIGRATIONS[:SPINE])
    store.migrate()
    old = store.database().execute
    old(
        "INSERT INTO accounts (sid, name, status, auth_token, created_at)"
        " VALUES ('AC1', 'Acme', 'active', x'00', 1)"
    )
    old(
        "INSERT INTO orders (sid, account_sid, phone_number, status, created_at, updated_at,"
        " incoming_phone_number_sid, cc_emails, status_callback_url, verification_type, call_delay,"
        " language, verification_attempts, code_tries) VALUES ('HR1', 'AC1', ?, 'verified', 1, 2,"
        " 'PN1', '[]', 'https://example.com', 'phone-call', 0, 'en', 1, 0)",
        (NUMBER,),
    )
    old(
        "INSERT INTO attempts (id, order_sid, ordinal, account_sid, number, state, requested_at,"
        " business, language, outcome, call_sid, machine, hang_up, challenge, step, prompts,"
        " wrong_keys, code_tries) VALUES ('a1', 'HR1', 1, 'AC1', ?, 'done', 1, 'Acme', 'en',"
        " 'verified', ?, 0, 0, '7', 2, 1, 0, 1)",
        (NUMBER, CALL),
    )
    old("INSERT INTO replies VALUES ('a1', 0, 'ask-consent', '', 1, '7')")
    old(
        "INSERT INTO outbox VALUES ('msg_1', 'AC1', 'HR1', 'https://example.com', 'POST',"
        " 'verified', ?, 2, 2)",
        (NUMBER,),
    )
    monkeypatch.undo()
    store.migrate()
    with store.read() as tx:
        (attempt,) = tx.attempts.of_subject("HR1")
        assert (attempt.id, attempt.call_sid, attempt.number) == ("a1", CALL, NUMBER)
        reply, order = tx.replies.get("a1", 0), tx.orders.get("HR1")
        assert reply is not None
        assert order is not None
        assert reply.keys == "7"
        assert (order.verified_at, order.code_entry) == (2, "phone")
        (message,) = tx.outbox.of_object("HR1")
        assert message.fields["Status"] == "verified"
    assert store.database().execute("PRAGMA foreign_key_check").fetchall() == []
    assert store.database().execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()
