"""One request to a TwiML application as Twilio makes it: retries, redirects, cookies, time-outs.

What carries the bytes is an :class:`Application`: the web, a folder, or a test's own function. An
application says how long it took, so that time-outs hold in simulated time too.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from types import MappingProxyType
from typing import NamedTuple, Protocol
from urllib.parse import urlencode, urlsplit

from twiml.emulator.addresses import ascii_url, host_of, joined, problem
from twiml.emulator.overrides import Overrides, overrides_of

MOST_REDIRECTS = 10
_REDIRECTS = {301, 302, 303, 307, 308}


class Cookies(dict[str, dict[str, str]]):
    """The cookies of one call, by host (Twilio: TwiML page, "Cookies")."""

    def header(self, url: str) -> str:
        """Return the Cookie header for a URL, or an empty string."""
        if not self:
            return ""
        kept = self.get(host_of(url), {})
        return "; ".join(f"{name}={value}" for name, value in kept.items())

    def keep(self, url: str, set_cookie: tuple[str, ...]) -> None:
        """Keep what an answer sets; ``Max-Age=0`` and an unreadable cookie keep nothing."""
        for line in set_cookie:
            try:
                cookies = SimpleCookie(line)
            except CookieError:
                continue
            kept = self.setdefault(host_of(url), {})
            for name, morsel in cookies.items():
                if morsel["max-age"] == "0":
                    kept.pop(name, None)
                else:
                    kept[name] = morsel.coded_value


class Request(NamedTuple):
    """A request: for POST the parameters are the form, for GET they stand in the query."""

    url: str
    method: str = "POST"
    parameters: Mapping[str, str] = MappingProxyType({})
    cookie: str = ""
    token: str = ""
    overrides: Overrides = Overrides()
    authorize: bool = False

    @property
    def sent_url(self) -> str:
        """The URL as it goes over the wire: ASCII, no fragment, and with the query of a GET."""
        url = ascii_url(self.url.partition("#")[0])
        if self.method != "GET" or not self.parameters:
            return url
        return url + ("&" if "?" in url else "?") + urlencode(self.parameters)


class Response(NamedTuple):
    """An answer. ``cookies`` are the Set-Cookie headers; ``name`` is how a trace calls it."""

    status: int
    body: bytes
    content_type: str | None = "text/xml"
    location: str | None = None
    cookies: tuple[str, ...] = ()
    challenge: str | None = None
    name: str = ""


class NoAnswer(Exception):
    """No answer came. ``kind`` is ``ct`` (not connected) or ``rt`` (connected, then silence)."""

    def __init__(self, kind: str, message: str, elapsed_ms: int, code: int = 11205) -> None:
        super().__init__(message)
        self.kind = kind
        self.elapsed_ms = elapsed_ms
        self.code = code


class Application(Protocol):
    """Anything that answers requests and says how many milliseconds that took.

    ``overrides.total`` of a request is the time that is left for it.
    """

    def fetch(self, request: Request) -> tuple[Response, int]:
        """Answer one request. Raises NoAnswer."""


class Outcome(NamedTuple):
    """What came of a request: a response and its URL after redirects, or an error code."""

    response: Response | None
    url: str
    elapsed_ms: int
    code: int = 0
    message: str = ""


def fetch(
    request: Request,
    application: Application,
    cookies: Cookies,
    total_ms: int = 15_000,
) -> Outcome:
    """Make a request with all that Twilio does around it.

    At most MOST_REDIRECTS redirects (11215), each a GET without the form (Twilio: Gather page);
    retries by the URL's fragment, a failed connection once by default; everything within
    ``total_ms`` (Twilio: Webhook connection overrides). A URL that is none is 11100.
    """
    overrides = overrides_of(request.url)
    spent, now = 0, request
    for _ in range(MOST_REDIRECTS + 1):
        wrong = problem(now.url)
        if wrong:
            return Outcome(None, now.url, spent, 11100, wrong)
        left = min(total_ms, overrides.total) - spent
        outcome = _with_retries(now, overrides, application, cookies, left)
        spent += outcome.elapsed_ms
        response = outcome.response
        if response is None:
            return _taking(outcome, spent)
        cookies.keep(now.url, response.cookies)
        if response.status not in _REDIRECTS or not response.location:
            return _judged(_taking(outcome, spent))
        url = joined(now.url, response.location)
        now = now._replace(url=url, method="GET", parameters={}, cookie="")
    message = f"More than {MOST_REDIRECTS} redirects from {request.url}"
    return Outcome(None, now.url, spent, 11215, message)


def _judged(outcome: Outcome) -> Outcome:
    response = outcome.response
    if response is None or response.status < 400:
        return outcome
    why = response.body.decode(errors="replace") if response.name else ""
    message = f"{outcome.url} answered {response.status}" + (f": {why}" if why else "")
    return outcome._replace(code=11200, message=message)


def _with_retries(
    request: Request,
    overrides: Overrides,
    application: Application,
    cookies: Cookies,
    left_ms: int,
) -> Outcome:
    spent, tries = 0, overrides.retries + 1
    while True:
        tries -= 1
        asked = _within(request, overrides, max(1, left_ms - spent))
        outcome, kind = _once(asked, application, cookies)
        spent += outcome.elapsed_ms
        if spent >= left_ms:
            message = f"{request.url} gave no answer within {left_ms / 1000:g} s"
            return Outcome(None, request.url, left_ms, 11200, message)
        if tries <= 0 or not overrides.retries_on(kind):
            return _taking(outcome, spent)


# Most requests are answered at the first try, without overrides: then nothing is made anew.


def _taking(outcome: Outcome, ms: int) -> Outcome:
    return outcome if outcome.elapsed_ms == ms else outcome._replace(elapsed_ms=ms)


def _within(request: Request, overrides: Overrides, total: int) -> Request:
    limits = overrides if overrides.total == total else overrides._replace(total=total)
    return request if request.overrides == limits else request._replace(overrides=limits)


def _once(request: Request, application: Application, cookies: Cookies) -> tuple[Outcome, str]:
    cookie = cookies.header(request.url)
    asked = request._replace(cookie=cookie) if cookie else request
    limit = request.overrides.read
    try:
        response, elapsed = application.fetch(asked)
        if response.status == 401 and response.challenge and "@" in urlsplit(request.url).netloc:
            response, more = application.fetch(asked._replace(authorize=True))
            elapsed += more
    except NoAnswer as error:
        outcome = Outcome(None, request.url, error.elapsed_ms, error.code, str(error))
        return outcome, error.kind
    if elapsed > limit:
        message = f"{request.url} gave no answer within {limit / 1000:g} s"
        return Outcome(None, request.url, limit, 11200, message), "rt"
    kind = {4: "4xx", 5: "5xx"}.get(response.status // 100, "")
    return Outcome(response, request.url, elapsed), kind
