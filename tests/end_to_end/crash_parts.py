"""The parts of the crash run, each a process group that can be killed: emulator, server, worker.

A program that is killed many times a second would spend its life importing. So one process loads
it once, and every start is a fork of that process which then runs the program's own entry point:
gunicorn's, or the command line's. Only here is anything of the program replaced: its longest waits
are shortened, the emulator is told which faults to make, and the carrier can be made naive.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, NamedTuple

import app
import twiml.carriers
import twiml.cli
from twiml.carrier import TwilioCarrier
from twiml.emulator.exchange import Emulator
from twiml.emulator.faults import Faults
from verification import attempts, calling, duties, ordering
from verification.calling import Answer, Unclear

BLIND_TRIES = 3
END_SECONDS = 10.0  # a process that was killed is gone long before
SERVER_WORKERS, SERVER_THREADS = 2, 8

# What real carriers need minutes for. The order of the waits is kept: a dialler's request is
# answered within the lease, and the list of calls is trusted only long after the request. An idle
# worker looks again sooner: it would place five calls a second and seldom be hit while it does.
SHORTER = (
    (calling, "LEASE_SECONDS", 1.5),
    (calling, "SETTLE_SECONDS", 1.0),
    (calling, "GRACE_SECONDS", 5.0),
    (calling, "RECONCILE_SECONDS", 0.5),
    (calling, "WATCH_SECONDS", 2.0),
    (attempts, "WATCH_SECONDS", 2.0),
    (ordering, "DIRECTORY_SECONDS", 1.0),
    (ordering, "DIRECTORY_RETRY_SECONDS", 0.5),
    (duties, "LEASE_SECONDS", 1.0),
    (duties, "IDLE_SECONDS", 0.01),
)

# Per request for a call (facts of reliability, G1); the delay leaves time to be killed in.
FAULTS = {"429": 0.03, "500": 0.03, "place-then-500": 0.04, "place-then-drop": 0.02, "delay": 0.05}
DELAY_SECONDS = 0.1

# Loaded before the first fork: the program, and what it imports when it is first used.
_LOADED_ONCE = [
    __name__,
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "twilio.rest.api.v2010.account.call",
    "twilio.rest.lookups.v2.phone_number",
]

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(_LOADED_ONCE)


class BlindRetry(TwilioCarrier):
    """The mistake that the judge must see: a request that failed is simply sent again."""

    def place(self, attempt_id: str, number: str, limit_seconds: int) -> Answer:
        """Ask for a call until the answer is clear."""
        answer = super().place(attempt_id, number, limit_seconds)
        for _ in range(BLIND_TRIES - 1):
            if not isinstance(answer, Unclear):
                break
            answer = super().place(attempt_id, number, limit_seconds)
        return answer


def run_emulator(seed: int, kind: type[Emulator] = Emulator) -> None:
    """``lineproof emulator``, with faults; its URL is the first line of the log."""

    def faulty(*args: Any, **options: Any) -> Emulator:
        emulator = kind(*args, **options)
        emulator.faults = Faults(
            next=list(FAULTS),  # even the shortest run meets each kind once
            rates=dict(FAULTS),
            delay=DELAY_SECONDS,
            seed=seed,
            shuffle_callbacks=True,
            duplicate_callbacks=True,
        )
        return emulator

    _replace(twiml.cli, "Emulator", faulty)
    app.main(["emulator", "--port", "0", "--calls-per-second", "1000"])


def run_server(door: socket.socket) -> None:
    """``gunicorn app:app`` on a socket that it is handed, as systemd does."""
    from gunicorn.app import wsgiapp  # noqa: PLC0415 - only the server needs it

    shorten()
    sys.argv = [
        *("gunicorn", "--bind", f"fd://{door.detach()}", "--no-control-socket"),
        *("--worker-class", "gthread", "--threads", str(SERVER_THREADS)),
        *("--workers", str(SERVER_WORKERS), "--log-level", "warning", "app:app"),
    ]
    wsgiapp.run()


def run_worker(naive: bool) -> None:
    """``lineproof worker``; ``naive``: with a carrier that retries blindly."""
    shorten()
    if naive:
        _replace(twiml.carriers, "TwilioCarrier", BlindRetry)
    app.main(["worker"])


def shorten() -> None:
    """Shorten the program's waits in this process."""
    for module, name, seconds in SHORTER:
        _replace(module, name, seconds)


