"""The house style of every page: base template, style sheet, security headers, error pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verification.console.texts import LANGUAGES, TROUBLES

STATIC = "/static/"
STYLE_PATH = f"{STATIC}lineproof.css"
SCRIPT_PATH = f"{STATIC}console.js"
OWNER_SCRIPT_PATH = f"{STATIC}owner.js"
ICON_PATH = f"{STATIC}icon.svg"
STYLE_SECONDS = 3600

# No script at all, styles from the style sheet only, no frame, nothing from elsewhere.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# The console's pages look for changes with one script file of our own.
SCRIPT_POLICY = f"{_POLICY}; script-src 'self'; connect-src 'self'"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # the path of a page may be what opens it
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


class Pages:
    """Renders templates; what is filled in is always escaped.

    ``templates``: the folder. ``prefixes``: the paths whose errors are shown to people.
    """

    def __init__(self, templates: Path, prefixes: tuple[str, ...]) -> None:
        loader = FileSystemLoader(templates)
        self._templates = Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
        static = templates / "static"
        self._style = (static / "lineproof.css").read_bytes()
        self._script = (static / "console.js").read_bytes()
        self._owner_script = (static / "owner.js").read_bytes()
        self._icon = (static / "icon.svg").read_bytes()
        self._prefixes = prefixes

    def page(self, template: str, status: int = HTTPStatus.OK, **values: object) -> Response:
        """A page, with the headers that every page has."""
        text = self._templates.get_template(template).render(style=STYLE_PATH, **values)
        response = Response(text, status=status, mimetype="text/html")
        response.headers.update(HEADERS)
        return response

    def trouble(self, status: int) -> Response:
        """The page of an error, in the reader's language."""
        language = reader_language()
        known = TROUBLES[language]
        title, text = known.get(status) or known[HTTPStatus.BAD_REQUEST if status < 500 else 500]
        return self.page("notice.html", status, language=language, title=title, text=text)

    def are_for(self, path: str) -> bool:
        """Whether a path is one of people's pages, so that its errors are pages too."""
        return path.startswith(self._prefixes)

    def blueprint(self) -> Blueprint:
        """The style sheet, the scripts, the icon."""
        blueprint = Blueprint("style", __name__)
        blueprint.add_url_rule(STYLE_PATH, "style", lambda: _file(self._style, "text/css"))
        script = "text/javascript"
        blueprint.add_url_rule(SCRIPT_PATH, "script", lambda: _file(self._script, script))
        owner = partial(_file, self._owner_script, script)
        blueprint.add_url_rule(OWNER_SCRIPT_PATH, "owner_script", owner)
        blueprint.add_url_rule(ICON_PATH, "icon", lambda: _file(self._icon, "image/svg+xml"))
        return blueprint


def _file(content: bytes, mimetype: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={STYLE_SECONDS}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def reader_language() -> str:
    """The language that the reader's browser asks for, of those that we have."""
    wished = (name.partition("-")[0] for name in request.accept_languages.values())
    return next((name for name in wished if name in LANGUAGES), LANGUAGES[0])
