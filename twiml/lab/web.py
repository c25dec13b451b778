"""The lab as a page: extensions are tried, heard and tuned on menus of the gallery or pasted ones.

Nothing that is sent here names a URL or a file: a visitor cannot make the server fetch or open
anything. Who may come in, and what he reads in, is decided by the room that the page is handed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request

from twiml.lab import picture, sound
from twiml.lab.choosing import SEND_DIGITS_LENGTH
from twiml.lab.doubts import Doubts
from twiml.lab.french import SCRIPT as SCRIPT_WORDS
from twiml.lab.french import saying
from twiml.lab.gallery.menus import MENUS
from twiml.lab.model import BadModel, Model, open_model, pasted
from twiml.lab.probe import Plan, simulate
from twiml.lab.report import Report
from twiml.lab.text import margin_words, seconds, verdict_words
from twiml.lab.trying import try_extension
from twiml.lab.tuned import Tuned
from twiml.lab.tuning import groups_of, tune
from twiml.lab.unknowns import GREETINGS, Unknowns
from twiml.lab.ways import HORIZON_MS, NOBODY
from verification.extension import InvalidExtension

PATH = "/lab"
SCRIPT = "/static/lab.js"
STYLE = "/static/lab.css"
LONGEST_EXTENSION = 128
RUNS = 300
STAY_MS = 20_000
MOST_EVENTS = 2000  # a pasted document that does more in two minutes is not called many times
_DEFAULT = "utility"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob:",
        "media-src blob:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
View = Callable[..., Response]
Say = Callable[[str], str]


class Room(Protocol):
    """Lets in whom it knows; a form that is sent comes to the view in the visitor's ``fields``.

    ``language``: that of the page which is asked for.
    """

    def guarded(self, view: View) -> View: ...
    def language(self) -> str: ...
    def page(
        self,
        visitor: Any,
        template: str,
        status: int = ...,
        folder: str = ...,
        **values: object,
    ) -> Response: ...


class LabPage:
    """The routes under PATH. ``static`` is the folder of the script and the style sheet."""

    def __init__(self, room: Room, static: Path) -> None:
        self._room = room
        self._script = (static / "lab.js").read_bytes()
        self._style = (static / "lab.css").read_bytes()

    def blueprint(self) -> Blueprint:
        """All of its routes."""
        made = Blueprint("lab", __name__)
        guarded = self._room.guarded
        made.add_url_rule(PATH, "lab", guarded(self._page))
        for name, view in (("try", _try), ("sound", _sound), ("tune", _tune)):
            answered = guarded(self._answering(view))
            made.add_url_rule(f"{PATH}/{name}", name, answered, methods=["POST"])
        made.add_url_rule(SCRIPT, "script", lambda: _file(self._script, "text/javascript"))
        made.add_url_rule(STYLE, "style", lambda: _file(self._style, "text/css"))
        return made

    def _page(self, visitor: Any) -> Response:
        chosen = request.args.get("menu", _DEFAULT)
        known = next((one for one in MENUS if one.name == chosen), MENUS[0])
        say = saying(self._room.language())
        response = self._room.page(
            visitor,
            "lab.html",
            folder="lab",
            menus=MENUS,
            chosen=known,
            extension=request.args.get("extension", known.extension)[:LONGEST_EXTENSION],
            greetings=GREETINGS,
            lab_script=SCRIPT,
            lab_style=STYLE,
            say=say,
            words={text: say(text) for text in SCRIPT_WORDS},
        )
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    def _answering(self, view: Callable[[dict[str, str], Say], Response]) -> View:
        """What is wrong with a request is answered in words."""

        def answer(visitor: Any) -> Response:
            say = saying(self._room.language())
            try:
                response = view(visitor.fields, say)
            except (BadModel, InvalidExtension, ValueError) as error:
                response = jsonify({"wrong": say(str(error))})
                response.status_code = HTTPStatus.BAD_REQUEST
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return answer


def _try(fields: dict[str, str], say: Say) -> Response:
    return jsonify(_shown(_tried(fields, margins=True), say))


def _sound(fields: dict[str, str], _: Say) -> Response:
    report = _tried(fields, margins=False)
    return Response(sound.wav(report), mimetype="audio/wav")


def _tune(fields: dict[str, str], say: Say) -> Response:
    report = _tried(fields, margins=False)
    keys = _groups(report.extension)
    if not keys:
        raise ValueError(
            "the extension has no keys to tune: type those of each menu, such as ww2ww5"
        )
    model, groups = _model(fields), groups_of(keys)
    tuning = tune(model, groups, Doubts(greetings=model.greetings), runs=RUNS)
    found = {"widest": _told(tuning.widest), "shortest": _told(tuning.shortest)}
    return jsonify(
        {**found, "why": [say(one) for one in (*tuning.why, *tuning.notes)]}
        | {"works": tuning.works, "over": say(tuning.doubts.describe()), "asked": tuning.asked}
    )


def _model(fields: dict[str, str]) -> Model:
    document = fields.get("document", "").strip()
    if document:
        return pasted(document)
    name = fields.get("menu", "")
    if name not in {one.name for one in MENUS}:
        raise BadModel(f"{name!r} is not in the gallery: paste a document, or choose a menu")
    return open_model(f"gallery:{name}")


def _greeting(fields: dict[str, str]) -> str:
    return fields.get("greeting", "day")


def _tried(fields: dict[str, str], *, margins: bool) -> Report:
    """Try what a form says; ValueError if the call does more than can be run many times."""
    extension = fields.get("extension", "").strip()
    if len(extension) > LONGEST_EXTENSION:
        raise ValueError(f"the extension has more than {LONGEST_EXTENSION} characters")
    model, unknowns = _model(fields), Unknowns(greeting=_greeting(fields))
    silent = simulate(model, Plan("", (), 0, HORIZON_MS), unknowns, NOBODY)
    if len(silent.events) > MOST_EVENTS:
        raise ValueError("this line does more than can be shown here: use `lineproof lab try`")
    return try_extension(model, extension, unknowns, stay=STAY_MS, margins=margins)


def _shown(report: Report, say: Say) -> dict[str, Any]:
    at, lane = picture.places(report)
    keys = [
        {
            "key": key.key,
            "position": key.position,
            "left": left,
            "at": "" if key.at is None else say(f"{seconds(report, key.at)} s"),
            "good": key.verdict.good,
            "verdict": say(verdict_words(key)),
            "why": "" if key.verdict.good else say(key.why),
            "margin": [say(one) for one in margin_words(key)],
            "document": key.document,
        }
        for key, left in zip(report.keys, at, strict=True)
    ]
    return {
        "svg": picture.svg(report, titled=False, say=say),
        "lane": lane,
        "keys": keys,
        "reached": report.reached,
        "why": say(report.why),
        "trouble": [say(one) for one in report.trouble],
        "assumed": say(report.unknowns.describe()),
        "seconds": report.length / 1000,
        "left": picture.LEFT,
        "right": picture.RIGHT,
        "most_w": SEND_DIGITS_LENGTH,
    }


def _told(tuned: Tuned | None) -> dict[str, Any] | None:
    return None if tuned is None else asdict(tuned)


def _groups(extension: str) -> str:
    """The keys of a string, a group wherever it waits."""
    return ",".join(extension.replace("W", " ").replace("w", " ").split())


def _file(content: bytes, mimetype: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
