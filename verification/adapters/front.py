"""What every request passes: its id, the proxies before us, the answer when it fails; and whether
this process lives.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any, Protocol

import structlog
from flask import Flask, Response, g, got_request_exception, request
from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from verification import retention
from verification.gate import Gate
from verification.rates import TooOften
from verification.standing import LATE_SECONDS

HEALTH = "/healthz"
READINESS = "/readyz"

# Nothing that could be a number, a code or a name is taken over into the log.
_REQUEST_ID = re.compile(
    r"RQ[0-9a-f]{32}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII
)
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}", re.ASCII)

_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")
# What an answer says of itself unless it knows better, so that no route can forget it: it is what
# it says it is, runs nothing, stands in nobody's frame, is kept nowhere, and tells no path.
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}

log = structlog.get_logger()


class Store(Protocol):
    """The database, as far as its health is asked for."""

    def read(self) -> AbstractContextManager[Any]: ...


def install(flask: Flask, store: Store, proxies: int, now: Callable[[], float]) -> None:
    """Give every request an id, and open the two doors of a health check.

    ``proxies``: how many proxies of ours stand before this server. The address of the client is
    what the outermost of them has seen, and whether he came by TLS what the innermost says; 0
    believes no header.
    """
    if proxies:
        flask.wsgi_app = ProxyFix(  # type: ignore[method-assign] # as Flask's documents say
            flask.wsgi_app, x_for=proxies, x_proto=1, x_host=0
        )
    flask.debug = False  # whatever FLASK_DEBUG says: an error tells its reader nothing
    flask.before_request(_begin)
    flask.after_request(_name)

    def health() -> dict[str, object]:
        return {"status": "ok"}

    def readiness() -> dict[str, object]:
        with store.read() as tx:
            waited = max(queue.oldest_seconds for queue in tx.work.queues(now()))
            unpurged = retention.is_late(tx.retention.progress().purged_at, now())
        # Without a worker this server still answers calls under way: it stays in service.
        return {
            "status": "ready",
            "work": "late" if waited > LATE_SECONDS else "on time",
            "retention": "late" if unpurged else "on time",
        }

    flask.get(HEALTH)(health)
    flask.get(READINESS)(readiness)


def _begin() -> None:
    wished = request.headers.get("X-Request-Id", "")
    g.request_id = wished if _REQUEST_ID.fullmatch(wished) else f"RQ{secrets.token_hex(16)}"
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id)
    sid = (request.view_args or {}).get("Sid")
    if sid and _SID.fullmatch(str(sid)):
        structlog.contextvars.bind_contextvars(sid=sid)


def _name(response: Response) -> Response:
    said = {header.lower() for header, _ in response.headers}
    for header, value in SAFE.items():
        if header.lower() not in said:
            response.headers.add(header, value)
    response.headers["X-Request-Id"] = g.request_id
    response.headers["Twilio-Request-Id"] = "RQ" + re.sub("RQ|-", "", g.request_id)
    return response


def caller() -> str | None:
    """The address of the client; None where it cannot be known.

    Behind a proxy that the settings do not name, every client has the proxy's address. Who comes
    over a private network and brings a proxy's header is taken for such a one.
    """
    address = request.remote_addr
    if not address or "werkzeug.proxy_fix.orig" in request.environ:
        return address or None
    if any(name in request.headers for name in _OF_PROXIES) and _is_private(address):
        _tell_of_the_proxy()
        return None
    return address


@cache
def _tell_of_the_proxy() -> None:
    log.warning("a proxy that is not declared: set LINEPROOF_TRUSTED_PROXIES")


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return True


def turn_away(flask: Flask, gate: Gate, open_to_all: tuple[str, ...]) -> None:
    """Let nobody ask too often. ``open_to_all``: the beginnings of paths that are not counted."""

    def check() -> None:
        if request.path.startswith(open_to_all):
            return
        try:
            gate.from_address()
        except TooOften as refused:
            raise TooManyRequests(str(refused), retry_after=refused.retry_after) from None

    flask.before_request(check)


@dataclass(frozen=True, slots=True)
class Answers:
    """What is answered to a request that failed: to programs, and to people.

    ``refused``: by no route or by HTTP's own rules. ``busy``: by a store that cannot be used now;
    True if it is not known whether the change was made. ``for_people``: whether a path is a page's.
    """

    refused: Callable[[HTTPException], Response]
    busy: Callable[[bool], Response]
    for_people: Callable[[str], bool]
    page: Callable[[int], Response]


def answer_errors(
    flask: Flask,
    answers: Answers,
    busy: Sequence[type[Exception]],
    unclear: type[Exception],
) -> None:
    """Answer every failure in the words of its reader. ``busy``: the store's, ``unclear`` of them
    those after which a change may have been made.
    """

    def refused(error: HTTPException) -> Response:
        if answers.for_people(request.path):
            response = answers.page(error.code or 500)
        else:
            response = answers.refused(error)
        if isinstance(error, TooManyRequests):
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    def store_busy(error: Exception) -> Response:
        log.error("store not usable", error=str(error))
        if answers.for_people(request.path):
            return answers.page(503)
        return answers.busy(isinstance(error, unclear))

    def failed(error: Exception) -> Response:
        # Flask would log the path, which may be a link that opens a page: its rule says enough.
        flask.logger.error("Exception on %s [%s]", request.url_rule, request.method, exc_info=error)
        got_request_exception.send(flask, exception=error)  # whoever collects errors listens for it
        return refused(InternalServerError())

    flask.register_error_handler(HTTPException, refused)
    flask.register_error_handler(Exception, failed)
    for kind in busy:
        flask.register_error_handler(kind, store_busy)
