"""Twilio's 2010 ``Calls``: an account reads its own ownership calls; nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import Field

from verification import accounts
from verification.api import parameters, times, v2010
from verification.api.context import Context
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import FlatPage, Rfc2822Date, Shape
from verification.calls import Call, Notification
from verification.ordering import Place
from verification.phone_numbers import formatted

PATH = f"{v2010.ACCOUNT}/Calls"
STATUSES = (
    *("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"),
)
SUBRESOURCES = ("notifications",)


class CallShape(Shape):
    """A call as the 2010 API shows it; what only the carrier knows is null."""

    sid: str
    date_created: Rfc2822Date
    date_updated: Rfc2822Date
    parent_call_sid: str | None = None
    account_sid: str
    to: str
    to_formatted: str
    from_: Annotated[str | None, Field(serialization_alias="from")]
    from_formatted: str | None
    phone_number_sid: str | None = None
    status: str
    start_time: Rfc2822Date | None
    end_time: Rfc2822Date | None
    duration: str | None
    price: str | None = None
    price_unit: str | None = None
    direction: str = "outbound-api"
    answered_by: str | None
    api_version: str = v2010.VERSION
    forwarded_from: str | None = None
    group_sid: str | None = None
    caller_name: str | None = None
    queue_time: str | None = None
    trunk_sid: str | None = None
    uri: str
    subresource_uris: dict[str, str]


class CallPage(FlatPage):
    """One page of calls."""

    calls: tuple[CallShape, ...]


class ListCalls(Form):
    """The filters of GET /Calls.json. An ownership call has no parent."""

    to: str = ""
    from_: Annotated[str, Field(alias="From")] = ""
    parent_call_sid: str = ""
    status: Annotated[str, parameters.one_of(20001, "Status", STATUSES)] = ""
    start_time: str = ""
    start_time_until: Annotated[str, Field(alias="StartTime<")] = ""
    start_time_from: Annotated[str, Field(alias="StartTime>")] = ""
    end_time: str = ""
    end_time_until: Annotated[str, Field(alias="EndTime<")] = ""
    end_time_from: Annotated[str, Field(alias="EndTime>")] = ""


class Calls(Protocol):
    """The calls and notifications of one transaction."""

    def of_account(self, account_sid: str, sid: str) -> Call | None: ...
    def page(
        self,
        account_sid: str,
        filters: dict[str, str],
        bounds: dict[str, float],
        place: Place | None,
        limit: int,
    ) -> list[Call]: ...
    def notification(self, account_sid: str, sid: str) -> Notification | None: ...
    def notifications(
        self,
        account_sid: str,
        filters: dict[str, str],
        bounds: dict[str, float],
        place: Place | None,
        limit: int,
    ) -> list[Notification]: ...


class Transaction(accounts.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def calls(self) -> Calls: ...


@dataclass(frozen=True, slots=True)
class CallOperations:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """List and fetch."""
        one = PATH + "/{Sid}.json"
        return [
            Operation("list", "GET", f"{PATH}.json", self.list_page, ListCalls, CallPage),
            Operation("fetch", "GET", one, self.fetch, answer=CallShape),
        ]

    def list_page(self, asked: Asked) -> CallPage:
        """The account's ownership calls, the newest first."""
        form = asked.form
        columns = {"to": "number", "from_": "caller", "status": "status"}
        filters = {columns[name]: getattr(form, name) for name in columns if getattr(form, name)}
        within = _bounds(form)
        with self.context.store.read() as tx:
            account_sid = v2010.account(tx, asked, f"{PATH}.json").sid
            rows_from = lambda place, limit: (  # noqa: E731
                []
                if form.parent_call_sid
                else tx.calls.page(account_sid, filters, within, place, limit)
            )
            path = v2010.uri(f"{PATH}.json", account_sid)
            page = v2010.page(self.context, asked, path, rows_from, _shape)
        return CallPage(calls=page.pop("rows"), **page)

    def fetch(self, asked: Asked) -> CallShape:
        """One ownership call of the account."""
        with self.context.store.read() as tx:
            return _shape(own(tx, asked, asked.sid))


def own(tx: Transaction, asked: Asked, sid: str) -> Call:
    """The account's call of a SID. Raises ApiError 20404, for a foreign one as for none."""
    path = f"{PATH}/{sid[:64]}.json"
    account = v2010.account(tx, asked, path)
    found = tx.calls.of_account(account.sid, sid)
    if found is None:
        raise v2010.not_found(v2010.uri(path, account.sid))
    return found


def _bounds(form: ListCalls) -> dict[str, float]:
    started = times.bounds(
        "StartTime", form.start_time, form.start_time_until, form.start_time_from
    )
    ended = times.bounds("EndTime", form.end_time, form.end_time_until, form.end_time_from)
    names = ("started_from", "started_before", "ended_from", "ended_before")
    pairs = zip(names, (*started, *ended), strict=True)
    return {name: bound for name, bound in pairs if bound is not None}


def _shape(call: Call) -> CallShape:
    uri = f"{v2010.uri(PATH, call.account_sid)}/{call.sid}"
    seconds = call.seconds
    return CallShape(
        sid=call.sid,
        date_created=call.created_at,
        date_updated=call.updated_at,
        account_sid=call.account_sid,
        to=call.number,
        to_formatted=formatted(call.number),
        from_=call.caller,
        from_formatted=formatted(call.caller) if call.caller else None,
        status=call.status,
        start_time=None if call.status == "queued" else call.created_at,
        end_time=call.finished_at,
        duration=None if seconds is None else str(seconds),
        answered_by="machine_start" if call.machine else None,
        uri=f"{uri}.json",
        subresource_uris={name: f"{uri}/{name.title()}.json" for name in SUBRESOURCES},
    )
