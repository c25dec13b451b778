"""A small world for the tests: our server, their phones, and a clock that stands still."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from twiml.emulator import (
    Call,
    Emulator,
    Event,
    NoAnswer,
    Phone,
    Phones,
    Request,
    Response,
    Timing,
    Virtual,
)

SID = "AC" + "0" * 32
TOKEN = "12345"
US = "+15005550006"
THEM = "+19025550100"
SERVER = "http://server.test"
START = 1_700_000_000.0
EXACT = Timing(latency=0, setup=0)
ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
DESK = Phone(THEM, "person", answer_after=1000, types=("nothing",), greeting="")

# By path: a document, a Response, or NoAnswer; any of them with the ms that it takes; or a
# function of the request that returns one of these.
Pages = dict[str, Any]


class Server:
    """Answers by path: a document, a response, or nothing; ``took`` ms where none is given."""

    def __init__(self, pages: Pages, took: int = 0) -> None:
        self.pages = {
            "/silent": "<Response><Play digits='w'/><Pause length='600'/></Response>",
            **pages,
        }
        self.took = took
        self.requests: list[Request] = []

    def fetch(self, request: Request) -> tuple[Response, int]:
        self.requests.append(request)
        page = self.pages.get(urlsplit(request.url).path, Response(404, b"", "text/plain"))
        if callable(page):
            page = page(request)
        page, took = page if isinstance(page, tuple) and type(page) is tuple else (page, self.took)
        if isinstance(page, NoAnswer):
            raise page
        return (Response(200, page.encode()) if isinstance(page, str) else page), took

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if urlsplit(request.url).path == path]


class World:
    """An emulator with a virtual clock, one server and some phones.

    ``trace`` is the call that a test made of it, where it made one.
    """

    trace: Call

    def __init__(
        self,
        pages: Pages | None = None,
        *phones: Phone,
        timing: Timing = EXACT,
        took: int = 0,
        **options: Any,
    ) -> None:
        self.server = Server(pages or {}, took)
        self.phones = Phones.built_in()
        for phone in phones or (DESK,):
            self.phones.by_number[phone.number] = phone
        self.emulator = Emulator(
            self.phones,
            Virtual(START),
            account_sid=SID,
            auth_token=TOKEN,
            timing=timing,
            application_for=lambda _: self.server,
            seed=1,
            **options,
        )

    def place(self, **form: str | list[str] | None) -> Call:
        """Place a call to THEM that asks /voice, unless the form says otherwise."""
        given: dict[str, str | list[str] | None] = {
            "To": THEM,
            "From": US,
            "Url": f"{SERVER}/voice",
            **form,
        }
        lists = {
            name: value if isinstance(value, list) else [value]
            for name, value in given.items()
            if value is not None
        }
        return self.emulator.place(lists)

    def call(self, **form: str | list[str] | None) -> Call:
        """Place a call and let everything happen."""
        call = self.place(**form)
        self.emulator.run()
        return call

    def codes(self) -> list[int]:
        return [notification.code for notification in self.emulator.notifications]

    def forms(self, path: str) -> list[dict[str, str]]:
        """The parameters of all requests to a path."""
        return [dict(request.parameters) for request in self.server.asked(path)]


def happened(call: Call, kind: str, who: str | None = None, text: str | None = None) -> list[Event]:
    """The events of a kind, of one leg, with a text in them."""
    return [
        event
        for event in call.events
        if event.kind == kind and who in (None, event.who) and (text or "") in event.text
    ]


def moments(call: Call, kind: str, who: str | None = None, text: str | None = None) -> list[int]:
    """When such events happened, in ms since the answer."""
    answered = happened(call, "status", "caller", "in-progress")[0].at_ms
    return [event.at_ms - answered for event in happened(call, kind, who, text)]


def ivr(path: str, answer_after: int = 1000, number: str = THEM) -> Phone:
    """A phone answered by a document of the server."""
    return Phone(number, "ivr", f"http://them.test{path}", answer_after=answer_after)


def twiml(*verbs: str) -> str:
    return f"<Response>{''.join(verbs)}</Response>"
