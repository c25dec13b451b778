"""A server in this process over furnished accounts, asked as gunicorn asks it."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from flask import Flask, got_request_exception
from gunicorn.util import split_request_uri, unquote_to_wsgi_str
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

import app
from tests.api_world.furnishing import LANDLINE, Furnisher, Objects
from verification import accounts, settings
from verification.accounts import Account
from verification.numbers import Line
from verification.store.copying import TABLES
from verification.store.sqlite import SqliteStore

BASE_URL = "https://lineproof.example"
NOW = 1_800_000_000.0
MANY = 1_000_000


class Request(NamedTuple):
    """A request as it is sent: ``target`` is the path, percent-encoded, and the query."""

    method: str
    target: str
    body: bytes = b""
    media_type: str | None = None
    authorization: str | None = None


class Answer(NamedTuple):
    """What came back, and the seconds that it took the server."""

    status: int
    headers: Headers
    body: bytes
    seconds: float


class Directory:
    """Knows every number as a landline, and can always be asked."""

    def look_up(self, number: str) -> Line:
        return LANDLINE


@dataclass
class World:
    """A server with a store, and its accounts by their names.

    Two customers have two subaccounts each, and every account has the same objects. ``raised``:
    what its handlers have raised since it was emptied.
    """

    flask: Flask
    house: app.House
    accounts: dict[str, Objects] = field(default_factory=dict)
    raised: list[str] = field(default_factory=list)

    def hear(self, flask: Flask, exception: Exception) -> None:
        """Flask tells of an exception that it is about to answer with a 500."""
        self.raised.append(repr(exception))

    def send(self, request: Request) -> Answer:
        """Ask the server."""
        begun = time.perf_counter()
        body, status, headers = run_wsgi_app(self.flask.wsgi_app, _environ(request), buffered=True)
        seconds = time.perf_counter() - begun
        return Answer(int(status[:3]), headers, b"".join(body), seconds)

    def dump(self) -> dict[str, list[Any]]:
        """Every row of the whole database, but for how often somebody has asked."""
        kept = [table for table in TABLES if table != "counts"]
        with self.house.store.read():
            return {table: [*self.house.store.dump(table)[1]] for table in kept}


CUSTOMERS = {"acme": ("acme.north", "acme.south"), "rival": ("rival.north", "rival.south")}


def authorization(user: str, secret: str) -> str:
    """The header of Basic auth."""
    return f"Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"


@contextmanager
def opened(database_url: str) -> Iterator[World]:
    """A server on an empty database, furnished."""
    house = app.open_house(
        settings.load(
            {
                "DATABASE_URL": database_url,
                "PUBLIC_BASE_URL": BASE_URL,
                "LINEPROOF_SECRET_KEYS": "a5" * 32,
                "LINEPROOF_ACCOUNT_REQUESTS_PER_MINUTE": MANY,
                "LINEPROOF_ADDRESS_REQUESTS_PER_MINUTE": MANY,
                "LINEPROOF_WRONG_SIGN_INS": 1000,
            }
        )
    )
    # A second that passes between two requests would be a difference between their answers.
    vars(house.store)["now"] = lambda: NOW
    with closing(house.store):
        world = World(app.create_app(house, Directory()), house)
        numbers = (f"+1212{456_0000 + n}" for n in count())
        for owner, subaccounts in CUSTOMERS.items():
            _open(world, owner, numbers, None)
            mine = world.accounts[owner].account
            for name in subaccounts:
                _open(world, name, numbers, mine)
        with got_request_exception.connected_to(world.hear, world.flask):
            yield world


def _open(world: World, name: str, numbers: Iterator[str], owner: Account | None) -> None:
    house = world.house
    with house.store.write() as tx:
        now = house.store.now()
        account, token = accounts.create(tx, house.keyring, name, now, owner)
        objects = Objects(account, token, numbers)
        objects.sids["account"] = account.sid
        Furnisher(tx, house.keyring, objects, now).furnish()
    world.accounts[name] = objects


@dataclass(frozen=True)
class Template:
    """A database as it was once."""

    store: SqliteStore
    content: bytes

    def restore(self) -> None:
        """Put it back."""
        self.store.close()
        self.store.path.write_bytes(self.content)


def template(world: World) -> Template:
    """The database as it is now, to be put back. Of SQLite only."""
    store = world.house.store
    assert isinstance(store, SqliteStore)
    store.close()
    return Template(store, store.path.read_bytes())


def _environ(request: Request) -> dict[str, Any]:
    parts = split_request_uri(request.target)
    headers = {
        "CONTENT_TYPE": request.media_type,
        "HTTP_AUTHORIZATION": request.authorization,
    }
    return {
        "REQUEST_METHOD": request.method,
        "RAW_URI": request.target,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_wsgi_str(parts.path),
        "QUERY_STRING": parts.query or "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "lineproof.example",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{name: value for name, value in headers.items() if value is not None},
    }
