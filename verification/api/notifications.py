"""Twilio's 2010 ``Notifications``: the ownership calls that the carrier refused to place.

Each names the carrier's error number. A call that was placed and went wrong has none: how it ended
is in its status and in its order's failure_reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from verification.api import calls, parameters, times, v2010
from verification.api.calls import Transaction
from verification.api.context import Context
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import FlatPage, Rfc2822Date, Shape, Url
from verification.calls import Call, Notification

PATH = f"{v2010.ACCOUNT}/Notifications"
OF_CALL = f"{v2010.ACCOUNT}/Calls/{{CallSid}}/Notifications"
ERROR = "0"  # Twilio's level of an error; 1 is a warning, of which there are none here


class NotificationShape(Shape):
    """A notification in a list."""

    account_sid: str
    api_version: str = v2010.VERSION
    call_sid: str | None
    date_created: Rfc2822Date
    date_updated: Rfc2822Date
    error_code: str
    log: str = ERROR
    message_date: Rfc2822Date
    message_text: str
    more_info: Url
    request_method: str | None = None
    request_url: Url | None = None
    sid: str
    uri: str


class WholeNotification(NotificationShape):
    """A notification by itself; no request of a webhook belongs to it."""

    request_variables: str | None = None
    response_body: str | None = None
    response_headers: str | None = None


class NotificationPage(FlatPage):
    """One page of notifications."""

    notifications: tuple[NotificationShape, ...]


class ListNotifications(Form):
    """The filters of GET /Notifications.json."""

    log: Annotated[str, parameters.one_of(20001, "Log", ("0", "1"))] = ""
    message_date: str = ""
    message_date_until: Annotated[str, Field(alias="MessageDate<")] = ""
    message_date_from: Annotated[str, Field(alias="MessageDate>")] = ""


@dataclass(frozen=True, slots=True)
class NotificationOperations:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """List and fetch, of the account and of one call."""
        one, one_of_call = PATH + "/{Sid}.json", OF_CALL + "/{Sid}.json"
        many, form, page, whole = (
            self.list_page,
            ListNotifications,
            NotificationPage,
            WholeNotification,
        )
        return [
            Operation("list", "GET", f"{PATH}.json", many, form, page),
            Operation("fetch", "GET", one, self.fetch, answer=whole),
            Operation("list_of_call", "GET", f"{OF_CALL}.json", self.list_of_call, form, page),
            Operation("fetch_of_call", "GET", one_of_call, self.fetch_of_call, answer=whole),
        ]

    def list_page(self, asked: Asked) -> NotificationPage:
        """The account's notifications, the newest first."""
        with self.context.store.read() as tx:
            account_sid = v2010.account(tx, asked, f"{PATH}.json").sid
            path = v2010.uri(f"{PATH}.json", account_sid)
            return self._page(tx, asked, path, account_sid, {})

    def fetch(self, asked: Asked) -> WholeNotification:
        """One notification of the account."""
        path = f"{PATH}/{asked.sid[:64]}.json"
        with self.context.store.read() as tx:
            account = v2010.account(tx, asked, path)
            found = tx.calls.notification(account.sid, asked.sid)
        return _whole(found, v2010.uri(path, account.sid))

    def list_of_call(self, asked: Asked) -> NotificationPage:
        """The notifications of one call: at most one, for it was refused once."""
        with self.context.store.read() as tx:
            call = calls.own(tx, asked, asked.path["CallSid"])
            path = f"{_of_call(call)}.json"
            return self._page(tx, asked, path, call.account_sid, {"call_sid": call.sid})

    def fetch_of_call(self, asked: Asked) -> WholeNotification:
        """One notification of a call."""
        with self.context.store.read() as tx:
            call = calls.own(tx, asked, asked.path["CallSid"])
            found = tx.calls.notification(call.account_sid, asked.sid)
        if found and found.call_sid != call.sid:
            found = None
        return _whole(found, f"{_of_call(call)}/{asked.sid[:64]}.json")

    def _page(
        self, tx: Transaction, asked: Asked, path: str, account_sid: str, filters: dict[str, str]
    ) -> NotificationPage:
        within, warnings = _bounds(asked.form), asked.form.log not in ("", ERROR)
        rows_from = lambda place, limit: (  # noqa: E731
            [] if warnings else tx.calls.notifications(account_sid, filters, within, place, limit)
        )
        page = v2010.page(self.context, asked, path, rows_from, _listed)
        return NotificationPage(notifications=page.pop("rows"), **page)


def _of_call(call: Call) -> str:
    return v2010.uri(OF_CALL, call.account_sid).replace("{CallSid}", call.sid)


def _whole(found: Notification | None, path: str) -> WholeNotification:
    if found is None:
        raise v2010.not_found(path)
    return WholeNotification(**_listed(found).model_dump())


def _bounds(form: ListNotifications) -> dict[str, float]:
    first, last = times.bounds(
        "MessageDate", form.message_date, form.message_date_until, form.message_date_from
    )
    pairs = (("started_from", first), ("started_before", last))
    return {name: bound for name, bound in pairs if bound is not None}


def _listed(notification: Notification) -> NotificationShape:
    code = notification.error_code
    return NotificationShape(
        account_sid=notification.account_sid,
        call_sid=notification.call_sid,
        date_created=notification.created_at,
        date_updated=notification.created_at,
        error_code=str(code),
        message_date=notification.created_at,
        message_text=f"The carrier refused the verification call ({code})",
        more_info=f"https://www.twilio.com/docs/errors/{code}",
        sid=notification.sid,
        uri=f"{v2010.uri(PATH, notification.account_sid)}/{notification.sid}.json",
    )
