"""HTTP servers on loopback that run in this process for as long as they are needed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from twiml.emulator.carrier_api import create_carrier_api
from twiml.emulator.exchange import Emulator

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
_POLL_SECONDS = 0.05  # how soon a server notices that it shall stop
_BACKLOG = 128


class _Quiet(WSGIRequestHandler):
    """No line a request: a webhook's URL is a key to its call. Nobody may keep a thread waiting."""

    timeout = 30

    def log_request(self, *args: object, **kwargs: object) -> None:
        """Say nothing."""


def bind(port: int) -> socket.socket:
    """A listening socket on a loopback port; 0 takes a free one. Raises OSError."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((HOST, port))
    except OSError:
        door.close()
        raise
    door.listen(_BACKLOG)
    return door


def url_of(door: socket.socket) -> str:
    """The base URL of what listens on a socket."""
    return f"http://{HOST}:{door.getsockname()[1]}"


@contextmanager
def listening(application: WSGIApplication, door: socket.socket) -> Iterator[None]:
    """A server on a bound socket, which it takes over; a thread for each connection."""
    server = make_server(
        HOST, 0, application, threaded=True, request_handler=_Quiet, fd=door.fileno()
    )
    door.detach()
    serve = partial(server.serve_forever, _POLL_SECONDS)
    thread = threading.Thread(target=serve, name="server", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(emulator: Emulator, port: int = 0) -> Iterator[str]:
    """An emulator at work behind its API; gives the API's base URL. Raises OSError."""
    with closing(bind(port)) as door:
        url = url_of(door)
        emulator.start()
        try:
            with listening(create_carrier_api(emulator), door):
                yield url
        finally:
            emulator.stop()
