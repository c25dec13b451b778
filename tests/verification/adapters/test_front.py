"""Request ids, health, metrics and the proxies in front, on the whole application."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from flask import request

import app
from tests.directories import Unasked
from verification import accounts, log, settings
from verification.mails import Mail, MailKind
from verification.retention import LATE_SECONDS
from verification.store.trouble import StoreBusy

TOKEN = "made-up-metrics-token"
WISHED = "0f" * 16


@pytest.fixture
def house(tmp_path):
    chosen = settings.load(
        {
            "DATABASE_URL": f"sqlite:///{tmp_path}/front.db",
            "LINEPROOF_METRICS_TOKEN": TOKEN,
            "LINEPROOF_TRUSTED_PROXIES": 1,
        }
    )
    house = app.open_house(chosen, "http://localhost")
    yield house
    house.store.close()


@pytest.fixture
def client(house):
    return app.create_app(house, Unasked()).test_client()


def metrics(client, token=TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def test_every_answer_carries_a_request_id(client):
    for path in ("/healthz", "/nowhere", "/v2/HostedNumber/Orders"):
        answer = client.get(path)
        assert re.fullmatch("RQ[0-9a-f]{32}", answer.headers["X-Request-Id"])
        assert answer.headers["Twilio-Request-Id"] == answer.headers["X-Request-Id"]


def test_a_well_formed_request_id_is_kept(client):
    answer = client.get("/healthz", headers={"X-Request-Id": WISHED})
    assert answer.headers["X-Request-Id"] == WISHED
    assert answer.headers["Twilio-Request-Id"] == f"RQ{WISHED}"


@pytest.mark.parametrize("wished", ["+19029052034", "123456", "x" * 300, "0F" * 16])
def test_a_request_id_that_could_hold_a_number_is_not_taken(client, wished):
    answer = client.get("/healthz", headers={"X-Request-Id": wished})
    assert wished not in answer.headers["X-Request-Id"]


def tried(Sid):  # noqa: N803 - as Twilio names it
    structlog.get_logger().info("tried")
    return ""


def test_log_lines_of_a_request_carry_its_id_and_its_order(house, capsys):
    kept = structlog.get_config()
    log.to_stderr()
    flask = app.create_app(house, Unasked())
    flask.add_url_rule("/try/<Sid>", "try", tried)
    try:
        flask.test_client().get(f"/try/HR{WISHED}", headers={"X-Request-Id": WISHED})
    finally:
        structlog.configure(**kept)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["request"], line["sid"]) == ("tried", WISHED, f"HR{WISHED}")


def test_a_server_whose_store_answers_is_ready(client):
    assert client.get("/healthz").get_json() == {"status": "ok"}
    well = {"status": "ready", "work": "on time", "retention": "on time"}
    assert client.get("/readyz").get_json() == well


def test_work_that_nobody_does_is_late(client, house):
    due = house.store.now() - 1000
    with house.store.write() as tx:
        account, _ = accounts.create(tx, house.keyring, "Acme", due)
        kind = MailKind.LETTER_SENT
        tx.mails.insert(Mail("m1", account.sid, "PX1", kind, 1, "a@b.example", "en", due, due))
    assert client.get("/readyz").get_json()["work"] == "late"
    assert 'lineproof_due_rows{queue="mails"} 1.0' in metrics(client).get_data(as_text=True)


def test_whether_the_90_days_are_kept_is_told_and_counted(client, house):
    purged = "lineproof_retention_purged_timestamp_seconds"
    overdue = 'lineproof_retention_overdue_rows{kind="mail"}'
    ended = house.store.now() - house.settings.keep_seconds - LATE_SECONDS
    with house.store.write() as tx:
        account, _ = accounts.create(tx, house.keyring, "Acme", ended)
        for n, at in enumerate((ended - 10, ended + 3600)):
            about = (account.sid, "PX1", MailKind.LETTER_SENT, 1, "a@b.example", "en")
            tx.mails.insert(Mail(f"m{n}", *about, at, None))
    figures = metrics(client).get_data(as_text=True).splitlines()
    (last,) = (line.split()[1] for line in figures if line.startswith(purged))
    assert abs(float(last) - house.store.now()) < 60
    assert client.get("/readyz").get_json()["retention"] == "on time"
    with house.store.write() as tx:
        before = tx.retention.progress()
        tx.retention.note_progress(before._replace(purged_at=before.purged_at - LATE_SECONDS - 60))
    assert client.get("/readyz").get_json()["retention"] == "late"
    assert f"{overdue} 1.0" in metrics(client).get_data(as_text=True).splitlines()
    house.retention.do()
    assert f"{overdue} 0.0" in metrics(client).get_data(as_text=True)
    assert client.get("/readyz").get_json()["retention"] == "on time"


def test_a_server_whose_store_does_not_answer_lives_and_is_not_ready(house, monkeypatch):
    flask = app.create_app(house, Unasked())

    def busy(_self):
        raise StoreBusy("the disk is gone")

    monkeypatch.setattr(type(house.store), "read", busy)
    client = flask.test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_metrics_count_requests_by_route_and_never_by_path(client):
    client.get("/HostedNumbers/HostedNumberOrders/HR123")
    client.get("/nowhere/+19029052034")
    text = metrics(client).get_data(as_text=True)
    assert 'route="/HostedNumbers/HostedNumberOrders/<Sid>",status="401"' in text
    assert 'route="none",status="404"' in text
    assert "9029052034" not in text
    assert 'lineproof_due_rows{queue="attempts"} 0.0' in text


@pytest.mark.parametrize("token", ["", "another-made-up-token"])
def test_metrics_are_shown_to_the_token_only(client, token):
    assert metrics(client, token).status_code == 404


def test_without_a_token_there_are_no_metrics(house):
    chosen = house.settings.model_copy(update={"metrics_token": None})
    client = app.create_app(replace(house, settings=chosen), Unasked()).test_client()
    assert metrics(client).status_code == 404


@pytest.mark.parametrize(("proxies", "seen"), [(1, "203.0.113.9"), (0, "127.0.0.1")])
def test_the_clients_address_is_what_a_trusted_proxy_says(house, proxies, seen):
    chosen = house.settings.model_copy(update={"trusted_proxies": proxies})
    flask = app.create_app(replace(house, settings=chosen), Unasked())
    flask.add_url_rule("/who", "who", lambda: request.remote_addr or "")
    said = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    assert flask.test_client().get("/who", headers=said).get_data(as_text=True) == seen


@pytest.mark.parametrize(("proxies", "seen"), [(0, "http"), (1, "https"), (2, "https")])
def test_whether_a_client_came_by_tls_is_what_a_trusted_proxy_says(house, proxies, seen):
    # The console's cookies go by it: behind nginx they are for TLS only.
    chosen = house.settings.model_copy(update={"trusted_proxies": proxies})
    flask = app.create_app(replace(house, settings=chosen), Unasked())
    flask.add_url_rule("/how", "how", lambda: request.scheme)
    said = {"X-Forwarded-Proto": "https"}
    assert flask.test_client().get("/how", headers=said).get_data(as_text=True) == seen


def test_the_shipped_proxy_says_so():
    text = (Path(__file__).parents[3] / "deploy" / "nginx-proxy.conf").read_text()
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in text
