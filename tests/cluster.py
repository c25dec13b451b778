"""A PostgreSQL server of the tests' own, in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

PATIENCE_SECONDS = 30.0
_SETTINGS = {"listen_addresses": "", "max_connections": "200", "deadlock_timeout": "100ms"}
# A database that lives as long as a test run need not survive the machine.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off"}


@dataclass(slots=True)
class Cluster:
    """A server; ``folder`` holds its data and its socket. ``durable``: it waits for the disk."""

    folder: Path
    durable: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _made: int = 0
    _urls: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start it and wait until it answers."""
        chosen = _SETTINGS if self.durable else _SETTINGS | _FORGETFUL
        options = [f"--{name}={value}" for name, value in chosen.items()]
        command = [_program("postgres"), "-D", f"{self.folder}/data", "-k", f"{self.folder}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_as_somebody(), *command, *options], stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.url("postgres")).close()
                return
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it; SIGQUIT is what ``pg_ctl -m immediate`` sends: all sessions just end."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def url(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """The URL of a new database."""
        self._made += 1
        name = f"test_{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)


@contextmanager
def cluster(durable: bool = False) -> Iterator[Cluster]:
    """A server that runs as long as the block."""
    with tempfile.TemporaryDirectory(prefix="lineproof-pg-", dir="/tmp") as folder:
        # Sockets have short names, so it is not in pytest's folder.
        server = Cluster(Path(folder), durable)
        if os.getuid() == 0:
            shutil.chown(folder, _somebody())
        initdb = [_program("initdb"), "-D", f"{folder}/data", "-U", "postgres", "--auth=trust"]
        subprocess.run(
            [*_as_somebody(), *initdb, "--no-sync", "--encoding=UTF8", "--no-instructions"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _program(name: str) -> str:
    """One of the server's programs, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    program = str(found[-1]) if found else shutil.which(name)
    assert program, f"{name} is not installed: apt-get install postgresql"
    return program


def _as_somebody() -> list[str]:
    """PostgreSQL does not run as root; and it ends with the tests, however they end."""
    drop: list[str] = []
    if os.getuid() == 0:
        user = _somebody()
        drop = [f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
    return ["setpriv", *drop, "--pdeathsig=QUIT"]


def _somebody() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
