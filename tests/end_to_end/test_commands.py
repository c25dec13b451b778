"""The commands as processes of their own: demo, serve, and gunicorn with a worker."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from twilio.rest import Client

from twiml.carrier import HttpClient
from verification.store.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]
NUMBER = "+19029052034"
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_FROM_NUMBER": "+15005550006",
}


def command(*arguments):
    return [sys.executable, str(ROOT / "app.py"), *arguments]


def environment(**settings):
    ours = ("TWILIO_", "LINEPROOF_", "PUBLIC_BASE_URL", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **settings}


def run(folder, *arguments, **settings):
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def started(folder, arguments, **settings):
    """A process that is stopped with SIGTERM; it must end by itself then."""
    process = subprocess.Popen(
        arguments, cwd=folder, env=environment(**settings), stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def customer(base_url, created):
    sid, token = (line.split("=")[1] for line in created.splitlines())
    client = Client(sid, token, http_client=HttpClient(base_url))
    return client.preview.hosted_numbers.hosted_number_orders


def verify(orders, **wishes):
    """Order the number, ask for the call, and follow the order until it is verified."""
    order = orders.create(phone_number=NUMBER, sms_capability=True)
    deadline = time.monotonic() + 30
    while order.status == "twilio-processing" and time.monotonic() < deadline:
        order = order.fetch()
    order = order.update(status="pending-verification", **wishes)
    while order.status == "pending-verification" and time.monotonic() < deadline:
        order = order.fetch()
        assert not order.failure_reason, order.failure_reason
    return order.status


def test_the_demo_ends_with_a_verified_number_twice_in_a_row(tmp_path):
    for _ in range(2):
        told = run(tmp_path, "demo", LINEPROOF_SPEED="200")
        assert told.returncode == 0, told.stdout + told.stderr
        assert told.stdout.splitlines()[-1] == f"{NUMBER} verified"
        assert told.stderr == ""
    for words in ("ivr       says", "sends 2", "heard 5", "person    answers", "types"):
        assert words in told.stdout


def test_after_the_demo_the_order_can_be_read_back_from_the_file_that_it_names(tmp_path):
    told = run(tmp_path, "demo", LINEPROOF_SPEED="200")
    database = Path(re.findall(r"are in (\S+)\. To read", told.stdout)[0])
    store = SqliteStore(database)
    assert [row["status"] for row in store.database()["orders"].rows] == ["verified"]
    store.close()
    trail = run(tmp_path, "db", "audit", DATABASE_URL=f"sqlite:///{database}")
    assert "status: pending-verification -> verified" in trail.stdout


def test_the_demo_writes_over_no_file(tmp_path):
    (tmp_path / "mine.db").write_text("precious")
    told = run(tmp_path, "demo", "--database", "mine.db")
    assert (told.returncode, len(told.stderr.splitlines())) == (2, 1)
    assert (tmp_path / "mine.db").read_text() == "precious"


def test_settings_of_the_world_do_not_lead_the_demo_away_from_this_machine(tmp_path):
    told = run(
        tmp_path,
        "demo",
        **TWILIO,
        PUBLIC_BASE_URL="https://lineproof.example",
        http_proxy="http://127.0.0.1:9",
        twilio_account_sid=TWILIO["TWILIO_ACCOUNT_SID"],
        public_base_url="https://lineproof.example",
        LINEPROOF_CONSENT_DIGITS="9",
        LINEPROOF_SPEED="200",
    )
    assert told.stdout.splitlines()[-1] == f"{NUMBER} verified"


@pytest.mark.parametrize("command_", [("db", "check"), ("db", "audit")])
def test_a_database_that_is_not_there_is_not_made_by_looking_at_it(tmp_path, command_):
    told = run(tmp_path, *command_, DATABASE_URL="sqlite:///typo.db")
    assert (told.returncode, len(told.stderr.splitlines())) == (2, 1)
    assert not list(tmp_path.iterdir())


def test_a_lost_key_is_told_and_not_replaced(tmp_path):
    run(tmp_path, "account", "create", "Acme")
    (tmp_path / "lineproof.db.key").unlink()
    told = run(tmp_path, "serve", "--port", "0")
    assert (told.returncode, len(told.stderr.splitlines())) == (2, 1)
    assert "lineproof.db.key" in told.stderr
    assert not (tmp_path / "lineproof.db.key").exists()


@pytest.mark.parametrize("url", ["sqlite:////proc/nope/x.db", "sqlite:////dev/null/x.db"])
def test_a_place_where_nothing_can_be_written_is_one_line(tmp_path, url):
    told = run(tmp_path, "account", "list", DATABASE_URL=url)
    assert (told.returncode, len(told.stderr.splitlines())) == (2, 1)


def test_with_one_wait_fewer_the_demo_tells_which_key_was_lost_and_by_how_much(tmp_path):
    told = run(tmp_path, "demo", "--extension", "wwww2wwwww5wwwwww9", LINEPROOF_SPEED="200")
    assert told.returncode == 1
    assert "lost 5: it was speaking and did not listen" in told.stdout
    assert "missed 5: it came too early, by 0.077 s" in told.stdout
    assert told.stdout.splitlines()[-1].startswith(f"{NUMBER} not verified: ")


def test_a_bad_extension_ends_the_demo_with_the_reason(tmp_path):
    told = run(tmp_path, "demo", "--extension", "2,5")
    assert told.returncode == 1
    assert "',' at position 2" in told.stdout.splitlines()[-1]


def test_serve_prints_its_url_first_and_verifies_with_the_sdk(tmp_path):
    with started(
        tmp_path, command("serve", "--port", "0"), LINEPROOF_SPEED="0", PYTHONUNBUFFERED="1"
    ) as server:
        url = server.stdout.readline().strip()
        printed = iter(server.stdout.readline, "")
        (link,) = next(line for line in printed if line.startswith("Console: ")).split()[1:]
        opened = [requests.get(link, timeout=10) for _ in range(2)]
        assert [one.status_code for one in opened] == [200, 403]  # once, on a fresh database
        assert opened[0].url == f"{url}/console/orders"
        made = run(tmp_path, "account", "create", "Maple Street Dental")
        orders = customer(url, made.stdout)
        assert verify(orders, extension="wwww2wwwwww5wwwwww9") == "verified"


def test_gunicorn_and_a_worker_verify_with_the_emulator_and_no_account(tmp_path, free_port):
    url = f"http://127.0.0.1:{free_port}"
    settings = {"PUBLIC_BASE_URL": url, "LINEPROOF_SPEED": "0"}
    with (
        started(tmp_path, gunicorn(free_port), **settings),
        started(tmp_path, command("worker"), **settings),
    ):
        made = run(tmp_path, "account", "create", "Maple Street Dental")
        wait_for(url)
        assert verify(customer(url, made.stdout), extension="wwww2wwwwww5wwwwww9") == "verified"
        sid, token = (line.split("=")[1] for line in made.stdout.splitlines())
        lookup = f"{url}/v2/PhoneNumbers/{NUMBER}?Fields=line_type_intelligence"
        told = requests.get(lookup, auth=(sid, token), timeout=10).json()["line_type_intelligence"]
        assert (told["type"], told["carrier_name"]) == ("landline", "Iristel Inc. - ON")


def test_with_credentials_the_pair_calls_through_whatever_speaks_twilios_api(tmp_path, free_port):
    url = f"http://127.0.0.1:{free_port}"
    with started(
        tmp_path, command("emulator"), **TWILIO, LINEPROOF_SPEED="0", PYTHONUNBUFFERED="1"
    ) as twilio:
        carrier = twilio.stdout.readline().strip()
        settings = {**TWILIO, "PUBLIC_BASE_URL": url, "TWILIO_API_BASE_URL": carrier}
        with (
            started(tmp_path, gunicorn(free_port), **settings),
            started(tmp_path, command("worker"), **settings),
        ):
            made = run(tmp_path, "account", "create", "Maple Street Dental", **settings)
            wait_for(url)
            orders = customer(url, made.stdout)
            order = orders.create(phone_number=NUMBER, sms_capability=True)
            order = order.update(
                status="pending-verification", extension="wwww2wwwwww5wwwwww9", call_delay=1
            )
            known = requests.put(
                f"{carrier}/emulator/v1/codes/{NUMBER}",
                json={"code": order.verification_code},
                auth=(TWILIO["TWILIO_ACCOUNT_SID"], TWILIO["TWILIO_AUTH_TOKEN"]),
                timeout=10,
            )
            assert known.ok
            deadline = time.monotonic() + 30
            while order.status == "pending-verification" and time.monotonic() < deadline:
                order = order.fetch()
            assert order.status == "verified"


@pytest.mark.parametrize("arguments", [("serve",), ("worker",), ("account", "list")])
def test_missing_settings_are_one_line_and_exit_code_2(tmp_path, arguments):
    told = run(tmp_path, *arguments, TWILIO_ACCOUNT_SID="AC" + "a" * 32)
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1
    assert "TWILIO_AUTH_TOKEN, PUBLIC_BASE_URL" in told.stderr


def test_gunicorn_with_missing_settings_says_so(tmp_path, free_port):
    told = subprocess.run(
        gunicorn(free_port),
        cwd=tmp_path,
        env=environment(TWILIO_ACCOUNT_SID="AC" + "a" * 32),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode != 0
    assert "lineproof: to call through Twilio, set also TWILIO_AUTH_TOKEN" in told.stderr


def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path, free_port):
    with started(tmp_path, command("serve", "--port", str(free_port)), PYTHONUNBUFFERED="1") as one:
        one.stdout.readline()
        told = run(tmp_path, "serve", "--port", str(free_port))
    assert told.returncode == 2
    assert str(free_port) in told.stderr


def gunicorn(port):
    bind = f"127.0.0.1:{port}"
    quiet = ("--log-level", "warning", "--pythonpath", str(ROOT), "--graceful-timeout", "5")
    return [sys.executable, "-m", "gunicorn", "app:app", "--bind", bind, "--threads", "4", *quiet]


def wait_for(url):
    """Until the server answers; each try is a connection."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=20)
        except (requests.ConnectionError, requests.Timeout):
            continue
        return
    raise AssertionError("the server did not start")
