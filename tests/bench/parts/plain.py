"""A peer: the webhooks of an ownership call as most applications have them.

The SDK's RequestValidator, a connection to SQLite for each request, and a commit of its own with
synchronous FULL, which is SQLite's default. ``BENCH_DATABASE`` is the file. It keeps what such an
application needs: where the call stands, and a row for each thing that happened.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from flask import Flask, Response, abort, request, url_for
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from tests.bench.parts.world import CODE, TOKEN

DATABASE = os.environ["BENCH_DATABASE"]
SCHEMA = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS calls (
        id TEXT PRIMARY KEY, call_sid TEXT, stage TEXT, challenge TEXT, tries INTEGER DEFAULT 0);
    CREATE TABLE IF NOT EXISTS events (
        id INTEGER PRIMARY KEY, call TEXT, event TEXT, at TEXT DEFAULT CURRENT_TIMESTAMP);
"""

app = Flask(__name__)
validator = RequestValidator(TOKEN)


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """A connection for one request."""
    with closing(sqlite3.connect(DATABASE, timeout=10, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")


@app.before_request
def check() -> None:
    """Is it Twilio?"""
    if request.method == "POST":
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(request.url, request.form, signature):
            abort(403)


@app.post("/tw/v1/voice/<call>")
def voice(call: str) -> Response:
    """The call was answered."""
    challenge = secrets.choice("1579")
    with database() as connection:
        connection.execute(
            "INSERT INTO calls (id, call_sid, stage, challenge) VALUES (?, ?, 'consent', ?)",
            (call, request.form["CallSid"], challenge),
        )
        connection.execute("INSERT INTO events (call, event) VALUES (?, 'answered')", (call,))
    response = VoiceResponse()
    response.play(digits="wwww2wwwwww5")
    response.say("Hello. This is a call to verify this phone number.", language="en-US")
    gather = response.gather(
        action=url_for("keys", call=call, _external=True), num_digits=1, timeout=6
    )
    gather.say(f"To allow this, press {challenge}. To refuse, press star.", language="en-US")
    return Response(str(response), content_type="text/xml")


@app.post("/tw/v1/keys/<call>")
def keys(call: str) -> Response:
    """Keys were pressed."""
    digits = request.form["Digits"]
    with database() as connection:
        stage, challenge = connection.execute(
            "SELECT stage, challenge FROM calls WHERE id = ?", (call,)
        ).fetchone()
        wanted, then = (challenge, "code") if stage == "consent" else (CODE, "verified")
        stage = then if digits == wanted else "failed"
        connection.execute(
            "UPDATE calls SET stage = ?, tries = tries + 1 WHERE id = ?", (stage, call)
        )
        connection.execute("INSERT INTO events (call, event) VALUES (?, ?)", (call, stage))
    response = VoiceResponse()
    if stage == "code":
        gather = response.gather(
            action=url_for("keys", call=call, _external=True), num_digits=6, timeout=8
        )
        gather.say("Please enter the six-digit code.", language="en-US")
    else:
        response.say(f"The number is {stage}. Goodbye.", language="en-US")
        response.hangup()
    return Response(str(response), content_type="text/xml")


@app.get("/healthz")
def health() -> str:
    """Whether it runs."""
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.executescript(SCHEMA)
    return "ok"
