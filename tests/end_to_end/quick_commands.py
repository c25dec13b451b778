"""``lineproof`` as a command that starts at once: a process that has loaded it forks for each use.

Loading the program takes longer than what most commands do. Each still runs in a process of its
own, with the caller's folder, environment and streams.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 1 << 20

# What stands in for the program: it hands its own streams over and waits for the exit code.
CLIENT = """#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
    door.connect({path!r})
    asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(door, [asked], [0, 1, 2])
    sys.exit(int(door.recv(16)))
"""


@contextmanager
def commands(folder: Path) -> Iterator[Path]:
    """A program ``lineproof`` in ``folder``, for as long as the block lasts; gives its path."""
    door, program = folder / "door", folder / "lineproof"
    serving = [sys.executable, "-m", "tests.end_to_end.quick_commands", str(door)]
    with subprocess.Popen(serving, cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()  # it listens
            program.write_text(CLIENT.format(python=sys.executable, path=str(door)))
            program.chmod(0o755)
            yield program
        finally:
            server.kill()


def main(path: str) -> None:
    """Listen at ``path`` for whoever wants a command run."""
    import app  # noqa: PLC0415 - only this process runs commands

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(path)
        door.listen()
        print(flush=True)
        while True:
            client, _ = door.accept()
            if os.fork() == 0:
                _serve(client, app.main)
            client.close()


def _serve(client: socket.socket, command: object) -> None:
    asked, streams, _, _ = socket.recv_fds(client, LARGEST, 3)
    running = os.fork()
    if running == 0:
        arguments, folder, environment = json.loads(asked)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["lineproof", *arguments]
        command()  # type: ignore[operator] # click's: it ends the process
    _, status = os.waitpid(running, 0)
    client.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
