"""Errors in Twilio's shape, and the one table from the core's refusals to Twilio's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException

from verification.accounts import BadName, NoSubaccounts, NotActive, StatusRefused
from verification.addresses import AddressInUse, InvalidAddress
from verification.api import problems
from verification.caller_ids import AlreadyVerified, BadCallerIdName
from verification.calling import AttemptsUsed, CallUnderWay, NotCallable
from verification.dialling import Stopped
from verification.documents import Immutable, Incomplete, UnfitOrders
from verification.extension import InvalidExtension
from verification.forms import UnreadableForm
from verification.hosting import NotRegistering
from verification.idempotency import BadKey, OtherRequest, UnderWay
from verification.numbers import ForeignNumber, UnfitNumber
from verification.ordering import NameTaken, NotDeletable, NotHostable, UnknownAddress
from verification.owner_links import NoOwnerLink, TooManyMails
from verification.phone_bills import UnfitPhoneBill, UnknownPhoneBill
from verification.phone_numbers import (
    NotInUse,
    NotReleasable,
    NumberConflict,
    UnknownNumberAddress,
)
from verification.rates import TooOften
from verification.refusals import Refused
from verification.spoken_code import NoCodeAwaited, WrongCode
from verification.statuses import MoveRefused

# The exception, Twilio's error number, the HTTP status. The first that fits is taken.
REFUSALS: tuple[tuple[type[Exception], int, int], ...] = (
    (ForeignNumber, 22103, 400),
    (UnfitNumber, 22102, 400),
    (NotHostable, 22110, 400),
    (NameTaken, 22115, 400),
    (UnknownAddress, 22109, 400),
    (UnfitOrders, 22101, 400),
    (Incomplete, 22109, 400),
    (Immutable, 22107, 400),
    (InvalidExtension, 22117, 400),
    (UnknownPhoneBill, 22118, 400),
    (UnfitPhoneBill, 20001, 400),
    (Stopped, 20503, 503),
    (TooOften, 20429, 429),
    (AttemptsUsed, 22100, 400),
    (CallUnderWay, 20409, 409),
    (NotCallable, 22123, 400),
    (MoveRefused, 22112, 400),
    (NotDeletable, 22112, 400),
    (NoOwnerLink, 22112, 400),
    (TooManyMails, 20429, 429),
    (NotRegistering, 22112, 400),
    (NotInUse, 22121, 400),
    (NotReleasable, 20409, 409),
    (NumberConflict, 20409, 409),
    (UnknownNumberAddress, 22109, 400),
    (UnreadableForm, 20001, 400),
    (BadName, 20002, 400),
    (BadCallerIdName, 20002, 400),
    (AlreadyVerified, 21450, 400),
    (NoCodeAwaited, 22114, 400),
    (WrongCode, 22113, 400),
    (StatusRefused, 20001, 400),
    (NoSubaccounts, 20003, 403),
    (InvalidAddress, 21628, 400),
    # The state forbids it. 21628 is of an address that cannot be validated, and Twilio's dictionary
    # has no number of its own for one that a phone number still needs.
    (AddressInUse, 20409, 409),
    (NotActive, 20005, 403),
    (BadKey, 20001, 400),
    (UnderWay, 20409, 409),
    (OtherRequest, 20422, 422),
)
NAMED = 5  # so many faults stand in the sentence; all of them in the details


class ApiError(Exception):
    """An error as the API answers it: Twilio's number, the HTTP status, what is wrong.

    ``details``: more than a sentence can hold, for programs.
    """

    def __init__(
        self, code: int, status: int, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request: where, Twilio's number for it, and why.

    ``where``: "" if the message says it.
    """

    where: str
    code: int
    message: str
    phone_number: str | None = None


def refused(faults: Sequence[Fault], status: int = HTTPStatus.BAD_REQUEST) -> ApiError:
    """The refusal of a whole request, with each fault named; the first gives the code."""
    listed = "; ".join(f"{_place(fault)}{fault.message}" for fault in faults[:NAMED])
    more = f"; and {len(faults) - NAMED} more (see details)" if len(faults) > NAMED else ""
    details = [
        {"where": fault.where, "code": fault.code, "message": fault.message}
        | ({} if fault.phone_number is None else {"phone_number": fault.phone_number})
        for fault in faults
    ]
    return ApiError(faults[0].code, status, listed + more, {"faults": details})


def not_found() -> ApiError:
    """The answer to a path under which there can be nothing."""
    return ApiError(20404, 404, f"The requested resource {request.path[:200]} was not found")


def refusal(error: Exception) -> ApiError | None:
    """A refusal of the core as an ApiError; None for what is not in the table."""
    if isinstance(error, Refused):
        return _several(error)
    for kind, code, status in REFUSALS:
        if isinstance(error, kind):
            return ApiError(code, status, str(error))
    return None


def _several(error: Refused) -> ApiError | None:
    """All of several refusals. What only a wait mends gives its code last."""
    known = [refusal(reason) for reason in error.reasons]
    found = sorted((one for one in known if one), key=lambda one: one.status)
    if len(found) < len(known):
        return None
    return refused([Fault("", one.code, one.message) for one in found], found[0].status)


def _place(fault: Fault) -> str:
    where = f"{fault.where} ({fault.phone_number})" if fault.phone_number else fault.where
    return f"{where}: " if where else ""


def shaped(code: int, status: int, message: str, details: dict[str, Any] | None = None) -> Response:
    """The answer of an error: Twilio's four fields, and ``details`` if there are any.

    On Twilio's paths it never has ``type`` and ``title``, which the SDKs take for another kind of
    error; on our own it is a problem (RFC 9457).
    """
    if problems.are_answered_on(request.path):
        response = problems.shaped(code, status, message, details)
    else:
        response = jsonify(
            code=code,
            message=message,
            more_info=f"https://www.twilio.com/docs/errors/{code}",
            status=status,
            **({"details": details} if details else {}),
        )
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Lineproof API"'
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


def answer(error: Exception) -> Response:
    """The answer to an exception that the table knows; raises every other one again."""
    known = error if isinstance(error, ApiError) else refusal(error)
    if known is None:
        raise error
    response = shaped(known.code, known.status, known.message, known.details)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


# Errors that Flask itself answers with, by HTTP status; 20001 for the rest.
_OF_STATUS = {405: 20004, 415: 20422, 429: 20429, 500: 20500, 503: 20503}


def http_error(error: HTTPException) -> Response:
    """The answer to a request that no route takes, in Twilio's shape."""
    status = error.code or 500
    message = error.description or error.name
    if status == HTTPStatus.NOT_FOUND:
        return answer(not_found())
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        message = "An internal error occurred; nothing was changed"
    response = shaped(_OF_STATUS.get(status, 20001), status, message)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
    return response


def busy(unclear: bool) -> Response:
    """The answer when the store cannot be used; ``unclear``: the change may have been made."""
    done = "look whether it was done" if unclear else "nothing was changed, try again"
    return shaped(20503, 503, f"The service is busy: {done}")
