"""A server for ``fuzz.py``, with calls brought to each of its doors, asked as gunicorn asks it."""

from __future__ import annotations

import io
import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from unittest import mock

import structlog
from flask import Flask, got_request_exception
from gunicorn.util import split_request_uri, unquote_to_wsgi_str
from werkzeug.test import run_wsgi_app

import app
from tests.directories import Unasked
from tests.end_to_end.fuzz_mutations import (
    AUTH_TOKEN,
    BASE_URL,
    COUNTED,
    Case,
    Request,
    signed,
)
from verification import accounts, calling, ordering, settings
from verification.accounts import Account
from verification.attempts import Attempt
from verification.numbers import Line, LineType

try:  # the store's own library: two of them on one file would take each other's locks away
    import pysqlite3 as sqlite3
except ImportError:
    import sqlite3

ACCOUNT_SID, OUR_NUMBER = "AC" + "5e" * 16, "+15005550006"
PLACE = {"City": "Montréal", "State": "QC", "Zip": "", "Country": "CA"}
LANDLINE = Line(LineType.LANDLINE, "Example Telephone")
# The doors, and how many times each call has been answered with TwiML before it comes to them.
CAST = (("voice", 0), ("keys", 1), ("keys", 2), ("status", 2), ("fallback", 1))


@dataclass(frozen=True, slots=True)
class World:
    """A server with a store of its own; its calls, and as many others to try out first.

    ``witness``: a second connection to its database; ``raised``: what its handlers have raised.
    """

    flask: Flask
    house: app.House
    witness: Any
    cases: list[Case] = field(default_factory=list)
    twins: list[Case] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)

    def version(self) -> int:
        """Another number whenever the server has written anything."""
        return int(self.witness.execute("PRAGMA data_version").fetchone()[0])

    def hear(self, flask: Flask, exception: Exception) -> None:
        """Flask tells of an exception that it is about to answer with a 500."""
        self.raised.append(repr(exception))


class Answer(NamedTuple):
    """What came back: the status, the body, and whether anything was written."""

    status: int
    body: bytes
    wrote: bool


class NothingProved(Exception):
    """A genuine request is not accepted: that mutated ones are not says nothing then."""


@contextmanager
def opened(seed: int) -> Iterator[World]:
    """A world whose secrets all come from the seed, so that its requests do."""
    lots = Random(seed)  # noqa: S311 - repeatable on purpose
    # What counts requests writes now and then, whatever is asked: here a write is to mean a change.
    uncounted = mock.patch.object(settings, "_REQUESTS_PER_MINUTE", None)
    with uncounted, _silence(), _drawn_from(lots), tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "fuzz.db"
        house = app.open_house(_settings(database, lots))
        with closing(house.store), closing(sqlite3.connect(database)) as witness:
            world = World(app.create_app(house, Unasked()), house, witness)
            with got_request_exception.connected_to(world.hear, world.flask):
                _cast(world)
                yield world


@contextmanager
def _silence() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def _drawn_from(lots: Random) -> AbstractContextManager[Any]:
    return mock.patch.multiple(
        "secrets",
        choice=lots.choice,
        randbelow=lots.randrange,
        token_bytes=lots.randbytes,
        token_hex=lambda count: lots.randbytes(count).hex(),
    )


def _settings(database: Path, lots: Random) -> settings.Settings:
    return settings.load(
        {
            "DATABASE_URL": f"sqlite:///{database}",
            "PUBLIC_BASE_URL": BASE_URL,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "LINEPROOF_SECRET_KEYS": lots.randbytes(32).hex(),
            "LINEPROOF_CONSENT_DIGITS": 1,
        }
    )


def _cast(world: World) -> None:
    house = world.house
    with house.store.write() as tx:
        account, _ = accounts.create(tx, house.keyring, "Maple Street Dental", time.time())
    for cases, exchange in ((world.cases, "204"), (world.twins, "205")):
        for line, (door, answered) in enumerate(CAST):
            attempt = _dialled(house, account, f"+1902905{exchange}{line}")
            cases.append(_asking(world, attempt, door, answered))
    everybody = [*world.cases, *world.twins]
    for case in everybody:
        case.others.extend(other for other in everybody if other is not case)


