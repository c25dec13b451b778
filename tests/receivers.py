"""Receivers of callbacks that behave and misbehave, on real sockets: one of them a port.

Plain sockets, because no web framework would do what is asked of some of them.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HUGE = 10 * 2**30
PATIENCE_SECONDS = 30.0
_BLOCK = b"x" * 65536
_BOMB = gzip.compress(bytes(20 * 2**20), 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: names of headers in lower case; ``at`` by the monotonic clock."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


Behaviour = Callable[[socket.socket, Asked, "Receiver"], None]


def answers(response: bytes) -> Behaviour:
    """Say this and hang up."""
    is_yes = response.startswith(b"HTTP/1.1 2")

    def behave(connection: socket.socket, asked: Asked, receiver: Receiver) -> None:
        if is_yes:
            receiver.accepted.add(asked.headers.get("webhook-id", ""))
        connection.sendall(response)

    return behave


fine = answers(OK)


def status(number: int, *headers: str) -> Behaviour:
    """An answer of this status."""
    lines = [f"HTTP/1.1 {number} So", "Content-Length: 0", *headers]
    return answers(("\r\n".join(lines) + "\r\n\r\n").encode())


def hangs(connection: socket.socket, asked: Asked, receiver: Receiver) -> None:
    """Take the request and say nothing, until the other side hangs up."""
    connection.settimeout(PATIENCE_SECONDS)
    with contextlib.suppress(OSError):
        connection.recv(1)


def drips(connection: socket.socket, asked: Asked, receiver: Receiver) -> None:
    """A byte now and then: no single wait is long."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000:
        connection.sendall(bytes([byte]))
        if receiver.closing.wait(0.05):
            return


def is_huge(connection: socket.socket, asked: Asked, receiver: Receiver) -> None:
    """Ten gigabytes, as fast as they are taken."""
    receiver.accepted.add(asked.headers.get("webhook-id", ""))
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    for _ in range(HUGE // len(_BLOCK)):
        if receiver.closing.is_set():
            return
        connection.sendall(_BLOCK)
        receiver.sent += len(_BLOCK)


def is_a_bomb(connection: socket.socket, asked: Asked, receiver: Receiver) -> None:
    """A small body that would unfold to twenty megabytes."""
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(_BOMB)}\r\n\r\n"
    connection.sendall(head.encode() + _BOMB)


def dies(connection: socket.socket, asked: Asked, receiver: Receiver) -> None:
    """Break the connection off in the middle of the first line."""
    connection.sendall(b"HTTP/1.1 2")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class Receiver:
    """A receiver on a port of its own. ``behave`` may be changed while it runs."""

    behave: Behaviour = fine
    asked: list[Asked] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    connections: int = 0
    sent: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    wrap: Callable[[socket.socket], socket.socket] | None = None

    def __post_init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _listen(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(PATIENCE_SECONDS)
            if self.wrap:
                connection = self.wrap(connection)
            with connection:
                asked = _read(connection)
                if asked:
                    self.asked.append(asked)
                    self.behave(connection, asked, self)


def _read(connection: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    method, target, _ = first.split(" ")
    return Asked(method, target, headers, body, time.monotonic())
