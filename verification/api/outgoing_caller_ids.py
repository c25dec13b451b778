"""Twilio's 2010 ``OutgoingCallerIds``: the validation request, and the caller IDs it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from verification import accounts, caller_ids, calling, fictional, numbers, validating
from verification.accounts import Account
from verification.api import parameters, v2010
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.operation import Asked, Operation
from verification.api.parameters import Form
from verification.api.shapes import FlatPage, Rfc2822Date, Shape
from verification.caller_ids import CallerId
from verification.numbers import ForeignNumber, UnfitNumber
from verification.ordering import Place
from verification.statuses import Mover

PATH = f"{v2010.ACCOUNT}/OutgoingCallerIds"


class ValidationRequest(Shape):
    """What a request is answered: the code that the person is asked for, and the call's SID."""

    account_sid: str
    call_sid: str
    friendly_name: str
    phone_number: str
    validation_code: str


class OutgoingCallerId(Shape):
    """A verified caller ID."""

    sid: str
    date_created: Rfc2822Date
    date_updated: Rfc2822Date
    friendly_name: str
    account_sid: str
    phone_number: str
    uri: str


class CallerIdPage(FlatPage):
    """One page of caller IDs."""

    outgoing_caller_ids: tuple[OutgoingCallerId, ...]


class CreateValidation(Form):
    """POST /OutgoingCallerIds.json. ``Language`` is Lineproof's own."""

    phone_number: str
    friendly_name: str = ""
    call_delay: parameters.CallDelay = 0
    extension: parameters.Extension = ""
    status_callback: Annotated[str, parameters.callback("StatusCallback")] = ""
    status_callback_method: Annotated[str, parameters.method("StatusCallbackMethod")] = ""
    language: parameters.Language = "en"


class UpdateCallerId(Form):
    """POST /OutgoingCallerIds/{Sid}.json."""

    friendly_name: str = ""


class ListCallerIds(Form):
    """The filters of GET /OutgoingCallerIds.json; both must fit exactly."""

    phone_number: str = ""
    friendly_name: str = ""


class CallerIds(caller_ids.CallerIds, Protocol):
    """The caller IDs as the API shows them."""

    def of_account(self, account_sid: str, sid: str) -> CallerId | None: ...
    def page(
        self, account_sid: str, filters: dict[str, str], place: Place | None, limit: int
    ) -> list[CallerId]: ...


class Transaction(calling.Transaction, Protocol):
    """What this API needs of a transaction."""

    @property
    def accounts(self) -> accounts.Accounts: ...
    @property
    def caller_ids(self) -> CallerIds: ...


@dataclass(frozen=True, slots=True)
class OutgoingCallerIds:
    """The operations of this file."""

    context: Context

    def operations(self) -> list[Operation]:
        """The validation request, and list, fetch, update, delete."""
        many, one = f"{PATH}.json", PATH + "/{Sid}.json"
        return [
            Operation("validate", "POST", many, self.validate, CreateValidation, ValidationRequest),
            Operation("list", "GET", many, self.list_page, ListCallerIds, CallerIdPage),
            Operation("fetch", "GET", one, self.fetch, answer=OutgoingCallerId),
            Operation("update", "POST", one, self.update, UpdateCallerId, OutgoingCallerId),
            Operation("delete", "DELETE", one, self.delete),
        ]

    def validate(self, asked: Asked) -> ValidationRequest:
        """Ask for the ownership call that makes a number a caller ID."""
        names = {
            "status_callback": "status_callback_url",
            "extension": "extension",
            "call_delay": "call_delay",
            "friendly_name": "friendly_name",
            "language": "language",
            "status_callback_method": "status_callback_method",
        }
        sent = asked.form.wishes("phone_number").items()
        wishes = {names[name]: value for name, value in sent if value}
        with self.context.store.write() as tx:
            account = self._account(tx, asked)
            accounts.check_active(tx, account)
            number = _number(asked.form.phone_number, account)
            keyring, now = self.context.keyring, self.context.now()
            limits = self.context.limits
            made = validating.request(tx, keyring, account, number, wishes, now, limits)
        return ValidationRequest(
            account_sid=account.sid,
            call_sid=made.attempt.shown_sid or "",
            friendly_name=made.caller_id.friendly_name,
            phone_number=number,
            validation_code=made.code,
        )

    def list_page(self, asked: Asked) -> CallerIdPage:
        """The account's caller IDs, the newest first."""
        filters = {name: str(value) for name, value in asked.form.wishes().items() if value}
        with self.context.store.read() as tx:
            account = self._account(tx, asked)
            page = v2010.page(
                self.context,
                asked,
                f"{v2010.uri(PATH, account.sid)}.json",
                lambda place, limit: tx.caller_ids.page(account.sid, filters, place, limit),
                _shape,
            )
        return CallerIdPage(outgoing_caller_ids=page.pop("rows"), **page)

    def fetch(self, asked: Asked) -> OutgoingCallerId:
        """One caller ID of the account."""
        with self.context.store.read() as tx:
            return _shape(self._own(tx, asked))

    def update(self, asked: Asked) -> OutgoingCallerId:
        """Give a caller ID another name."""
        with self.context.store.write() as tx:
            found = self._own(tx, asked)
            for name in asked.form.wishes().values():
                found = caller_ids.rename(tx, found, name, self.context.now())
            return _shape(found)

    def delete(self, asked: Asked) -> None:
        """Take a caller ID away."""
        with self.context.store.write() as tx:
            caller_ids.delete(tx, self._own(tx, asked), Mover.CUSTOMER, self.context.now())

    def _account(self, tx: Transaction, asked: Asked) -> Account:
        return v2010.account(tx, asked, f"{PATH}.json")

    def _own(self, tx: Transaction, asked: Asked) -> CallerId:
        account = accounts.acting_for(tx, asked.account, asked.path["AccountSid"])
        found = tx.caller_ids.of_account(account.sid, asked.sid) if account else None
        if found is None:
            path = v2010.uri(PATH, asked.path["AccountSid"][:64])
            raise v2010.not_found(f"{path}/{asked.sid[:64]}.json")
        return found


def _number(text: str, account: Account) -> str:
    """The number to be called. Raises ApiError with the numbers of Twilio's caller IDs."""
    try:
        return fictional.check(numbers.read(text), account.test)
    except ForeignNumber as error:
        raise ApiError(21215, 400, str(error)) from None
    except UnfitNumber as error:
        raise ApiError(21421, 400, str(error)) from None


def _shape(caller_id: CallerId) -> OutgoingCallerId:
    return OutgoingCallerId(
        sid=caller_id.sid,
        date_created=caller_id.created_at,
        date_updated=caller_id.updated_at,
        friendly_name=caller_id.friendly_name,
        account_sid=caller_id.account_sid,
        phone_number=caller_id.phone_number,
        uri=f"{v2010.uri(PATH, caller_id.account_sid)}/{caller_id.sid}.json",
    )