def _dialled(house: app.House, account: Account, number: str) -> Attempt:
    """A call that the carrier has placed and nobody has answered yet."""
    now = time.time()
    with house.store.write() as tx:
        order = ordering.create(tx, account.sid, number, {}, now)
        received = ordering.settle_eligibility(tx, order.sid, LANDLINE, house.policy, now)
        assert received is not None
        calling.request_call(tx, house.keyring, received, account.name, now)
        attempt = calling.claim(tx, now, 0.0)
        assert attempt is not None
        calling.record_answer(tx, attempt.id, calling.Placed("CA" + attempt.id), now)
    return attempt


def _asking(world: World, attempt: Attempt, door: str, answered: int) -> Case:
    """The next request of a call to a door, after ``answered`` genuine ones for TwiML."""
    links = world.house.carriers.links
    urls = {
        "voice": links.voice(attempt.id),
        "keys": links.keys(attempt.id, max(1, answered)),
        "status": links.status(attempt.id),
        "fallback": links.fallback(attempt.id),
    }
    request = _request(attempt, urls["voice"])
    for step in range(1, answered + 1):
        answer = send(world, request)
        if answer.status != 200 or b"<Gather" not in answer.body:
            raise NothingProved(f"{door}: the genuine request got {answer}: {request}")
        keys = {"Digits": _keys(world.house, attempt, step), "FinishedOnKey": ""}
        request = _request(attempt, links.keys(attempt.id, step), **keys, msg="Gather End")
    if door == "status":
        ended = {"CallStatus": "completed", "CallDuration": "49", "AnsweredBy": "human"}
        source = {"SequenceNumber": "3", "CallbackSource": "call-progress-events"}
        request = _request(attempt, urls[door], **ended, **source)
    if door == "fallback":
        request = _request(attempt, urls[door], ErrorCode="11200", ErrorUrl=urls["keys"])
    paths = {purpose: url.removeprefix(BASE_URL) for purpose, url in urls.items()}
    return Case(f"{door}, answered {answered} times", door, request, paths)


def _keys(house: app.House, attempt: Attempt, step: int) -> str:
    """What the person has to press: the random key first, then the code."""
    with house.store.read() as tx:
        now = tx.attempts.get(attempt.id)
        order = tx.orders.get(attempt.subject_sid)
    assert now is not None
    assert order is not None
    code = calling.visible_code(order, house.keyring, time.time())
    return now.challenge if step == 1 else code or ""


def _request(attempt: Attempt, url: str, **own: str) -> Request:
    """A request as Twilio makes it: a form in the order of the names, and its signature."""
    form = {"AccountSid": ACCOUNT_SID, "ApiVersion": "2010-04-01", "CallSid": "CA" + attempt.id}
    form |= {"CallStatus": "in-progress", "Direction": "outbound-api"}
    form |= {"From": OUR_NUMBER, "Caller": OUR_NUMBER}
    form |= {"To": attempt.number, "Called": attempt.number}
    form |= {f"{end}{name}": text for end in ("From", "To") for name, text in PLACE.items()}
    return signed(Request(url.removeprefix(BASE_URL), tuple(sorted({**form, **own}.items()))))


def send(world: World, request: Request) -> Answer:
    """Ask the application. Raises what it raises; what gunicorn itself refuses is a 400."""
    version = world.version()
    try:
        asked = environ(request)
    except ValueError:
        return Answer(400, b"", False)
    body, status, _ = run_wsgi_app(world.flask.wsgi_app, asked, buffered=True)
    return Answer(int(status[:3]), b"".join(body), world.version() != version)


def environ(request: Request) -> dict[str, Any]:
    """A request as gunicorn hands it on. Raises ValueError for a target that is no URL."""
    parts, body, length = split_request_uri(request.target), request.body, request.length
    if length == COUNTED:
        length = str(len(body))
    elif length is not None and not any("TRANSFER" in name for name, _ in request.headers):
        body = body[: int(length)] if length.isdigit() and len(length) < 9 else b""
    headers = {
        "CONTENT_TYPE": request.media_type,
        "CONTENT_LENGTH": length,
        "HTTP_X_TWILIO_SIGNATURE": request.signature,
        "HTTP_HOST": "lineproof.example",
        **dict(request.headers),
    }
    return {
        "REQUEST_METHOD": request.method,
        "RAW_URI": request.target,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_wsgi_str(parts.path),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{name: value for name, value in headers.items() if value is not None},
    }
