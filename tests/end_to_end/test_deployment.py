"""The files of ``deploy/``: gunicorn behind nginx with slow clients, and the units of systemd."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.end_to_end.front_door import DEPLOY, site

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "made-up-metrics-token"
SLOW_CLIENTS = 200


def environment(folder):
    ours = ("TWILIO_", "LINEPROOF_", "PUBLIC_BASE_URL", "DATABASE_URL", "PROMETHEUS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "LINEPROOF_METRICS_TOKEN").write_text(f"{TOKEN}\n")
    return kept | {
        "PUBLIC_BASE_URL": "http://127.0.0.1:1",
        "LINEPROOF_SECRETS_DIR": str(secrets),
        "LINEPROOF_BIND": f"unix:{folder}/web.sock",
        "LINEPROOF_TRUSTED_PROXIES": "1",
    }


@contextlib.contextmanager
def process(arguments, folder, **options):
    """A process that ends by itself, and soon, when it is told to."""
    running = subprocess.Popen(arguments, cwd=folder, **options)
    try:
        yield running
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    finally:
        running.kill()
        running.wait()


def slow_client(port, begun):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(begun)
    return client


def until_answered(url):
    """Until the server answers; each try is a connection."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=30).status_code == 200:
                return
    raise AssertionError("the server did not start")


def test_the_shipped_site_and_server_answer_while_slow_clients_hold_on(tmp_path, free_port):
    command = site(tmp_path, f"127.0.0.1:{free_port}")
    assert subprocess.run([*command, "-t"], capture_output=True).returncode == 0
    url = f"http://127.0.0.1:{free_port}"
    conf = str(DEPLOY / "gunicorn.conf.py")
    gunicorn = [sys.executable, "-m", "gunicorn", "--pythonpath", str(ROOT), "-c", conf, "app:app"]
    with (
        process(gunicorn, tmp_path, env=environment(tmp_path)),
        process(command, tmp_path),
        contextlib.ExitStack() as stack,
    ):
        until_answered(f"{url}/healthz")
        header = b"POST /tw/v1/voice/x HTTP/1.1\r\nHost: x\r\n"
        for begun in (header, header + b"Content-Length: 500\r\n\r\nCallSid="):
            for _ in range(SLOW_CLIENTS // 2):
                stack.enter_context(contextlib.closing(slow_client(free_port, begun)))
        for _ in range(20):
            assert requests.get(f"{url}/readyz", timeout=2).status_code == 200
        authorized = {"Authorization": f"Bearer {TOKEN}"}
        # Both workers' counts are in every answer, whichever gives it.
        told = requests.get(f"{url}/metrics", headers=authorized, timeout=5).text
        counted = [line for line in told.splitlines() if "count{" in line and "/readyz" in line]
        assert sum(float(line.split()[-1]) for line in counted) == 20


@pytest.mark.parametrize("unit", ["lineproof.service", "lineproof-worker.service"])
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path, unit):
    # The programs are not installed here: the test's own Python stands for them.
    text = (DEPLOY / unit).read_text()
    for program in ("python", "lineproof"):
        text = text.replace(f"/opt/lineproof/.venv/bin/{program} ", f"{sys.executable} ")
    (tmp_path / unit).write_text(text)
    verify = ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit)]
    told = subprocess.run(verify, capture_output=True, text=True)
    about = [line for line in told.stderr.splitlines() if unit in line]
    assert (told.returncode, about) == (0, [])


def test_no_secret_is_set_in_the_example_of_the_settings():
    named = [line for line in (DEPLOY / "lineproof.env").read_text().splitlines() if "=" in line]
    settings = [line for line in named if not line.startswith("#")]
    assert settings
    assert not [line for line in settings if "TOKEN=" in line or "SECRET" in line]
