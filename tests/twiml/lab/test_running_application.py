"""A running TwiML application as the model: real HTTP, signed as Twilio signs."""

from __future__ import annotations

from contextlib import closing

import pytest
from click.testing import CliRunner
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from app import main
from twiml.emulator.serving import bind, listening, url_of
from twiml.lab import open_model, try_extension

TOKEN = "made-up-token"
MENU = (
    "<Response><Gather numDigits='1' timeout='4' action='/choice'>"
    "<Say>For accounting, press 2.</Say></Gather></Response>"
)


@pytest.fixture
def ivr(monkeypatch):
    """The URL of an IVR in Flask that takes nothing but what Twilio has signed."""
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    app = Flask("ivr")

    @app.before_request
    def check():
        given = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(TOKEN).validate(request.url, request.form, given):
            return "unsigned", 403
        return None

    @app.post("/welcome")
    def welcome():
        return Response(MENU, mimetype="text/xml")

    @app.post("/choice")
    def choice():
        dial = "<Dial>+12025550142</Dial>" if request.form["Digits"] == "2" else "<Hangup/>"
        return Response(f"<Response>{dial}</Response>", mimetype="text/xml")

    with closing(bind(0)) as door:
        url = f"{url_of(door)}/welcome"
        with listening(app, door):
            yield url


def test_a_running_application_is_tried_over_http_with_twilios_signature(ivr):
    command = ["lab", "try", ivr, "ww2", "--reach", "+12025550142", "--auth-token", TOKEN]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert f"  {ivr}\n" in done.output  # where the key was heard


def test_an_application_that_refuses_is_named_with_its_answer(ivr):
    report = try_extension(open_model(ivr), "ww2")
    assert not report.reached
    assert "11200" in report.trouble[0]
    assert "answered 403" in report.trouble[0]


def test_an_application_that_does_not_run_is_no_hang(ivr):
    report = try_extension(open_model("http://127.0.0.1:9/ivr"), "ww2", margins=False)
    assert "No connection to 127.0.0.1" in report.trouble[0]
