"""The operators' room: who is in it, what he may do, and how its pages look.

Every route of the console goes through ``Room.guarded``: a session, a role, and for what changes
anything a form of a page that the same session was given.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from flask import Response, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import MultiPartParser

from verification import forms, operators
from verification.codes import Keyring
from verification.console import csrf
from verification.console.pages import HEADERS, SCRIPT_PATH, SCRIPT_POLICY, Pages, reader_language
from verification.console.words import said
from verification.forms import UnreadableForm
from verification.gate import Gate
from verification.operators import SESSION_SECONDS, Operator, Role
from verification.ordering import Directory, Policy
from verification.outgoing import Network

PATH = "/console"
_COOKIE = "lineproof-operator"


class Store(Protocol):
    """Where everything is."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. ``session``: its secret; ``fields`` and ``file``: of the form that was sent."""

    operator: Operator
    session: str
    fields: dict[str, str] = field(default_factory=dict)
    file: FileStorage | None = None

    def may(self, role: str) -> bool:
        """Whether he has this role, or one that includes it."""
        return self.operator.may(Role(role))


View = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Room:
    """What every page of the console works with. ``now`` gives Unix seconds.

    ``base_url``: where people outside reach this server; ``networks``: what callbacks may reach
    though it is not public.
    """

    store: Store
    keyring: Keyring
    pages: Pages
    directory: Directory
    policy: Policy
    now: Callable[[], float]
    gate: Gate
    base_url: str = ""
    networks: Sequence[Network] = ()

    def guarded(self, view: View, needed: Role = Role.VIEWER, most_bytes: int = 0) -> View:
        """A view for operators of a role. ``most_bytes``: of a form that may bring a file."""

        def guard(**path: str) -> Response:
            visitor = self.visitor()
            if visitor is None:
                return self.outside()
            if not visitor.operator.may(needed):
                return self.notice(visitor, HTTPStatus.FORBIDDEN, "Your role does not allow this")
            if request.method == "POST":
                if most_bytes and (request.content_length or 0) > most_bytes:
                    told = "The file is too large"
                    return self.notice(visitor, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told)
                sent = uploaded(most_bytes) if most_bytes else posted()
                if sent is None:
                    return self.pages.trouble(HTTPStatus.BAD_REQUEST)
                fields, file = sent if isinstance(sent, tuple) else (sent, None)
                if not csrf.is_valid(self.keyring, _subject(visitor), fields.get(csrf.FIELD, "")):
                    told = "The form was open for too long: go back, reload the page, try again"
                    return self.notice(visitor, HTTPStatus.FORBIDDEN, told)
                visitor = Visitor(visitor.operator, visitor.session, fields, file)
            return view(visitor, **path)

        return guard

    def visitor(self) -> Visitor | None:
        """Who is signed in, if anybody is."""
        session = request.cookies.get(_cookie(), "")
        if not session:
            return None
        with self.store.read() as tx:
            operator = operators.signed_in(tx, session, self.now())
        return Visitor(operator, session) if operator else None

    def outside(self, status: int = HTTPStatus.UNAUTHORIZED, used: bool = False) -> Response:
        """The page of those who are not signed in."""
        language = console_language()
        return self.pages.page(
            "console/sign_in.html", status, language=language, _=said(language), used=used
        )

    def language(self) -> str:
        """What the page that is asked for is read in."""
        return console_language()

    def page(
        self,
        visitor: Visitor,
        template: str,
        status: int = HTTPStatus.OK,
        folder: str = "console",
        **values: object,
    ) -> Response:
        """A page of the console; 304 if it is the one that the reader's script has."""
        language = self.language()
        value, token = csrf.issue(self.keyring, _subject(visitor))
        response = self.pages.page(
            f"{folder}/{template}",
            status,
            language=language,
            _=said(language),
            visitor=visitor,
            here=request.path,
            script=SCRIPT_PATH,
            csrf_field=csrf.FIELD,
            csrf_token=token,
            **values,
        )
        response.headers["Content-Security-Policy"] = SCRIPT_POLICY
        if request.method == "GET":
            response.set_etag(hashlib.sha256(response.get_data()).hexdigest())
            response.make_conditional(request)
        return csrf.remember(response, value)

    def notice(self, visitor: Visitor, status: int, told: str, back: str = "") -> Response:
        """A page that says one thing."""
        return self.page(visitor, "notice.html", status, told=told, back=back or f"{PATH}/orders")


def see_other(path: str) -> Response:
    """What was done is shown by another request, so that a reload does nothing twice."""
    response = Response(status=HTTPStatus.SEE_OTHER)
    response.headers.update({**HEADERS, "Location": path})
    return response


def remember(response: Response, session: str) -> Response:
    """Give the browser its session. Lax: a link in a mail may lead here, a foreign form may not."""
    response.set_cookie(
        _cookie(),
        session,
        max_age=int(SESSION_SECONDS),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def forget(response: Response) -> Response:
    """Take the session from the browser."""
    response.delete_cookie(
        _cookie(), secure=request.is_secure, httponly=True, samesite="Lax", path="/"
    )
    return response


def console_language() -> str:
    """English, or French for those whose browser asks for it."""
    return "fr" if reader_language() == "fr" else "en"


def posted() -> dict[str, str] | None:
    """The form's fields; None for what is no form, or names a field twice."""
    if request.mimetype != forms.MEDIA_TYPE:
        return None
    try:
        pairs = forms.read(request.get_data(cache=False), most_bytes=_most_bytes())
    except UnreadableForm:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def uploaded(most_bytes: int) -> tuple[dict[str, str], FileStorage | None] | None:
    """The fields of a form that may bring one file, and the file; None for what is no such form.

    Read in memory: what is personal is not left in a temporary file.
    """
    if request.mimetype != "multipart/form-data":
        return None
    request.max_content_length = most_bytes
    body = request.get_data(cache=False)
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    sent: MultiDict[str, str]
    files: MultiDict[str, FileStorage]
    parser = MultiPartParser(stream_factory=_in_memory, max_form_parts=forms.MOST_FIELDS)
    try:
        sent, files = parser.parse(io.BytesIO(body), boundary, len(body))
    except (ValueError, HTTPException):
        return None
    fields = dict(sent.items(multi=True))
    if len(fields) != len([*sent.items(multi=True)]) or len(files) > 1:
        return None
    return fields, next(iter(files.values()), None)


def _in_memory(*_: object, **__: object) -> io.BytesIO:
    return io.BytesIO()


def _most_bytes() -> int:
    return request.max_content_length or forms.MOST_BYTES


def _subject(visitor: Visitor) -> str:
    return hashlib.sha256(visitor.session.encode()).hexdigest()


def _cookie() -> str:
    """A browser takes the prefix only over https, and then from no other host."""
    return f"__Host-{_COOKIE}" if request.is_secure else _COOKIE