def _replace(module: Any, name: str, value: Any) -> None:
    if not hasattr(module, name):  # renamed: the run would silently test something else
        raise AttributeError(f"{module.__name__} has no {name} to replace")
    setattr(module, name, value)


class Born(NamedTuple):
    """A process and when it began, in the system's own measure."""

    pid: int
    began: str


@dataclass(slots=True)
class Part:
    """One part of the system in a process group of its own.

    ``run`` is what its process runs, ``environment`` its whole environment, ``log`` the file that
    its output is added to. With an ``address`` it is handed a socket that is bound there. Orphans
    of a first process that was killed alone still hold the socket, and the next one goes on with
    it; when all of it is killed the socket goes too, and connections are refused until the next
    one listens.
    """

    run: Callable[..., None]
    environment: Mapping[str, str]
    log: Path
    address: tuple[str, int] | None = None
    _process: ForkServerProcess | None = None
    _orphaned: dict[int, frozenset[Born]] = field(default_factory=dict)
    _door: socket.socket | None = None

    def start(self) -> None:
        """Start it; it runs already when this returns, but may not be ready."""
        if self.address and self._door is None:
            self._door = bound(self.address)
        handed = [self._door] if self._door else []
        self._process = _forks.Process(
            target=_begin, args=(self.run, handed, dict(self.environment), self.log), daemon=True
        )
        self._process.start()

    def kill(self, *, alone: bool = False) -> None:
        """SIGKILL for its first process ``alone``, or for all of it and every orphan of before."""
        process, self._process = self._process, None
        if process and process.pid:
            self._orphaned[process.pid] = members(process.pid)
        if not alone:
            self._bury()
        if process and process.pid:  # else its start has failed
            process.kill()  # also one that has not made its group yet
            process.join(END_SECONDS)
            process.close()

    def _bury(self) -> None:
        for group, born in self._orphaned.items():
            # A number is given again soon on a busy machine: whoever has it now may be a stranger.
            if born & members(group):
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, signal.SIGKILL)
        self._orphaned = {}
        if self._door:
            self._door.close()
        self._door = None

    def pause(self) -> None:
        """SIGSTOP for all of it: it neither works nor answers, and knows nothing of it."""
        if self._process and self._process.pid:
            os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: it goes on where it was."""
        if self._process and self._process.pid:
            os.killpg(self._process.pid, signal.SIGCONT)

    @property
    def alive(self) -> bool:
        """Whether it still runs: nobody but the harness ends it."""
        return self._process is not None and self._process.is_alive()


def bound(address: tuple[str, int]) -> socket.socket:
    """A socket that is bound, beside others at the same address, and does not listen yet."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    door.bind(address)
    return door


def _begin(
    run: Callable[..., None], handed: list[socket.socket], environment: dict[str, str], log: Path
) -> None:
    os.setsid()
    _die_with_the_harness()
    os.environ.clear()
    os.environ.update(environment)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for standard in (sys.stdout.fileno(), sys.stderr.fileno()):
        os.dup2(descriptor, standard)
    os.close(descriptor)
    run(*handed)


def _die_with_the_harness() -> None:
    """Even a harness that is killed itself leaves nothing behind."""

    def watch() -> None:
        harness = multiprocessing.parent_process()
        if harness:
            harness.join()
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def members(group: int) -> frozenset[Born]:
    """The processes of a group, told from later ones of the same number by when they began.

    Where the system shows no such times (macOS), the group itself stands for them.
    """
    if not Path("/proc/self/stat").exists():
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return frozenset()
        return frozenset({Born(group, "")})
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                found.add(Born(int(stat.parent.name), fields[19]))
    return frozenset(found)
