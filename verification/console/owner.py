"""The owner's page: the person at the phone is called when it suits him, and reads the code.

Opening it changes nothing, so that whatever looks at links in mails does no harm. What it does is a
form that says how many calls it knows of: one that is behind, in another tab or after the back
button, does nothing and shows how things stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from flask import Blueprint, Response, request

from verification import attempts, numbers, owner_links, owning, zones
from verification.codes import Keyring, Unsealable
from verification.console import csrf, owner_progress
from verification.console.owner_texts import GONE, OWNER, SPOKEN, ZONES, wait, when
from verification.console.pages import (
    OWNER_SCRIPT_PATH,
    SCRIPT_PATH,
    SCRIPT_POLICY,
    Pages,
    reader_language,
)
from verification.console.room import posted, see_other
from verification.dialling import Limits
from verification.extension import WAITS
from verification.owning import LinkGone, Stage, UnfitTime, View
from verification.zones import NoSuchTime

PATH = owner_links.PATH
_HOUR = 3_600.0
# How often the page looks for changes, in milliseconds; 0: there will be none.
_PERIODS = {Stage.CALLING: 1000, Stage.VERIFIED: 0}
_PERIOD = 3000


class Store(Protocol):
    """Where the orders and their links are."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """The time that was chosen, as it was sent, and what is wrong with it."""

    at: str = ""
    zone: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """The page. ``limits``: of calls; ``now`` gives Unix seconds."""

    store: Store
    keyring: Keyring
    pages: Pages
    limits: Limits
    now: Callable[[], float]

    def blueprint(self) -> Blueprint:
        """Its routes."""
        blueprint = Blueprint("owner", __name__)
        rule = f"{PATH}/<token>"
        blueprint.add_url_rule(rule, "show", self.show, methods=["GET"])
        blueprint.add_url_rule(rule, "act", self.act, methods=["POST"])
        return blueprint

    def show(self, token: str) -> Response:
        """How it stands, or why the link opens nothing any more."""
        link = self._link(token)
        if link is None:
            return self.pages.trouble(HTTPStatus.NOT_FOUND)
        try:
            with self.store.read() as tx:
                view = owning.look(tx, self.keyring, *link, self.now())
        except LinkGone as gone:
            return self._gone(gone)
        return self._page(view, token, Wish())

    def act(self, token: str) -> Response:
        """Do what a button says, if the page that it stood on was up to date."""
        link = self._link(token)
        if link is None:
            return self.pages.trouble(HTTPStatus.NOT_FOUND)
        fields = posted()
        if fields is None:
            return self.pages.trouble(HTTPStatus.BAD_REQUEST)
        try:
            with self.store.write() as tx:
                view = owning.look(tx, self.keyring, *link, self.now())
                if not csrf.is_valid(self.keyring, _subject(view), fields.get(csrf.FIELD, "")):
                    text = OWNER[reader_language()]["csrf"]
                    return self._page(view, token, Wish(fault=text), HTTPStatus.FORBIDDEN)
                # Who says that the number is not his is heard whatever has happened meanwhile.
                up_to_date = fields.get("count") == str(view.count)
                if up_to_date or fields.get("act") == "not-mine":
                    wish = self._do(tx, view, fields)
                    if wish.fault:
                        return self._page(view, token, wish, HTTPStatus.UNPROCESSABLE_ENTITY)
        except LinkGone as gone:
            return self._gone(gone)
        return see_other(f"{PATH}/{token}")

    def _link(self, token: str) -> tuple[str, int] | None:
        try:
            return owner_links.read(self.keyring, token)
        except Unsealable:
            return None

    def _do(self, tx: Any, view: View, fields: dict[str, str]) -> Wish:
        act, now = fields.get("act", ""), self.now()
        if act == "call":
            owning.ask(tx, self.keyring, self.limits, view, now)
        elif act == "forget":
            owning.forget_plan(tx, view, now)
        elif act == "not-mine":
            owning.refuse(tx, view, now)
        elif act == "later":
            return self._plan(tx, view, Wish(fields.get("at", ""), fields.get("zone", "")))
        return Wish()

    def _plan(self, tx: Any, view: View, wish: Wish) -> Wish:
        language = reader_language()
        texts, ahead = OWNER[language], zones.of_number(view.order.phone_number)
        try:
            at = zones.moment(wish.at, wish.zone)
            owning.plan(tx, view, at, wish.zone, self.now())
        except zones.LeftOut:
            return Wish(wish.at, wish.zone, texts["time_gap"])
        except NoSuchTime:
            return Wish(wish.at, wish.zone, texts["time_form"])
        except UnfitTime:
            ahead = wish.zone if wish.zone in zones.names() else ahead
            until = when(zones.local(view.link.expires_at, ahead), language)
            return Wish(wish.at, wish.zone, texts["time_past"].format(until=until))
        return Wish()

    def _gone(self, gone: LinkGone) -> Response:
        language = reader_language()
        title, text = GONE[language][str(gone.end or "")]
        return self.pages.page(
            "notice.html", HTTPStatus.GONE, language=language, title=title, text=text
        )

    def _page(self, view: View, token: str, wish: Wish, status: int = HTTPStatus.OK) -> Response:
        language = reader_language()
        value, csrf_token = csrf.issue(self.keyring, _subject(view))
        response = self.pages.page(
            "owner.html",
            status,
            language=language,
            t=self._texts(view, language),
            view=view,
            stage=str(view.stage),
            sentence=owner_progress.sentence(view),
            steps=owner_progress.steps(view),
            speaks=SPOKEN[language][view.order.language],
            zones=[(name, ZONES[name][language], self._minutes(name)) for name in zones.names()],
            wish=self._wish(view, wish),
            fault=wish.fault,
            period=_PERIODS.get(view.stage, _PERIOD),
            action=f"{PATH}/{token}",
            script=SCRIPT_PATH,
            owner_script=OWNER_SCRIPT_PATH,
            csrf_field=csrf.FIELD,
            csrf_token=csrf_token,
        )
        response.headers["Content-Security-Policy"] = SCRIPT_POLICY
        if request.method == "GET":
            response.set_etag(hashlib.sha256(response.get_data()).hexdigest())
            response.make_conditional(request)
        return csrf.remember(response, value)

    def _texts(self, view: View, language: str) -> dict[str, str]:
        """The page's texts, filled in."""
        link, zone = view.link, view.link.zone or "UTC"
        planned = link.call_at or self.now()
        facts = {
            "customer": view.account.name,
            "number": numbers.half_hidden(view.order.phone_number),
            "language": SPOKEN[language][view.order.language],
            "count": view.calls_left,
            "most": attempts.ATTEMPTS,
            "time": when(zones.local(planned, zone), language),
            "zone": ZONES[zone][language],
            "wait": wait(planned - self.now()),
            "keys": " ".join(key for key in view.order.extension or "" if key not in WAITS),
            "until": "",
        }
        return {name: text.format(**facts) for name, text in OWNER[language].items()}

    def _wish(self, view: View, wish: Wish) -> Wish:
        """What the form shows: what was sent, or the next full hour where the number is."""
        if wish.at or wish.zone:
            return wish
        zone = zones.of_number(view.order.phone_number)
        hour = (self.now() + 1.5 * _HOUR) // _HOUR * _HOUR
        return Wish(zones.form(zones.local(hour, zone)), zone)

    def _minutes(self, zone: str) -> int:
        """How far a zone's clocks are ahead of UTC now, for the script that knows its reader's."""
        offset = zones.local(self.now(), zone).utcoffset()
        return int(offset.total_seconds() // 60) if offset else 0


def _subject(view: View) -> str:
    return f"{view.order.sid} {view.link.number}"
