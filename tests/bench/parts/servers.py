"""Applications under gunicorn, as ``deploy/`` runs it, each on a port of 127.0.0.1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_OURS = ("TWILIO_", "LINEPROOF_", "PUBLIC_BASE_URL", "DATABASE_URL", "PROMETHEUS_")
_START_SECONDS = 300  # of a machine that does other things as well


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """This process' environment without any setting of Lineproof's."""
    return {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}


@contextmanager
def gunicorn(
    name: str, port: int, folder: Path, given: Mapping[str, str], workers: int = 2
) -> Iterator[subprocess.Popen[bytes]]:
    """An application such as ``app:app`` with ``deploy/gunicorn.conf.py``, until it answers.

    Its workers are not replaced after so many requests, so that none starts in a measurement.
    """
    bound = {"LINEPROOF_BIND": f"127.0.0.1:{port}", "LINEPROOF_WEB_WORKERS": str(workers)}
    conf = str(ROOT / "deploy" / "gunicorn.conf.py")
    command = [sys.executable, "-m", "gunicorn", "-c", conf, "--pythonpath", str(ROOT)]
    command += ["--max-requests", "0", name]
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=clean_environment() | bound | dict(given), stderr=log
        )
        try:
            _until_answered(server, port, folder)
            yield server
            server.terminate()
            server.wait(30)
        finally:
            server.kill()
            server.wait()


def _until_answered(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=30) as door:
            door.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            if door.recv(12).endswith(b" 200"):
                return
        time.sleep(0.02)
    log = Path(folder, "server.log").read_text()[-2000:]
    raise RuntimeError(f"the server did not start: {log}")
