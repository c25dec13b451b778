"""Ask for the ownership call of a caller ID (Twilio's ValidationRequest)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from verification import callbacks, caller_ids, calling, codes, dialling, fictional, numbers, sids
from verification.accounts import Account
from verification.attempts import Attempt
from verification.caller_ids import AlreadyVerified, CallerId, CallerIdStatus
from verification.codes import Keyring
from verification.statuses import Mover


class Validation(NamedTuple):
    """A request, its call, and the code that the person will be asked for."""

    caller_id: CallerId
    attempt: Attempt
    code: str


def request(
    tx: calling.Transaction,
    keyring: Keyring,
    account: Account,
    phone_number: str,
    wishes: Mapping[str, Any],
    now: float,
    limits: dialling.Limits | None = None,
) -> Validation:
    """Ask for a call to ``phone_number``; ``wishes`` are the optional fields of the caller ID.

    Asked again while the call is to come or under way, it gives the same one. Raises UnfitNumber
    or ForeignNumber, AlreadyVerified, NotCallable, BadCallerIdName, and what ``dialling.check``
    raises.
    """
    fictional.check(phone_number, account.test)
    standing = tx.caller_ids.open_for(account.sid, phone_number)
    if standing and standing.status is CallerIdStatus.VERIFIED:
        raise AlreadyVerified("The number is already a verified caller ID of this account")
    if standing:
        under_way = _under_way(tx, keyring, standing, now)
        if under_way:
            return under_way
        report(tx, standing, now)
    calling.check_not_suppressed(tx, phone_number, now)
    if limits:
        dialling.check(tx, limits, account.sid, phone_number, now)
    sid, code = sids.new(sids.PHONE_NUMBER), codes.new_code()
    asked = CallerId(
        sid=sid,
        account_sid=account.sid,
        phone_number=phone_number,
        friendly_name=numbers.spaced(phone_number),
        status=CallerIdStatus.PENDING,
        created_at=now,
        updated_at=now,
        code=keyring.seal(code, sid),
    )
    asked = replace(asked, **wishes)
    caller_ids.check_name(asked.friendly_name)
    asked = replace(asked, code_expires_at=now + asked.call_delay + codes.CODE_SECONDS)
    tx.caller_ids.insert(asked)
    tx.audit.append(now, Mover.CUSTOMER, account.sid, sid, "caller id requested")
    return Validation(asked, calling.add_attempt(tx, asked, account.name, now), code)


def report(tx: calling.Transaction, asked: CallerId, now: float) -> None:
    """Tell the customer how his request ended; one that is late has failed by now."""
    settled = caller_ids.settle(tx, asked, now)
    if not settled.status_callback_url:
        return
    call = tx.attempts.of_subject(settled.sid)[-1]
    verified = settled.status is CallerIdStatus.VERIFIED
    fields = {"VerificationStatus": "success" if verified else "failed"}
    if verified:
        fields["OutgoingCallerIdSid"] = settled.sid
    fields |= {
        "CallSid": call.shown_sid or "",
        "AccountSid": settled.account_sid,
        "ApiVersion": "2010-04-01",
        "Direction": "outbound-api",
        "CallStatus": call.carrier_status or "canceled",
        "CallDuration": str(_seconds(call)),
        "To": settled.phone_number,
        "Called": settled.phone_number,
    }
    if call.caller:
        fields |= {"From": call.caller, "Caller": call.caller}
    tx.outbox.add(
        callbacks.message(
            settled.account_sid,
            settled.sid,
            f"caller-id.{settled.status}",
            settled.status_callback_url,
            settled.status_callback_method,
            fields,
            now,
        )
    )


def _seconds(call: Attempt) -> int:
    if call.answered_at is None or call.finished_at is None:
        return 0
    return max(0, round(call.finished_at - call.answered_at))


def _under_way(
    tx: calling.Transaction, keyring: Keyring, asked: CallerId, now: float
) -> Validation | None:
    attempt = calling.standing_call(tx, asked)
    code = calling.live_code(asked, keyring, now)
    return Validation(asked, attempt, code) if attempt and code else None
